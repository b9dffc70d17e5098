package ahead

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"boxer/runtime/translate"
)

// made are modules of two units, in three forms.
func made() []translate.MadeAhead {
	libc := translate.Unit{Digest: [32]byte{1, 2}, Start: 0x5000000, End: 0x5100000, Offset: 0x1000}
	prog := translate.Unit{Digest: [32]byte{3}, Start: 0x400000, End: 0x500000}
	module := func(u translate.Unit, f translate.Form, bin string, entries ...uint64) translate.MadeAhead {
		m := translate.MadeAhead{Bin: []byte(bin)}
		m.Unit, m.Form, m.Size, m.Entries = u, f, len(bin), entries
		m.Ranges = []translate.Span{{Lo: u.Start, Hi: u.Start + 8}, {Lo: u.Start + 0x100, Hi: u.End}}
		return m
	}
	fast, precise := translate.Form{Hidden: 0x10000}, translate.Form{Hidden: 0x10000, Faults: true, PreciseFP: true}
	out := []translate.MadeAhead{
		module(libc, fast, "one", libc.Start+0x200, libc.Start, libc.End-4),
		module(libc, precise, "two", libc.Start+4),
		module(prog, precise, "three", prog.Start+16, prog.Start+32, prog.Start+16),
		module(prog, precise, "four", prog.Start+48),
		module(prog, precise, "five", prog.Start+64, prog.Start+16),
	}
	out[2].Madd, out[3].Madd, out[4].Rest = translate.ExactMadd, translate.RelaxedMadd, true
	return out
}

func pack() []File { return Pack(translate.Identity(translate.V8()), [][32]byte{{7}}, made()) }

func TestRoundTrip(t *testing.T) {
	files := pack()
	s, err := Parse(files[0].Data)
	if err != nil {
		t.Fatalf("%v in\n%s", err, files[0].Data)
	}
	if !s.Fits(translate.V8()) || s.Fits(translate.Wazero()) {
		t.Errorf("made by %q", s.Identity)
	}
	madd := translate.V8()
	if madd.RelaxedMadd = true; !s.Fits(madd) {
		t.Error("an engine with relaxed_madd is refused")
	}
	if !s.Precise([32]byte{7}) || s.Precise([32]byte{8}) {
		t.Error("the programs that handle faults are others")
	}
	want := made()
	if len(s.Modules) != len(want) {
		t.Fatalf("%d modules of %d", len(s.Modules), len(want))
	}
	for i, m := range s.Modules {
		if !reflect.DeepEqual(m.AheadModule, want[i].AheadModule) || m.Rest != want[i].Rest {
			t.Errorf("module %d: %+v, want %+v", i, m, want[i])
		}
		if m.Name != files[i+1].Name {
			t.Errorf("module %d is %s, the file %s", i, m.Name, files[i+1].Name)
		}
	}
	if again := pack(); !reflect.DeepEqual(again, files) {
		t.Error("the same translations make other files")
	}
}

func TestProvide(t *testing.T) {
	files := pack()
	s, err := Parse(files[0].Data)
	if err != nil {
		t.Fatal(err)
	}
	find := func(m *Module, pc uint64) bool { return s.Find(m.Unit, m.Form, pc) == &m.AheadModule }
	for i, m := range s.Modules {
		if s.Find(m.Unit, m.Form, m.Entries[0]) != nil && i < 4 {
			t.Errorf("module %d is found before it is there", i)
		}
		if err := s.ProvideBytes(m, append(bytes.Clone(files[i+1].Data), 0)); !errors.Is(err, ErrDigest) {
			t.Errorf("a longer file: %v", err)
		}
		other := bytes.Clone(files[i+1].Data)
		other[0] ^= 1
		if err := s.ProvideBytes(m, other); !errors.Is(err, ErrDigest) {
			t.Errorf("another file: %v", err)
		}
		if err := s.ProvideBytes(m, files[i+1].Data); err != nil {
			t.Error(err)
		}
		if !find(m, m.Entries[0]) {
			t.Errorf("module %d is not found", i)
		}
	}
	// What was executed counts more than what lay beside it.
	if prog := s.Modules[2]; !find(prog, prog.Entries[0]) {
		t.Error("the rest replaced what was executed")
	}
}

// TestDamage: an index that anybody may have written ends in an error or in modules within their units.
func TestDamage(t *testing.T) {
	text := string(pack()[0].Data)
	for _, bad := range []string{
		"", "boxer translations 2\n", "\n",
		strings.Replace(text, "unit", "unite", 1),
		strings.Replace(text, "entries", "entries 7fffffff", 1),
		strings.Replace(text, "entries", "entries -1", 1),
		strings.Replace(text, "entries", "ranges", 1),
		strings.Replace(text, "ranges", "ranges 1", 1),
		strings.Replace(text, "ranges 0 2", "ranges ffffffff ffffffff", 1),
		strings.Replace(text, "5100000", "115100000", 1),
		strings.Replace(text, "5100000", "5000000", 1),
		strings.Replace(text, "module ", "module ../", 1),
		strings.Replace(text, ".wasm 3 ", ".wasm 3000000000 ", 1),
		strings.Replace(text, "form 10000", "form 110000000", 1),
		strings.Replace(text, "form 10000", "form", 1),
		strings.Replace(text, " rest", " reset", 1),
		text[:strings.LastIndex(text, "ranges")],
		strings.Replace(text, "form", "boxer", 1),
	} {
		if _, err := Parse([]byte(bad)); !errors.Is(err, errIndex) {
			t.Errorf("error %v for\n%s", err, bad)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(pack()[0].Data)
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		for _, m := range s.Modules {
			for _, e := range m.Entries {
				if e < m.Unit.Start || e >= m.Unit.End {
					t.Errorf("entry %#x outside %+v", e, m.Unit)
				}
			}
		}
	})
}
