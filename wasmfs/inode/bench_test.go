package inode

import (
	"testing"

	"boxer/runtime/abi"
	"boxer/wasmfs"
)

// BenchmarkOpenStat is openat, fstat and close of a file three directories down.
func BenchmarkOpenStat(b *testing.B) {
	ns := wasmfs.NewNamespace(newFS(b, Options{}), "tmpfs", 0)
	env := &wasmfs.Env{Root: ns.Root(), Cwd: ns.Root(), Cred: wasmfs.Root}
	for _, d := range []string{"/usr", "/usr/lib", "/usr/lib/x"} {
		if err := ns.Mkdir(env, wasmfs.Path{}, d, 0o755); err != nil {
			b.Fatal(err)
		}
	}
	_, f, err := ns.Open(env, wasmfs.Path{}, "/usr/lib/x/file", abi.O_CREAT|abi.O_WRONLY, 0o644, 0)
	if err != nil {
		b.Fatal(err)
	}
	f.Close()
	b.ReportAllocs()
	for b.Loop() {
		p, f, err := ns.Open(env, wasmfs.Path{}, "/usr/lib/x/file", abi.O_RDONLY, 0, 0)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := p.Stat(); err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
}

// BenchmarkAppend writes 64 KiB pieces and 64 byte pieces at a file's end.
func BenchmarkAppend(b *testing.B) {
	for _, c := range []struct {
		name  string
		piece int
	}{{"64B", 64}, {"64KiB", 64 << 10}} {
		b.Run(c.name, func(b *testing.B) {
			n, err := newFS(b, Options{}).root.MakeUnnamed(wasmfs.Root, wasmfs.MakeAttr{Mode: abi.S_IFREG | 0o644}, false)
			if err != nil {
				b.Fatal(err)
			}
			f, err := n.(*fileNode).Open(nil, abi.O_RDWR)
			if err != nil {
				b.Fatal(err)
			}
			p := make([]byte, c.piece)
			b.SetBytes(int64(c.piece))
			for b.Loop() {
				if _, end, err := f.(*File).Append(p); err != nil {
					b.Fatal(err)
				} else if end > 64<<20 {
					f.(*File).Truncate(0)
				}
			}
		})
	}
}
