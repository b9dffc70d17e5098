package engine

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestModuleCache(t *testing.T) {
	var compiled, freed []string
	c := NewModuleCache(6, func(bin []byte) (string, error) {
		compiled = append(compiled, string(bin))
		if bin[0] == '!' {
			return "", errors.New("invalid")
		}
		return strings.ToUpper(string(bin)), nil
	}, func(code string) { freed = append(freed, code) })
	get := func(s string) *CachedModule[string] {
		t.Helper()
		m, err := c.Compile([]byte(s))
		if err != nil || m.Code() != strings.ToUpper(s) {
			t.Fatalf("Compile(%q): %v", s, err)
		}
		return m
	}
	check := func(wantCompiled, wantFreed string) {
		t.Helper()
		if got := strings.Join(compiled, " "); got != wantCompiled {
			t.Errorf("compiled %q, want %q", got, wantCompiled)
		}
		if got := strings.Join(freed, " "); got != wantFreed {
			t.Errorf("freed %q, want %q", got, wantFreed)
		}
		compiled, freed = nil, nil
	}

	a, a2 := get("aaa"), get("aaa")
	b := get("bbb")
	check("aaa bbb", "")
	a.Close()
	a.Close() // once only
	a2.Close()
	b.Close()
	get("ccc").Close() // pushes the oldest out
	check("ccc", "AAA")
	b = get("bbb") // still there; no longer idle
	get("ddd").Close()
	get("eee").Close()
	check("ddd eee", "CCC")
	b.Close()
	get("bbb").Close()
	check("", "DDD")

	for range 2 {
		if _, err := c.Compile([]byte("!")); err == nil || err.Error() != "invalid" {
			t.Errorf("error %v", err)
		}
	}
	check("! !", "")
	get("too long to keep").Close()
	check("too long to keep", "EEE BBB TOO LONG TO KEEP")

	b = get("bbb")
	c.Close()
	b.Close()
	if _, err := c.Compile([]byte("bbb")); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestModuleCacheParallel(t *testing.T) {
	var n atomic.Int64
	c := NewModuleCache(1, func(bin []byte) (int, error) {
		n.Add(1)
		return len(bin), nil
	}, func(int) {})
	var wg sync.WaitGroup
	mods := make([]*CachedModule[int], 16)
	for i := range mods {
		wg.Go(func() { mods[i], _ = c.Compile([]byte("the same")) })
	}
	wg.Wait()
	if n.Load() != 1 || slices.Contains(mods, nil) {
		t.Errorf("compiled %d times", n.Load())
	}
}
