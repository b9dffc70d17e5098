package wazero

import "encoding/binary"

// Section ids of the Wasm binary format (§5.5.2).
const (
	sectionCustom = 0
	sectionCode   = 10
)

// shell returns bin with functions that only trap, without custom
// sections but for one with id: all that linking needs, and little to decode and
// validate. The id makes modules differ to wazero, which knows a module by the hash of its
// bytes. ok is false if bin is no module, which its compilation would have shown.
func shell(bin []byte, id [32]byte) (out []byte, ok bool) {
	if len(bin) < 8 {
		return nil, false
	}
	out = append(out, bin[:8]...)
	out = append(out, sectionCustom, 1+5+32, 5)
	out = append(out, "boxer"...)
	out = append(out, id[:]...)
	for p := bin[8:]; len(p) > 0; {
		size, n := binary.Uvarint(p[1:])
		if n <= 0 || uint64(len(p)-1-n) < size {
			return nil, false
		}
		end := 1 + n + int(size)
		switch p[0] {
		case sectionCustom:
		case sectionCode:
			count, m := binary.Uvarint(p[1+n : end])
			if m <= 0 || count > size {
				return nil, false
			}
			body := []byte{3, 0, 0x00, 0x0b} // three bytes: no locals, unreachable, end
			out = append(out, sectionCode)
			out = binary.AppendUvarint(out, uint64(m)+count*uint64(len(body)))
			out = append(out, p[1+n:1+n+m]...)
			for range count {
				out = append(out, body...)
			}
		default:
			out = append(out, p[:end]...)
		}
		p = p[end:]
	}
	return out, true
}
