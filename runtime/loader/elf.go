package loader

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"

	"boxer/runtime/abi"
	"boxer/runtime/mm"
)

// ELF constants, elf(5).
const (
	elfClass64 = 2
	elfLittle  = 1
	etExec     = 2
	etDyn      = 3
	emAArch64  = 183

	ptLoad        = 1
	ptDynamic     = 2
	ptInterp      = 3
	ptNote        = 4
	ptPhdr        = 6
	ptEHFrame     = 0x6474e550 // PT_GNU_EH_FRAME
	ptStack       = 0x6474e551 // PT_GNU_STACK
	ptGNUProperty = 0x6474e553

	pfX, pfW, pfR = 1, 2, 4

	ehdrSize = 64
	phdrSize = 56
	shdrSize = 64
)

// Limits on what a program's headers may ask for.
const (
	maxPhdrs  = 64 << 10 / phdrSize // Linux: the table fits 64 KiB
	maxInterp = abi.PathMax
	maxNotes  = 64 << 10
	maxAlign  = 64 << 20
)

// header is what matters of an Elf64_Ehdr.
type header struct {
	typ, machine, phentsize, phnum, shentsize, shnum, shstrndx uint16
	entry, phoff, shoff                                        uint64
}

// segment is an Elf64_Phdr.
type segment struct {
	typ, flags                       uint32
	off, vaddr, filesz, memsz, align uint64
}

func (s *segment) prot() uint32 {
	var p uint32
	if s.flags&pfR != 0 {
		p |= abi.PROT_READ
	}
	if s.flags&pfW != 0 {
		p |= abi.PROT_WRITE
	}
	if s.flags&pfX != 0 {
		p |= abi.PROT_EXEC
	}
	return p
}

// program is an ELF file that was judged loadable.
type program struct {
	file   mm.File
	path   string
	hdr    header
	segs   []segment
	loads  []segment // the PT_LOADs, ascending
	low    uint64    // first address, page aligned
	high   uint64    // end of the last segment
	align  uint64    // largest p_align
	interp string
}

// parse reads and judges the headers of the ELF file f.
func parse(f mm.File, path string, head []byte, t Target) (*program, error) {
	p := &program{file: f, path: path, align: abi.PageSize}
	if err := p.readHeader(head, t); err != nil {
		return nil, err
	}
	if err := p.readSegments(); err != nil {
		return nil, err
	}
	for i := range p.segs {
		s := &p.segs[i]
		var err error
		switch s.typ {
		case ptLoad:
			err = p.addLoad(i, s)
		case ptInterp:
			err = p.readInterp(s)
		case ptGNUProperty:
			err = p.checkProperties(s)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(p.loads) == 0 {
		return nil, noexec("%s has nothing to load", path)
	}
	p.low = p.loads[0].vaddr &^ (abi.PageSize - 1)
	if !p.contains(p.hdr.entry) {
		return nil, noexec("%s: its entry point %#x lies outside of its segments", path, p.hdr.entry)
	}
	return p, nil
}

func (p *program) readHeader(b []byte, t Target) error {
	if len(b) < ehdrSize {
		return noexec("%s: truncated ELF header (%d bytes)", p.path, len(b))
	}
	class, data, osabi := b[4], b[5], b[7]
	var order binary.ByteOrder = binary.LittleEndian
	if data != elfLittle {
		order = binary.BigEndian
	}
	h := header{typ: order.Uint16(b[16:]), machine: order.Uint16(b[18:])}
	if h.machine != t.Machine || class != elfClass64 || data != elfLittle {
		return noexec("%s; this box runs %s", machineName(h.machine, class, data), t.Platform)
	}
	if os := osNames[osabi]; os != "" {
		return noexec("%s program; this box runs %s", os, t.Platform)
	}
	switch h.typ {
	case etExec, etDyn:
	case 1:
		return noexec("%s is an object file, not a program; link it", p.path)
	case 4:
		return noexec("%s is a core dump", p.path)
	default:
		return noexec("%s: ELF type %d", p.path, h.typ)
	}
	h.entry, h.phoff, h.shoff = order.Uint64(b[24:]), order.Uint64(b[32:]), order.Uint64(b[40:])
	h.phentsize, h.phnum = order.Uint16(b[54:]), order.Uint16(b[56:])
	h.shentsize, h.shnum, h.shstrndx = order.Uint16(b[58:]), order.Uint16(b[60:]), order.Uint16(b[62:])
	if h.phentsize != phdrSize {
		return noexec("%s: program headers of %d bytes", p.path, h.phentsize)
	}
	if h.phnum == 0 || h.phnum > maxPhdrs {
		return noexec("%s: %d program headers", p.path, h.phnum)
	}
	p.hdr = h
	return nil
}

func (p *program) readSegments() error {
	b, err := p.bytes(p.hdr.phoff, uint64(p.hdr.phnum)*phdrSize, "the program headers")
	if err != nil {
		return err
	}
	for ; len(b) > 0; b = b[phdrSize:] {
		le := binary.LittleEndian
		p.segs = append(p.segs, segment{typ: le.Uint32(b), flags: le.Uint32(b[4:]), off: le.Uint64(b[8:]), vaddr: le.Uint64(b[16:]),
			filesz: le.Uint64(b[32:]), memsz: le.Uint64(b[40:]), align: le.Uint64(b[48:])})
	}
	return nil
}

// bytes reads n bytes at off, which the callers bound; a file that ends before
// that is truncated.
func (p *program) bytes(off, n uint64, what string) ([]byte, error) {
	size := uint64(p.file.Size())
	if off > size || size-off < n {
		return nil, noexec("%s is truncated: %s lie at %#x to %#x, the file has %d bytes", p.path, what, off, off+n, size)
	}
	b := make([]byte, n)
	got, err := readAt(p.file, b, int64(off))
	if err != nil {
		return nil, err
	}
	if got < len(b) {
		return nil, noexec("%s is truncated: %s", p.path, what)
	}
	return b, nil
}

func (p *program) addLoad(i int, s *segment) error {
	size := uint64(p.file.Size())
	bad := func(format string, args ...any) error {
		return noexec("%s: segment %d %s", p.path, i, fmt.Sprintf(format, args...))
	}
	switch {
	case s.memsz == 0:
		return nil
	case s.filesz > s.memsz:
		return bad("has more bytes in the file (%#x) than in memory (%#x)", s.filesz, s.memsz)
	case s.filesz > 0 && (s.off > size || size-s.off < s.filesz):
		return bad("is truncated: it ends at %#x, the file at %#x", s.off+s.filesz, size)
	case s.memsz > mm.MaxAddr || s.vaddr > mm.MaxAddr-s.memsz:
		return bad("(%#x bytes at %#x) does not fit in the 4 GiB that programs have here", s.memsz, s.vaddr)
	case s.filesz > 0 && (s.vaddr^s.off)%abi.PageSize != 0:
		return bad("is not aligned: address %#x, file offset %#x", s.vaddr, s.off)
	case s.vaddr < p.high:
		return bad("at %#x overlaps the one before it, which ends at %#x", s.vaddr, p.high)
	}
	if s.align > p.align && bits.OnesCount64(s.align) == 1 {
		p.align = min(s.align, maxAlign)
	}
	p.high = s.vaddr + s.memsz
	p.loads = append(p.loads, *s)
	return nil
}

func (p *program) readInterp(s *segment) error {
	if p.interp != "" {
		return noexec("%s names two interpreters", p.path)
	}
	if s.filesz < 2 || s.filesz > maxInterp {
		return noexec("%s: an interpreter's name of %d bytes", p.path, s.filesz)
	}
	b, err := p.bytes(s.off, s.filesz, "the interpreter's name")
	if err != nil {
		return err
	}
	name, _, ok := bytes.Cut(b, []byte{0})
	if !ok || len(name) == 0 {
		return noexec("%s: a malformed interpreter's name", p.path)
	}
	p.interp = string(name)
	return nil
}

// contains reports whether a link address lies in a segment.
func (p *program) contains(vaddr uint64) bool {
	for _, s := range p.loads {
		if vaddr >= s.vaddr && vaddr-s.vaddr < s.memsz {
			return true
		}
	}
	return false
}

// phdrAddr is the link address of the program headers for AT_PHDR, 0 if they
// are not loaded.
func (p *program) phdrAddr() uint64 {
	for _, s := range p.segs {
		if s.typ == ptPhdr {
			return s.vaddr
		}
	}
	for _, s := range p.loads {
		if p.hdr.phoff >= s.off && p.hdr.phoff-s.off < s.filesz {
			return p.hdr.phoff - s.off + s.vaddr
		}
	}
	return 0
}

var osNames = map[byte]string{2: "NetBSD", 6: "Solaris", 7: "AIX", 9: "FreeBSD", 12: "OpenBSD"}

// machineName says what kind of program has this machine, class and byte order.
func machineName(machine uint16, class, data byte) string {
	name := ""
	switch {
	case machine == emAArch64 && class == elfClass64 && data != elfLittle:
		name = "big-endian arm64"
	case machine == emAArch64 && class != elfClass64:
		name = "ILP32 arm64"
	case machine == 243:
		name = map[bool]string{true: "riscv64", false: "riscv32"}[class == elfClass64]
	case machine == 8:
		name = map[bool]string{true: "mips64", false: "mips"}[class == elfClass64]
		if data == elfLittle {
			name += "le"
		}
	case machine == 21 && data == elfLittle:
		name = "ppc64le"
	case machine == 22 && class != elfClass64:
		name = "s390"
	case machine == 62 && class != elfClass64:
		name = "x32"
	case machine == 40 && data != elfLittle:
		name = "big-endian 32-bit arm"
	default:
		name = machineNames[machine]
	}
	if name == "" {
		name = fmt.Sprintf("machine type %d", machine)
	}
	return name + " program"
}

// machineNames are e_machine values as people call them (the ELF registry).
var machineNames = map[uint16]string{
	2: "32-bit sparc", 3: "32-bit x86 (i386)", 4: "m68k", 15: "parisc", 18: "sparc32plus", 20: "32-bit ppc", 21: "ppc64",
	22: "s390x", 40: "32-bit arm", 41: "alpha", 42: "SuperH", 43: "sparc64", 50: "ia64", 62: "x86-64", 83: "AVR", 92: "OpenRISC",
	93: "ARC", 94: "xtensa", 105: "MSP430", 164: "hexagon", 183: "arm64", 189: "MicroBlaze", 190: "CUDA", 224: "AMDGPU",
	247: "BPF", 252: "C-SKY", 258: "loongarch64", 0x9026: "alpha",
}
