//go:build js

// Package random is a page's source of random numbers. Go's crypto/rand has the same
// source there, and costs the core 45 KB after brotli (AES, SHA-3, a generator of its
// own, math/big).
package random

import (
	"io"
	"syscall/js"
)

// Reader reads what crypto.getRandomValues of the page, or of Node, gives. It never
// fails: a host without it has no Web Crypto, and panics at once.
var Reader io.Reader = reader{}

type reader struct{}

// most is how many bytes the host gives at a time.
const most = 65536

var (
	crypto     = js.Global().Get("crypto")
	uint8Array = js.Global().Get("Uint8Array")
)

// Read implements io.Reader.
func (reader) Read(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), most)
		a := uint8Array.New(n)
		crypto.Call("getRandomValues", a)
		js.CopyBytesToGo(rest[:n], a)
		rest = rest[n:]
	}
	return len(p), nil
}
