package lift

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"boxer/runtime/loader"
)

type zzf struct {
	f *os.File
	n int64
}

func (z zzf) ReadAt(p []byte, o int64) (int, error) { return z.f.ReadAt(p, o) }
func (z zzf) Size() int64                            { return z.n }
func (z zzf) Digest() ([32]byte, bool)               { return [32]byte{}, false }
func (z zzf) Name() string                           { return "x" }

type zzsrc struct {
	at      uint64
	words   []uint32
	entries map[uint64]bool
	data    map[uint64][]byte
}

func (c *zzsrc) Word(pc uint64) (uint32, bool) {
	if i := (pc - c.at) / 4; pc >= c.at && i < uint64(len(c.words)) {
		return c.words[i], true
	}
	return 0, false
}
func (c *zzsrc) IsEntry(pc uint64) bool { return c.entries[pc] }
func (c *zzsrc) Data(addr uint64, p []byte) int {
	for at, d := range c.data {
		if addr >= at && addr < at+uint64(len(d)) {
			return copy(p, d[addr-at:])
		}
	}
	return 0
}

func TestZZ2(t *testing.T) {
	for _, file := range strings.Fields(os.Getenv("ZZ2")) {
		f, err := elf.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		c := &zzsrc{data: map[uint64][]byte{}, entries: map[uint64]bool{}}
		var text *elf.Section
		for _, s := range f.Sections {
			if s.Flags&elf.SHF_ALLOC == 0 || s.Type == elf.SHT_NOBITS {
				continue
			}
			data, _ := s.Data()
			c.data[s.Addr] = data
			if s.Name == ".text" {
				text = s
				c.at = s.Addr
				for i := 0; i+4 <= len(data); i += 4 {
					c.words = append(c.words, binary.LittleEndian.Uint32(data[i:]))
				}
			}
		}
		g, _ := os.Open(file)
		st, _ := g.Stat()
		for _, o := range loader.FindEntries(zzf{g, st.Size()}) {
			c.entries[o-text.Offset+text.Addr] = true
		}
		for i, w := range c.words {
			if fl, target := classify(w, c.at+uint64(4*i)); fl == flowCall && target != 0 {
				c.entries[target] = true
			}
		}
		var es []uint64
		for e := range c.entries {
			es = append(es, e)
		}
		slices.Sort(es)
		brs, lost, cands, beyond, insns := 0, 0, 0, 0, 0
		var lostAt []uint64
		seen := map[uint64]bool{}
		for _, e := range es {
			if _, ok := c.Word(e); !ok {
				continue
			}
			r := &region{src: c, max: defaultMaxInsns, entry: e, own: map[uint64]bool{e: true}, switches: map[uint64][]uint64{}, guards: map[uint64]int{}, leaves: map[uint64]int{}}
			r.lead(e)
			r.discover()
			insns += r.insns
			for pc, ts := range r.switches {
				if seen[pc] {
					continue
				}
				seen[pc] = true
				brs++
				cands += len(ts)
				if len(ts) == 0 {
					w, _ := c.Word(pc)
					if w>>5&31 == 16 || w>>5&31 == 17 {
						brs--
						continue
					} // tail calls, plt
					lost++
					lostAt = append(lostAt, pc)
				}
				i := sort.Search(len(es), func(i int) bool { return es[i] > pc })
				for _, x := range ts {
					if i < len(es) && x >= es[i] || i > 0 && x < es[i-1] {
						beyond++
					}
				}
			}
		}
		fmt.Printf("%-20s %5d brs, %4d without targets, %6d candidates, %5d beyond the function, %d insns\n", filepath.Base(file), brs, lost, cands, beyond, insns)
		if os.Getenv("LOST") != "" {
			slices.Sort(lostAt)
			fmt.Printf("%x\n", lostAt)
		}
	}
}
