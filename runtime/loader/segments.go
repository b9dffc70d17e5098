package loader

import (
	"errors"
	"fmt"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/mm"
)

// loadELF maps the program in img.File and what it needs, and completes img.
func loadELF(p Params, img *Image, head []byte) error {
	prog, err := parse(img.File, img.Path, head, p.Target)
	if err != nil {
		return err
	}
	img.Interp = prog.interp
	var interp *program
	if prog.interp != "" {
		if interp, err = openInterp(p, prog); err != nil {
			return err
		}
	}
	if prog.hdr.typ == etDyn {
		base := (mm.PIEBase + prog.align - 1) &^ (prog.align - 1)
		img.Bias = base - prog.low
		if prog.high > mm.MaxAddr-base {
			return noexec("%s (%#x bytes) does not fit in the 4 GiB that programs have here", prog.path, prog.high)
		}
	} else if prog.low < mm.MinAddr {
		return noexec("%s is linked to address %#x; the first %d KiB cannot be mapped", prog.path, prog.low, mm.MinAddr>>10)
	}
	space, err := p.NewSpace()
	if err != nil {
		return err
	}
	if err := fill(p, img, space, prog, interp); err != nil {
		space.Release()
		return err
	}
	img.Space = space
	return nil
}

// openInterp opens and judges the interpreter of prog. Its own PT_INTERP, if
// any, counts for nothing, so interpreters cannot form a loop.
func openInterp(p Params, prog *program) (*program, error) {
	f, err := p.Open(prog.interp)
	if errors.Is(err, abi.ENOENT) {
		return nil, &Error{abi.ENOENT, fmt.Sprintf("no such file: %s (interpreter of %s)", prog.interp, prog.path)}
	} else if err != nil {
		return nil, err
	}
	head := make([]byte, headSize)
	n, err := readAt(f, head, 0)
	if err != nil {
		return nil, err
	}
	if n < 4 || string(head[:4]) != "\x7fELF" {
		return nil, &Error{abi.ELIBBAD, fmt.Sprintf("%s (interpreter of %s) is not an ELF file", prog.interp, prog.path)}
	}
	return parse(f, prog.interp, head[:n], p.Target)
}

// fill lays out the space, maps everything and writes the stack.
func fill(p Params, img *Image, s *mm.Space, prog, interp *program) error {
	err := s.SetLayout(mm.Layout{Low: prog.low + img.Bias, High: prog.high + img.Bias,
		Dynamic: interp != nil, StackSize: p.StackSize})
	if err != nil {
		return &Error{abi.ENOMEM, fmt.Sprintf("%s: no room for %#x bytes at %#x", prog.path, prog.high-prog.low, prog.low+img.Bias)}
	}
	if err := prog.mapAt(s, img.Bias); err != nil {
		return fmt.Errorf("%s: %w", prog.path, err)
	}
	img.PC = prog.hdr.entry + img.Bias
	if interp != nil {
		if err := interp.mapInterp(s, img); err != nil {
			return fmt.Errorf("%s: %w", interp.path, err)
		}
	}
	if code := p.Target.Sigreturn; code != nil {
		if img.Sigreturn, err = mapSigreturn(s, code); err != nil {
			return err
		}
	}
	low, top := s.Stack()
	prot := uint32(abi.PROT_READ | abi.PROT_WRITE)
	if prog.execStack() {
		prot |= abi.PROT_EXEC
	}
	_, err = s.Map(mm.MapArgs{Addr: low, Len: top - low, Prot: prot, Name: mm.StackName,
		Flags: abi.MAP_PRIVATE | abi.MAP_ANONYMOUS | abi.MAP_FIXED | abi.MAP_STACK})
	if err != nil {
		return err
	}
	return writeStack(p, img, s, prog, top)
}

// execStack reports whether PT_GNU_STACK asks for an executable stack.
func (p *program) execStack() bool {
	for _, s := range p.segs {
		if s.typ == ptStack {
			return s.flags&pfX != 0
		}
	}
	return false
}

// mapInterp maps an interpreter: a shared object goes where its digest
// says.
func (p *program) mapInterp(s *mm.Space, img *Image) error {
	bias := uint64(0)
	if p.hdr.typ == etDyn {
		n := p.high - p.low
		at, err := s.Map(mm.MapArgs{Len: n, Prot: abi.PROT_NONE, Flags: abi.MAP_PRIVATE, File: p.file})
		if err != nil {
			return err
		}
		if err := s.Unmap(at, n); err != nil {
			return err
		}
		bias = at - p.low
	}
	img.Base = p.low + bias
	img.PC = p.hdr.entry + bias
	return p.mapAt(s, bias)
}

// mapAt maps the segments, as Linux does: whole pages of the file, then zeros
// from the end of the file's bytes on, to the page's end even beyond the
// segment's: glibc's dynamic linker allocates from there.
func (p *program) mapAt(s *mm.Space, bias uint64) error {
	const mask = abi.PageSize - 1
	for i := range p.loads {
		g := &p.loads[i]
		at, prot := g.vaddr+bias, g.prot()
		end := at + g.memsz
		fileEnd := at // end of the pages that come from the file
		if g.filesz > 0 {
			fileEnd = (at + g.filesz + mask) &^ mask
			_, err := s.Map(mm.MapArgs{Addr: at &^ mask, Len: fileEnd - at&^mask, Prot: prot, Flags: abi.MAP_PRIVATE | abi.MAP_FIXED,
				File: p.file, Off: g.off &^ mask})
			if err != nil {
				return err
			}
			if g.memsz > g.filesz && prot&abi.PROT_WRITE != 0 {
				if err := s.ZeroOut(at+g.filesz, fileEnd-(at+g.filesz)); err != nil {
					return err
				}
			}
		}
		zero := fileEnd &^ mask
		if i > 0 && g.filesz == 0 { // the page that it shares with the segment before stays
			zero = max(zero, (p.loads[i-1].vaddr+p.loads[i-1].memsz+bias+mask)&^mask)
		}
		if end > zero {
			_, err := s.Map(mm.MapArgs{Addr: zero, Len: end - zero, Prot: prot, Flags: abi.MAP_PRIVATE | abi.MAP_FIXED | abi.MAP_ANONYMOUS})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// mapSigreturn maps the signal return code behind the CPU's range, at the
// same address in most processes, as a file, so that its translation is shared.
//
// It is not a vDSO image with AT_SYSINFO_EHDR: the clock functions of one could
// only make the system call that libc makes itself where there is none, and
// Go's runtime would switch stacks for them.
func mapSigreturn(s *mm.Space, code []byte) (uint64, error) {
	f := NewBlob("[vdso]", code)
	return s.Map(mm.MapArgs{Addr: s.Hidden() + arch.HiddenSize, Len: abi.PageSize, Prot: abi.PROT_READ | abi.PROT_EXEC,
		Flags: abi.MAP_PRIVATE, File: f})
}
