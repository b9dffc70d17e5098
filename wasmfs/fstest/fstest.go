// Package fstest holds file systems to what Linux does. Run takes a System, a
// few file system calls with Linux's numbers, and expects of each call the
// result that Linux gives; the package's own test first runs the same cases
// on the real system, so what they expect is recorded truth.
package fstest

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"boxer/runtime/abi"
)

// System is the calls under test. Relative paths start in an empty directory,
// mode 0777, that belongs to the test; errors are abi.Errno.
type System interface {
	// Abs is the absolute name of a relative path.
	Abs(path string) string
	// As acts as somebody else; the result works on the same files. Uid 0 has
	// root's capabilities, others none.
	As(uid, gid uint32, groups ...uint32) System

	Open(path string, flags int, mode uint32) (Handle, error)
	Mkdir(path string, mode uint32) error
	Mknod(path string, mode uint32, dev uint64) error
	Symlink(target, path string) error
	Link(old, new string, follow bool) error
	Unlink(path string) error
	Rmdir(path string) error
	Rename(old, new string, flags uint32) error
	Stat(path string, follow bool) (abi.Stat, error)
	Access(path string, mode uint32) error
	Readlink(path string) (string, error)
	Chmod(path string, mode uint32) error
	Chown(path string, uid, gid uint32, follow bool) error
	Utimes(path string, atime, mtime Time) error
	Truncate(path string, size int64) error
	Getxattr(path, name string) ([]byte, error)
	Setxattr(path, name string, value []byte, flags int) error
	Listxattr(path string) ([]string, error)
	Removexattr(path, name string) error
}

// Time is an argument of utimensat(2).
type Time struct {
	NS        int64
	Now, Omit bool
}

// Handle is an open file or directory.
type Handle interface {
	io.ReaderAt
	io.WriterAt
	// Append writes at the end; the file was opened with O_APPEND.
	Append(p []byte) (int, error)
	Truncate(size int64) error
	Allocate(mode int, off, n int64) error
	Seek(off int64, whence int) (int64, error) // SEEK_DATA, SEEK_HOLE
	Stat() (abi.Stat, error)
	// ReadDir reads the next entries, at most n; none at the end.
	ReadDir(n int) ([]Entry, error)
	// LinkTo gives a file made with O_TMPFILE a name.
	LinkTo(path string) error
	// Path is what /proc/self/fd says.
	Path() string
	Close() error
}

// Entry is what getdents64(2) tells of a file.
type Entry struct {
	Name string
	Ino  uint64
	Type uint8 // abi.DT_
}

// Run runs all cases, each on a System of its own made by new.
func Run(t *testing.T, new func(t *testing.T) System) {
	for _, c := range slices.Concat(openCases, dirCases, linkCases, renameCases, dataCases, pathCases, permissionCases, attrCases) {
		t.Run(c.name, func(t *testing.T) {
			c.run(&tester{T: t, System: new(t)})
		})
	}
}

type testCase struct {
	name string
	run  func(t *tester)
}

// tester is a System with assertions.
type tester struct {
	*testing.T
	System
}

// as is the tester as somebody else.
func (t *tester) as(uid, gid uint32, groups ...uint32) *tester {
	return &tester{T: t.T, System: t.As(uid, gid, groups...)}
}

// ok fails the test on an error.
func (t *tester) ok(err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

// is checks that err is want, an errno; 0 stands for success.
func (t *tester) is(err error, want abi.Errno) {
	t.Helper()
	var e abi.Errno
	if err != nil && !errors.As(err, &e) {
		t.Errorf("error %v is no errno", err)
	}
	if e != want {
		t.Errorf("got %s, want %s", name(e), name(want))
	}
}

func name(e abi.Errno) string {
	if e == 0 {
		return "success"
	}
	return e.Name()
}

// open opens a file that must open and closes it with the test.
func (t *tester) open(path string, flags int, mode uint32) Handle {
	t.Helper()
	h, err := t.Open(path, flags, mode)
	if err != nil {
		t.Fatalf("open %s: %v", path, err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// openIs checks the result of an open.
func (t *tester) openIs(path string, flags int, want abi.Errno) {
	t.Helper()
	h, err := t.Open(path, flags, 0o666)
	t.is(err, want)
	if err == nil {
		h.Close()
	}
}

// create makes a file with contents.
func (t *tester) create(path, contents string) {
	t.Helper()
	h, err := t.Open(path, abi.O_WRONLY|abi.O_CREAT|abi.O_TRUNC, 0o644)
	if err != nil {
		t.Fatalf("create %s: %v", path, err)
	}
	if _, err := h.WriteAt([]byte(contents), 0); err != nil {
		t.Fatalf("write %s: %v", path, err)
	}
	t.ok(h.Close())
}

// contents checks what is in a file.
func (t *tester) contents(path, want string) {
	t.Helper()
	h, err := t.Open(path, abi.O_RDONLY, 0)
	if err != nil {
		t.Errorf("open %s: %v", path, err)
		return
	}
	defer h.Close()
	t.reads(h, want)
}

// reads checks the whole contents of an open file.
func (t *tester) reads(h Handle, want string) {
	t.Helper()
	p := make([]byte, len(want)+10)
	n, err := h.ReadAt(p, 0)
	if err != io.EOF || !bytes.Equal(p[:n], []byte(want)) {
		t.Errorf("read %q, %v; want %q", p[:n], err, want)
	}
}

// stat is a stat that must succeed, of the name itself.
func (t *tester) stat(path string) abi.Stat {
	t.Helper()
	st, err := t.Stat(path, false)
	if err != nil {
		t.Fatalf("stat %s: %v", path, err)
	}
	return st
}

// missing checks that a name is not there.
func (t *tester) missing(path string) {
	t.Helper()
	if _, err := t.Stat(path, false); err != abi.ENOENT {
		t.Errorf("stat %s: %v, want ENOENT", path, err)
	}
}

// list is the sorted names in a directory, without the dots.
func (t *tester) list(path string) []string {
	t.Helper()
	h, err := t.Open(path, abi.O_RDONLY|abi.O_DIRECTORY, 0)
	if err != nil {
		t.Fatalf("open %s: %v", path, err)
	}
	defer h.Close()
	return t.listOpen(h)
}

func (t *tester) listOpen(h Handle) []string {
	t.Helper()
	names := []string{}
	for {
		list, err := h.ReadDir(100)
		t.ok(err)
		if len(list) == 0 {
			slices.Sort(names)
			return names
		}
		for _, e := range list {
			if e.Name != "." && e.Name != ".." {
				names = append(names, e.Name)
			}
		}
	}
}

// lists checks the names in a directory.
func (t *tester) lists(path string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := t.list(path); !slices.Equal(got, want) {
		t.Errorf("%s holds %q, want %q", path, got, want)
	}
}

// equal checks a value.
func equal[T comparable](t *tester, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}
