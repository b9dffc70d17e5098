package loader

import (
	"slices"
	"sync"

	"boxer/runtime/abi"
	"boxer/runtime/mm"
)

// maxEntries bounds what one file may list: the largest programs known have a
// million functions.
const maxEntries = 1 << 22

// EntryCache finds the function starts of ELF files and remembers those of
// the files that have a digest. The zero value is ready; it is safe for
// concurrent use. Its Entries method serves mm.Options.Entries.
type EntryCache struct {
	mu    sync.Mutex
	files map[[32]byte]*cachedEntries
	order [][32]byte // oldest first
	total int
}

type cachedEntries struct {
	once sync.Once
	list []uint64
}

// What an EntryCache keeps: files, and the sum of their entries.
const (
	cachedFiles = 256
	cachedTotal = 4 << 20
)

// Entries returns the file offsets of the known function starts of f,
// ascending, without duplicates; nil for what is not an ELF file. The slice is
// shared: it must not be changed.
func (c *EntryCache) Entries(f mm.File) []uint64 {
	digest, ok := f.Digest()
	if !ok {
		return FindEntries(f)
	}
	c.mu.Lock()
	e := c.files[digest]
	if e == nil {
		if c.files == nil {
			c.files = map[[32]byte]*cachedEntries{}
		}
		e = &cachedEntries{}
		c.files[digest] = e
		c.order = append(c.order, digest)
	}
	c.mu.Unlock()
	e.once.Do(func() {
		e.list = FindEntries(f)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.total += len(e.list)
		for len(c.order) > 1 && (len(c.order) > cachedFiles || c.total > cachedTotal) {
			c.total -= len(c.files[c.order[0]].list)
			delete(c.files, c.order[0])
			c.order = c.order[1:]
		}
	})
	return e.list
}

// FindEntries is EntryCache.Entries without the cache. The sources are the
// symbol tables, the unwind tables, the linkage table and, for Go, the function
// table.
func FindEntries(f mm.File) []uint64 {
	p := &program{file: f, path: f.Name()}
	head := make([]byte, ehdrSize)
	if n, err := readAt(f, head, 0); err != nil || n < len(head) || string(head[:4]) != "\x7fELF" {
		return nil
	}
	if p.readHeader(head, Target{Machine: uint16(head[18]) | uint16(head[19])<<8}) != nil || p.readSegments() != nil {
		return nil
	}
	e := entryFinder{program: p}
	e.add(p.hdr.entry)
	e.codeSections()
	e.symbols()
	if !e.unwindHeader() {
		e.unwindTable()
	}
	e.goFunctions()
	return e.offsets()
}

// An entryFinder collects link addresses.
type entryFinder struct {
	*program
	found    []uint64
	sections []section
	read     bool
}

// section is an Elf64_Shdr with its name.
type section struct {
	name                                  string
	typ                                   uint32
	flags, addr, off, size, link, entsize uint64
}

const (
	shtSymtab = 2
	shtNobits = 8
	shtDynsym = 11
	shfExec   = 4

	sttFunc  = 2
	sttIfunc = 10
)

func (e *entryFinder) add(vaddr uint64) bool {
	e.found = append(e.found, vaddr)
	return len(e.found) < maxEntries
}

// offsets turns the addresses into file offsets; those outside of code go.
func (e *entryFinder) offsets() []uint64 {
	out := e.found[:0]
	for _, a := range e.found {
		if off, ok := e.codeOffset(a); ok && a%4 == 0 {
			out = append(out, off)
		}
	}
	slices.Sort(out)
	return slices.Clip(slices.Compact(out))
}

func (e *entryFinder) codeOffset(vaddr uint64) (uint64, bool) {
	size := uint64(e.file.Size())
	for i := range e.segs {
		s := &e.segs[i]
		if s.typ != ptLoad || s.prot()&abi.PROT_EXEC == 0 || vaddr < s.vaddr || s.off > size {
			continue
		}
		if d := vaddr - s.vaddr; d < min(s.filesz, size-s.off) {
			return s.off + d, true
		}
	}
	return 0, false
}

// sectionList reads the section headers once; there may be none.
func (e *entryFinder) sectionList() []section {
	if e.read {
		return e.sections
	}
	e.read = true
	h := &e.hdr
	if h.shoff == 0 || h.shentsize != shdrSize {
		return nil
	}
	v := newView(e.file, h.shoff, uint64(h.shnum)*shdrSize)
	list := make([]section, 0, v.n/shdrSize)
	names := make([]uint32, 0, v.n/shdrSize)
	for i := uint64(0); i+shdrSize <= v.n; i += shdrSize {
		names = append(names, v.u32(i))
		list = append(list, section{typ: v.u32(i + 4), flags: v.u64(i + 8), addr: v.u64(i + 16), off: v.u64(i + 24), size: v.u64(i + 32),
			link: uint64(v.u32(i + 40)), entsize: v.u64(i + 56)})
	}
	if v.bad || int(h.shstrndx) >= len(list) {
		return nil
	}
	str := newView(e.file, list[h.shstrndx].off, list[h.shstrndx].size)
	for i := range list {
		var name []byte
		for at := uint64(names[i]); len(name) < 32; at++ {
			c := str.u8(at)
			if c == 0 {
				break
			}
			name = append(name, c)
		}
		list[i].name = string(name)
	}
	e.sections = list
	return list
}

func (e *entryFinder) section(name string) (section, bool) {
	for _, s := range e.sectionList() {
		if s.name == name && s.typ != shtNobits {
			return s, true
		}
	}
	return section{}, false
}

// codeSections adds where each section of code starts, so that .init, .plt and
// .fini, which have no symbols, do not run into one another, and the stubs of
// .plt. One starts with ADRP X16, after a BTI where there is branch protection;
// the first 32 bytes are the table's own stub (ELF for the Arm 64-bit
// Architecture, "PLT sequences").
func (e *entryFinder) codeSections() {
	const header, adrpMask, adrpX16, btiC = 32, 0x9f00001f, 0x90000010, 0xd503245f
	for _, s := range e.sectionList() {
		if s.flags&shfExec == 0 || s.typ == shtNobits {
			continue
		}
		e.add(s.addr)
		if s.name != ".plt" {
			continue
		}
		v := newView(e.file, s.off, s.size)
		before := uint32(0)
		for i := uint64(header); i+4 <= v.n && !v.bad; i += 4 {
			word := v.u32(i)
			if at := s.addr + i; word&adrpMask == adrpX16 {
				if before == btiC {
					at -= 4
				}
				if !e.add(at) {
					return
				}
			}
			before = word
		}
	}
}

// symbols adds the functions of .symtab and .dynsym.
func (e *entryFinder) symbols() {
	const symSize = 24
	for _, s := range e.sectionList() {
		if s.typ != shtSymtab && s.typ != shtDynsym || s.entsize != symSize {
			continue
		}
		v := newView(e.file, s.off, s.size)
		for i := uint64(0); i+symSize <= v.n && !v.bad; i += symSize {
			typ, defined := v.u8(i+4)&15, v.u16(i+6) != 0
			if (typ == sttFunc || typ == sttIfunc) && defined && !e.add(v.u64(i+8)) {
				return
			}
		}
	}
}
