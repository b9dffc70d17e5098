package mm

import "boxer/runtime/abi"

// MapArgs are the arguments of mmap(2). Addr, Len, Prot and Flags are as the
// guest gave them.
type MapArgs struct {
	Addr, Len   uint64
	Prot, Flags uint32
	File        File // nil exactly with MAP_ANONYMOUS
	Off         uint64
	// ReadOnly says that the descriptor is not open for writing: a shared
	// mapping of it cannot be or become writable.
	ReadOnly bool
	// Name is what maps shows for memory of the kernel's own: "[vdso]".
	Name string
}

// StackName is the MapArgs.Name of the main stack: nothing is placed in the
// gap below it, and it does not count for RLIMIT_DATA.
const StackName = "[stack]"

const (
	heapName = "[heap]"

	knownFlags = abi.MAP_TYPE | abi.MAP_FIXED | abi.MAP_ANONYMOUS | abi.MAP_GROWSDOWN | abi.MAP_DENYWRITE |
		abi.MAP_EXECUTABLE | abi.MAP_LOCKED | abi.MAP_NORESERVE | abi.MAP_POPULATE | abi.MAP_NONBLOCK |
		abi.MAP_STACK | abi.MAP_HUGETLB | abi.MAP_FIXED_NOREPLACE
)

// Map is mmap(2). The hints of a 64-bit process above 4 GiB are treated as no
// hint. Hints below that are taken when the range is free. MAP_GROWSDOWN,
// MAP_LOCKED, MAP_NORESERVE, MAP_POPULATE and MAP_STACK change nothing here.
func (s *Space) Map(a MapArgs) (uint64, error) {
	shared, err := a.check()
	if err != nil {
		return 0, err
	}
	n := alignUp(a.Len, pageSize)
	v := &vma{prot: a.Prot & access, shared: shared, name: a.Name, off: int64(a.Off)}
	if a.Name == StackName {
		v.gap = stackGap
	}
	s.mu.Lock()
	defer s.unlock()
	if a.File != nil {
		v.file = newBacking(a, shared)
	}
	fixed := a.Flags&(abi.MAP_FIXED|abi.MAP_FIXED_NOREPLACE) != 0
	switch {
	case fixed:
		if err := s.checkFixed(a, n); err != nil {
			return 0, err
		}
		v.start = a.Addr
	default:
		if v.start, err = s.choose(a, v, n); err != nil {
			return 0, err
		}
	}
	v.end = v.start + n
	if err := s.room(v); err != nil {
		return 0, err
	}
	if fixed {
		if old := s.samePages(v); old != nil {
			s.forget(v.start, v.end)
			v.file, v.backed = old.file, true
		} else if err := s.unmap(v.start, v.end); err != nil {
			return 0, err
		}
	}
	if err := s.back(v); err != nil {
		return 0, err
	}
	s.insert(v)
	return v.start, nil
}

// check validates what does not depend on the address space.
func (a *MapArgs) check() (shared bool, err error) {
	switch {
	case a.Len == 0, !aligned(a.Off):
		return false, abi.EINVAL
	case a.Len > MaxAddr:
		return false, abi.ENOMEM
	case a.Off+a.Len < a.Off || int64(a.Off+a.Len) < 0:
		return false, abi.EOVERFLOW
	case (a.File == nil) != (a.Flags&abi.MAP_ANONYMOUS != 0):
		return false, abi.EBADF
	case a.Flags&(abi.MAP_FIXED|abi.MAP_FIXED_NOREPLACE) != 0 && !aligned(a.Addr):
		return false, abi.EINVAL
	}
	switch a.Flags & abi.MAP_TYPE {
	case abi.MAP_PRIVATE:
	case abi.MAP_SHARED_VALIDATE:
		if a.Flags&^knownFlags != 0 {
			return false, abi.EOPNOTSUPP
		}
		shared = true
	case abi.MAP_SHARED:
		shared = true
	default:
		return false, abi.EINVAL
	}
	if a.Flags&abi.MAP_HUGETLB != 0 {
		return false, abi.ENOMEM // as a machine that has reserved no huge pages
	}
	if shared && a.File == nil {
		return false, &Refused{abi.ENODEV, "mmap: shared anonymous memory"}
	}
	if shared && a.Prot&abi.PROT_WRITE != 0 && !a.canWrite() {
		return false, abi.EACCES
	}
	return shared, nil
}

func (a *MapArgs) canWrite() bool {
	_, ok := a.File.(WriterFile)
	return ok && !a.ReadOnly
}

func newBacking(a MapArgs, shared bool) *backing {
	b := &backing{file: a.File, off: int64(a.Off), writable: shared && a.canWrite()}
	if a.Prot&abi.PROT_EXEC != 0 || isELF(a.File) { // a digest of anything else would serve nobody
		if d, ok := a.File.Digest(); ok {
			b.digest = d
		}
	}
	return b
}

// checkFixed judges the range of a fixed mapping.
func (s *Space) checkFixed(a MapArgs, n uint64) error {
	switch {
	case a.Addr < MinAddr:
		return abi.EPERM // below vm.mmap_min_addr
	case a.Addr > MaxAddr || MaxAddr-a.Addr < n:
		return abi.ENOMEM
	case s.hides(a.Addr, a.Addr+n):
		return abi.ENOMEM
	case a.Flags&abi.MAP_FIXED_NOREPLACE != 0 && s.mapped(a.Addr, a.Addr+n):
		return abi.EEXIST
	}
	return nil
}

// choose finds a place for v of n bytes.
func (s *Space) choose(a MapArgs, v *vma, n uint64) (uint64, error) {
	limit := s.limit(v.prot)
	if hint := alignUp(a.Addr, pageSize); hint >= 2*MinAddr && hint < limit && limit-hint >= n && s.free(hint, hint+n) {
		return hint, nil
	}
	var digest [32]byte
	if v.file != nil {
		digest = v.file.digest
	}
	if id, ok := a.identity(digest, s.lay.dynamic); ok {
		for _, at := range slots(id, n) {
			if at != 0 && s.free(at, at+n) {
				return at, nil
			}
		}
		if at, ok := s.firstFit(libLow, libHigh, n); ok {
			return at, nil
		}
	}
	if at, ok := s.place(n, limit); ok {
		return at, nil
	}
	return 0, abi.ENOMEM
}

// limit is the end of the range for mappings of a protection: what is never
// accessed may lie beyond the largest memory.
func (s *Space) limit(prot uint32) uint64 {
	if prot&access == 0 {
		return MaxAddr
	}
	return min(MaxAddr, MinAddr+uint64(s.opts.Pool.opts.MaxPages)<<16)
}

func isELF(f File) bool {
	var magic [4]byte
	n, _ := f.ReadAt(magic[:], 0)
	return n == 4 && string(magic[:]) == "\x7fELF"
}

// mapped reports whether anything is mapped in [lo, hi).
func (s *Space) mapped(lo, hi uint64) bool {
	i := s.find(lo)
	return i < len(s.vmas) && s.vmas[i].start < hi
}

// hides reports whether [lo, hi) meets a range of the CPU's.
func (s *Space) hides(lo, hi uint64) bool {
	for i := s.find(lo); i < len(s.vmas) && s.vmas[i].start < hi; i++ {
		if s.vmas[i].hidden {
			return true
		}
	}
	return false
}

// room judges the limits on count and size for v, what it replaces counted off.
func (s *Space) room(v *vma) error {
	if len(s.vmas) >= maxMappings {
		return abi.ENOMEM
	}
	var size, data uint64
	for i := s.find(v.start); i < len(s.vmas) && s.vmas[i].start < v.end; i++ {
		o := s.vmas[i]
		n := min(o.end, v.end) - max(o.start, v.start)
		size += n
		if o.data() {
			data += n
		}
	}
	if s.size-size+v.len() > s.maxSize {
		return abi.ENOMEM
	}
	if v.data() && s.data-data+v.len() > s.maxData {
		return abi.ENOMEM
	}
	return nil
}

// back makes v's pages exist as its protection asks: memory grown, file read.
// On an error nothing of v remains.
func (s *Space) back(v *vma) error {
	if v.prot&access != 0 && !v.backed {
		if !s.grow(v.end) {
			return abi.ENOMEM
		}
		s.claim(v.start, v.end)
		if err := s.load(v, v.start, v.end); err != nil {
			s.zero(v.start, v.end)
			return err
		}
		v.backed = true
	}
	if v.file != nil && !v.written && v.prot&abi.PROT_WRITE != 0 {
		v.written = true
		if v.shared {
			s.remember(v, v.start, v.end)
		}
	}
	return nil
}

func (s *Space) zero(lo, hi uint64) {
	s.seen.forget(lo-MinAddr, hi-lo)
	if lo < hi && !s.mem.Zero(lo-MinAddr, hi-lo) {
		panic("BUG: mm: backed pages outside the memory")
	}
}

// samePages returns the mapping that already holds, unwritten, the bytes that
// v would read from its file, or nil. There is one when a dynamic linker maps a
// whole library and then its segments over that.
func (s *Space) samePages(v *vma) *vma {
	if v.file == nil || v.shared || v.prot&access == 0 || v.file.digest == [32]byte{} {
		return nil
	}
	o := s.at(v.start)
	if o == nil || o.end < v.end || !o.backed || o.written || o.shared || o.file == nil ||
		o.file.digest != v.file.digest || o.off+int64(v.start-o.start) != v.off {
		return nil
	}
	return o
}
