package wazero

import (
	"os"
	"testing"

	"boxer/runtime/engine"
	"boxer/runtime/engine/enginetest"
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
	if err := chmodPrivate(dir); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		enginetest.Run(t, func(t *testing.T) engine.Engine { return newEngine(t, Config{CacheDir: dir}) })
	}
}

func chmodPrivate(dir string) error { return os.Chmod(dir, 0o700) }
