package tarfs

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// blockSize is the unit of a tar archive in bytes.
const blockSize = 512

// header is one header block, POSIX.1-2017 pax "ustar Interchange Format" and
// GNU tar's manual, "Basic Tar Format".
type header [blockSize]byte

func (h *header) name() []byte     { return h[0:100] }
func (h *header) mode() []byte     { return h[100:108] }
func (h *header) uid() []byte      { return h[108:116] }
func (h *header) gid() []byte      { return h[116:124] }
func (h *header) size() []byte     { return h[124:136] }
func (h *header) mtime() []byte    { return h[136:148] }
func (h *header) checksum() []byte { return h[148:156] }
func (h *header) typeflag() byte   { return h[156] }
func (h *header) linkname() []byte { return h[157:257] }
func (h *header) magic() string    { return string(h[257:265]) }
func (h *header) major() []byte    { return h[329:337] }
func (h *header) minor() []byte    { return h[337:345] }
func (h *header) prefix() []byte   { return h[345:500] }

// GNU's fields in the place of the prefix.
func (h *header) gnuSparse() []byte   { return h[386:482] }
func (h *header) gnuExtended() bool   { return h[482] != 0 }
func (h *header) gnuRealsize() []byte { return h[483:495] }

const (
	magicUstar = "ustar\x0000"
	magicGNU   = "ustar  \x00"
)

// zero reports whether the block is all zeros, the end marker.
func (h *header) zero() bool { return *h == header{} }

// valid checks the sum of all bytes, the sum's own field taken as spaces. Old
// programs summed signed bytes.
func (h *header) valid() bool {
	want, err := number(h.checksum())
	if err != nil {
		return false
	}
	var unsigned, signed int64
	for i, b := range h {
		if i >= 148 && i < 156 {
			b = ' '
		}
		unsigned += int64(b)
		signed += int64(int8(b))
	}
	return want == unsigned || want == signed
}

// path is the name, with the prefix where the format has one.
func (h *header) path() string {
	name := cstring(h.name())
	if h.magic() == magicUstar {
		if p := cstring(h.prefix()); p != "" {
			return p + "/" + name
		}
	}
	return name
}

// cstring is a field up to its first NUL.
func cstring(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// number decodes a numeric field: octal digits with spaces or NULs around, or
// a binary number where the first bit is set (GNU's base-256, two's complement).
func number(b []byte) (int64, error) {
	if b[0]&0x80 != 0 {
		v := int64(int8(b[0]<<1)) >> 1 // sign-extends the seven bits
		for _, c := range b[1:] {
			if v > math.MaxInt64>>8 || v < math.MinInt64>>8 {
				return 0, fmt.Errorf("%w: number out of range", ErrHeader)
			}
			v = v<<8 | int64(c)
		}
		return v, nil
	}
	b = bytes.TrimLeft(b, "\x00 ")
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	b = bytes.TrimRight(b, " ")
	v := int64(0)
	for _, c := range b {
		if c < '0' || c > '7' || v > math.MaxInt64>>3 {
			return 0, fmt.Errorf("%w: number %q", ErrHeader, b)
		}
		v = v<<3 | int64(c-'0')
	}
	return v, nil
}

// record is one record of a PAX header.
type record struct{ key, value string }

// records parses a PAX extended header: "length key=value\n", the length in
// decimal, itself and the newline included.
func records(b string) ([]record, error) {
	var list []record
	for b != "" {
		digits, rest, ok := strings.Cut(b, " ")
		n, err := strconv.ParseUint(digits, 10, 31)
		if !ok || err != nil || int(n) > len(b) || int(n) < len(digits)+2 {
			return nil, ErrPAX
		}
		rec := rest[:int(n)-len(digits)-1]
		b = b[n:]
		key, value, ok := strings.Cut(rec, "=")
		if !ok || key == "" || !strings.HasSuffix(value, "\n") {
			return nil, ErrPAX
		}
		value = value[:len(value)-1]
		if strings.IndexByte(key, 0) >= 0 {
			return nil, ErrPAX
		}
		list = append(list, record{key, value})
	}
	return list, nil
}

// decimal parses a number of a PAX record that must not be negative.
func decimal(s string) (int64, error) {
	v, err := strconv.ParseUint(s, 10, 63)
	if err != nil {
		return 0, fmt.Errorf("%w: number %q", ErrPAX, s)
	}
	return int64(v), nil
}

// nanoseconds parses a PAX time, seconds with a fraction; times beyond the
// reach of 64 bits of nanoseconds become the nearest that can be had.
func nanoseconds(s string) (int64, error) {
	whole, frac, _ := strings.Cut(s, ".")
	sec, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: time %q", ErrPAX, s)
	}
	frac = (frac + "000000000")[:9]
	ns, err := strconv.ParseUint(frac, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%w: time %q", ErrPAX, s)
	}
	if strings.HasPrefix(whole, "-") {
		return seconds(sec, -int64(ns)), nil
	}
	return seconds(sec, int64(ns)), nil
}

// seconds is sec·10⁹ + ns, held in range.
func seconds(sec, ns int64) int64 {
	const limit = math.MaxInt64/1_000_000_000 - 1
	return max(min(sec, limit), -limit)*1_000_000_000 + ns
}
