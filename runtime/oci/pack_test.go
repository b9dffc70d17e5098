package oci

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// listTar names a tar's entries with what matters of them.
func listTar(t *testing.T, r io.Reader) map[string]string {
	t.Helper()
	got := map[string]string{}
	in := tar.NewReader(r)
	for {
		h, err := in.Next()
		if err == io.EOF {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if !h.ModTime.Equal(packTime) {
			t.Errorf("%s has time %v", h.Name, h.ModTime)
		}
		got[h.Name] = string(h.Typeflag) + " " + h.FileInfo().Mode().String() + " " + h.Linkname + string(data)
	}
}

func sampleTree(t *testing.T) *Tree {
	t.Helper()
	dir := t.TempDir()
	os.MkdirAll(filepath.Join(dir, "usr/bin"), 0o755)
	os.WriteFile(filepath.Join(dir, "usr/bin/tool"), []byte("tool"), 0o755)
	os.Symlink("/usr/bin/tool", filepath.Join(dir, "usr/bin/link"))
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "./etc/passwd", Size: 4, Mode: 0o644, Uid: 0})
	w.Write([]byte("root"))
	w.WriteHeader(&tar.Header{Typeflag: tar.TypeLink, Name: "./a-link", Linkname: "etc/passwd"})
	w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "./home/u/file", Size: 1, Mode: 0o4600, Uid: 1000, Gid: 1000})
	w.Write([]byte("u"))
	w.Close()
	tree := NewTree()
	if err := errors.Join(tree.AddDir(dir), tree.AddTar(&buf), tree.AddFile("etc/motd", 0o644, []byte("hi")),
		tree.AddMkdir("tmp", 0o777|os.ModeSticky), tree.AddSymlink("bin", "usr/bin")); err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestTree(t *testing.T) {
	tr, err := sampleTree(t).Tar()
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	want := map[string]string{
		"etc/":         "5 drwxr-xr-x ",
		"etc/passwd":   "0 -rw-r--r-- root",
		"etc/motd":     "0 -rw-r--r-- hi",
		"a-link":       "1 ---------- etc/passwd",
		"home/":        "5 drwxr-xr-x ",
		"home/u/":      "5 drwxr-xr-x ",
		"home/u/file":  "0 urw------- u",
		"tmp/":         "5 dtrwxrwxrwx ",
		"bin":          "2 Lrwxrwxrwx usr/bin",
		"usr/":         "5 drwxr-xr-x ",
		"usr/bin/":     "5 drwxr-xr-x ",
		"usr/bin/tool": "0 -rwxr-xr-x tool",
		"usr/bin/link": "2 Lrwxrwxrwx /usr/bin/tool",
	}
	if diff := cmp.Diff(want, listTar(t, io.NewSectionReader(tr, 0, tr.Size))); diff != "" {
		t.Error(diff)
	}
	// Reads of any size and place agree with the whole.
	whole, err := io.ReadAll(io.NewSectionReader(tr, 0, tr.Size))
	if err != nil || int64(len(whole)) != tr.Size {
		t.Fatalf("%d of %d bytes: %v", len(whole), tr.Size, err)
	}
	for size := 1; size < 3000; size += 97 {
		for off := 0; off < len(whole); off += 311 {
			p := make([]byte, size)
			n, err := tr.ReadAt(p, int64(off))
			if !bytes.Equal(p[:n], whole[off:min(off+size, len(whole))]) || (n < size) != (err == io.EOF) {
				t.Fatalf("ReadAt(%d bytes, %d) = %d, %v", size, off, n, err)
			}
		}
	}
}

func TestTreeReplaces(t *testing.T) {
	tree := NewTree()
	for _, err := range []error{
		tree.AddFile("a/b/c", 0o644, []byte("1")),
		tree.AddMkdir("a", 0o700),
		tree.AddFile("a/b/c", 0o600, []byte("22")),
		tree.AddFile("x/y", 0o644, nil),
		tree.AddSymlink("x", "a"),
		tree.AddFile("../../up", 0o644, nil),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	tr, err := tree.Tar()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"a/": "5 drwx------ ", "a/b/": "5 drwxr-xr-x ", "a/b/c": "0 -rw------- 22", "x": "2 Lrwxrwxrwx a", "up": "0 -rw-r--r-- ",
	}
	if diff := cmp.Diff(want, listTar(t, io.NewSectionReader(tr, 0, tr.Size))); diff != "" {
		t.Error(diff)
	}
}

func TestTreeShrunkFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	os.WriteFile(path, make([]byte, 10000), 0o644)
	tr, err := OpenRootFS(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	os.Truncate(path, 10)
	if _, err := io.Copy(io.Discard, io.NewSectionReader(tr, 0, tr.Size)); !errors.Is(err, errTruncated) {
		t.Errorf("reading a file that shrank: %v", err)
	}
}

func TestSkim(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "f"), []byte("contents"), 0o644)
	tr, err := OpenRootFS(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	os.Remove(filepath.Join(dir, "f")) // whoever opens it fails
	var skimmed map[string]string
	err = tr.Skim(func() error {
		skimmed = listTar(t, io.NewSectionReader(tr, 0, tr.Size))
		return nil
	})
	if want := map[string]string{"f": "0 -rw-r--r-- \x00\x00\x00\x00\x00\x00\x00\x00"}; err != nil || !cmp.Equal(want, skimmed) {
		t.Errorf("%v %q", err, skimmed)
	}
	if _, err := tr.ReadAt(make([]byte, 8), tarBlock); err == nil {
		t.Error("the contents are still not read")
	}
}

func TestPack(t *testing.T) {
	config := Config{Entrypoint: []string{"/usr/bin/tool"}, Env: []string{"A=b"}, WorkingDir: "/home/u", User: "1000"}
	for _, plain := range []bool{false, true} {
		var archives [2]bytes.Buffer
		for i := range archives {
			if _, err := Pack(&archives[i], []*Tree{sampleTree(t), sampleTree(t)}, PackOptions{Config: config, Reference: "app:1", Plain: plain}); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(archives[0].Bytes(), archives[1].Bytes()) {
			t.Error("packing is not deterministic")
		}
		m, err := Open(write(t, "x.tar", archives[0].Bytes()), Options{})
		if err != nil {
			t.Fatal(err)
		}
		layers, err := contents(m)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(config, m.Config()); diff != "" {
			t.Error(diff)
		}
		if len(layers) != 2 || m.Name() != "app:1" || m.Platform() != LinuxArm64 || len(listTar(t, bytes.NewReader(layers[0]))) != 13 {
			t.Errorf("%d layers of %s for %v", len(layers), m.Name(), m.Platform())
		}
		m.Close()
	}
}

func TestOpenRootFS(t *testing.T) {
	var archive bytes.Buffer
	tr, err := sampleTree(t).Tar()
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(&archive, io.NewSectionReader(tr, 0, tr.Size))
	for name, data := range map[string][]byte{"r.tar": archive.Bytes(), "r.tar.gz": gz(archive.Bytes()), "r.tar.zst": zst(archive.Bytes())} {
		got, err := OpenRootFS(write(t, name, data), newCache(t))
		if err != nil {
			t.Fatal(err)
		}
		if n := len(listTar(t, io.NewSectionReader(got, 0, got.Size))); n != 13 {
			t.Errorf("%s has %d entries", name, n)
		}
		got.Close()
	}
}
