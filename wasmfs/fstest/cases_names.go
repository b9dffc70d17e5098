package fstest

import (
	"fmt"
	"strings"

	"boxer/runtime/abi"
)

var linkCases = []testCase{
	{"link", func(t *tester) {
		t.create("a", "shared")
		t.ok(t.Link("a", "b", false))
		a, b := t.stat("a"), t.stat("b")
		equal(t, "inode", b.Ino, a.Ino)
		equal(t, "links", b.Nlink, 2)
		h := t.open("b", wr, 0)
		_, err := h.WriteAt([]byte("SH"), 0)
		t.ok(err)
		t.contents("a", "SHared")
		t.ok(t.Chmod("a", 0o600))
		equal(t, "mode", t.stat("b").Mode, abi.S_IFREG|0o600)
		t.ok(t.Unlink("a"))
		equal(t, "links", t.stat("b").Nlink, 1)
		t.contents("b", "SHared")
	}},
	{"link/errors", func(t *tester) {
		t.create("a", "")
		t.ok(t.Mkdir("d", 0o755))
		t.is(t.Link("a", "a", false), abi.EEXIST)
		t.is(t.Link("a", "d", false), abi.EEXIST)
		t.is(t.Link("missing", "b", false), abi.ENOENT)
		t.is(t.Link("a", "x/b", false), abi.ENOENT)
		t.is(t.Link("a", "b/", false), abi.ENOENT)
		t.is(t.Link("d", "e", false), abi.EPERM)
		t.is(t.Link("a/b", "c", false), abi.ENOTDIR)
		t.is(t.Link("a/", "c", false), abi.ENOTDIR)
	}},
	{"link/symlink", func(t *tester) {
		t.create("f", "x")
		t.ok(t.Symlink("f", "l"))
		t.ok(t.Link("l", "itself", false))
		t.ok(t.Link("l", "target", true))
		equal(t, "inode", t.stat("itself").Ino, t.stat("l").Ino)
		equal(t, "inode", t.stat("target").Ino, t.stat("f").Ino)
	}},
	{"symlink", func(t *tester) {
		t.ok(t.Symlink("some/target", "l"))
		got, err := t.Readlink("l")
		t.ok(err)
		equal(t, "target", got, "some/target")
		st := t.stat("l")
		equal(t, "mode", st.Mode, abi.S_IFLNK|0o777)
		equal(t, "size", st.Size, 11)
		t.is(t.Symlink("x", "l"), abi.EEXIST)
		t.is(t.Symlink("", "m"), abi.ENOENT)
		t.is(t.Symlink("x", "m/"), abi.ENOENT)
		t.is(t.Symlink(strings.Repeat("x", 4096), "m"), abi.ENAMETOOLONG)
		t.create("f", "")
		_, err = t.Readlink("f")
		t.is(err, abi.EINVAL)
		_, err = t.Readlink("missing")
		t.is(err, abi.ENOENT)
	}},
	{"unlink", func(t *tester) {
		t.create("f", "")
		t.ok(t.Mkdir("d", 0o755))
		t.ok(t.Symlink("d", "l"))
		t.is(t.Unlink("d"), abi.EISDIR)
		t.is(t.Unlink("d/"), abi.EISDIR)
		t.is(t.Unlink("."), abi.EISDIR)
		t.is(t.Unlink("missing"), abi.ENOENT)
		t.is(t.Unlink("f/"), abi.ENOTDIR)
		t.is(t.Unlink("f/x"), abi.ENOTDIR)
		t.is(t.Unlink("l/"), abi.ENOTDIR)
		t.ok(t.Unlink("l"))
		t.ok(t.Unlink("f"))
		t.lists(".", "d")
		t.is(t.Unlink("f"), abi.ENOENT)
	}},
}

var renameCases = []testCase{
	{"rename/file", func(t *tester) {
		t.create("a", "A")
		t.create("b", "B")
		ino := t.stat("a").Ino
		t.ok(t.Rename("a", "b", 0))
		t.missing("a")
		t.contents("b", "A")
		equal(t, "inode", t.stat("b").Ino, ino)
		t.ok(t.Rename("b", "b", 0))
		t.ok(t.Mkdir("d", 0o755))
		t.ok(t.Rename("b", "d/b", 0))
		t.contents("d/b", "A")
		t.lists(".", "d")
	}},
	{"rename/errors", func(t *tester) {
		t.create("f", "")
		t.ok(t.Mkdir("d", 0o755))
		t.ok(t.Mkdir("full", 0o755))
		t.create("full/x", "")
		t.is(t.Rename("missing", "x", 0), abi.ENOENT)
		t.is(t.Rename("f", "x/y", 0), abi.ENOENT)
		t.is(t.Rename("f", "d", 0), abi.EISDIR)
		t.is(t.Rename("d", "f", 0), abi.ENOTDIR)
		t.is(t.Rename("d", "full", 0), abi.ENOTEMPTY)
		t.is(t.Rename("d", "d/sub", 0), abi.EINVAL)
		t.ok(t.Mkdir("d/sub", 0o755))
		t.is(t.Rename("d", "d/sub/deep", 0), abi.EINVAL)
		t.is(t.Rename("d", "d/sub", 0), abi.EINVAL)
		t.is(t.Rename("d/sub", "d", 0), abi.ENOTEMPTY)
		t.is(t.Rename(".", "x", 0), abi.EBUSY)
		t.is(t.Rename("d/..", "x", 0), abi.EBUSY)
		t.is(t.Rename("f", "d/.", 0), abi.EBUSY)
		t.is(t.Rename("f", "x/", 0), abi.ENOTDIR)
		t.is(t.Rename("f/", "x", 0), abi.ENOTDIR)
		t.is(t.Rename("f", "x", 8), abi.EINVAL)
		t.is(t.Rename("f", "x", abi.RENAME_NOREPLACE|abi.RENAME_EXCHANGE), abi.EINVAL)
	}},
	{"rename/directory", func(t *tester) {
		t.ok(t.Mkdir("a", 0o755))
		t.create("a/f", "x")
		t.ok(t.Mkdir("b", 0o755))
		t.ok(t.Rename("a", "b", 0)) // onto an empty directory
		t.contents("b/f", "x")
		t.missing("a")
		t.ok(t.Mkdir("p", 0o755))
		t.ok(t.Rename("b/", "p/q/", 0))
		t.contents("p/q/f", "x")
		t.contents("p/q/../q/f", "x")
		equal(t, "inode of ..", t.stat("p/q/..").Ino, t.stat("p").Ino)
	}},
	{"rename/hard links", func(t *tester) {
		t.create("a", "x")
		t.ok(t.Link("a", "b", false))
		t.ok(t.Rename("a", "b", 0)) // two names of one file: nothing happens
		t.lists(".", "a", "b")
	}},
	{"rename/symlink", func(t *tester) {
		t.create("f", "x")
		t.ok(t.Symlink("f", "l"))
		t.ok(t.Rename("l", "m", 0))
		got, err := t.Readlink("m")
		t.ok(err)
		equal(t, "target", got, "f")
		t.ok(t.Rename("f", "m", 0)) // replaces the link, not its target
		equal(t, "type", t.stat("m").Mode&abi.S_IFMT, abi.S_IFREG)
	}},
	{"rename/noreplace", func(t *tester) {
		t.create("a", "A")
		t.create("b", "B")
		t.is(t.Rename("a", "b", abi.RENAME_NOREPLACE), abi.EEXIST)
		t.is(t.Rename("a", "a", abi.RENAME_NOREPLACE), abi.EEXIST)
		t.ok(t.Rename("a", "c", abi.RENAME_NOREPLACE))
		t.contents("c", "A")
	}},
	{"rename/exchange", func(t *tester) {
		t.create("f", "F")
		t.ok(t.Mkdir("d", 0o755))
		t.create("d/x", "X")
		t.ok(t.Mkdir("p", 0o755))
		t.ok(t.Rename("f", "p/g", 0))
		t.ok(t.Rename("p/g", "d", abi.RENAME_EXCHANGE))
		t.contents("d", "F")
		t.contents("p/g/x", "X")
		equal(t, "inode of ..", t.stat("p/g/..").Ino, t.stat("p").Ino)
		t.is(t.Rename("d", "missing", abi.RENAME_EXCHANGE), abi.ENOENT)
		t.is(t.Rename("p", "p/g", abi.RENAME_EXCHANGE), abi.EINVAL)
		t.is(t.Rename("p/g", "p", abi.RENAME_EXCHANGE), abi.EINVAL)
		if t.stat(".").Nlink > 1 {
			equal(t, "links", t.stat("p").Nlink, 3)
		}
	}},
	{"rename/open target", func(t *tester) {
		t.create("a", "A")
		t.create("b", "B")
		h := t.open("b", rd, 0)
		t.ok(t.Rename("a", "b", 0))
		t.reads(h, "B")
	}},
}

var pathCases = []testCase{
	{"path/dots and slashes", func(t *tester) {
		t.ok(t.Mkdir("d", 0o755))
		t.create("d/f", "x")
		for _, p := range []string{"d/f", "./d/f", "d//f", "d/./f", "d/../d/f", ".//d/.//f", t.Abs("d/f"), "/" + t.Abs("d//f")} {
			t.contents(p, "x")
		}
		equal(t, "the root's parent", t.stat("/..").Ino, t.stat("/").Ino)
		_, err := t.Stat("d/f/.", true)
		t.is(err, abi.ENOTDIR)
		_, err = t.Stat("d/f/..", true)
		t.is(err, abi.ENOTDIR)
		_, err = t.Stat("missing/..", true)
		t.is(err, abi.ENOENT)
	}},
	{"path/symlinks", func(t *tester) {
		t.ok(t.Mkdir("d", 0o755))
		t.ok(t.Mkdir("d/e", 0o755))
		t.create("d/f", "x")
		t.ok(t.Symlink("../f", "d/e/up"))
		t.ok(t.Symlink("d/e", "de"))
		t.ok(t.Symlink(t.Abs("d"), "abs"))
		t.contents("de/up", "x")
		t.contents("de/../f", "x")
		t.contents("abs/f", "x")
		t.contents("abs/e/up", "x")
		t.ok(t.Symlink("d/", "slash"))
		t.contents("slash/f", "x")
		t.ok(t.Symlink("d/f/", "fslash"))
		_, err := t.Stat("fslash", true)
		t.is(err, abi.ENOTDIR)
	}},
	{"path/loops", func(t *tester) {
		t.ok(t.Symlink("b", "a"))
		t.ok(t.Symlink("a", "b"))
		t.ok(t.Symlink("self", "self"))
		for _, p := range []string{"a", "self", "self/x"} {
			_, err := t.Stat(p, true)
			t.is(err, abi.ELOOP)
			t.openIs(p, wr|create, abi.ELOOP)
		}
		t.create("l0", "x")
		for i := range 41 {
			t.ok(t.Symlink(fmt.Sprintf("l%d", i), fmt.Sprintf("l%d", i+1)))
		}
		t.contents("l40", "x")
		t.openIs("l41", rd, abi.ELOOP)
	}},
	{"path/length", func(t *tester) {
		t.create("f", "x")
		long := strings.Repeat("./", 2047) + "f" // 4095 bytes
		t.contents(long, "x")
		t.openIs("/"+long, rd, abi.ENAMETOOLONG)
		t.is(t.Mkdir(strings.Repeat("d/", 2048), 0o755), abi.ENAMETOOLONG)
	}},
	{"path/removed directory", func(t *tester) {
		t.ok(t.Mkdir("d", 0o755))
		t.ok(t.Symlink("d", "l"))
		t.ok(t.Rmdir("d"))
		_, err := t.Stat("l/..", true)
		t.is(err, abi.ENOENT)
		t.openIs("l/x", wr|create, abi.ENOENT)
	}},
}

var permissionCases = []testCase{
	{"permission/file", func(t *tester) {
		t.create("f", "x")
		t.ok(t.Chown("f", 1000, 1000, true))
		t.ok(t.Chmod("f", 0o640))
		owner, group, extra, other := t.as(1000, 1), t.as(1, 1000), t.as(1, 1, 5, 1000), t.as(2000, 2000)
		owner.openIs("f", rdwr, 0)
		group.openIs("f", rd, 0)
		group.openIs("f", wr, abi.EACCES)
		extra.openIs("f", rd, 0)
		other.openIs("f", rd, abi.EACCES)
		other.openIs("f", wr|abi.O_TRUNC, abi.EACCES)
		other.openIs("f", abi.O_PATH, 0)
		t.openIs("f", rdwr, 0) // root
		t.is(other.Truncate("f", 0), abi.EACCES)
		// The owner's class counts even where others may more.
		t.ok(t.Chmod("f", 0o077))
		owner.openIs("f", rd, abi.EACCES)
		t.contents("f", "x")
	}},
	{"permission/access", func(t *tester) {
		t.create("f", "x")
		t.ok(t.Chmod("f", 0o644))
		other := t.as(1000, 1000)
		t.is(other.Access("f", abi.F_OK), 0)
		t.is(other.Access("f", abi.R_OK), 0)
		t.is(other.Access("f", abi.R_OK|abi.W_OK), abi.EACCES)
		t.is(other.Access("f", abi.X_OK), abi.EACCES)
		t.is(t.Access("f", abi.R_OK|abi.W_OK), 0)
		t.is(t.Access("f", abi.X_OK), abi.EACCES) // root, but nobody may execute it
		t.ok(t.Chmod("f", 0o001))
		t.is(t.Access("f", abi.X_OK), 0)
		t.is(t.Access("missing", abi.F_OK), abi.ENOENT)
		t.is(t.Access("f", 8), abi.EINVAL)
	}},
	{"permission/directory", func(t *tester) {
		t.ok(t.Mkdir("d", 0o700))
		t.create("d/f", "x")
		other := t.as(1000, 1000)
		other.openIs("d/f", rd, abi.EACCES)
		other.openIs("d", rd, abi.EACCES)
		other.openIs("d/missing", rd, abi.EACCES)
		t.ok(t.Chmod("d", 0o711))
		other.contents("d/f", "x") // search, but no listing
		other.openIs("d", rd, abi.EACCES)
		t.ok(t.Chmod("d", 0o744))
		other.openIs("d", rd, 0)
		other.openIs("d/f", rd, abi.EACCES)
		t.ok(t.Chmod("d", 0o755))
		other.openIs("d/g", wr|create, abi.EACCES)
		t.is(other.Mkdir("d/g", 0o755), abi.EACCES)
		t.is(other.Mkdir("d/f", 0o755), abi.EEXIST) // told before the permission
		t.is(other.Unlink("d/f"), abi.EACCES)
		t.is(other.Rename("d/f", "d/g", 0), abi.EACCES)
		t.is(other.Symlink("x", "d/l"), abi.EACCES)
		other.create("mine", "")
		t.is(other.Link("mine", "d/l", false), abi.EACCES)
	}},
	{"permission/new owner", func(t *tester) {
		user := t.as(1000, 1001)
		user.create("f", "")
		t.ok(user.Mkdir("d", 0o755))
		st := t.stat("f")
		equal(t, "uid", st.UID, 1000)
		equal(t, "gid", st.GID, 1001)
		// A setgid directory hands on its group.
		t.ok(t.Mkdir("s", 0o777))
		t.ok(t.Chown("s", 0, 50, true))
		t.ok(t.Chmod("s", 0o2777))
		user.create("s/f", "")
		t.ok(user.Mkdir("s/d", 0o755))
		equal(t, "gid in a setgid directory", t.stat("s/f").GID, 50)
		equal(t, "gid of a directory in it", t.stat("s/d").GID, 50)
		equal(t, "mode of a directory in it", t.stat("s/d").Mode, abi.S_IFDIR|0o2755)
	}},
	{"permission/sticky", func(t *tester) {
		t.ok(t.Mkdir("tmp", 0o777))
		t.ok(t.Chmod("tmp", 0o1777))
		a, b := t.as(1000, 1000), t.as(2000, 2000)
		a.create("tmp/f", "x")
		t.is(b.Unlink("tmp/f"), abi.EPERM)
		t.is(b.Rename("tmp/f", "tmp/g", 0), abi.EPERM)
		b.create("tmp/mine", "")
		t.is(b.Rename("tmp/mine", "tmp/f", 0), abi.EPERM)
		t.ok(a.Rename("tmp/f", "tmp/g", 0))
		t.ok(a.Unlink("tmp/g"))
		t.ok(t.Unlink("tmp/mine")) // root
	}},
	{"permission/chmod and chown", func(t *tester) {
		owner, other := t.as(1000, 1000, 7), t.as(2000, 2000)
		owner.create("f", "")
		t.is(other.Chmod("f", 0o777), abi.EPERM)
		t.ok(owner.Chmod("f", 0o700))
		t.is(owner.Chown("f", 2000, ^uint32(0), true), abi.EPERM)
		t.is(owner.Chown("f", ^uint32(0), 2000, true), abi.EPERM)
		t.ok(owner.Chown("f", ^uint32(0), 7, true))
		t.ok(owner.Chown("f", 1000, 1000, true))
		t.is(other.Chown("f", ^uint32(0), 2000, true), abi.EPERM)
		t.ok(t.Chown("f", 5, 6, true))
		st := t.stat("f")
		equal(t, "uid", st.UID, 5)
		equal(t, "gid", st.GID, 6)
		t.is(t.Chmod("missing", 0o700), abi.ENOENT)
	}},
	{"permission/setuid", func(t *tester) {
		t.create("f", "")
		t.ok(t.Chown("f", 1000, 1000, true))
		t.ok(t.Chmod("f", 0o6777))
		equal(t, "mode", t.stat("f").Mode, abi.S_IFREG|0o6777)
		t.ok(t.Chown("f", 1000, 1000, true)) // clears them, even for root
		equal(t, "mode after chown", t.stat("f").Mode, abi.S_IFREG|0o777)
		t.ok(t.Chmod("f", 0o6777))
		h := t.as(2000, 2000).open("f", wr, 0)
		_, err := t.as(2000, 2000).writeAs(h, "x")
		t.ok(err)
		equal(t, "mode after a write", t.stat("f").Mode, abi.S_IFREG|0o777)
		// setgid without group execution is kept, and needs the group to be set.
		t.ok(t.Chmod("f", 0o2766))
		t.ok(t.Chown("f", 1000, 1000, true))
		equal(t, "mode after chown", t.stat("f").Mode, abi.S_IFREG|0o2766)
		t.ok(t.as(1000, 5).Chmod("f", 0o2755))
		equal(t, "mode after an outsider's chmod", t.stat("f").Mode, abi.S_IFREG|0o755)
	}},
	{"permission/devices", func(t *tester) {
		t.is(t.as(1000, 1000).Mknod("null", abi.S_IFCHR|0o666, abi.Makedev(1, 3)), abi.EPERM)
		t.is(t.as(1000, 1000).Mknod("fifo", abi.S_IFIFO|0o666, 0), 0)
		err := t.Mknod("null", abi.S_IFCHR|0o666, abi.Makedev(1, 3))
		if err == abi.EPERM {
			t.Skip("devices cannot be made here")
		}
		t.ok(err)
		st := t.stat("null")
		equal(t, "mode", st.Mode, abi.S_IFCHR|0o666)
		equal(t, "device", st.Rdev, abi.Makedev(1, 3))
	}},
	{"permission/moving a directory", func(t *tester) {
		user := t.as(1000, 1000)
		t.ok(user.Mkdir("a", 0o755))
		t.ok(user.Mkdir("b", 0o755))
		t.ok(t.Mkdir("a/roots", 0o755))
		t.is(user.Rename("a/roots", "b/roots", 0), abi.EACCES) // its .. would change
		t.ok(user.Rename("a/roots", "a/renamed", 0))
	}},
}

// writeAs writes as the tester's user to a file that is open already.
func (t *tester) writeAs(h Handle, s string) (int, error) {
	if a, ok := t.System.(interface {
		Do(func() error) error
	}); ok {
		n := 0
		err := a.Do(func() (err error) {
			n, err = h.WriteAt([]byte(s), 0)
			return err
		})
		return n, err
	}
	return h.WriteAt([]byte(s), 0)
}

const second = int64(1e9)

var attrCases = []testCase{
	{"attr/times", func(t *tester) {
		t.create("f", "x")
		t.ok(t.Utimes("f", Time{NS: 1_000_000_001}, Time{NS: -5 * second}))
		st := t.stat("f")
		equal(t, "atime", st.Atime, 1_000_000_001)
		equal(t, "mtime", st.Mtime, -5*second)
		ctime := st.Ctime
		t.ok(t.Utimes("f", Time{Omit: true}, Time{NS: 7}))
		st = t.stat("f")
		equal(t, "atime", st.Atime, 1_000_000_001)
		equal(t, "mtime", st.Mtime, 7)
		if st.Ctime < ctime {
			t.Errorf("ctime went back")
		}
		t.ok(t.Utimes("f", Time{Now: true}, Time{Now: true}))
		st = t.stat("f")
		if st.Mtime < ctime-second || st.Atime < ctime-second {
			t.Errorf("times after UTIME_NOW: %d, %d; ctime %d", st.Atime, st.Mtime, st.Ctime)
		}
	}},
	{"attr/times permission", func(t *tester) {
		t.create("f", "x")
		t.ok(t.Chmod("f", 0o666))
		other := t.as(1000, 1000)
		t.is(other.Utimes("f", Time{NS: 1}, Time{NS: 1}), abi.EPERM)
		t.is(other.Utimes("f", Time{Now: true}, Time{Omit: true}), abi.EPERM)
		t.ok(other.Utimes("f", Time{Now: true}, Time{Now: true}))
		t.ok(t.Chmod("f", 0o644))
		t.is(other.Utimes("f", Time{Now: true}, Time{Now: true}), abi.EACCES)
	}},
	{"attr/what changes times", func(t *tester) {
		t.ok(t.Mkdir("d", 0o755))
		t.create("d/f", "x")
		back := func() {
			t.ok(t.Utimes("d", Time{NS: second}, Time{NS: second}))
			t.ok(t.Utimes("d/f", Time{NS: second}, Time{NS: second}))
		}
		check := func(what string, dirM, fileM bool) {
			t.Helper()
			equal(t, "directory's mtime changed by "+what, t.stat("d").Mtime != second, dirM)
			equal(t, "file's mtime changed by "+what, t.stat("d/f").Mtime != second, fileM)
			back()
		}
		back()
		h := t.open("d/f", rdwr, 0)
		_, err := h.WriteAt([]byte("y"), 0)
		t.ok(err)
		check("write", false, true)
		t.ok(h.Truncate(5))
		check("ftruncate", false, true)
		t.ok(t.Chmod("d/f", 0o600))
		check("chmod", false, false)
		t.ok(t.Link("d/f", "d/g", false))
		check("link", true, false)
		t.ok(t.Unlink("d/g"))
		check("unlink", true, false)
		t.ok(t.Mkdir("d/e", 0o755))
		check("mkdir", true, false)
		t.ok(t.Rename("d/e", "d/h", 0))
		check("rename", true, false)
		t.ok(t.Rmdir("d/h"))
		check("rmdir", true, false)
		_, err = h.ReadAt(make([]byte, 1), 0)
		t.ok(err)
		check("read", false, false)
	}},
	{"attr/chmod", func(t *tester) {
		t.create("f", "")
		t.ok(t.Chmod("f", 0o7777))
		equal(t, "mode", t.stat("f").Mode, abi.S_IFREG|0o7777)
		t.ok(t.Symlink("f", "l"))
		t.ok(t.Chmod("l", 0o600))
		equal(t, "mode behind the link", t.stat("f").Mode, abi.S_IFREG|0o600)
		equal(t, "mode of the link", t.stat("l").Mode, abi.S_IFLNK|0o777)
		t.ok(t.Chown("l", 3, 4, false))
		equal(t, "uid of the link", t.stat("l").UID, 3)
		equal(t, "uid behind the link", t.stat("f").UID, 0)
	}},
	{"attr/xattr", func(t *tester) {
		t.create("f", "")
		err := t.Setxattr("f", "user.a", []byte("1"), 0)
		if err == abi.EOPNOTSUPP {
			t.Skip("this file system has no extended attributes")
		}
		t.ok(err)
		t.is(t.Setxattr("f", "user.a", []byte("2"), abi.XATTR_CREATE), abi.EEXIST)
		t.is(t.Setxattr("f", "user.b", []byte("2"), abi.XATTR_REPLACE), abi.ENODATA)
		t.ok(t.Setxattr("f", "user.a", []byte("3"), abi.XATTR_REPLACE))
		t.ok(t.Setxattr("f", "user.empty", nil, 0))
		v, err := t.Getxattr("f", "user.a")
		t.ok(err)
		equal(t, "value", string(v), "3")
		_, err = t.Getxattr("f", "user.b")
		t.is(err, abi.ENODATA)
		names, err := t.Listxattr("f")
		t.ok(err)
		equal(t, "names", strings.Join(names, " "), "user.a user.empty")
		t.ok(t.Removexattr("f", "user.a"))
		t.is(t.Removexattr("f", "user.a"), abi.ENODATA)
		t.is(t.Setxattr("f", "nonsense.a", nil, 0), abi.EOPNOTSUPP)
		t.is(t.Setxattr("f", "user."+strings.Repeat("x", 251), nil, 0), abi.ERANGE)
		t.is(t.Setxattr("f", "user.a", make([]byte, 65537), 0), abi.E2BIG)
		t.ok(t.Mknod("fifo", abi.S_IFIFO|0o644, 0))
		t.is(t.Setxattr("fifo", "user.a", []byte("1"), 0), abi.EPERM)
		other := t.as(1000, 1000)
		t.is(other.Setxattr("f", "user.a", []byte("1"), 0), abi.EACCES)
	}},
}
