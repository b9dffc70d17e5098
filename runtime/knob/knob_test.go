package knob

import (
	"strings"
	"testing"
)

var (
	beta  = New("test-beta", "for the tests")
	alpha = New("test-alpha", "for the tests too")
	gamma = New("test-gamma", "stays off")
)

func TestSet(t *testing.T) {
	if alpha.Enabled() || beta.Enabled() {
		t.Fatal("on before Set")
	}
	if err := Set(""); err != nil {
		t.Fatal(err)
	}
	if err := Set(" test-alpha,,test-beta "); err != nil {
		t.Fatal(err)
	}
	if !alpha.Enabled() || !beta.Enabled() || gamma.Enabled() {
		t.Errorf("alpha %v, beta %v, gamma %v; want true, true, false", alpha.Enabled(), beta.Enabled(), gamma.Enabled())
	}
}

func TestSetUnknown(t *testing.T) {
	known := New("test-delta", "turned on beside unknown ones")
	err := Set("nonsense,test-delta,more nonsense")
	if err == nil || !strings.Contains(err.Error(), `"nonsense", "more nonsense"`) || strings.Contains(err.Error(), "test-delta") {
		t.Errorf("error %v; want one that names both unknown switches and no other", err)
	}
	if !known.Enabled() {
		t.Error("a known switch beside unknown ones was not turned on")
	}
}

func TestAll(t *testing.T) {
	var names []string
	for _, k := range All() {
		if k.Purpose() == "" {
			t.Errorf("%s has no purpose", k.Name())
		}
		names = append(names, k.Name())
	}
	if got := strings.Join(names, " "); !strings.HasPrefix(got, "test-alpha test-beta ") {
		t.Errorf("All is %q; want it sorted by name", got)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, name := range []string{"", "a,b", "a b", "test-alpha"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("New(%q) did not panic", name)
				}
			}()
			New(name, "x")
		}()
	}
}

func BenchmarkEnabled(b *testing.B) {
	for b.Loop() {
		if gamma.Enabled() {
			b.Fatal("on")
		}
	}
}
