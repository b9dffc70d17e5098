package loader

import (
	"encoding/binary"
	"fmt"
)

// GNU program properties (Linux gABI extensions; AArch64 ELF ABI, "Program
// Property").
const (
	noteProperty = 5 // NT_GNU_PROPERTY_TYPE_0

	propNeeded  = 0xb0008000 // GNU_PROPERTY_1_NEEDED
	propPAuth   = 0xc0000001 // GNU_PROPERTY_AARCH64_FEATURE_PAUTH
	neededKnown = 1          // INDIRECT_EXTERN_ACCESS concerns the linkers only
)

// checkProperties refuses programs that cannot run without a feature this
// machine does not have. GNU_PROPERTY_AARCH64_FEATURE_1_AND is not one of
// these: its bits (BTI, PAC, GCS) say what a program is compatible with.
func (p *program) checkProperties(s *segment) error {
	if s.filesz > maxNotes {
		return noexec("%s: %d bytes of program properties", p.path, s.filesz)
	}
	b, err := p.bytes(s.off, s.filesz, "the program properties")
	if err != nil {
		return err
	}
	for len(b) >= 12 {
		le := binary.LittleEndian
		namesz, descsz, typ := uint64(le.Uint32(b)), uint64(le.Uint32(b[4:])), le.Uint32(b[8:])
		nameEnd := 12 + (namesz+3)&^3
		end := nameEnd + (descsz+7)&^7
		if nameEnd+descsz > uint64(len(b)) {
			return noexec("%s: a malformed note", p.path)
		}
		if typ == noteProperty && namesz == 4 && string(b[12:16]) == "GNU\x00" {
			if err := p.checkProperty(b[nameEnd : nameEnd+descsz]); err != nil {
				return err
			}
		}
		b = b[min(end, uint64(len(b))):]
	}
	return nil
}

func (p *program) checkProperty(b []byte) error {
	for len(b) >= 8 {
		le := binary.LittleEndian
		typ, n := le.Uint32(b), uint64(le.Uint32(b[4:]))
		if n > uint64(len(b)-8) {
			return noexec("%s: a malformed program property", p.path)
		}
		data := b[8 : 8+n]
		switch {
		case typ == propNeeded && n >= 4 && le.Uint32(data)&^neededKnown != 0:
			return unsupported(p, fmt.Sprintf("program property 1_NEEDED %#x", le.Uint32(data)))
		case typ == propPAuth && n >= 16 && le.Uint64(data) != 0:
			return unsupported(p, fmt.Sprintf("the pointer authentication ABI (platform %#x)", le.Uint64(data)))
		}
		b = b[min(8+(n+7)&^7, uint64(len(b))):]
	}
	return nil
}

func unsupported(p *program, what string) error {
	return noexec("%s needs %s, which this machine does not have", p.path, what)
}
