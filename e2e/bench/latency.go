package main

import (
	"crypto/sha256"
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"boxer/e2e/flat"
	"boxer/runtime/arch"
	"boxer/runtime/arch/arm64"
	"boxer/runtime/engine/wazero"
	"boxer/runtime/translate"
)

// measureLatency translates all functions of some programs with the
// translator alone: once with empty caches, once with those that the first
// time filled. Guest instructions a second of wall time, lifting to linking.
func (rep *report) measureLatency(p *programs) {
	for _, prog := range []string{"bench", "gokernels"} {
		if err := rep.latency(filepath.Join(p.rootfs, prog), prog); err != nil {
			rep.Notes = append(rep.Notes, "compile latency of "+prog+": "+firstLine(err))
		}
	}
}

func (rep *report) latency(path, name string) error {
	cache, err := os.MkdirTemp("", "boxer-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(cache)
	store := &store{m: map[[32]byte][]byte{}}
	var insns int64
	for _, state := range []string{"cold", "from the cache"} {
		took, st, err := translateAll(path, cache, store)
		if err != nil {
			return err
		}
		if state == "cold" {
			insns = st["translated_insns"]
			rep.Rows = append(rep.Rows,
				row{Name: "translate " + name + ", guest instructions", Value: float64(insns) / 1e3, Unit: "thousand"},
				row{Name: "translate " + name + ", of that compiling", Value: 100 * float64(st["compile_ns"]) / float64(took), Unit: "%"},
				row{Name: "translate " + name + ", Wasm for each instruction", Value: float64(st["wasm_bytes"]) / float64(insns), Unit: "bytes"})
		}
		rep.Rows = append(rep.Rows, row{Name: "translate " + name + ", " + state, Value: float64(insns) / took.Seconds() / 1e3, Unit: "thousand instructions/s"})
	}
	return nil
}

// store is a translate.Store in memory: what a file costs to read is measured
// with whole processes.
type store struct {
	mu sync.Mutex
	m  map[[32]byte][]byte
}

func (s *store) Get(key [32]byte) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.m[key]
	return p, ok
}

func (s *store) Put(key [32]byte, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[key] = slices.Clone(data)
}

// translateAll enters every function of a static program with so little fuel
// that it leaves at once.
func translateAll(path, cacheDir string, st *store) (time.Duration, map[string]int64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, nil, err
	}
	f, err := elf.Open(path)
	if err != nil {
		return 0, nil, err
	}
	defer f.Close()
	eng, err := wazero.New(wazero.Config{CacheDir: cacheDir})
	if err != nil {
		return 0, nil, err
	}
	defer eng.Close()
	const size = 64 << 20
	space, err := flat.New(eng, size, size-arch.HiddenSize)
	if err != nil {
		return 0, nil, err
	}
	defer space.Close()
	entries := functions(f)
	for _, seg := range f.Progs {
		if seg.Type != elf.PT_LOAD {
			continue
		}
		code := make([]byte, seg.Filesz)
		if _, err := seg.ReadAt(code, 0); err != nil {
			return 0, nil, err
		}
		if seg.Vaddr+seg.Memsz > size-arch.HiddenSize {
			return 0, nil, fmt.Errorf("%s is too large", path)
		}
		if seg.Flags&elf.PF_X == 0 {
			if err := space.Write(seg.Vaddr, code); err != nil {
				return 0, nil, err
			}
			continue
		}
		t := arch.Text{Start: seg.Vaddr, End: seg.Vaddr + seg.Filesz, Digest: sha256.Sum256(text), Offset: seg.Off,
			Entries: func() []uint64 { return entries }, Name: filepath.Base(path)}
		if err := space.MapText(t, code); err != nil {
			return 0, nil, err
		}
	}
	start := time.Now()
	cpu, err := translate.NewCache(eng, translate.Options{Store: st}).New(space)
	if err != nil {
		return 0, nil, err
	}
	defer cpu.Close()
	for _, e := range entries {
		regs := arm64.NewRegs()
		regs.SetSP(size - arch.HiddenSize - 1<<20)
		regs.SetPC(e)
		if exit := cpu.Run(regs, 1); exit.Kind == arch.ExitError {
			return 0, nil, fmt.Errorf("%s at %#x: %w", path, e, exit.Err)
		}
	}
	return time.Since(start), cpu.Stats(), nil
}

// functions are the addresses of the program's functions by its symbols,
// ascending.
func functions(f *elf.File) []uint64 {
	syms, err := f.Symbols()
	if err != nil {
		return []uint64{f.Entry}
	}
	var addrs []uint64
	for _, s := range syms {
		if elf.ST_TYPE(s.Info) == elf.STT_FUNC && s.Value != 0 && int(s.Section) < len(f.Sections) && s.Value&3 == 0 {
			addrs = append(addrs, s.Value)
		}
	}
	slices.Sort(addrs)
	return slices.Compact(addrs)
}
