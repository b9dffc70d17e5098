package loader

import (
	"encoding/binary"
	"io"

	"boxer/runtime/mm"
)

// elfSpec describes an ELF file to make. Zero fields get what a small correct
// program has.
type elfSpec struct {
	typ, machine uint16
	class, data  byte
	osabi        byte
	entry        uint64
	phoff        uint64
	phentsize    uint16
	phnum        int // -1: as many as there are segments
	segs         []segment
	body         []byte // from offset 0x1000 on
}

// code is a segment of a page of code at 0x400000, file offset 0x1000.
func code() segment {
	return segment{typ: ptLoad, flags: pfR | pfX, off: 0x1000, vaddr: 0x400000, filesz: 16, memsz: 16, align: 0x1000}
}

func interpSegment() segment { return segment{typ: ptInterp, off: 0x1100, filesz: 8, memsz: 8} }

func minimal(edit func(*elfSpec)) []byte {
	body := make([]byte, 0x400)
	copy(body, "\x20\x00\x80\xd2") // mov x0, #1
	copy(body[0x100:], "/ld.so\x00\x00")
	s := elfSpec{typ: etExec, machine: emAArch64, class: elfClass64, data: elfLittle, entry: 0x400000, phoff: ehdrSize,
		phentsize: phdrSize, phnum: -1, segs: []segment{code()}, body: body}
	if edit != nil {
		edit(&s)
	}
	return s.bytes()
}

func (s *elfSpec) bytes() []byte {
	b := make([]byte, 0x1000)
	copy(b, "\x7fELF")
	b[4], b[5], b[6], b[7] = s.class, s.data, 1, s.osabi
	var o binary.ByteOrder = binary.LittleEndian
	if s.data != elfLittle {
		o = binary.BigEndian
	}
	if s.phnum < 0 {
		s.phnum = len(s.segs)
	}
	o.PutUint16(b[16:], s.typ)
	o.PutUint16(b[18:], s.machine)
	o.PutUint64(b[24:], s.entry)
	o.PutUint64(b[32:], s.phoff)
	o.PutUint16(b[54:], s.phentsize)
	o.PutUint16(b[56:], uint16(s.phnum))
	for i, g := range s.segs {
		p := b[ehdrSize+i*phdrSize:]
		o.PutUint32(p, g.typ)
		o.PutUint32(p[4:], g.flags)
		for j, x := range []uint64{g.off, g.vaddr, g.vaddr, g.filesz, g.memsz, g.align} {
			o.PutUint64(p[8+8*j:], x)
		}
	}
	return append(b, s.body...)
}

// files is a file system for Load.
type files map[string][]byte

func (fs files) open(path string) (mm.File, error) {
	b, ok := fs[path]
	if !ok {
		return nil, errNoEntry
	}
	return NewBlob(path, b), nil
}

// brokenFile fails to read behind the first page.
type brokenFile struct{ *Blob }

func (f brokenFile) ReadAt(p []byte, off int64) (int, error) {
	if off >= 0x1000 {
		return 0, io.ErrUnexpectedEOF
	}
	return f.Blob.ReadAt(p, off)
}
