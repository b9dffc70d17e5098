//go:build js

package pageimage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall/js"
	"time"

	"boxer/jsbridge/loop"
	"boxer/jsbridge/port"
	"boxer/runtime/oci/remote"
)

// patience is how long nothing may come of an answer before it is given up.
const patience = 30 * time.Second

// Client is a remote.Client: the page's fetch.
type Client struct{}

// Get implements remote.Client. Of a range only the form bytes=a-b is used: it
// is allowed across origins without asking the server first.
func (Client) Get(ctx context.Context, url string, off, n int64, c remote.Caching) (*remote.Response, error) {
	options := map[string]any{"cache": [...]string{remote.Cached: "default", remote.Revalidated: "no-cache", remote.Reloaded: "reload"}[c]}
	if n >= 0 {
		options["headers"] = map[string]any{"Range": fmt.Sprintf("bytes=%d-%d", off, off+n-1)}
	}
	t := newTransfer(ctx)
	options["signal"] = t.abort.Get("signal")
	answer, err := t.await(func() js.Value { return js.Global().Call("fetch", url, options) })
	if err != nil {
		return nil, fmt.Errorf("%s cannot be fetched: %w%s", url, err, hint(url, err))
	}
	r := &remote.Response{Status: answer.Get("status").Int(), Size: -1}
	headers := answer.Get("headers")
	if length := headers.Call("get", "content-length"); length.Type() == js.TypeString && headers.Call("get", "content-encoding").IsNull() {
		if n := js.Global().Call("Number", length).Float(); n >= 0 && n <= 1<<53 {
			r.Size = int64(n)
		}
	}
	t.url = url
	if stream := answer.Get("body"); stream.Type() == js.TypeObject {
		t.reader = stream.Call("getReader")
	}
	r.Body = t
	return r, nil
}

// hint is what may be behind an error that a browser keeps to itself.
func hint(url string, err error) string {
	if errors.Is(err, errSilent) || errors.Is(err, context.Canceled) {
		return ""
	}
	location := js.Global().Get("location")
	at, e := catch(func() js.Value { return js.Global().Get("URL").New(url) })
	if e != nil || location.Type() != js.TypeObject {
		return ""
	}
	if own := port.Text(location.Get("origin")); port.Text(at.Get("origin")) != own {
		return fmt.Sprintf(" (the network is off, the server does not answer, or it does not send Access-Control-Allow-Origin: %s)", own)
	}
	return " (the network is off, or the server does not answer)"
}

// A transfer is a request and its answer's body.
type transfer struct {
	ctx    context.Context
	url    string
	abort  js.Value // an AbortController
	reader js.Value // of the body; undefined where there is none
	chunk  js.Value // a Uint8Array, of which at were read
	at     int
	size   int // of chunk
}

func newTransfer(ctx context.Context) *transfer {
	return &transfer{ctx: ctx, abort: js.Global().Get("AbortController").New()}
}

var errSilent = errors.New("the server sent nothing for 30 seconds")

// await waits for a promise of the request, and not for ever.
func (t *transfer) await(start func() js.Value) (js.Value, error) {
	if err := t.ctx.Err(); err != nil {
		return js.Value{}, err
	}
	timer := js.Global().Call("setTimeout", t.abort.Get("abort").Call("bind", t.abort), patience.Milliseconds())
	defer js.Global().Call("clearTimeout", timer)
	promise, err := catch(start)
	if err != nil {
		return js.Value{}, err
	}
	v, err := loop.Await(promise)
	if err != nil && t.abort.Get("signal").Get("aborted").Bool() {
		err = errSilent
	}
	return v, err
}

// Read implements io.Reader.
func (t *transfer) Read(p []byte) (int, error) {
	if t.reader.IsUndefined() {
		return 0, io.EOF
	}
	for t.at == t.size {
		v, err := t.await(func() js.Value { return t.reader.Call("read") })
		if err != nil {
			return 0, fmt.Errorf("%s: %w", t.url, err)
		}
		if v.Get("done").Bool() {
			return 0, io.EOF
		}
		t.chunk, t.at = v.Get("value"), 0
		t.size = t.chunk.Get("length").Int()
	}
	n := js.CopyBytesToGo(p, t.chunk.Call("subarray", t.at, min(t.size, t.at+len(p))))
	t.at += n
	return n, nil
}

// Close implements io.Closer: what has not come need not come.
func (t *transfer) Close() error {
	if !t.reader.IsUndefined() {
		t.reader.Call("cancel").Call("catch", ignore)
	}
	t.chunk, t.at, t.size = js.Undefined(), 0, 0
	t.reader = js.Undefined()
	return nil
}

// ignore is a handler of errors that do not matter.
var ignore = js.FuncOf(func(js.Value, []js.Value) any { return nil })

var _ remote.Client = Client{}
var _ io.ReaderAt = (*port.Reader)(nil)
