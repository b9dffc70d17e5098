//go:build js

package pageimage

import (
	"encoding/hex"
	"syscall/js"

	"boxer/jsbridge/loop"
	"boxer/jsbridge/port"
)

// cacheName is the page's cache of members, and cacheURL where they seem to come
// from. Nothing is ever asked of that address.
const (
	cacheName = "boxer-chunks"
	cacheURL  = "https://chunks.boxer.invalid/sha256/"
)

// maxKept is how many members are kept, about 200 KB each: when there are more,
// the older half goes.
const maxKept = 3000

// A store keeps members of layers in the page's Cache API, as whole answers
// under their digests. It survives the page, the service worker's versions and
// most cleaning up; what it loses is fetched again.
type store struct{ cache js.Value }

// openStore opens it; nil where the page has none, as on insecure origins.
func openStore() *store {
	caches := port.Global("caches")
	if caches.Type() != js.TypeObject {
		return nil
	}
	promise, err := catch(func() js.Value { return caches.Call("open", cacheName) })
	if err != nil {
		return nil
	}
	cache, err := loop.Await(promise)
	if err != nil {
		return nil
	}
	s := &store{cache}
	go s.trim()
	return s
}

func address(sum [32]byte) string { return cacheURL + hex.EncodeToString(sum[:]) }

// Get implements remote.Store.
func (s *store) Get(sum [32]byte) []byte {
	answer, err := loop.Await(s.cache.Call("match", address(sum)))
	if err != nil || answer.Type() != js.TypeObject {
		return nil
	}
	data, err := loop.Await(answer.Call("arrayBuffer"))
	if err != nil {
		return nil
	}
	p, _ := port.Bytes(data)
	return p
}

// Put implements remote.Store. Nobody waits for it, and where there is no space
// nothing is kept.
func (s *store) Put(sum [32]byte, packed []byte) {
	answer := js.Global().Get("Response").New(port.Array(packed))
	s.cache.Call("put", address(sum), answer).Call("catch", ignore)
}

func (s *store) trim() {
	list, err := loop.Await(s.cache.Call("keys"))
	if err != nil || list.Length() <= maxKept {
		return
	}
	for i := range list.Length() / 2 { // the oldest come first
		s.cache.Call("delete", list.Index(i)).Call("catch", ignore)
	}
}
