package wazero

import (
	"path/filepath"
	"testing"

	"boxer/runtime/engine"
)

// f calls the export of a module made by returns.
func f(t *testing.T, e *Engine, m engine.Module) int32 {
	t.Helper()
	inst := must(e.Instantiate(m, nil))(t)
	defer inst.Close()
	stack := make([]uint64, 1)
	if err := must(inst.Func("f"))(t).Call(stack); err != nil {
		t.Fatal(err)
	}
	return int32(stack[0])
}

// TestRecall: modules whose shells are equal are told apart by key, in one run and in the next.
func TestRecall(t *testing.T) {
	cfg := Config{CacheDir: filepath.Join(t.TempDir(), "cache")}
	e := newEngine(t, cfg)
	if _, _, ok := e.Recall([32]byte{1}); ok {
		t.Error("recalled what was never compiled")
	}
	for i := range byte(3) {
		m := must(e.CompileKept([32]byte{i}, returns(int32(i)+10), []byte{i, i}))(t)
		if got := f(t, e, m); got != int32(i)+10 {
			t.Errorf("compiled %d: f() = %d", i, got)
		}
	}
	for _, e := range []*Engine{e, newEngine(t, cfg)} {
		for i := range byte(3) {
			m, note, ok := e.Recall([32]byte{i})
			if !ok || string(note) != string([]byte{i, i}) {
				t.Fatalf("Recall(%d): note %v, %v", i, note, ok)
			}
			if got := f(t, e, m); got != int32(i)+10 {
				t.Errorf("recalled %d: f() = %d", i, got)
			}
		}
		if _, _, ok := e.Recall([32]byte{9}); ok {
			t.Error("recalled what was never compiled")
		}
	}
}

func TestShell(t *testing.T) {
	bin := returns(1)
	a, ok := shell(bin, [32]byte{1})
	b, _ := shell(returns(2), [32]byte{2})
	if !ok || string(a) == string(b) {
		t.Error("shells of two modules are equal")
	}
	for n := range bin {
		shell(bin[:n], [32]byte{}) // must not panic
	}
	if _, ok := shell(bin[:len(bin)-1], [32]byte{}); ok {
		t.Error("a truncated module has a shell")
	}
}
