//go:build js

package wasmhost

import (
	"errors"
	"fmt"
	"unsafe"

	"boxer/runtime/engine"
)

// keepIdle is how many bytes of Wasm modules stay compiled while nobody uses
// them.
const keepIdle = 32 << 20

// Engine implements engine.Engine.
type Engine struct {
	name      string
	modules   *engine.ModuleCache[*code]
	adapters  map[string]int32 // modules, by the bytes they were compiled from
	instances map[*instance]struct{}
	memories  map[*memory]struct{}
	closed    bool
}

// code is a compiled module: its handle, and what JavaScript does not tell of
// its exports.
type code struct {
	module int32
	sigs   map[string]signature
}

// module is a reference to a compiled module.
type module = engine.CachedModule[*code]

var _ engine.Engine = (*Engine)(nil)

// New makes an engine.
func New() *Engine {
	var agent [200]byte
	n := jsAgent(unsafe.Pointer(&agent[0]), uint32(len(agent)))
	return &Engine{
		name:      string(agent[:n]),
		modules:   engine.NewModuleCache(keepIdle, compile, func(c *code) { jsDropModule(c.module) }),
		adapters:  map[string]int32{},
		instances: map[*instance]struct{}{},
		memories:  map[*memory]struct{}{},
	}
}

// Name implements engine.Engine: "V8 11.3.244.8" in Node, else what the
// browser calls itself.
func (e *Engine) Name() string { return e.name }

// Compile implements engine.Engine.
func (e *Engine) Compile(bin []byte) (engine.Module, error) {
	m, err := e.modules.Compile(bin)
	if err != nil {
		return nil, err // not a nil pointer in the interface
	}
	return m, nil
}

func compile(bin []byte) (*code, error) {
	h := jsCompile(unsafe.Pointer(unsafe.SliceData(bin)), uint32(len(bin)))
	if h < 0 {
		return nil, fmt.Errorf("compile module: %s", lastError())
	}
	sigs, err := exportedFuncs(bin)
	if err != nil {
		jsDropModule(h)
		return nil, fmt.Errorf("compile module: %w", err)
	}
	return &code{h, sigs}, nil
}

// adapter compiles a module of ours, once.
func (e *Engine) adapter(bin []byte) int32 {
	h, ok := e.adapters[string(bin)]
	if !ok {
		h = jsCompile(unsafe.Pointer(unsafe.SliceData(bin)), uint32(len(bin)))
		if h < 0 {
			panic("BUG: adapter does not compile: " + lastError())
		}
		e.adapters[string(bin)] = h
	}
	return h
}

// instance is a module, a memory or a set of host functions.
type instance struct {
	e       *Engine
	h       int32
	sigs    map[string]signature
	host    map[string]func([]uint64) // host functions only
	entries map[string]int32          // made so far
	closed  bool
}

func (e *Engine) newInstance(h int32) *instance {
	i := &instance{e: e, h: h}
	e.instances[i] = struct{}{}
	return i
}

// Instantiate implements engine.Engine.
func (e *Engine) Instantiate(m engine.Module, imports engine.Imports) (engine.Instance, error) {
	if e.closed {
		return nil, engine.ErrClosed
	}
	mod, ok := m.(*module)
	if !ok {
		return nil, fmt.Errorf("instantiate: a %T is not a module of this engine", m)
	}
	// Each import is three words for JavaScript: name, its length, instance.
	words := make([]uint32, 0, 3*len(imports))
	names := make([]byte, 0, 64)
	for name, imp := range imports {
		from, ok := imp.(*instance)
		if !ok {
			return nil, fmt.Errorf("instantiate: import module %q: a %T is not an instance of this engine", name, imp)
		}
		if from.closed {
			return nil, fmt.Errorf("instantiate: import module %q: %w", name, errInstanceClosed)
		}
		words = append(words, uint32(len(names)), uint32(len(name)), uint32(from.h))
		names = append(names, name...)
	}
	for i := 0; i < len(words); i += 3 {
		words[i] += uint32(uintptr(unsafe.Pointer(unsafe.SliceData(names))))
	}
	out := new(int32)
	if fault := jsInstantiate(mod.Code().module, unsafe.Pointer(unsafe.SliceData(words)), uint32(len(words)/3), unsafe.Pointer(out)); fault != 0 {
		if err := faultError(fault); isTrap(err) {
			return nil, err
		}
		return nil, fmt.Errorf("instantiate: %s", lastError())
	}
	inst := e.newInstance(*out)
	inst.sigs = mod.Code().sigs
	return inst, nil
}

// Func implements engine.Instance.
func (i *instance) Func(name string) (engine.Func, error) {
	if i.closed {
		return nil, fmt.Errorf("function %q: %w", name, errInstanceClosed)
	}
	if fn := i.host[name]; fn != nil {
		return hostFunc(fn), nil
	}
	sig, ok := i.sigs[name]
	if !ok {
		return nil, fmt.Errorf("no exported function %q", name)
	}
	h, ok := i.entries[name]
	if !ok {
		h = jsEntry(i.e.adapter(entryAdapter(sig)), i.h, unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)))
		if h < 0 {
			return nil, fmt.Errorf("function %q: %s", name, lastError())
		}
		if i.entries == nil {
			i.entries = map[string]int32{}
		}
		i.entries[name] = h
	}
	return &function{inst: i, name: name, entry: h, words: max(words(sig.params), words(sig.results))}, nil
}

// Close implements engine.Instance.
func (i *instance) Close() error {
	if i.closed {
		return nil
	}
	i.closed = true
	delete(i.e.instances, i)
	for _, h := range i.entries {
		jsDropEntry(h)
	}
	jsDropInstance(i.h)
	return nil
}

var errInstanceClosed = errors.New("the instance is closed")

// Close implements engine.Engine.
func (e *Engine) Close() error {
	if e.closed {
		return nil
	}
	e.closed = true
	for m := range e.memories {
		m.Close()
	}
	for i := range e.instances {
		i.Close()
	}
	for _, h := range e.adapters {
		jsDropModule(h)
	}
	e.modules.Close()
	return nil
}
