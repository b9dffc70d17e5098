package translate

import (
	"bytes"
	"errors"
	"testing"

	"boxer/runtime/engine"
	"boxer/runtime/engine/wazero"
)

// madeAhead is an Ahead over what a Recorder made.
type madeAhead struct {
	mods   []MadeAhead
	broken bool
}

func (a *madeAhead) Find(u Unit, f Form, pc uint64) *AheadModule {
	for i := range a.mods {
		m := &a.mods[i].AheadModule
		if m.Unit != u || m.Form != f {
			continue
		}
		for _, e := range m.Entries {
			if e == pc {
				return m
			}
		}
	}
	return nil
}

func (a *madeAhead) Compile(eng engine.Engine, m *AheadModule) (engine.Module, error) {
	for i := range a.mods {
		if m == &a.mods[i].AheadModule && !a.broken {
			return eng.Compile(a.mods[i].Bin)
		}
	}
	return nil, errors.New("no such module")
}

func (a *madeAhead) Precise([32]byte) bool { return false }

// record runs manyFunctions(n) and makes modules of what it asked for.
func record(t *testing.T, n, limit int, rest bool) []MadeAhead {
	t.Helper()
	rec := NewRecorder(Wazero())
	eng := newEngine(t)
	if err := runMany(eng, NewCache(eng, Options{Record: rec}), n); err != nil {
		t.Fatal(err)
	}
	if rec.Fuel() < int64(n) {
		t.Errorf("%d functions were called with %d instructions", n, rec.Fuel())
	}
	return rec.Modules(limit, rest)
}

// TestAhead: what was recorded is enough for the same run; what is missing or does not compile is
// translated.
func TestAhead(t *testing.T) {
	const n = 60
	mods := record(t, n, 500, false)
	if again := record(t, n, 500, false); len(mods) < 2 || len(again) != len(mods) {
		t.Fatalf("%d modules, then %d", len(mods), len(again))
	} else {
		for i := range mods {
			if !bytes.Equal(mods[i].Bin, again[i].Bin) {
				t.Errorf("module %d is not the same a second time", i)
			}
		}
	}
	for _, c := range []struct {
		name       string
		ahead      *madeAhead
		some, none bool // modules are translated
	}{
		{"all", &madeAhead{mods: mods}, false, true},
		{"one is missing", &madeAhead{mods: mods[1:]}, true, false},
		{"none compiles", &madeAhead{mods: mods, broken: true}, true, false},
	} {
		eng, err := wazero.New(wazero.Config{})
		if err != nil {
			t.Fatal(err)
		}
		cache := NewCache(eng, Options{Ahead: c.ahead})
		for range 2 {
			if err := runMany(eng, cache, n); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		st := cache.Stats()
		if made := st["translated_modules"]; c.some && made == 0 || c.none && made != 0 {
			t.Errorf("%s: %d modules were translated", c.name, made)
		}
		if c.none && st["ahead_modules"] != int64(len(mods)) {
			t.Errorf("%s: %d of %d modules were used", c.name, st["ahead_modules"], len(mods))
		}
		if c.ahead.broken && st["ahead_failed"] == 0 {
			t.Errorf("%s: nothing is counted", c.name)
		}
		eng.Close()
	}
}

// TestAheadRest: what was not executed is in modules of its own.
func TestAheadRest(t *testing.T) {
	hot, all := record(t, 10, 1<<20, false), record(t, 10, 1<<20, true)
	for _, m := range hot {
		if m.Rest {
			t.Error("a module of the rest, unasked for")
		}
	}
	if len(all) < len(hot) {
		t.Errorf("%d modules with the rest, %d without", len(all), len(hot))
	}
}

// TestAheadForm: code of another form, or for another way to multiply, is not found.
func TestAheadForm(t *testing.T) {
	mods := record(t, 10, 1<<20, false)
	for _, change := range []func(m *AheadModule){
		func(m *AheadModule) { m.Form.Faults = true },
		func(m *AheadModule) { m.Form.Hidden++ },
		func(m *AheadModule) { m.Unit.Digest[0]++ },
		func(m *AheadModule) { m.Unit.Offset += 4 },
		func(m *AheadModule) { m.Madd = RelaxedMadd },
	} {
		other := append([]MadeAhead(nil), mods...)
		for i := range other {
			change(&other[i].AheadModule)
		}
		eng := newEngine(t)
		cache := NewCache(eng, Options{Ahead: &madeAhead{mods: other}})
		if err := runMany(eng, cache, 10); err != nil {
			t.Error(err)
		}
		if n := cache.Stats()["ahead_modules"]; n != 0 {
			t.Errorf("%d modules of another kind were used", n)
		}
	}
}
