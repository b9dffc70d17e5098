package translate

import (
	"testing"

	"boxer/runtime/arch"
)

// shyFile is a file whose functions must not be asked for while regions wait on the stack.
type shyFile struct {
	fileSpace
	t     *testing.T
	cpu   *CPU
	asked int
}

func (s *shyFile) Text(addr uint64) (arch.Text, bool) {
	text, ok := s.fileSpace.Text(addr)
	text.Entries = func() []uint64 {
		s.asked++
		if s.cpu.inside {
			s.t.Error("a file was read while regions waited")
		}
		return nil
	}
	return text, ok
}

// TestDiscover: a file's functions are looked for when something is translated, and then from the
// dispatcher, where a page can wait for the file.
func TestDiscover(t *testing.T) {
	const n = 40
	eng := newEngine(t)
	mods := record(t, n, 1<<20, false)
	for _, ahead := range []*madeAhead{nil, {mods: mods}} {
		opt := Options{Yield: func() {}} // as a page has it
		if ahead != nil {
			opt.Ahead = ahead
		}
		cpu, r, err := newFileCPU(eng, NewCache(eng, opt), manyFunctions(n))
		if err != nil {
			t.Fatal(err)
		}
		shy := &shyFile{fileSpace: cpu.space.(fileSpace), t: t, cpu: cpu}
		cpu.space = shy
		if e := cpu.Run(r, 1_000_000); e.Kind != arch.ExitBreakpoint {
			t.Errorf("exit %v", e)
		}
		if want := 1; ahead == nil && shy.asked != want || ahead != nil && shy.asked != 0 {
			t.Errorf("the file was asked %d times", shy.asked)
		}
		cpu.Close()
	}
}
