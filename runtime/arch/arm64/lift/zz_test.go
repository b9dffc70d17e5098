package lift_test

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"boxer/runtime/arch/arm64/lift"
	"boxer/runtime/ir"
)

func TestZZ(t *testing.T) {
	files, _ := filepath.Glob(os.Getenv("ZZ"))
	for _, out := range files {
		f, err := elf.Open(out)
		if err != nil {
			t.Fatal(err)
		}
		c := &code{data: map[uint64][]byte{}}
		for _, s := range f.Sections {
			if s.Flags&elf.SHF_ALLOC == 0 || s.Type == elf.SHT_NOBITS {
				continue
			}
			data, _ := s.Data()
			c.data[s.Addr] = data
			if s.Name == ".text" {
				c.at = s.Addr
				for i := 0; i+4 <= len(data); i += 4 {
					c.words = append(c.words, binary.LittleEndian.Uint32(data[i:]))
				}
			}
		}
		syms, _ := f.Symbols()
		f.Close()
		for _, s := range syms {
			if elf.ST_TYPE(s.Info) == elf.STT_FUNC {
				c.entries = append(c.entries, s.Value)
			}
		}
		pre := os.Getenv("PRE")
		for _, s := range syms {
			if elf.ST_TYPE(s.Info) != elf.STT_FUNC || !strings.HasPrefix(s.Name, pre) {
				continue
			}
			fn := region(c, lift.Options{}, s.Value)
			away := map[ir.BlockID]bool{}
			cases := map[ir.BlockID]bool{}
			n := 0
			for _, sw := range terms(fn, ir.TermSwitch) {
				away[sw.Else] = true
				n++
				for _, b := range sw.Targets {
					if b != ir.NoBlock {
						cases[b] = true
					}
				}
			}
			bad := 0
			var where uint64
			for i := range fn.Blocks {
				if fn.Blocks[i].Term.Kind == ir.TermTailInd && !away[ir.BlockID(i)] {
					bad++
					where = fn.Blocks[i].PC
				}
			}
			if n > 0 || bad > 0 {
				if bad > 0 || os.Getenv("ALL") != "" {
				fmt.Printf("%-22s %-10s %d switches, %d cases, %d lost %x\n", filepath.Base(out), s.Name, n, len(cases), bad, where)
				}
			}
		}
	}
}
