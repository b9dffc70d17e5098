package wazero

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"

	"boxer/runtime/engine"
)

// compiled is what the engine holds of a module: its code, and the note of who compiled
// it (engine.Keeper).
type compiled struct {
	wazero.CompiledModule
	note []byte
}

// module is a compiled module.
type module = engine.CachedModule[compiled]

// manyFunctions is the module size in bytes from which several workers pay.
const manyFunctions = 32 << 10

// Compile implements engine.Engine.
func (e *Engine) Compile(bin []byte) (engine.Module, error) {
	return e.CompileKept(sha256.Sum256(bin), bin, nil)
}

// CompileKept implements engine.Keeper.
func (e *Engine) CompileKept(key [32]byte, bin, note []byte) (engine.Module, error) {
	m, err := e.modules.CompileAs(key, int64(len(bin)), func() (compiled, error) {
		if c, err := e.recall(key); err == nil {
			return c, nil
		}
		return e.compile(key, bin, note)
	})
	if errors.Is(err, errNotKept) { // somebody's Recall came in between
		return e.CompileKept(key, bin, note)
	}
	if err != nil {
		return nil, err // not a nil pointer in the interface
	}
	return m, nil
}

var errNotKept = errors.New("not kept")

// Recall implements engine.Keeper.
func (e *Engine) Recall(key [32]byte) (m engine.Module, note []byte, ok bool) {
	c, err := e.modules.CompileAs(key, recalledSize, func() (compiled, error) { return e.recall(key) })
	if err != nil {
		return nil, nil, false
	}
	return c, c.Code().note, true
}

// recalledSize is what a module counts for whose binary was not seen.
const recalledSize = 32 << 10

// recall takes a module from the directory: wazero is given the module's shell,
// and the code that belongs to it when it asks its cache.
func (e *Engine) recall(key [32]byte) (c compiled, err error) {
	if e.disk == nil {
		return c, errNotKept
	}
	entry, ok := e.disk.get(key)
	if !ok {
		return c, errNotKept
	}
	defer entry.close()
	l := e.disk.begin(entry)
	code, err := e.rt.CompileModule(context.Background(), entry.shell)
	l.end()
	if err == nil && l.added != nil {
		// wazero did not want the code (another version's) and compiled the shell.
		code.Close(context.Background())
		err = errNotKept
	}
	if err != nil {
		e.disk.reject(key)
		return c, errNotKept
	}
	return compiled{code, entry.note}, nil
}

// compile compiles bin and keeps the code in the directory.
func (e *Engine) compile(key [32]byte, bin, note []byte) (c compiled, err error) {
	// wazero panics where its compiler finds its own limits exceeded.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("compile module: %s failed: %v", name(), r)
		}
	}()
	ctx := context.Background()
	if e.workers > 1 && len(bin) >= manyFunctions {
		ctx = experimental.WithCompilationWorkers(ctx, e.workers)
	}
	var l *lookup
	if e.disk != nil {
		l = e.disk.begin(nil)
		defer l.end()
	}
	code, err := e.rt.CompileModule(ctx, bin)
	if err != nil {
		return c, fmt.Errorf("compile module: %w", err)
	}
	if l != nil && len(l.added) >= diskMinEntry {
		e.disk.put(key, bin, note, l.added)
	}
	return compiled{code, note}, nil
}
