package wazero

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"boxer/runtime/engine"
)

// anonymous instances are never found by name, and nothing is run at start
// beside the start section. They have no use for random numbers; unless it is told where they come from,
// wazero seeds a generator for each instance, half the time that it takes to make one.
var anonymous = wazero.NewModuleConfig().WithName("").WithStartFunctions().WithRandSource(rand.Reader)

// instance is a module, a memory or a set of host functions.
type instance struct {
	mod    api.Module
	host   map[string]func([]uint64) // host functions only
	mems   []*memory                 // reachable through its imports
	closed atomic.Bool
}

// Instantiate implements engine.Engine.
func (e *Engine) Instantiate(m engine.Module, imports engine.Imports) (engine.Instance, error) {
	mod, ok := m.(*module)
	if !ok {
		return nil, fmt.Errorf("instantiate: a %T is not a module of this engine", m)
	}
	inst := &instance{}
	linked := make(map[string]api.Module, len(imports))
	for name, imp := range imports {
		from, ok := imp.(*instance)
		if !ok {
			return nil, fmt.Errorf("instantiate: import module %q: a %T is not an instance of this engine", name, imp)
		}
		if from.closed.Load() {
			return nil, fmt.Errorf("instantiate: import module %q: %w", name, errInstanceClosed)
		}
		linked[name] = from.mod
		for _, mem := range from.mems {
			inst.hold(mem)
		}
	}
	ctx := experimental.WithImportResolver(context.Background(), func(name string) api.Module {
		if mod := linked[name]; mod != nil {
			return mod
		}
		return nil // not a nil pointer in the interface
	})
	var err error
	if inst.mod, err = e.rt.InstantiateModule(ctx, mod.Code().CompiledModule, anonymous); err != nil {
		inst.letGo()
		if t := trapOf(err); t != nil {
			return nil, t
		}
		return nil, fmt.Errorf("instantiate: %w", err)
	}
	return inst, nil
}

// hold counts i among the users of mem, once.
func (i *instance) hold(mem *memory) {
	for _, m := range i.mems {
		if m == mem {
			return
		}
	}
	mem.link()
	i.mems = append(i.mems, mem)
}

func (i *instance) letGo() {
	for _, m := range i.mems {
		m.unlink()
	}
}

// NewHost implements engine.Engine.
func (e *Engine) NewHost(fns []engine.HostFunc) (engine.Instance, error) {
	// The name is required, and unused: instances are linked by themselves.
	b := e.rt.NewHostModuleBuilder("host")
	host := make(map[string]func([]uint64), len(fns))
	for _, f := range fns {
		params, err := valueTypes(f.Params)
		if err != nil {
			return nil, fmt.Errorf("host function %s: %w", f.Name, err)
		}
		results, err := valueTypes(f.Results)
		if err != nil {
			return nil, fmt.Errorf("host function %s: %w", f.Name, err)
		}
		if host[f.Name] != nil {
			return nil, fmt.Errorf("host function %s: given twice", f.Name)
		}
		host[f.Name] = f.Fn
		b.NewFunctionBuilder().WithGoFunction(api.GoFunc(func(_ context.Context, stack []uint64) { f.Fn(stack) }), params, results).Export(f.Name)
	}
	ctx := context.Background()
	code, err := b.Compile(ctx)
	if err != nil {
		return nil, fmt.Errorf("host functions: %w", err)
	}
	mod, err := e.rt.InstantiateModule(ctx, code, anonymous)
	// The instance keeps its code by itself.
	if cerr := code.Close(ctx); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, fmt.Errorf("host functions: %w", err)
	}
	return &instance{mod: mod, host: host}, nil
}

// valueTypes checks ts; the encodings are wazero's own.
func valueTypes(ts []engine.ValType) ([]api.ValueType, error) {
	out := make([]api.ValueType, len(ts))
	for i, t := range ts {
		switch t {
		case engine.I32, engine.I64, engine.F32, engine.F64:
			out[i] = api.ValueType(t)
		default:
			return nil, fmt.Errorf("value type %#x cannot cross between Go and Wasm", byte(t))
		}
	}
	return out, nil
}

// Func implements engine.Instance. Each Func has a Wasm stack of its own.
func (i *instance) Func(name string) (engine.Func, error) {
	if i.closed.Load() {
		return nil, fmt.Errorf("function %q: %w", name, errInstanceClosed)
	}
	if i.host != nil {
		if fn := i.host[name]; fn != nil {
			return hostFunc(fn), nil
		}
	} else if f := i.mod.ExportedFunction(name); f != nil {
		return &function{inst: i, name: name, f: f}, nil
	}
	return nil, fmt.Errorf("no exported function %q", name)
}

// Close implements engine.Instance.
func (i *instance) Close() error {
	if !i.closed.CompareAndSwap(false, true) {
		return nil
	}
	err := i.mod.Close(context.Background())
	i.letGo()
	return err
}

var errInstanceClosed = errors.New("the instance is closed")

// hostFunc lets Go call a host function by way of its instance.
type hostFunc func([]uint64)

func (f hostFunc) Call(stack []uint64) error {
	f(stack)
	return nil
}

// function is an exported function and the stack it runs on.
type function struct {
	inst *instance
	name string
	f    api.Function
}

// Call implements engine.Func.
func (f *function) Call(stack []uint64) error {
	if f.inst.closed.Load() {
		return fmt.Errorf("function %q: %w", f.name, errInstanceClosed)
	}
	err := f.f.CallWithStack(context.Background(), stack)
	if err == nil {
		return nil
	}
	return f.failed(err)
}

// failed is apart so that Call stays small.
func (f *function) failed(err error) error {
	t := trapOf(err)
	if t == nil {
		return fmt.Errorf("function %q: %w", f.name, err)
	}
	if t.Kind == engine.TrapStackOverflow {
		// wazero's stacks grow to 100 MB and never shrink. A fresh one
		// lets the garbage collector have it.
		f.f = f.inst.mod.ExportedFunction(f.name)
	}
	return t
}
