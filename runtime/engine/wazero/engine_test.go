package wazero

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"boxer/runtime/engine"
	"boxer/runtime/engine/enginetest"
	"boxer/runtime/wasm"
)

func newEngine(t testing.TB, cfg Config) *Engine {
	t.Helper()
	e, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func TestEngine(t *testing.T) {
	enginetest.Run(t, func(t *testing.T) engine.Engine { return newEngine(t, Config{}) })
}

// TestEngineWithCache runs the suite on compiled code that comes from files.
func TestEngineWithCache(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		enginetest.Run(t, func(t *testing.T) engine.Engine { return newEngine(t, Config{CacheDir: dir}) })
	}
}

// TestHostPanic: a bug in a host function is not passed off as a trap.
func TestHostPanic(t *testing.T) {
	e := newEngine(t, Config{})
	var m wasm.Module
	imp := m.ImportFunc("h", "h", m.FuncType(nil, nil))
	m.ExportFunc("f", imp)
	g := m.Func(m.FuncType(nil, nil))
	var c wasm.Code
	c.Reset(0)
	c.Call(imp)
	c.End()
	m.Body(g, &c)
	m.ExportFunc("g", g)
	for name, fn := range map[string]func([]uint64){
		"runtime error": func([]uint64) { var p *int; *p = 1 },
		"error":         func([]uint64) { panic(errors.New("unreachable code reached")) },
		"text":          func([]uint64) { panic("BUG: text") },
	} {
		t.Run(name, func(t *testing.T) {
			host, err := e.NewHost([]engine.HostFunc{{Name: "h", Fn: fn}})
			if err != nil {
				t.Fatal(err)
			}
			mod, err := e.Compile(m.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			inst, err := e.Instantiate(mod, engine.Imports{"h": host})
			if err != nil {
				t.Fatal(err)
			}
			f, err := inst.Func("g")
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "BUG: host function panicked") {
					t.Errorf("recovered %v", r)
				}
			}()
			err = f.Call(nil)
			t.Errorf("Call returned %v", err)
		})
	}
}
