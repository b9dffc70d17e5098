package kernfs

import (
	"io"
	"testing"

	"boxer/runtime/abi"
	"boxer/wasmfs"
)

func tree() *wasmfs.Namespace {
	var written string
	root := NewDir(0o555, &Lister{
		Lookup: func(name string) Node {
			if name == "7" {
				return NewDir(0o555, nil).Add("comm", Text("cat\n"))
			}
			return nil
		},
		List: func(yield func(string, uint32) bool) { yield("7", abi.S_IFDIR) },
	})
	root.Add("version", Text("Linux\n")).
		Add("self", LinkTo("7")).
		Add("knob", NewFile(0o644, func(*wasmfs.Env) ([]byte, error) { return []byte(written), nil }).
			OnWrite(func(_ *wasmfs.Env, p []byte) error { written = string(p); return nil }))
	return wasmfs.NewNamespace(New("proc", abi.PROC_MAGIC, func() int64 { return 5e9 }, root), "proc", 0)
}

func env(ns *wasmfs.Namespace) *wasmfs.Env {
	return &wasmfs.Env{Root: ns.Root(), Cwd: ns.Root(), Cred: wasmfs.Root}
}

func read(t *testing.T, ns *wasmfs.Namespace, path string) string {
	t.Helper()
	_, f, err := ns.Open(env(ns), wasmfs.Path{}, path, abi.O_RDONLY, 0, 0)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	b, err := io.ReadAll(io.NewSectionReader(f.(io.ReaderAt), 0, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestRead(t *testing.T) {
	ns := tree()
	if got := read(t, ns, "/version"); got != "Linux\n" {
		t.Errorf("version: %q", got)
	}
	if got := read(t, ns, "/self/comm"); got != "cat\n" {
		t.Errorf("self/comm: %q", got)
	}
	p, err := ns.Resolve(env(ns), wasmfs.Path{}, "/7/comm", 0)
	if err != nil {
		t.Fatal(err)
	}
	if st, err := p.Stat(); err != nil || st.Mode != abi.S_IFREG|0o444 || st.Mtime != 5e9 {
		t.Errorf("stat %+v, %v", st, err)
	}
	if _, err := ns.Resolve(env(ns), wasmfs.Path{}, "/8", 0); err != abi.ENOENT {
		t.Errorf("/8: %v", err)
	}
}

func TestWrite(t *testing.T) {
	ns := tree()
	_, f, err := ns.Open(env(ns), wasmfs.Path{}, "/knob", abi.O_WRONLY|abi.O_TRUNC, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.(io.WriterAt).WriteAt([]byte("on"), 0); err != nil {
		t.Fatal(err)
	}
	if got := read(t, ns, "/knob"); got != "on" {
		t.Errorf("knob: %q", got)
	}
}

func TestReadDirResumes(t *testing.T) {
	ns := tree()
	var all, parts []string
	d := ns.Root().Node.(wasmfs.ReadDirNode)
	d.ReadDir(0, func(e wasmfs.Dirent) bool { all = append(all, e.Name); return true })
	for cookie, more := int64(0), true; more; {
		more = false
		d.ReadDir(cookie, func(e wasmfs.Dirent) bool {
			if more {
				return false
			}
			parts, cookie, more = append(parts, e.Name), e.Next, true
			return true
		})
	}
	if len(all) != 4 || len(parts) != 4 {
		t.Fatalf("all %v, one at a time %v", all, parts)
	}
	for i := range all {
		if all[i] != parts[i] {
			t.Errorf("entry %d is %s and %s", i, all[i], parts[i])
		}
	}
}
