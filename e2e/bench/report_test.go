package main

import (
	"math"
	"strings"
	"testing"
)

func TestMeans(t *testing.T) {
	rep := &report{Runners: []string{"native", "qemu", "boxer"}, Kernels: []kernel{
		{Name: "a", Kind: "loop", Times: map[string]*timing{"native": {Best: 100}, "qemu": {Best: 400}, "boxer": {Best: 200}}},
		{Name: "b", Kind: "call", Times: map[string]*timing{"native": {Best: 100}, "qemu": {Best: 900}, "boxer": {Best: 800}}},
		{Name: "c", Kind: "fma", Times: map[string]*timing{"native": {Best: 1}, "qemu": {Best: 100}, "boxer": {Best: 160}}},
		{Name: "d", Kind: "loop", Times: map[string]*timing{"native": {Best: 100}, "qemu": {Best: 100}}}, // failed under boxer
	}}
	var out strings.Builder
	rep.print(&out)
	for _, want := range []struct {
		group, runner, base string
		ratio               float64
		n                   int
		met                 bool
	}{
		{"all", "boxer", "native", 4, 2, false},
		{"all", "boxer", "qemu", math.Sqrt(0.5 * 8 / 9), 2, false},
		{"all", "qemu", "native", math.Cbrt(36), 3, false},
		{"loop", "boxer", "qemu", 0.5, 1, false},
		{"fma", "boxer", "qemu", 1.6, 1, false},
	} {
		found := false
		for _, m := range rep.Means {
			if m.Group == want.group && m.Runner == want.runner && m.Base == want.base {
				found = true
				if math.Abs(m.Ratio-want.ratio) > 1e-9 || m.N != want.n || m.Met != want.met {
					t.Errorf("%+v, want %+v", m, want)
				}
			}
		}
		if !found {
			t.Errorf("no mean for %+v", want)
		}
	}
	for _, want := range []string{"d            loop     0.00ms     1.00x    failed", "at most 2.70; MISSED"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, &out)
		}
	}
}
