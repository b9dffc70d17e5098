//go:build js

// Package translations loads the modules that came with an image in the page's way: from their own
// addresses, compiled while they arrive (compileStreaming), so that the browser keeps the
// machine code with its copy of the file. The browser checks each file's SHA-256 before it hands it on
// (fetch's integrity), also where a page has no crypto.subtle.
package translations

import (
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"syscall/js"

	"boxer/jsbridge/loop"
	"boxer/jsbridge/wasmhost"
	"boxer/runtime/engine"
	"boxer/runtime/translate"
	"boxer/runtime/translate/ahead"
)

// Loading is a set of translations on its way.
type Loading struct {
	wg   sync.WaitGroup
	mu   sync.Mutex
	errs []error
}

// Load fetches those modules of set that are for a profile, from addresses that begin with base, all at once, and
// provides each when it is there. rest chooses between those that were executed when
// they were recorded and their neighbours. progress, if not nil, is called with the bytes of each.
func Load(eng *wasmhost.Engine, set *ahead.Set, base string, p *translate.Profile, rest bool, progress func(n int)) *Loading {
	l := &Loading{}
	if !set.Fits(p) {
		return l
	}
	for _, m := range set.Modules {
		if m.Rest != rest || !m.Fits(p) {
			continue
		}
		l.wg.Add(1)
		go func() {
			defer l.wg.Done()
			if err := load(eng, set, m, base); err != nil {
				l.mu.Lock()
				l.errs = append(l.errs, fmt.Errorf("%s: %w", base+m.Name, err))
				l.mu.Unlock()
				return
			}
			if progress != nil {
				progress(m.Size)
			}
		}()
	}
	return l
}

// Size is how many bytes Load will fetch.
func Size(set *ahead.Set, p *translate.Profile, rest bool) (n int) {
	if !set.Fits(p) {
		return 0
	}
	for _, m := range set.Modules {
		if m.Rest == rest && m.Fits(p) {
			n += m.Size
		}
	}
	return n
}

// Wait waits until all are there or failed. What failed is translated in the page instead; the error says
// why.
func (l *Loading) Wait() error {
	l.wg.Wait()
	return errors.Join(l.errs...)
}

// exports is what a code module exports.
var exports = wasmhost.Export{Name: translate.AheadInit, Params: []engine.ValType{engine.I32}}

func load(eng *wasmhost.Engine, set *ahead.Set, m *ahead.Module, base string) error {
	compiled, err := compile(base+m.Name, m.Sum)
	if err != nil {
		return err
	}
	mod, err := eng.Adopt(compiled, m.Sum, m.Size, exports)
	if err != nil {
		return err
	}
	set.Provide(m, mod)
	return nil
}

// compile loads a module whose file has the digest sum.
func compile(url string, sum [32]byte) (js.Value, error) {
	wasm := js.Global().Get("WebAssembly")
	fetch := func() js.Value {
		return js.Global().Call("fetch", url, map[string]any{"integrity": "sha256-" + base64.StdEncoding.EncodeToString(sum[:])})
	}
	// Where the server does not call it application/wasm, and where a browser does not compile streams, it
	// is fetched again, from the browser's cache.
	if wasm.Get("compileStreaming").Type() == js.TypeFunction {
		if m, err := loop.Await(wasm.Call("compileStreaming", fetch())); err == nil {
			return m, nil
		}
	}
	answer, err := loop.Await(fetch())
	if err != nil {
		return js.Value{}, err
	}
	if !answer.Get("ok").Bool() {
		return js.Value{}, fmt.Errorf("the server answers %d", answer.Get("status").Int())
	}
	bin, err := loop.Await(answer.Call("arrayBuffer"))
	if err != nil {
		return js.Value{}, err
	}
	return loop.Await(wasm.Call("compile", bin))
}
