package persist

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"

	"boxer/runtime/abi"
	"boxer/wasmfs/chunk"
	"boxer/wasmfs/inode"
)

// Magics, whose last byte is the version of the format.
const (
	headMagic    = "bxhead\x00\x01"
	segmentMagic = "bxslog\x00\x01"
)

// maxSegment bounds a segment that is read; those that are written have about
// segmentSize, or one record.
const (
	segmentSize = 1 << 20
	maxSegment  = 8 << 20
)

// maxLayers and maxDigest bound what a head names.
const (
	maxLayers = 1024
	maxDigest = 256
)

// errFormat is what a decoder says of what no encoder wrote.
var errFormat = errors.New("cannot be decoded")

// errVersion is a format that this program does not know.
var errVersion = errors.New("was written by another version of boxer")

// head is the commit record.
type head struct {
	epoch       uint64 // made up when the store was first used
	layers      []string
	first, last uint64 // segments
	lastIno     uint64
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// seal appends the checksum.
func seal(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// unseal checks magic, version and checksum, and returns what lies between.
func unseal(b []byte, magic string) ([]byte, error) {
	n := len(magic) - 1
	if len(b) < len(magic)+4 || string(b[:n]) != magic[:n] {
		return nil, errFormat
	}
	body := b[:len(b)-4]
	if crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(b[len(b)-4:]) {
		return nil, errors.New("has a wrong checksum")
	}
	if b[n] != magic[n] {
		return nil, errVersion
	}
	return body[len(magic):], nil
}

func (h *head) encode() []byte {
	b := []byte(headMagic)
	b = binary.LittleEndian.AppendUint64(b, h.epoch)
	for _, v := range []uint64{h.first, h.last, h.lastIno, uint64(len(h.layers))} {
		b = binary.AppendUvarint(b, v)
	}
	for _, l := range h.layers {
		b = appendString(b, l)
	}
	return seal(b)
}

func decodeHead(b []byte) (*head, error) {
	body, err := unseal(b, headMagic)
	if err != nil {
		return nil, err
	}
	d := &decoder{b: body}
	h := &head{epoch: d.fixed64(), first: d.uint(), last: d.uint(), lastIno: d.uint()}
	n := d.count(maxLayers, 1)
	for range n {
		h.layers = append(h.layers, d.string(maxDigest))
	}
	if err := d.end(); err != nil {
		return nil, err
	}
	if h.first == 0 || h.last < h.first-1 || h.last > 1<<60 {
		return nil, errFormat
	}
	return h, nil
}

// A segment is a piece of the log.
type segment struct {
	records []inode.Record
	names   []inode.Name
}

// segmentHeader starts segment seq.
func segmentHeader(epoch, seq uint64) []byte {
	b := []byte(segmentMagic)
	b = binary.LittleEndian.AppendUint64(b, epoch)
	return binary.AppendUvarint(b, seq)
}

// Kinds of entries in a segment.
const (
	kindRecord = 1
	kindGone   = 2
	kindName   = 3
)

// Flags of a record.
const (
	flagBased = 1 << iota
	flagXattrs
	flagWritten
	flagInline
)

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendRecord(b []byte, r *inode.Record) []byte {
	if r.Gone {
		return binary.AppendUvarint(append(b, kindGone), r.Ino)
	}
	b = append(b, kindRecord)
	flags := uint64(0)
	for i, on := range []bool{r.Based, r.OwnXattrs, r.Data.Written, r.Data.Inline != nil} {
		if on {
			flags |= 1 << i
		}
	}
	for _, v := range []uint64{r.Ino, flags, uint64(r.Mode), uint64(r.Nlink), uint64(r.UID), uint64(r.GID), r.Rdev} {
		b = binary.AppendUvarint(b, v)
	}
	for _, t := range []int64{r.Atime, r.Mtime, r.Ctime, r.Btime} {
		b = binary.AppendVarint(b, t)
	}
	if r.Based {
		b = appendString(b, r.Lower)
	}
	if r.OwnXattrs {
		b = binary.AppendUvarint(b, uint64(len(r.Xattrs)))
		for _, x := range r.Xattrs {
			b = appendString(b, x.Name)
			b = appendString(b, string(x.Value))
		}
	}
	switch r.Mode & abi.S_IFMT {
	case abi.S_IFLNK:
		b = appendString(b, r.Target)
	case abi.S_IFREG:
		b = appendLayout(b, &r.Data)
	}
	return b
}

func appendLayout(b []byte, l *chunk.Layout) []byte {
	for _, v := range []uint64{uint64(l.Size), uint64(l.BaseEnd), uint64(len(l.Chunks))} {
		b = binary.AppendUvarint(b, v)
	}
	last := int64(-1)
	for _, c := range l.Chunks {
		b = binary.AppendUvarint(b, uint64(c.Index-last-1))
		b = binary.AppendUvarint(b, uint64(c.Size))
		b = binary.LittleEndian.AppendUint32(b, c.Sum)
		last = c.Index
	}
	if l.Inline != nil {
		b = appendString(b, string(l.Inline))
	}
	return b
}

func appendName(b []byte, n *inode.Name) []byte {
	b = binary.AppendUvarint(append(b, kindName), n.Dir)
	return appendString(binary.AppendUvarint(b, n.Ino), n.Name)
}

// decodeSegment reads segment seq. Its memory is bounded by the segment's
// size: no count is believed that the bytes that follow could not hold.
func decodeSegment(b []byte, epoch, seq uint64) (*segment, error) {
	if len(b) > maxSegment {
		return nil, fmt.Errorf("has %d bytes", len(b))
	}
	body, err := unseal(b, segmentMagic)
	if err != nil {
		return nil, err
	}
	d := &decoder{b: body}
	if d.fixed64() != epoch || d.uint() != seq {
		return nil, errors.New("belongs to other files")
	}
	s := &segment{}
	for len(d.b) > 0 && d.err == nil {
		switch d.byte() {
		case kindRecord:
			s.records = append(s.records, d.record())
		case kindGone:
			s.records = append(s.records, inode.Record{Ino: d.uint(), Gone: true})
		case kindName:
			s.names = append(s.names, inode.Name{Dir: d.uint(), Ino: d.uint(), Name: d.string(abi.NameMax)})
		default:
			d.fail()
		}
	}
	return s, d.end()
}

// decoder reads what the append functions wrote. After an error it gives zeros.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) fail() {
	if d.err == nil {
		d.err = errFormat
	}
	d.b = nil
}

// end is the first error, or that something is left over.
func (d *decoder) end() error {
	if d.err == nil && len(d.b) > 0 {
		d.fail()
	}
	return d.err
}

func (d *decoder) take(n int) []byte {
	if n < 0 || n > len(d.b) {
		d.fail()
		return nil
	}
	p := d.b[:n]
	d.b = d.b[n:]
	return p
}

func (d *decoder) byte() byte {
	if p := d.take(1); p != nil {
		return p[0]
	}
	return 0
}

func (d *decoder) fixed64() uint64 {
	if p := d.take(8); p != nil {
		return binary.LittleEndian.Uint64(p)
	}
	return 0
}

func (d *decoder) fixed32() uint32 {
	if p := d.take(4); p != nil {
		return binary.LittleEndian.Uint32(p)
	}
	return 0
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) int() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) uint32() uint32 {
	v := d.uint()
	if v != uint64(uint32(v)) {
		d.fail()
	}
	return uint32(v)
}

// size is a number of at most 63 bits.
func (d *decoder) size() int64 {
	v := d.uint()
	if int64(v) < 0 {
		d.fail()
		return 0
	}
	return int64(v)
}

// count is the length of a list whose elements take at least n bytes each.
func (d *decoder) count(max, n int) int {
	v := d.uint()
	if v > uint64(max) || v > uint64(len(d.b)/n) {
		d.fail()
		return 0
	}
	return int(v)
}

func (d *decoder) bytes(max int) []byte { return slices.Clone(d.take(d.count(max, 1))) }

func (d *decoder) string(max int) string { return string(d.take(d.count(max, 1))) }

func (d *decoder) record() inode.Record {
	r := inode.Record{Ino: d.uint()}
	flags := d.uint()
	if flags >= flagInline<<1 {
		d.fail()
	}
	r.Mode, r.Nlink, r.UID, r.GID, r.Rdev = d.uint32(), d.uint32(), d.uint32(), d.uint32(), d.uint()
	r.Atime, r.Mtime, r.Ctime, r.Btime = d.int(), d.int(), d.int(), d.int()
	if r.Based = flags&flagBased != 0; r.Based {
		r.Lower = d.string(1 << 20)
	}
	if r.OwnXattrs = flags&flagXattrs != 0; r.OwnXattrs {
		for range d.count(1<<16, 2) {
			r.Xattrs = append(r.Xattrs, inode.Xattr{Name: d.string(abi.XattrNameMax), Value: d.bytes(abi.XattrSizeMax)})
		}
	}
	switch r.Mode & abi.S_IFMT {
	case abi.S_IFLNK:
		r.Target = d.string(abi.PathMax)
	case abi.S_IFREG:
		r.Data = d.layout(flags)
	case abi.S_IFDIR, abi.S_IFIFO, abi.S_IFSOCK, abi.S_IFCHR, abi.S_IFBLK:
	default:
		d.fail()
	}
	return r
}

func (d *decoder) layout(flags uint64) chunk.Layout {
	l := chunk.Layout{Size: d.size(), BaseEnd: d.size(), Written: flags&flagWritten != 0}
	n, last := d.count(maxSegment, 6), int64(-1)
	if n > 0 {
		l.Chunks = make([]chunk.Ref, 0, n)
	}
	for range n {
		gap := d.size()
		if gap > chunk.MaxSize/chunk.Size-last {
			d.fail()
			break
		}
		last += gap + 1
		l.Chunks = append(l.Chunks, chunk.Ref{Index: last, Size: int(d.uint32()), Sum: d.fixed32()})
	}
	if flags&flagInline != 0 {
		l.Inline = d.bytes(chunk.InlineSize)
		if l.Inline == nil {
			l.Inline = []byte{}
		}
	}
	return l
}
