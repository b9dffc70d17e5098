package loader

// Function starts from unwind tables (Linux Standard Base, "Exception
// Frames"; DWARF 5, section 6.4).

// Pointer encodings, DW_EH_PE_*.
const (
	peAbs    = 0x00
	peU4     = 0x03
	peU8     = 0x04
	peS4     = 0x0b
	peS8     = 0x0c
	peOmit   = 0xff
	peFormat = 0x0f
	pePCRel  = 0x10
	peData   = 0x30
	peBase   = 0x70
)

// unwindHeader adds the starts in the search table of .eh_frame_hdr. It
// reports whether there is one.
func (e *entryFinder) unwindHeader() bool {
	for i := range e.segs {
		s := &e.segs[i]
		if s.typ != ptEHFrame {
			continue
		}
		v := newView(e.file, s.off, s.filesz)
		if v.u8(0) != 1 || v.u8(2) != peU4 || v.u8(3) != peData|peS4 {
			continue
		}
		at := uint64(4)
		switch v.u8(1) & peFormat { // the pointer to .eh_frame comes first
		case peU4, peS4:
			at += 4
		case peU8, peS8, peAbs:
			at += 8
		default:
			continue
		}
		n := uint64(v.u32(at))
		at += 4
		for ; n > 0 && at+8 <= v.n && !v.bad; n, at = n-1, at+8 {
			if !e.add(s.vaddr + uint64(int64(int32(v.u32(at))))) {
				break
			}
		}
		return !v.bad
	}
	return false
}

// unwindTable adds the starts in .eh_frame.
func (e *entryFinder) unwindTable() {
	s, ok := e.section(".eh_frame")
	if !ok {
		return
	}
	v := newView(e.file, s.off, s.size)
	encodings := map[uint64]byte{} // by the place of the CIE
	for at := uint64(0); at+8 <= v.n && !v.bad; {
		n := uint64(v.u32(at))
		body := at + 4
		if n == 0 || n >= 0xfffffff0 { // the end, or the 64-bit format that nobody uses here
			return
		}
		id := uint64(v.u32(body))
		if id == 0 {
			encodings[at] = cieEncoding(v, body+4, body+n)
			if len(encodings) > 1<<16 {
				return
			}
		} else if enc, ok := encodings[body-id]; ok {
			if a, ok := pointer(v, body+4, s.addr, enc); ok && !e.add(a) {
				return
			}
		}
		at = body + n
	}
}

// cieEncoding returns the encoding of the addresses in a CIE's FDEs.
func cieEncoding(v *view, at, end uint64) byte {
	at++ // version
	var aug []byte
	for ; at < end && len(aug) < 8; at++ {
		c := v.u8(at)
		if c == 0 {
			break
		}
		aug = append(aug, c)
	}
	at++
	at = skipLEB(v, at, end) // code alignment
	at = skipLEB(v, at, end) // data alignment
	at = skipLEB(v, at, end) // return address register
	if len(aug) == 0 || aug[0] != 'z' {
		return peAbs
	}
	at = skipLEB(v, at, end) // length of what follows
	for _, c := range aug[1:] {
		switch c {
		case 'R':
			return v.u8(at)
		case 'P':
			switch v.u8(at) & peFormat {
			case peU4, peS4:
				at += 5
			case peU8, peS8, peAbs:
				at += 9
			default:
				return peOmit
			}
		case 'L':
			at++
		case 'S', 'B': // signal frame; pointer authentication with key B
		default:
			return peOmit
		}
	}
	return peAbs
}

func skipLEB(v *view, at, end uint64) uint64 {
	for at < end && v.u8(at)&0x80 != 0 {
		at++
	}
	return at + 1
}

// pointer reads an encoded address at position at of a section that is loaded
// at base.
func pointer(v *view, at, base uint64, enc byte) (uint64, bool) {
	var x uint64
	switch enc & peFormat {
	case peU4:
		x = uint64(v.u32(at))
	case peS4:
		x = uint64(int64(int32(v.u32(at))))
	case peU8, peS8, peAbs:
		x = v.u64(at)
	default:
		return 0, false
	}
	switch enc & peBase {
	case peAbs:
	case pePCRel:
		x += base + at
	default:
		return 0, false
	}
	return x, enc != peOmit && !v.bad
}
