package wazero

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"

	"boxer/runtime/engine"
)

// module is a compiled module.
type module = engine.CachedModule[wazero.CompiledModule]

// manyFunctions is the module size in bytes from which several workers pay.
const manyFunctions = 32 << 10

// Compile implements engine.Engine.
func (e *Engine) Compile(bin []byte) (engine.Module, error) {
	m, err := e.modules.Compile(bin)
	if err != nil {
		return nil, err // not a nil pointer in the interface
	}
	return m, nil
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
