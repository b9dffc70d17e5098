package fstest

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"boxer/runtime/abi"
)

// Random does the same random calls on two Systems and fails where their
// results differ: error numbers call by call, then the whole trees. One of the
// Systems is usually the real one. Left out is what depends on a kernel's settings or
// on the file system: hard links by others than root and sticky directories
// (fs.protected_*), sizes and link counts of directories.
func Random(t *testing.T, seed uint64, steps int, a, b System) {
	r := &random{rnd: rand.New(rand.NewPCG(seed, 0xf5))}
	var history []string
	for i := range steps {
		what, call := r.call()
		ra, rb := call(a), call(b)
		history = append(history, fmt.Sprintf("%s = %s", what, ra))
		if ra != rb {
			t.Fatalf("seed %d, call %d: %s gives %q and %q; before it:\n%s", seed, i, what, ra, rb,
				strings.Join(history[max(0, len(history)-40):], "\n"))
		}
	}
	if ta, tb := tree(a, "."), tree(b, "."); ta != tb {
		t.Fatalf("seed %d: the trees differ:\n%s\nand\n%s", seed, ta, tb)
	}
}

// random makes calls.
type random struct{ rnd *rand.Rand }

func (r *random) pick(list ...string) string { return list[r.rnd.IntN(len(list))] }

// path is a path of names that often exist.
func (r *random) path() string {
	p := r.pick("a", "b", "c", "d", "l")
	for r.rnd.IntN(3) == 0 {
		p += "/" + r.pick("a", "b", "c", "d", "l", "..", ".")
	}
	if r.rnd.IntN(12) == 0 {
		p += "/"
	}
	return p
}

// result is a call's outcome as text.
func result(err error) string {
	if err == nil {
		return "ok"
	}
	if e, ok := err.(abi.Errno); ok {
		return e.Name()
	}
	return err.Error()
}

// call makes a call that can be done on any System.
func (r *random) call() (string, func(System) string) {
	as := func(s System) System { return s }
	who := ""
	if r.rnd.IntN(4) == 0 {
		uid := uint32(r.rnd.IntN(2)+1) * 1000
		who = fmt.Sprintf("[uid %d] ", uid)
		as = func(s System) System { return s.As(uid, uid, 7) }
	}
	p, q := r.path(), r.path()
	mode := uint32(r.rnd.IntN(0o1000))
	if r.rnd.IntN(2) == 0 {
		mode |= 0o700
	}
	do := func(what string, fn func(System) error) (string, func(System) string) {
		return who + what, func(s System) string { return result(fn(as(s))) }
	}
	switch r.rnd.IntN(20) {
	case 0, 1, 2:
		return do(fmt.Sprintf("mkdir %s %o", p, mode), func(s System) error { return s.Mkdir(p, mode) })
	case 3, 4, 5, 6:
		flags := r.rnd.IntN(3)
		for _, f := range []int{abi.O_CREAT, abi.O_EXCL, abi.O_TRUNC, abi.O_NOFOLLOW, abi.O_DIRECTORY} {
			if r.rnd.IntN(3) == 0 && (f != abi.O_DIRECTORY || flags&abi.O_CREAT == 0) {
				flags |= f
			}
		}
		if flags&abi.O_TRUNC != 0 && flags&abi.O_ACCMODE == abi.O_RDONLY {
			flags |= abi.O_RDWR // unspecified otherwise
		}
		off, text := r.rnd.Int64N(20), r.pick("one", "two", "three")
		return who + fmt.Sprintf("open %s %#o %o, write %q at %d", p, flags, mode, text, off), func(s System) string {
			h, err := as(s).Open(p, flags, mode)
			if err != nil {
				return result(err)
			}
			defer h.Close()
			st, err := h.Stat()
			if err != nil {
				return result(err)
			}
			out := fmt.Sprintf("mode %o", st.Mode)
			if st.Mode&abi.S_IFMT == abi.S_IFREG && flags&abi.O_ACCMODE != abi.O_RDONLY {
				n, err := h.WriteAt([]byte(text), off)
				out += fmt.Sprintf(" wrote %d %s", n, result(err))
			}
			return out
		}
	case 7:
		return do("unlink "+p, func(s System) error { return s.Unlink(p) })
	case 8:
		return do("rmdir "+p, func(s System) error { return s.Rmdir(p) })
	case 9, 10, 11:
		flags := []uint32{0, 0, abi.RENAME_NOREPLACE, abi.RENAME_EXCHANGE}[r.rnd.IntN(4)]
		return do(fmt.Sprintf("rename %s %s %d", p, q, flags), func(s System) error { return s.Rename(p, q, flags) })
	case 12:
		as, who = func(s System) System { return s }, ""
		follow := r.rnd.IntN(2) == 0
		return do(fmt.Sprintf("link %s %s %v", p, q, follow), func(s System) error { return s.Link(p, q, follow) })
	case 13, 14:
		return do(fmt.Sprintf("symlink %s %s", q, p), func(s System) error { return s.Symlink(q, p) })
	case 15:
		as, who = func(s System) System { return s }, ""
		return do(fmt.Sprintf("chmod %s %o", p, mode|0o500), func(s System) error { return s.Chmod(p, mode|0o500) })
	case 16:
		as, who = func(s System) System { return s }, ""
		uid := uint32(r.rnd.IntN(3)) * 1000
		return do(fmt.Sprintf("chown %s %d", p, uid), func(s System) error { return s.Chown(p, uid, uid, false) })
	case 17:
		size := r.rnd.Int64N(30)
		return do(fmt.Sprintf("truncate %s %d", p, size), func(s System) error { return s.Truncate(p, size) })
	case 18:
		want := uint32(r.rnd.IntN(8))
		return do(fmt.Sprintf("access %s %d", p, want), func(s System) error { return s.Access(p, want) })
	default:
		return who + "stat " + p, func(s System) string {
			st, err := as(s).Stat(p, true)
			if err != nil {
				return result(err)
			}
			return describe(s, "", st)
		}
	}
}

// describe is what two Systems must agree on about a file.
func describe(s System, path string, st abi.Stat) string {
	out := fmt.Sprintf("%o uid %d gid %d", st.Mode, st.UID, st.GID)
	if st.Mode&abi.S_IFMT != abi.S_IFDIR {
		out += fmt.Sprintf(" links %d size %d", st.Nlink, st.Size)
	}
	if path == "" {
		return out
	}
	switch st.Mode & abi.S_IFMT {
	case abi.S_IFLNK:
		target, err := s.Readlink(path)
		out += fmt.Sprintf(" -> %s %s", target, result(err))
	case abi.S_IFREG:
		h, err := s.Open(path, abi.O_RDONLY|abi.O_NOFOLLOW, 0)
		if err != nil {
			return out + " " + result(err)
		}
		defer h.Close()
		p := make([]byte, st.Size)
		n, err := h.ReadAt(p, 0)
		if err == io.EOF {
			err = nil
		}
		out += fmt.Sprintf(" %q %s", p[:n], result(err))
	}
	return out
}

// tree describes all that is in a directory.
func tree(s System, dir string) string {
	h, err := s.Open(dir, abi.O_RDONLY|abi.O_DIRECTORY, 0)
	if err != nil {
		return dir + ": " + result(err) + "\n"
	}
	defer h.Close()
	var names []string
	for {
		list, err := h.ReadDir(100)
		if err != nil {
			return dir + ": " + result(err) + "\n"
		}
		if len(list) == 0 {
			break
		}
		for _, e := range list {
			if e.Name != "." && e.Name != ".." {
				names = append(names, e.Name)
			}
		}
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		path := dir + "/" + name
		st, err := s.Stat(path, false)
		if err != nil {
			fmt.Fprintf(&b, "%s: %s\n", path, result(err))
			continue
		}
		fmt.Fprintf(&b, "%s: %s\n", path, describe(s, path, st))
		if st.Mode&abi.S_IFMT == abi.S_IFDIR {
			b.WriteString(tree(s, path))
		}
	}
	return b.String()
}
