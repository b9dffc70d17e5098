package box

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"slices"

	"boxer/runtime/abi"
	"boxer/runtime/sha2"
	"boxer/wasmfs"
)

// A treeFile is a file of the box's own file system, without what is mounted
// in it.
type treeFile struct {
	path string // "" is the root; no slash at the start
	node wasmfs.Node
	stat abi.Stat
	link string // a symbolic link's target
	attr map[string]string
}

// maxTreeDepth bounds the directories inside each other that walk descends
// into: paths longer than abi.PathMax cannot be named from outside anyway.
const maxTreeDepth = 2048

// walk calls f for each file of the box's own file system, directories before
// what is in them, entries sorted by name.
func (b *Box) walk(f func(*treeFile) error) error {
	return b.walkNode(&treeFile{node: b.files.root}, 0, f)
}

func (b *Box) walkNode(t *treeFile, depth int, f func(*treeFile) error) error {
	var names []string
	err := b.locked(func() error {
		if err := t.describe(b.files.env); err != nil {
			return err
		}
		d, ok := t.node.(wasmfs.ReadDirNode)
		if !ok {
			return nil
		}
		return d.ReadDir(0, func(e wasmfs.Dirent) bool {
			names = append(names, e.Name)
			return true
		})
	})
	if err != nil {
		return at("/"+t.path, err)
	}
	if err := f(t); err != nil {
		return at("/"+t.path, err)
	}
	if depth == maxTreeDepth {
		return at("/"+t.path, abi.ENAMETOOLONG)
	}
	slices.Sort(names)
	prefix := t.path
	if prefix != "" {
		prefix += "/"
	}
	for _, name := range names {
		var n wasmfs.Node
		err := b.locked(func() (err error) {
			n, err = t.node.(wasmfs.LookupNode).Lookup(name)
			return err
		})
		if err == abi.ENOENT {
			continue // gone since
		}
		if err != nil {
			return at("/"+prefix+name, err)
		}
		if err := b.walkNode(&treeFile{path: prefix + name, node: n}, depth+1, f); err != nil {
			return err
		}
	}
	return nil
}

// describe fills what there is besides the node.
func (t *treeFile) describe(env *wasmfs.Env) (err error) {
	if t.stat, err = t.node.Stat(); err != nil {
		return err
	}
	if l, ok := t.node.(wasmfs.ReadlinkNode); ok {
		if t.link, err = l.Readlink(env); err != nil {
			return err
		}
	}
	x, ok := t.node.(wasmfs.XattrNode)
	if !ok {
		return nil
	}
	names, err := x.Listxattr()
	for _, name := range names {
		v, err := x.Getxattr(name)
		if err != nil {
			return err
		}
		if t.attr == nil {
			t.attr = map[string]string{}
		}
		t.attr[name] = string(v)
	}
	return err
}

// copyContents writes what a regular file holds to w, exactly stat.Size bytes.
func (b *Box) copyContents(w io.Writer, t *treeFile) error {
	o, ok := t.node.(wasmfs.OpenNode)
	if !ok {
		return abi.EINVAL
	}
	var f wasmfs.File
	if err := b.locked(func() (err error) {
		f, err = o.Open(b.files.env, abi.O_RDONLY)
		return err
	}); err != nil {
		return err
	}
	defer f.Close()
	r, ok := f.(io.ReaderAt)
	if !ok {
		return abi.EINVAL
	}
	buf := make([]byte, min(t.stat.Size, step))
	for off := int64(0); off < t.stat.Size; {
		p := buf[:min(int64(len(buf)), t.stat.Size-off)]
		var n int
		err := b.locked(func() (err error) {
			n, err = r.ReadAt(p, off)
			return err
		})
		if n < len(p) {
			if err == nil || err == io.EOF {
				return fmt.Errorf("it became shorter while it was read: %w", abi.EIO)
			}
			return err
		}
		if _, err := w.Write(p); err != nil {
			return err
		}
		off += int64(n)
	}
	return nil
}

// ownFiles are made by boxer for each box, and differ by design.
var ownFiles = map[string]bool{"etc/hostname": true, "etc/hosts": true, "etc/resolv.conf": true}

// TreeHash is a SHA-256 over all files of the box's own file system, not what
// is mounted in it: paths, types, permissions, owners, device numbers, contents,
// link targets and extended attributes, in the order of sorted names. Times,
// inode numbers and hard links are not in it, nor the contents of /etc/hostname and the other
// files that boxer itself makes for each box. Equal trees give equal hashes on
// every host.
func (b *Box) TreeHash() (string, error) {
	h := sha2.New256()
	var rec []byte
	text := func(s string) {
		rec = binary.LittleEndian.AppendUint64(rec, uint64(len(s)))
		rec = append(rec, s...)
	}
	err := b.walk(func(t *treeFile) error {
		rec = rec[:0]
		text(t.path)
		for _, v := range []uint64{uint64(t.stat.Mode), uint64(t.stat.UID), uint64(t.stat.GID), t.stat.Rdev} {
			rec = binary.LittleEndian.AppendUint64(rec, v)
		}
		text(t.link)
		if t.stat.Mode&abi.S_IFMT == abi.S_IFREG && !ownFiles[t.path] {
			sum := sha2.New256()
			if err := b.copyContents(sum, t); err != nil {
				return err
			}
			text(string(sum.Sum(nil)))
		}
		rec = binary.LittleEndian.AppendUint64(rec, uint64(len(t.attr)))
		for _, name := range sortedNames(t.attr) {
			text(name)
			text(t.attr[name])
		}
		h.Write(rec)
		return nil
	})
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func sortedNames(m map[string]string) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
