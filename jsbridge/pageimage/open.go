//go:build js

// Package pageimage opens images for a box in a page: package remote over the
// page's fetch, JSON.parse and Cache API.
package pageimage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall/js"
	"time"

	"boxer/jsbridge/loop"
	"boxer/jsbridge/port"
	"boxer/runtime/oci/remote"
)

// Options of Open.
type Options struct {
	// Base is what a relative address is relative to.
	Base string
	// Progress is told of bytes; Failed of parts of the image that a program read
	// and that could not be had. Both may be nil.
	Progress func(done, total int64)
	Failed   func(error)
}

// budget is how many bytes of the image's unpacked parts are kept in Go's
// memory.
const budget = 32 << 20

// Open opens the image that v says: {url} or {bytes}, an ArrayBuffer or
// Uint8Array, which is read where it is.
func Open(ctx context.Context, v js.Value, opt Options) (*remote.Image, error) {
	if v.Type() != js.TypeObject {
		return nil, ErrNoImage
	}
	o := remote.Options{
		Client: Client{}, ParseJSON: ParseJSON, Sleep: sleep, MayWait: loop.MayWait,
		Progress: opt.Progress, Failed: opt.Failed, Budget: budget,
	}
	if r, ok := port.NewReader(v.Get("bytes")); ok {
		o.Archive, o.Size = r, r.Size()
		return remote.Open(ctx, o)
	}
	url := port.Text(v.Get("url"))
	if url == "" {
		return nil, ErrNoImage
	}
	if opt.Base != "" && !strings.Contains(url, ":") {
		at, err := catch(func() js.Value { return js.Global().Get("URL").New(url, opt.Base) })
		if err != nil {
			return nil, fmt.Errorf("image %q is no address: %w", url, err)
		}
		url = at.Get("href").String()
	}
	o.URL = url
	if s := openStore(); s != nil { // else nil, and not a nil of *store
		o.Store = s
	}
	return remote.Open(ctx, o)
}

// ErrNoImage is the error of nothing.
var ErrNoImage = errors.New("no image: give Box.create an image, a URL or its bytes")

// sleep is time.Sleep as an event that others can see is waited for.
func sleep(ctx context.Context, d time.Duration) error {
	promise := js.Global().Get("Promise")
	executor := js.FuncOf(func(_ js.Value, args []js.Value) any {
		js.Global().Call("setTimeout", args[0], d.Milliseconds())
		return nil
	})
	defer executor.Release()
	if _, err := loop.Await(promise.New(executor)); err != nil {
		return err
	}
	return ctx.Err()
}

// catch returns what f throws as an error.
func catch(f func() js.Value) (v js.Value, err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case js.Error:
			err = loop.Error(e.Value)
		default:
			panic(e)
		}
	}()
	return f(), nil
}
