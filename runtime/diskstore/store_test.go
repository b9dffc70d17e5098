package diskstore

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	s, err := Open(dir, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	key, value := Key{1}, []byte("value")
	if _, ok := s.Get(key); ok {
		t.Error("an empty store has a value")
	}
	s.Put(key, value)
	other, err := Open(dir, 1<<20) // as another process would
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if got, ok := other.Get(key); !ok || !bytes.Equal(got, value) {
		t.Errorf("got %q, %v", got, ok)
	}
	file := filepath.Join(dir, hex.EncodeToString(key[:]))
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		whole[i] ^= 4
		os.WriteFile(file, whole, 0o600)
		whole[i] ^= 4
		if got, ok := s.Get(key); ok {
			t.Errorf("byte %d damaged: got %q", i, got)
		}
	}
	s.Put(key, value)
	s.Remove(key)
	if _, ok := s.Get(key); ok {
		t.Error("a removed value is there")
	}
	if st := s.Stats(); st.Hits != 0 || st.Corrupt != int64(len(whole)) || st.Failed != 0 {
		t.Errorf("%+v", st)
	}
}

func TestEviction(t *testing.T) {
	const size, entry = 100_000, 10_000
	d, err := Open(filepath.Join(t.TempDir(), "cache"), size)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	dir := d.root.Name()
	key := func(i int) [32]byte { return sha256.Sum256([]byte{byte(i)}) }
	stale, fresh := filepath.Join(dir, tempPrefix+"stale"), filepath.Join(dir, tempPrefix+"fresh")
	other := filepath.Join(dir, "README")
	for _, f := range []string{stale, fresh, other} {
		if err := os.WriteFile(f, make([]byte, entry), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-2 * tempMaxAge)
	os.Chtimes(stale, past, past)

	for i := range 9 {
		d.Put(key(i), make([]byte, entry))
		age := time.Now().Add(time.Duration(i-100) * 48 * time.Hour)
		k := key(i)
		if err := os.Chtimes(filepath.Join(dir, hex.EncodeToString(k[:])), age, age); err != nil {
			t.Fatal(err)
		}
	}
	// A hit makes the oldest the newest.
	if b, ok := d.Get(key(0)); !ok || len(b) != entry {
		t.Errorf("Get: %d bytes, %v", len(b), ok)
	}
	for i := 9; i < 12; i++ {
		d.Put(key(i), make([]byte, entry))
	}
	var total int64
	kept := map[int]bool{}
	for i := range 12 {
		k := key(i)
		if info, err := os.Stat(filepath.Join(dir, hex.EncodeToString(k[:]))); err == nil {
			kept[i] = true
			total += info.Size()
		}
	}
	if total > size || total < size/2 {
		t.Errorf("%d bytes kept in a cache of %d", total, size)
	}
	if !kept[0] || kept[1] || kept[2] || !kept[11] {
		t.Errorf("kept %v; want the recently used ones", kept)
	}
	for f, want := range map[string]bool{stale: false, fresh: true, other: true} {
		if _, err := os.Stat(f); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", filepath.Base(f), err == nil, want)
		}
	}
}
