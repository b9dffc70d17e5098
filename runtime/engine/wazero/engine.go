// Package wazero is the engine of servers: engine.Engine over
// github.com/tetratelabs/wazero, a compiler in pure Go for amd64 and arm64
// (elsewhere it interprets).
//
// One Engine is one wazero Runtime. What it adds to it:
//
//   - compiled modules cached by content, in memory (engine.ModuleCache) and
//     in a directory that is private, verified and bounded (diskcache.go),
//     from where it is loaded without its Wasm (engine.Keeper);
//   - memories that are reservations of address space (memory.go): growth
//     never copies, and pages are given back to the host;
//   - traps by kind (trap.go).
//
// Code lives as long as something can reach it: wazero ties it to Go objects,
// so code in a table outlives the instance that put it there.
//
// Running Wasm code cannot be stopped from outside and holds up Go's garbage
// collector (wazero compiles no safe points): whoever runs guest code must
// give it fuel. WithCloseOnContextDone is never used; it costs a factor of 4.
//
// Lock order: Engine.mu is a leaf; it is not held while compiling, linking or
// running.
package wazero

import (
	"context"
	"fmt"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"
	"unsafe"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"boxer/runtime/diskstore"
	"boxer/runtime/engine"
)

// Config says how to make an Engine. The zero Config is usable.
type Config struct {
	// CacheDir is where compiled code is kept between runs; it is created if
	// it does not exist. Empty: nothing is kept. What lies there is executed,
	// so a directory that others own or can write to is refused.
	CacheDir string
	// CacheSize is about how many bytes of compiled code CacheDir may hold;
	// the least recently used goes first. 0: 512 MiB.
	CacheSize int64
	// KeepSize is how many bytes of Wasm modules stay compiled in memory
	// while nobody uses them. 0: 32 MiB.
	KeepSize int64
	// Workers is how many goroutines compile one large module. 0: 2.
	Workers int
}

// Engine implements engine.Engine.
type Engine struct {
	rt      wazero.Runtime
	cache   wazero.CompilationCache
	disk    *diskCache // nil without a directory
	workers int
	modules *engine.ModuleCache[compiled]
	pages   pageMap

	mu       sync.Mutex
	memories map[*memory]struct{} // open ones, for Close
	closed   bool
}

// features are what the translator emits: core 2.0 (SIMD among it), atomics
// and tail calls.
const features = api.CoreFeaturesV2 | experimental.CoreFeaturesThreads | experimental.CoreFeaturesTailCall

// New makes an engine. It fails only where cfg.CacheDir cannot be used.
func New(cfg Config) (*Engine, error) {
	e := &Engine{workers: cfg.Workers, memories: map[*memory]struct{}{}}
	if e.workers <= 0 {
		e.workers = 2
	}
	keep := cfg.KeepSize
	if keep <= 0 {
		keep = 32 << 20
	}
	e.modules = engine.NewModuleCache(keep, nil, func(c compiled) { c.Close(context.Background()) })
	e.cache = wazero.NewCompilationCache()
	if cfg.CacheDir != "" {
		size := cfg.CacheSize
		if size <= 0 {
			size = 512 << 20
		}
		disk, err := openDiskCache(cfg.CacheDir, size)
		if err != nil {
			return nil, err
		}
		if err := attach(e.cache, disk); err != nil {
			disk.store.Close()
			return nil, err
		}
		e.disk = disk
	}
	e.pages.open()
	e.rt = wazero.NewRuntimeWithConfig(context.Background(), wazero.NewRuntimeConfig().
		WithCoreFeatures(features).
		WithCompilationCache(e.cache).
		WithDebugInfoEnabled(false))
	if e.disk != nil {
		if ok, err := e.disk.identify(e.rt); err != nil || !ok {
			e.disk.store.Close()
			e.disk = nil
			return e, err
		}
	}
	return e, nil
}

// attach makes wazero keep compiled code in disk instead of a directory of
// its own. wazero's directory is not fit for us: a flipped bit among a file's
// function offsets is not noticed and becomes a jump to anywhere, a count
// read from the file sizes an allocation, a truncated file fails the
// compilation, each entry costs an fsync and a system call per function, and
// nothing is ever evicted. Its cache interface has only plain Go types, but
// the field that holds one is not exported, hence the reflection;
// TestDiskCache fails if a new wazero moves it.
func attach(c wazero.CompilationCache, disk *diskCache) error {
	v := reflect.ValueOf(c)
	if v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct {
		f := v.Elem().FieldByName("fileCache")
		if f.IsValid() && f.Kind() == reflect.Interface && reflect.TypeFor[*diskCache]().Implements(f.Type()) {
			reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem().Set(reflect.ValueOf(disk))
			return nil
		}
	}
	return fmt.Errorf("%s: its compilation cache has no place for boxer's", name())
}

// name is computed once: reading the build information takes a while.
var name = sync.OnceValue(func() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == "github.com/tetratelabs/wazero" {
				return "wazero " + strings.TrimPrefix(d.Version, "v")
			}
		}
	}
	return "wazero"
})

// Name is "wazero" and its version.
func (e *Engine) Name() string { return name() }

// Suspends implements engine.Suspender: Wasm code runs on its caller's
// goroutine.
func (e *Engine) Suspends() bool { return true }

// CacheStats counts what became of look-ups in the cache directory.
type CacheStats = diskstore.Stats

// CacheStats returns the counters of the cache directory.
func (e *Engine) CacheStats() CacheStats {
	if e.disk == nil {
		return CacheStats{}
	}
	return e.disk.store.Stats()
}

// Close implements engine.Engine. Memory that is still open gives its pages
// back; address space follows when the garbage collector finds it unused.
func (e *Engine) Close() error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	mems := e.memories
	e.memories = nil
	e.mu.Unlock()
	e.modules.Close()

	ctx := context.Background()
	err := e.rt.Close(ctx)
	if cerr := e.cache.Close(ctx); err == nil {
		err = cerr
	}
	for m := range mems {
		m.release()
	}
	e.pages.close()
	if e.disk != nil {
		e.disk.store.Close()
	}
	return err
}

var (
	_ engine.Engine    = (*Engine)(nil)
	_ engine.Suspender = (*Engine)(nil)
	_ engine.Keeper    = (*Engine)(nil)
)
