package oci

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzOpen feeds whole archives to the readers: any input gives an image
// whose layers match their digests, or an error.
func FuzzOpen(f *testing.F) {
	k := newKit()
	k.index(k.image(LinuxArm64, gz, layerTar("a", "b")), k.image(WasiWasm, zst, layerTar("c", "d")))
	f.Add(k.tar())
	f.Add(gz(k.tar()))
	f.Add(zst(k.tar()))
	saved := newKit()
	saved.file("manifest.json", []byte(`[{"Config":"c.json","RepoTags":["a:b"],"Layers":["l"]}]`))
	saved.file("c.json", []byte(`{"os":"linux","architecture":"arm64","rootfs":{"diff_ids":["`+string(DigestBytes([]byte("l")))+`"]}}`))
	saved.file("l", []byte("l"))
	f.Add(saved.tar())
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := Open(path, Options{})
		if err != nil {
			return
		}
		defer m.Close()
		for _, l := range m.Layers() {
			tr, err := l.Open()
			if err != nil {
				continue
			}
			if err := verify("layer", l.DiffID(), io.NewSectionReader(tr, 0, tr.Size)); err != nil {
				t.Error(err)
			}
			tr.Close()
		}
	})
}

// FuzzTree feeds tars to the packer: what it takes, it can write, and what it
// wrote it reads as the same tree.
func FuzzTree(f *testing.F) {
	f.Add(layerTar("a/b", "c"))
	f.Add(layerTar(strings.Repeat("long/", 60)+"name", strings.Repeat("x", 1000)))
	f.Fuzz(func(t *testing.T, data []byte) {
		tree := NewTree()
		defer tree.Close()
		if tree.AddTar(bytes.NewReader(data)) != nil {
			return
		}
		tr, err := tree.Tar()
		if err != nil {
			return // a header that no tar format can hold
		}
		whole, err := io.ReadAll(io.NewSectionReader(tr, 0, tr.Size))
		if err != nil {
			t.Fatal(err)
		}
		again := NewTree()
		defer again.Close()
		if err := again.AddTar(bytes.NewReader(whole)); err != nil {
			t.Fatalf("what was packed cannot be read: %v", err)
		}
		if again.Len() != tree.Len() {
			t.Fatalf("%d entries became %d", tree.Len(), again.Len())
		}
	})
}
