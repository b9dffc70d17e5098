package wasm

// appendU appends v as unsigned LEB128 in the shortest form.
//
//go:noinline
func appendU(b []byte, v uint32) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

// appendS appends v as signed LEB128 in the shortest form. It serves 32, 33
// and 64-bit fields alike: the short form of a value does not depend on the
// field's width.
//
//go:noinline
func appendS(b []byte, v int64) []byte {
	for v < -64 || v > 63 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v)&0x7f)
}

// sizeU returns the length of appendU's encoding of v.
func sizeU(v uint32) int {
	n := 1
	for ; v >= 0x80; v >>= 7 {
		n++
	}
	return n
}

// appendName appends a vector of bytes: a name, or any other string.
func appendName(b []byte, s string) []byte {
	return append(appendU(b, uint32(len(s))), s...)
}
