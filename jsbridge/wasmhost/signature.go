//go:build js

package wasmhost

import (
	"encoding/binary"
	"errors"

	"boxer/runtime/wasm"
)

// signature is the type of a function.
type signature struct {
	params, results []wasm.ValType
}

// exportedFuncs returns the signatures of the functions that a module exports:
// JavaScript does not tell them. The host found the module valid; nevertheless
// nothing is read past its end.
func exportedFuncs(bin []byte) (map[string]signature, error) {
	const header = 8
	r := reader{b: bin[min(header, len(bin)):]}
	var types []signature
	var funcs []uint32 // types by function index, imports first
	sigs := map[string]signature{}
	for len(r.b) > 0 && !r.bad {
		id := r.byte()
		s := reader{b: r.take(r.u32())}
		switch id {
		case 1: // types
			for range s.u32() {
				if s.byte() != 0x60 {
					return nil, errors.New("a type that is not a function's")
				}
				types = append(types, signature{s.types(), s.types()})
				if s.bad {
					break
				}
			}
		case 2: // imports
			for range s.u32() {
				s.name()
				s.name()
				switch s.byte() {
				case 0:
					funcs = append(funcs, s.u32())
				case 1:
					s.byte()
					s.limits()
				case 2:
					s.limits()
				case 3:
					s.take(2)
				default:
					return nil, errors.New("an import of an unknown kind")
				}
				if s.bad {
					break
				}
			}
		case 3: // functions
			for range s.u32() {
				funcs = append(funcs, s.u32())
				if s.bad {
					break
				}
			}
		case 7: // exports
			for range s.u32() {
				name, kind, i := s.name(), s.byte(), s.u32()
				if s.bad {
					break
				}
				if kind != 0 {
					continue
				}
				if int(i) >= len(funcs) || int(funcs[i]) >= len(types) {
					return nil, errMalformed
				}
				sigs[name] = types[funcs[i]]
			}
		}
		if s.bad {
			return nil, errMalformed
		}
	}
	if r.bad {
		return nil, errMalformed
	}
	return sigs, nil
}

var errMalformed = errors.New("malformed module")

// reader takes a section apart. After the end, it returns zeros and is bad.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n uint32) []byte {
	if uint64(n) > uint64(len(r.b)) {
		r.b, r.bad = nil, true
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) u32() uint32 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > 1<<32-1 {
		r.b, r.bad = nil, true
		return 0
	}
	r.b = r.b[n:]
	return uint32(v)
}

func (r *reader) name() string { return string(r.take(r.u32())) }

func (r *reader) types() []wasm.ValType {
	b := r.take(r.u32())
	ts := make([]wasm.ValType, len(b))
	for i, t := range b {
		ts[i] = wasm.ValType(t)
	}
	return ts
}

func (r *reader) limits() {
	hasMax := r.byte()&1 != 0
	r.u32()
	if hasMax {
		r.u32()
	}
}
