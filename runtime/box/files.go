package box

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/hack-pad/hackpadfs"
	"github.com/hack-pad/hackpadfs/mem"

	"boxer/runtime/abi"
	"boxer/runtime/oci/spec"
	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
	"boxer/wasmfs/inode"
	"boxer/wasmfs/overlay"
	"boxer/wasmfs/persist"
	"boxer/wasmfs/tarfs"
)

// files is a box's file tree: the layers, read-only, below a writable layer
// in memory.
type files struct {
	kept *persist.FS // nil: the writable layer lives as long as the box
	ns   *wasmfs.Namespace
	root wasmfs.Node  // of the tree itself, whatever is mounted in it
	env  *wasmfs.Env  // root's view, to prepare the tree
	held *chunk.Store // what was written
	full func() bool  // once there is a kernel
}

// A keeper opens what is kept above a lower FS.
type keeper func(lower wasmfs.FS, opt chunk.Options) (*persist.FS, error)

func newFiles(layers []*spec.Tar, backend hackpadfs.FS, cache int64, keep keeper) (*files, error) {
	index := make([]*tarfs.Layer, len(layers))
	for i, l := range layers {
		err := l.Skim(func() (err error) {
			index[i], err = tarfs.Index(l, l.Size, tarfs.Limits{})
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("layer %d: %w", i+1, err)
		}
	}
	lower, err := overlay.Merge(index...)
	if err != nil {
		return nil, err
	}
	f := &files{full: func() bool { return false }}
	opt := chunk.Options{Cache: cache, Full: func() bool { return f.full() }}
	var top wasmfs.FS
	if keep != nil {
		if f.kept, err = keep(lower, opt); err != nil {
			return nil, err
		}
		top, f.held = f.kept, f.kept.Store()
	} else {
		if backend == nil {
			if backend, err = mem.NewFS(); err != nil {
				return nil, err
			}
		}
		opt.Volatile = true
		f.held = chunk.New(backend, opt)
		if top, err = inode.New(inode.Options{Store: f.held, Lower: lower}); err != nil {
			return nil, err
		}
	}
	f.ns, f.root = wasmfs.NewNamespace(top, "overlay", 0), top.Root()
	f.env = &wasmfs.Env{Root: f.ns.Root(), Cwd: f.ns.Root(), Umask: 0o022, Cred: wasmfs.Root}
	return f, nil
}

// Close frees what the tree holds on the host, once it is written back.
func (f *files) Close() error {
	err := f.ns.Sync()
	if f.kept != nil {
		err = errors.Join(err, f.kept.Close())
	}
	return err
}

// maxAccounts bounds /etc/passwd and /etc/group: what is longer is cut.
const maxAccounts = 1 << 20

// user resolves a name or number through the box's own /etc/passwd and
// /etc/group.
func (f *files) user(name string) (spec.User, error) {
	read := func(name string) io.Reader {
		_, file, err := f.ns.Open(f.env, wasmfs.Path{}, name, abi.O_RDONLY, 0, 0)
		if err != nil || file == nil {
			return nil
		}
		defer file.Close()
		r, ok := file.(io.ReaderAt)
		if !ok {
			return nil
		}
		data, _ := io.ReadAll(io.NewSectionReader(r, 0, maxAccounts))
		return bytes.NewReader(data)
	}
	return spec.ResolveUser(name, read("/etc/passwd"), read("/etc/group"))
}

// prepare makes what every box has, whatever its image: the kernel's mount
// points, the working directory, and the files that docker provides.
func (f *files) prepare(hostname, dir string) error {
	for _, d := range []string{"/dev", "/proc", "/sys", "/etc"} {
		if err := f.mkdirAll(d, 0o755); err != nil {
			return fmt.Errorf("%s: %w", d, err)
		}
	}
	if !strings.HasPrefix(dir, "/") {
		return fmt.Errorf("the working directory '%s' is invalid, it needs to be an absolute path", dir)
	}
	if err := f.mkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("working directory %s: %w", dir, err)
	}
	for name, text := range map[string]string{
		"/etc/hostname":    hostname + "\n",
		"/etc/hosts":       "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.0.1\t" + hostname + "\n",
		"/etc/resolv.conf": "",
	} {
		if err := f.write(name, text); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// mkdirAll makes dir and what is missing above it, root's.
func (f *files) mkdirAll(dir string, mode uint32) error {
	dir = path.Clean("/" + dir)
	for i := 1; i <= len(dir); i++ {
		if i < len(dir) && dir[i] != '/' {
			continue
		}
		p, err := f.ns.Resolve(f.env, wasmfs.Path{}, dir[:i], 0)
		switch {
		case err == nil && p.Node.Type() != abi.S_IFDIR:
			return abi.ENOTDIR
		case errors.Is(err, abi.ENOENT):
			err = f.ns.Mkdir(f.env, wasmfs.Path{}, dir[:i], mode)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// write makes name a regular file with the given text, whatever it was: the
// image may have a link there that leads nowhere yet.
func (f *files) write(name, text string) error {
	if err := f.ns.Unlink(f.env, wasmfs.Path{}, name); err != nil && !errors.Is(err, abi.ENOENT) {
		return err
	}
	_, file, err := f.ns.Open(f.env, wasmfs.Path{}, name, abi.O_WRONLY|abi.O_CREAT|abi.O_EXCL, 0o644, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	w, ok := file.(io.WriterAt)
	if !ok {
		panic("BUG: a new regular file cannot be written to")
	}
	_, err = w.WriteAt([]byte(text), 0)
	return err
}
