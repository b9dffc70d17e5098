package wazero

import (
	"container/list"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"

	"boxer/runtime/engine"
)

// compiled is one module's code, shared by all who compiled the same bytes.
type compiled struct {
	key  [32]byte
	size int64
	once sync.Once // guards the compilation
	code wazero.CompiledModule
	err  error

	// Guarded by Engine.mu.
	users int
	idle  *list.Element // in Engine.idle while users is 0
}

// module is one user's reference to a compiled module.
type module struct {
	e     *Engine
	c     *compiled
	close sync.Once
}

// manyFunctions is the module size in bytes from which several workers pay.
const manyFunctions = 32 << 10

// Compile implements engine.Engine.
func (e *Engine) Compile(bin []byte) (engine.Module, error) {
	c, err := e.take(sha256.Sum256(bin), int64(len(bin)))
	if err != nil {
		return nil, err
	}
	c.once.Do(func() { c.code, c.err = e.compile(bin) })
	if c.err != nil {
		e.drop(c)
		return nil, c.err
	}
	return &module{e: e, c: c}, nil
}

func (e *Engine) compile(bin []byte) (code wazero.CompiledModule, err error) {
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
	code, err = e.rt.CompileModule(ctx, bin)
	if err != nil {
		return nil, fmt.Errorf("compile module: %w", err)
	}
	return code, nil
}

// take finds or makes the entry for a module and counts a user.
func (e *Engine) take(key [32]byte, size int64) (*compiled, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, errClosed
	}
	c := e.modules[key]
	if c == nil {
		c = &compiled{key: key, size: size}
		e.modules[key] = c
	} else if c.idle != nil {
		e.unlinkIdle(c)
	}
	c.users++
	return c, nil
}

// drop counts a user less. Code without users stays for the next one while
// there is room: a short process's modules are wanted again by the next.
func (e *Engine) drop(c *compiled) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.users--; c.users > 0 || e.closed {
		return
	}
	if c.err != nil {
		delete(e.modules, c.key)
		return
	}
	c.idle = e.idle.PushBack(c)
	e.idleSize += c.size
	for e.idleSize > e.keepSize {
		old := e.idle.Front().Value.(*compiled)
		e.unlinkIdle(old)
		delete(e.modules, old.key)
		old.code.Close(context.Background())
	}
}

// unlinkIdle takes c off the idle list. Preconditions: e.mu is held.
func (e *Engine) unlinkIdle(c *compiled) {
	e.idle.Remove(c.idle)
	c.idle = nil
	e.idleSize -= c.size
}

// Close implements engine.Module.
func (m *module) Close() error {
	m.close.Do(func() { m.e.drop(m.c) })
	return nil
}

var errClosed = errors.New("the engine is closed")
