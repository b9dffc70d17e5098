package box_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"boxer/e2e/guests"
	"boxer/runtime/abi"
	"boxer/runtime/box"
	"boxer/runtime/oci"
	"boxer/runtime/oci/spec"
	"boxer/wasmfs/persist"
)

// kept makes a box that keeps what is written in store.
func kept(t *testing.T, store persist.Store, serial bool) *box.Box {
	return keep(t, serial, func(c *box.Config) {
		c.Hostname = "kept"
		c.Persist = &box.Persist{Name: "home", Store: store}
	})
}

// TestPersist: a box goes on where the one before it was synced, and its files
// are the same whoever looks.
func TestPersist(t *testing.T) {
	for _, serial := range []bool{false, true} {
		store := &persist.Mem{}
		b := kept(t, store, serial)
		st, out := sh(t, b, `
			mkdir -p /home/me && cd /home/me && echo one > f && ln f g && ln -s f l && chmod 600 f && chown 5:6 f
			dd if=/dev/zero of=big bs=64k count=20 2>/dev/null; echo end >> big
			rm /etc/passwd; mv /etc/group /moved; mkfifo p; touch -d @1000000000 g
			sync; echo done`, nil)
		if out != "done\n" {
			t.Fatalf("serial %v: %v, %q", serial, st, out)
		}
		want, err := b.TreeHash()
		if err != nil {
			t.Fatal(err)
		}
		if n := b.Stats()["kept_bytes"]; n < 20*64<<10 {
			t.Errorf("kept_bytes = %d", n)
		}
		next := kept(t, store.Copy(), serial)
		if got, err := next.TreeHash(); got != want || err != nil {
			t.Errorf("serial %v: the tree's hash is %s, want %s (%v)", serial, got, want, err)
		}
		if _, err := next.Stat("/etc/passwd"); !errors.Is(err, abi.ENOENT) {
			t.Errorf("the removed file: %v", err)
		}
		_, out = sh(t, next, "test -s /moved && cd /home/me; cat f g l; tail -c4 big; stat -c '%a %u %h %Y' f; wc -c < big", nil)
		if want := "one\none\none\nend\n600 5 2 1000000000\n1310724\n"; out != want {
			t.Errorf("serial %v: %q, want %q", serial, out, want)
		}
	}
}

// TestPersistRefused: what cannot be opened says why, and is left alone.
func TestPersistRefused(t *testing.T) {
	store := &persist.Mem{}
	b := kept(t, store, false)
	if err := b.WriteFile("/f", []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := b.Sync(); err != nil {
		t.Fatal(err)
	}
	refused := func(what, want string, edit func(*box.Config)) {
		t.Helper()
		image, err := oci.Open(guests.Busybox(t), oci.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer image.Close()
		layers, err := image.OpenLayers()
		if err != nil {
			t.Fatal(err)
		}
		c := box.Config{Engine: shared.engine(t), Image: image.Spec(), Layers: layers, Keep: true, Random: rand.Reader,
			Persist: &box.Persist{Name: "home", Store: store.Copy()}}
		edit(&c)
		_, err = box.Create(c)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", what, err, want)
		}
	}
	refused("another image", "another image", func(c *box.Config) {
		image := *c.Image
		image.Layers = []spec.Digest{"sha256:0000"}
		c.Image = &image
	})
	refused("damaged", "are damaged", func(c *box.Config) {
		s := store.Copy()
		s.Set("head", []byte("nonsense"))
		c.Persist.Store = s
	})
}
