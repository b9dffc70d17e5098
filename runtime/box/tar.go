package box

import (
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"boxer/runtime/abi"
	"boxer/wasmfs"
	"boxer/wasmfs/tarfs"
)

// ExportTar writes the box's own file system, not what is mounted in it, as a
// tar. Sockets are left out.
func (b *Box) ExportTar(w io.Writer) error {
	out := tarfs.NewWriter(w)
	linked := map[wasmfs.Node]string{} // where a file with several names was written
	err := b.walk(func(t *treeFile) error {
		e := &tarfs.Entry{Name: t.path, Mode: t.stat.Mode, UID: t.stat.UID, GID: t.stat.GID,
			Rdev: t.stat.Rdev, Size: t.stat.Size, Mtime: t.stat.Mtime, Link: t.link, Xattrs: t.attr}
		typ := t.stat.Mode & abi.S_IFMT
		switch {
		case typ == abi.S_IFSOCK:
			return nil
		case typ == abi.S_IFDIR || t.stat.Nlink < 2:
		case linked[t.node] != "":
			e = &tarfs.Entry{Kind: tarfs.Hardlink, Name: t.path, Link: linked[t.node]}
		default:
			linked[t.node] = t.path
		}
		if err := out.Header(e); err != nil || e.Kind != tarfs.Node || typ != abi.S_IFREG {
			return err
		}
		return b.copyContents(out, t)
	})
	if err != nil {
		return err
	}
	return out.Close()
}

// ImportTar puts what is in a tar of size bytes into the box, over what is
// there: directories are joined, everything else is replaced. Left out are what the kernel has in
// /proc, /sys and /dev, and the whiteouts of image layers, which mean nothing here.
func (b *Box) ImportTar(r io.ReaderAt, size int64) error {
	l, err := tarfs.Index(r, size, tarfs.Limits{})
	if err != nil {
		return err
	}
	type dated struct {
		name  string
		mtime int64
	}
	var dirs []dated // their times change while they are filled
	entries := l.Entries()
	for i := range entries {
		e := &entries[i]
		name := "/" + e.Name
		switch top, _, _ := strings.Cut(e.Name, "/"); {
		case top == "proc" || top == "sys" || top == "dev":
			continue // the kernel's
		case e.Kind == tarfs.Hardlink:
			err = b.importLink(e, name)
		case e.Kind != tarfs.Node:
			continue
		default:
			err = b.importNode(l, e, name)
		}
		if err != nil {
			return at(name, err)
		}
		if e.Mode&abi.S_IFMT == abi.S_IFDIR {
			dirs = append(dirs, dated{name, e.Mtime})
		}
	}
	for _, d := range slices.Backward(dirs) {
		if err := b.locked(func() error { return b.setTime(d.name, d.mtime) }); err != nil {
			return at(d.name, err)
		}
	}
	return nil
}

// clear makes name free, and its directory.
func (b *Box) clear(name string) error {
	if err := b.files.mkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	err := b.files.ns.Unlink(b.files.env, wasmfs.Path{}, name)
	if errors.Is(err, abi.ENOENT) {
		return nil
	}
	return err
}

func (b *Box) importLink(e *tarfs.Entry, name string) error {
	return b.locked(func() error {
		old, err := b.files.ns.Resolve(b.files.env, wasmfs.Path{}, "/"+e.Link, wasmfs.NoFollow)
		if err != nil {
			return err
		}
		if now, err := b.files.ns.Resolve(b.files.env, wasmfs.Path{}, name, wasmfs.NoFollow); err == nil && now.Same(old) {
			return nil
		}
		if err := b.clear(name); err != nil {
			return err
		}
		return b.files.ns.Link(b.files.env, old, wasmfs.Path{}, name)
	})
}

func (b *Box) importNode(l *tarfs.Layer, e *tarfs.Entry, name string) error {
	ns, env := b.files.ns, b.files.env
	var w io.WriterAt
	err := b.locked(func() error {
		if e.Mode&abi.S_IFMT == abi.S_IFDIR {
			return b.files.mkdirAll(name, 0o755)
		}
		if err := b.clear(name); err != nil {
			return err
		}
		switch e.Mode & abi.S_IFMT {
		case abi.S_IFLNK:
			return ns.Symlink(env, e.Link, wasmfs.Path{}, name)
		case abi.S_IFREG:
			_, f, err := ns.Open(env, wasmfs.Path{}, name, abi.O_WRONLY|abi.O_CREAT|abi.O_EXCL, 0o600, 0)
			if err == nil {
				w = f.(io.WriterAt)
			}
			return err
		}
		_, err := ns.Mknod(env, wasmfs.Path{}, name, e.Mode, e.Rdev)
		return err
	})
	if err != nil {
		return err
	}
	if w != nil {
		err = b.importContents(w, l.Contents(e), e.Size)
		if cerr := w.(wasmfs.File).Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return err
		}
	}
	return b.locked(func() error { return b.setAttr(e, name) })
}

func (b *Box) importContents(w io.WriterAt, r io.ReaderAt, size int64) error {
	buf := make([]byte, min(size, step))
	for off := int64(0); off < size; off += int64(len(buf)) {
		p := buf[:min(int64(len(buf)), size-off)]
		if _, err := io.ReadFull(io.NewSectionReader(r, off, size-off), p); err != nil {
			return err
		}
		if err := b.locked(func() error {
			_, err := w.WriteAt(p, off)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// setAttr gives the file at name the entry's attributes.
func (b *Box) setAttr(e *tarfs.Entry, name string) error {
	cred := b.files.env.Cred
	p, err := b.files.ns.Resolve(b.files.env, wasmfs.Path{}, name, wasmfs.NoFollow)
	if err != nil {
		return err
	}
	if err := p.Chown(cred, e.UID, e.GID); err != nil {
		return err
	}
	if e.Mode&abi.S_IFMT != abi.S_IFLNK {
		if err := p.Chmod(cred, e.Mode&0o7777); err != nil {
			return err
		}
	}
	for _, attr := range sortedNames(e.Xattrs) {
		if err := p.Setxattr(cred, attr, []byte(e.Xattrs[attr]), 0); err != nil && !errors.Is(err, abi.EOPNOTSUPP) && !errors.Is(err, abi.EPERM) {
			return err
		}
	}
	return b.setTime(name, e.Mtime)
}

func (b *Box) setTime(name string, mtime int64) error {
	p, err := b.files.ns.Resolve(b.files.env, wasmfs.Path{}, name, wasmfs.NoFollow)
	if err != nil {
		return err
	}
	return p.SetTimes(b.files.env.Cred, wasmfs.Attr{Set: wasmfs.SetAtime | wasmfs.SetMtime, Atime: mtime, Mtime: mtime})
}
