package persist

import (
	"fmt"
	"testing"

	"boxer/wasmfs"
)

// BenchmarkRestore opens a store of 10,000 small files.
func BenchmarkRestore(b *testing.B) {
	store := &Mem{}
	g := mustOpen(b, store, nil)
	for i := range 10_000 {
		if i%100 == 0 {
			if err := g.ns.Mkdir(g.env, wasmfs.Path{}, fmt.Sprintf("/d%d", i/100), 0o755); err != nil {
				b.Fatal(err)
			}
		}
		g.mustWrite(fmt.Sprintf("/d%d/file-%d", i/100, i), "some contents\n")
	}
	g.sync()
	for b.Loop() {
		mustOpen(b, store, nil)
	}
}
