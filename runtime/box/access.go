package box

import (
	"errors"
	"fmt"
	"io"
	"path"

	"boxer/runtime/abi"
	"boxer/wasmfs"
)

// The host's own way to a box's files, as root, running or not. Paths start at the
// box's root; an error wraps an abi.Errno. With processes of the box nothing is
// agreed: what both write to is for them to arrange.

// maxReadFile bounds what ReadFile returns, in bytes.
const maxReadFile = 1 << 30

// locked runs f with what the file system needs while the box runs, and lets
// others in before.
func (b *Box) locked(f func() error) (err error) {
	if b.yield != nil {
		b.yield()
	}
	b.kernel.Locked(func() { err = f() })
	return err
}

// at names the file in an error.
func at(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}

// openFile opens a regular file, or what a kernel's file system has instead.
func (b *Box) openFile(name string, flags int, mode uint32) (wasmfs.File, error) {
	var f wasmfs.File
	err := b.locked(func() error {
		p, file, err := b.files.ns.Open(b.files.env, wasmfs.Path{}, name, flags, mode, 0)
		switch {
		case err != nil:
		case p.Node.Type() == abi.S_IFDIR:
			err = abi.EISDIR
		case file == nil:
			err = abi.EINVAL // devices, FIFOs and sockets belong to processes
		}
		f = file
		return err
	})
	return f, at(name, err)
}

// step is how much is read or written with the kernel locked, in bytes.
const step = 1 << 20

// ReadFile returns what a file holds.
func (b *Box) ReadFile(name string) ([]byte, error) {
	f, err := b.openFile(name, abi.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, ok := f.(io.ReaderAt)
	if !ok {
		return nil, at(name, abi.EINVAL)
	}
	var data []byte
	if s, ok := f.(wasmfs.SizeFile); ok {
		data = make([]byte, 0, min(s.Size(), maxReadFile)+1)
	}
	for {
		if len(data) > maxReadFile {
			return nil, at(name, abi.EFBIG)
		}
		if cap(data)-len(data) < 512 {
			data = append(data, make([]byte, 4096)...)[:len(data)]
		}
		p := data[len(data):min(cap(data), len(data)+step)]
		var n int
		err := b.locked(func() (err error) {
			n, err = r.ReadAt(p, int64(len(data)))
			return err
		})
		data = data[:len(data)+n]
		if err == io.EOF {
			return data, nil
		}
		if err != nil {
			return nil, at(name, err)
		}
	}
}

// WriteFile makes data the contents of a file, which is made with mode if it
// is not there.
func (b *Box) WriteFile(name string, data []byte, mode uint32) error {
	f, err := b.openFile(name, abi.O_WRONLY|abi.O_CREAT|abi.O_TRUNC, mode&0o7777)
	if err != nil {
		return err
	}
	w, ok := f.(io.WriterAt)
	if !ok {
		err = abi.EINVAL
	}
	for off := 0; off < len(data) && err == nil; off += step {
		err = b.locked(func() error {
			_, err := w.WriteAt(data[off:min(off+step, len(data))], int64(off))
			return err
		})
	}
	return at(name, errors.Join(err, f.Close()))
}

// SeedFile is WriteFile with exactly this mode, which makes the directories that are
// missing.
func (b *Box) SeedFile(name string, data []byte, mode uint32) error {
	name = path.Clean("/" + name)
	if err := b.Mkdir(path.Dir(name), 0o755, true); err != nil {
		return err
	}
	if err := b.WriteFile(name, data, mode); err != nil {
		return err
	}
	return b.Chmod(name, mode)
}

// A DirEntry is what ReadDir tells of a file.
type DirEntry struct {
	Name string
	Type uint32 // abi.S_IFREG and so on
	Size int64
}

// ReadDir lists a directory, without "." and "..".
func (b *Box) ReadDir(name string) (list []DirEntry, err error) {
	err = b.locked(func() error {
		ns, env := b.files.ns, b.files.env
		dir, err := ns.Resolve(env, wasmfs.Path{}, name, wasmfs.Directory)
		if err != nil {
			return err
		}
		err = dir.ReadDir(env.Root, 0, func(e wasmfs.Dirent) bool {
			if e.Name != "." && e.Name != ".." {
				list = append(list, DirEntry{Name: e.Name, Type: e.Type})
			}
			return true
		})
		for i := range list {
			p, err := ns.Resolve(env, dir, list[i].Name, wasmfs.NoFollow)
			if err != nil {
				continue // gone since
			}
			if st, err := p.Stat(); err == nil {
				list[i].Size = st.Size
			}
		}
		return err
	})
	return list, at(name, err)
}

// Stat tells about a file, behind symbolic links.
func (b *Box) Stat(name string) (st abi.Stat, err error) {
	err = b.locked(func() error {
		p, err := b.files.ns.Resolve(b.files.env, wasmfs.Path{}, name, 0)
		if err == nil {
			st, err = p.Stat()
		}
		return err
	})
	return st, at(name, err)
}

// Mkdir makes a directory; with parents also those above it, and it may be
// there.
func (b *Box) Mkdir(name string, mode uint32, parents bool) error {
	return at(name, b.locked(func() error {
		if parents {
			return b.files.mkdirAll(name, mode)
		}
		return b.files.ns.Mkdir(b.files.env, wasmfs.Path{}, name, mode)
	}))
}

// Remove removes a file; with recursive a directory and all in it; with force
// it is no error if it is not there.
func (b *Box) Remove(name string, recursive, force bool) error {
	ns, env := b.files.ns, b.files.env
	err := b.locked(func() error { return ns.Unlink(env, wasmfs.Path{}, name) })
	if errors.Is(err, abi.EISDIR) && recursive {
		var list []DirEntry
		if list, err = b.ReadDir(name); err != nil {
			return err
		}
		for _, e := range list {
			if err := b.Remove(name+"/"+e.Name, true, true); err != nil {
				return err
			}
		}
		err = b.locked(func() error { return ns.Rmdir(env, wasmfs.Path{}, name) })
	}
	if errors.Is(err, abi.ENOENT) && force {
		return nil
	}
	return at(name, err)
}

// Rename moves a file, as rename(2) does.
func (b *Box) Rename(from, to string) error {
	return at(from, b.locked(func() error {
		return b.files.ns.Rename(b.files.env, wasmfs.Path{}, from, wasmfs.Path{}, to, 0)
	}))
}

// Symlink makes a symbolic link.
func (b *Box) Symlink(target, name string) error {
	return at(name, b.locked(func() error {
		return b.files.ns.Symlink(b.files.env, target, wasmfs.Path{}, name)
	}))
}

// Chmod sets a file's permission bits.
func (b *Box) Chmod(name string, mode uint32) error {
	return at(name, b.locked(func() error {
		p, err := b.files.ns.Resolve(b.files.env, wasmfs.Path{}, name, 0)
		if err == nil {
			err = p.Chmod(b.files.env.Cred, mode&0o7777)
		}
		return err
	}))
}

// Sync writes back what a box keeps outside.
func (b *Box) Sync() error { return b.files.ns.Sync() }

// Processes is how many there are.
func (b *Box) Processes() int { return b.kernel.Processes() }
