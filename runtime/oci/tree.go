package oci

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync/atomic"
	"time"

	"boxer/runtime/oci/spec"
)

// A Tree is a file tree to be packed: files gathered from host directories,
// tars and memory. Later additions replace earlier ones of the same name,
// except that a directory over a directory keeps what is in it. The tar it
// makes depends on nothing but the tree: entries are sorted and every time is
// the same.
type Tree struct {
	entries map[string]treeEntry
	closers []io.Closer
}

// treeEntry is a file with its contents: in memory, in a spooled tar, or a
// host file that is read when it is asked for.
type treeEntry struct {
	header *tar.Header
	body   io.ReaderAt
}

// packTime is the time of every entry: the earliest that all tools accept.
var packTime = time.Unix(1, 0).UTC()

// NewTree makes an empty tree.
func NewTree() *Tree { return &Tree{entries: map[string]treeEntry{}} }

// Close frees what the tree reads from. A Tar made from it closes it.
func (t *Tree) Close() error {
	var errs []error
	for _, c := range t.closers {
		errs = append(errs, c.Close())
	}
	t.closers = nil
	return errors.Join(errs...)
}

// add puts an entry at h.Name and makes the directories above it.
func (t *Tree) add(h *tar.Header, body io.ReaderAt) error {
	name := cleanName(h.Name)
	if name == "" {
		return nil // the root itself: 0755 and root's, always
	}
	if len(t.entries) >= maxTreeEntries {
		return fmt.Errorf("more than %d files", maxTreeEntries)
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if e, ok := t.entries[dir]; ok && e.header.Typeflag == tar.TypeDir {
			break
		}
		t.entries[dir] = treeEntry{header: &tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755, ModTime: packTime}}
	}
	if old, ok := t.entries[name]; ok && old.header.Typeflag == tar.TypeDir && h.Typeflag != tar.TypeDir {
		below := name + "/"
		maps.DeleteFunc(t.entries, func(n string, _ treeEntry) bool { return strings.HasPrefix(n, below) })
	}
	c := *h
	c.Name = name
	if c.Typeflag == tar.TypeDir {
		c.Name += "/"
	}
	c.Uname, c.Gname = "", ""
	c.ModTime, c.AccessTime, c.ChangeTime = packTime, time.Time{}, time.Time{}
	c.Format = tar.FormatUnknown
	t.entries[name] = treeEntry{&c, body}
	return nil
}

// Bounds on a tree, as readers bound a layer. The second is for what AddTar
// collects: a sparse file of a few bytes may claim any size.
const (
	maxTreeEntries = 1_000_000
	maxTreeBytes   = 16 << 30
)

// AddFile adds a regular file that holds data.
func (t *Tree) AddFile(name string, mode fs.FileMode, data []byte) error {
	return t.add(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: int64(mode.Perm()), Size: int64(len(data))}, bytes.NewReader(data))
}

// AddSymlink adds a symbolic link to target.
func (t *Tree) AddSymlink(name, target string) error {
	return t.add(&tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777}, nil)
}

// AddMkdir adds a directory.
func (t *Tree) AddMkdir(name string, mode fs.FileMode) error {
	return t.add(&tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: tarMode(mode)}, nil)
}

// AddHostFile adds the host file at path under name. It is opened when it is
// read.
func (t *Tree) AddHostFile(name, path string) error {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return err
	}
	t.closers = append(t.closers, root)
	base := filepath.Base(path)
	st, err := root.Stat(base)
	if err != nil {
		return err
	}
	if !st.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", path)
	}
	return t.add(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: tarMode(st.Mode()), Size: st.Size()}, hostFile{root, base})
}

// AddDir adds the contents of a host directory. Its files belong to root in
// the tree. Symbolic links are kept as links and never followed; sockets and
// devices are left out.
func (t *Tree) AddDir(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	t.closers = append(t.closers, root)
	return t.addDir(root, root, ".")
}

// addDir adds what is in dir, which is open as here, below top. Each directory is
// opened by itself: a Root resolves a path by opening every directory in it.
func (t *Tree) addDir(top, here *os.Root, dir string) error {
	f, err := here.Open(".")
	if err != nil {
		return err
	}
	names, err := f.Readdirnames(-1)
	f.Close()
	if err != nil {
		return err
	}
	for _, base := range names {
		name := path.Join(dir, base)
		st, err := here.Lstat(base)
		if err != nil {
			return err
		}
		h := &tar.Header{Name: name, Mode: tarMode(st.Mode())}
		var body io.ReaderAt
		switch st.Mode().Type() {
		case 0:
			h.Typeflag, h.Size, body = tar.TypeReg, st.Size(), hostFile{top, name}
		case fs.ModeDir:
			h.Typeflag = tar.TypeDir
		case fs.ModeSymlink:
			h.Typeflag = tar.TypeSymlink
			if h.Linkname, err = here.Readlink(base); err != nil {
				return err
			}
		case fs.ModeNamedPipe:
			h.Typeflag = tar.TypeFifo
		default:
			continue
		}
		if err := t.add(h, body); err != nil {
			return err
		}
		if h.Typeflag == tar.TypeDir {
			below, err := here.OpenRoot(base)
			if err != nil {
				return err
			}
			err = t.addDir(top, below, name)
			below.Close()
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// tarMode is the mode as tar has it: permissions and the three special bits.
func tarMode(m fs.FileMode) int64 {
	mode := int64(m.Perm())
	for bit, flag := range map[fs.FileMode]int64{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
		if m&bit != 0 {
			mode |= flag
		}
	}
	return mode
}

// hostFile reads a file of the host, opening it for each read: a tree may
// have more files than a process may open.
type hostFile struct {
	root *os.Root
	name string
}

func (h hostFile) ReadAt(p []byte, off int64) (int, error) {
	f, err := h.root.Open(filepath.FromSlash(h.name))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.ReadAt(p, off)
}

// AddTar adds the entries of a plain tar, with their owners.
func (t *Tree) AddTar(r io.Reader) error {
	bodies := &spool{}
	type pendingBody struct {
		h      *tar.Header
		offset int64
	}
	var pending []pendingBody
	in := tar.NewReader(r)
	for {
		h, err := in.Next()
		if err == io.EOF {
			break
		}
		if err == nil && len(pending) >= maxTreeEntries {
			err = fmt.Errorf("more than %d files", maxTreeEntries)
		}
		offset := bodies.size
		if err == nil && h.Typeflag == tar.TypeGNUSparse {
			h.Typeflag = tar.TypeReg // its holes are written out
		}
		if err == nil && h.Typeflag == tar.TypeReg {
			if h.Size > maxTreeBytes-bodies.size {
				err = fmt.Errorf("its files hold more than %d GiB, the limit", maxTreeBytes>>30)
			} else {
				_, err = io.Copy(bodies, in)
			}
		}
		if err != nil {
			bodies.discard()
			return tarError(err)
		}
		pending = append(pending, pendingBody{h, offset})
	}
	b := bodies.blob()
	t.closers = append(t.closers, b)
	for _, p := range pending {
		var body io.ReaderAt
		if p.h.Typeflag == tar.TypeReg {
			body = io.NewSectionReader(b, p.offset, p.h.Size)
		}
		if err := t.add(p.h, body); err != nil {
			return err
		}
	}
	return nil
}

// Len is the number of entries.
func (t *Tree) Len() int { return len(t.entries) }

// A segment is a run of the tree's tar: a header, a file's contents, or the
// zeros that pad them.
type segment struct {
	start int64
	from  io.ReaderAt
}

// virtualTar is a tar that is put together as it is read.
type virtualTar struct {
	segments []segment // ascending start; contiguous
	size     int64
	skim     atomic.Bool // see spec.Skimmer
}

// Skim implements spec.Skimmer.
func (v *virtualTar) Skim(on bool) { v.skim.Store(on) }

type zeros struct{}

func (zeros) ReadAt(p []byte, _ int64) (int, error) { clear(p); return len(p), nil }

const tarBlock = 512

// Tar makes the tree's tar. Nothing is copied: contents are read from where
// they lie. Closing it closes the tree, which must not change meanwhile. A
// host file that became shorter reads as an error.
func (t *Tree) Tar() (*Tar, error) {
	v := &virtualTar{}
	// A directory sorts before what is in it, and a hard link's target must
	// come before the link.
	names := slices.Sorted(maps.Keys(t.entries))
	sort.SliceStable(names, func(i, j int) bool {
		return t.entries[names[i]].header.Typeflag != tar.TypeLink && t.entries[names[j]].header.Typeflag == tar.TypeLink
	})
	for _, name := range names {
		e := t.entries[name]
		var head bytes.Buffer
		if err := tar.NewWriter(&head).WriteHeader(e.header); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		v.append(bytes.NewReader(head.Bytes()), int64(head.Len()))
		if e.body != nil {
			v.append(e.body, e.header.Size)
			v.append(zeros{}, -e.header.Size&(tarBlock-1))
		}
	}
	v.append(zeros{}, 2*tarBlock)
	return spec.NewTar(v, v.size, t.Close), nil
}

func (v *virtualTar) append(from io.ReaderAt, size int64) {
	if size > 0 {
		v.segments = append(v.segments, segment{v.size, from})
		v.size += size
	}
}

func (v *virtualTar) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fs.ErrInvalid
	}
	i := sort.Search(len(v.segments), func(i int) bool { return v.segments[i].start > off }) - 1
	done := 0
	for ; done < len(p) && i >= 0 && i < len(v.segments); i++ {
		end := v.size
		if i+1 < len(v.segments) {
			end = v.segments[i+1].start
		}
		at := off + int64(done)
		if at >= end {
			break
		}
		want := p[done:min(int64(len(p)), int64(done)+end-at)]
		from := v.segments[i].from
		if _, ok := from.(hostFile); ok && v.skim.Load() {
			from = zeros{}
		}
		n, err := from.ReadAt(want, at-v.segments[i].start)
		done += n
		if n < len(want) {
			return done, truncated(err)
		}
	}
	if done < len(p) {
		return done, io.EOF
	}
	return done, nil
}
