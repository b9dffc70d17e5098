package lazy

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
)

// magic begins an index; its last byte but one is the format's version.
const magic = "boxlazy1\n"

// Encode makes the index's blob. All numbers are unsigned varints:
//
//	magic
//	tar size, blob size
//	count of members; for each: bytes in the blob, bytes in the tar, 32 bytes of SHA-256
//	count of headers; for each: gap since the end of the one before, bytes
//	length of the gzip stream of all headers' bytes, the stream
//	count of prefetched members; for each: its number
//
// Preconditions: x.Check() == nil.
func (x *Index) Encode() []byte {
	b := []byte(magic)
	num := func(v int64) { b = binary.AppendUvarint(b, uint64(v)) }
	num(x.TarSize)
	num(x.BlobSize)
	num(int64(len(x.Members)))
	for _, m := range x.Members {
		num(m.Size)
		num(m.Len)
		b = append(b, m.Sum[:]...)
	}
	num(int64(len(x.Headers)))
	end := int64(0)
	for _, h := range x.Headers {
		num(h.Start - end)
		num(h.Size)
		end = h.Start + h.Size
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err == nil {
		_, err = z.Write(x.HeaderBytes)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic("BUG: packing in memory failed: " + err.Error())
	}
	num(int64(packed.Len()))
	b = append(b, packed.Bytes()...)
	num(int64(len(x.Prefetch)))
	for _, p := range x.Prefetch {
		num(int64(p))
	}
	return b
}

// Decode reads an index's blob.
func Decode(data []byte) (*Index, error) {
	if len(data) > MaxIndex {
		return nil, damaged("it has %d bytes; the limit is %d", len(data), MaxIndex)
	}
	rest, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok {
		if bytes.HasPrefix(data, []byte(magic[:len(magic)-2])) {
			return nil, damaged("its format is a newer one")
		}
		return nil, damaged("it does not begin as one")
	}
	d := &decoder{b: rest}
	x := &Index{TarSize: d.num(), BlobSize: d.num()}
	x.Members = make([]Member, d.count(34))
	var at, from int64
	for i := range x.Members {
		m := &x.Members[i]
		m.Offset, m.Start = from, at
		m.Size, m.Len = d.num(), d.num()
		copy(m.Sum[:], d.bytes(int64(len(m.Sum))))
		if m.Size > maxPacked || m.Len > MaxMember {
			return nil, damaged("member %d", i)
		}
		from, at = from+m.Size, at+m.Len
	}
	x.Headers = make([]Extent, d.count(2))
	var end, sum int64
	for i := range x.Headers {
		h := Extent{d.num(), d.num()}
		if h.Start > x.TarSize || h.Size > x.TarSize || d.bad {
			return nil, damaged("header %d", i)
		}
		h.Start += end
		end = h.Start + h.Size
		if sum += h.Size; end > x.TarSize || sum > MaxHeaders {
			return nil, damaged("header %d", i)
		}
		x.Headers[i] = h
	}
	packed := d.bytes(d.num())
	x.Prefetch = make([]int, d.count(1))
	for i := range x.Prefetch {
		x.Prefetch[i] = int(min(d.num(), MaxIndex))
	}
	if d.bad || len(d.b) > 0 {
		return nil, damaged("it is cut short, or too long")
	}
	var err error
	if x.HeaderBytes, err = unpack(packed, sum); err != nil {
		return nil, damaged("its headers: %v", err)
	}
	return x, x.Check()
}

// A decoder takes numbers from a blob; bad tells that one was missing.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) num() int64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 || v > 1<<62 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return int64(v)
}

func (d *decoder) bytes(n int64) []byte {
	if n > int64(len(d.b)) {
		d.bad, d.b = true, nil
		return nil
	}
	p := d.b[:n]
	d.b = d.b[n:]
	return p
}

// count reads how many items follow, each of which takes so many bytes at
// least.
func (d *decoder) count(least int) int {
	n := d.num()
	if n > int64(len(d.b)/least) {
		d.bad, d.b = true, nil
		return 0
	}
	return int(n)
}

// unpack inflates a gzip stream that must hold exactly size bytes. Memory is
// taken as bytes come, not as size claims.
func unpack(packed []byte, size int64) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	var out bytes.Buffer
	out.Grow(int(min(size, int64(len(packed))*16, MaxMember)) + bytes.MinRead)
	n, err := out.ReadFrom(io.LimitReader(z, size+1))
	switch {
	case err != nil:
		return nil, err
	case n < size:
		return nil, io.ErrUnexpectedEOF
	case n > size:
		return nil, damaged("it unpacks to more than it should")
	}
	return out.Bytes(), nil
}
