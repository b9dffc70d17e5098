package fstest

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"boxer/runtime/abi"
)

const (
	rd     = abi.O_RDONLY
	wr     = abi.O_WRONLY
	rdwr   = abi.O_RDWR
	create = abi.O_CREAT
	excl   = abi.O_EXCL
)

var openCases = []testCase{
	{"open/missing", func(t *tester) {
		t.openIs("f", rd, abi.ENOENT)
		t.openIs("d/f", wr|create, abi.ENOENT)
		t.openIs("", rd, abi.ENOENT)
	}},
	{"open/create", func(t *tester) {
		h := t.open("f", rdwr|create, 0o640)
		st, err := h.Stat()
		t.ok(err)
		equal(t, "mode", st.Mode, abi.S_IFREG|0o640)
		equal(t, "links", st.Nlink, 1)
		equal(t, "size", st.Size, 0)
		t.openIs("f", wr|create|excl, abi.EEXIST)
		t.openIs("f", wr|create, 0)
		t.openIs("f/", wr|create, abi.EISDIR)
		t.openIs("f/", wr, abi.ENOTDIR)
		t.openIs("g/", wr|create, abi.EISDIR)
		t.lists(".", "f")
	}},
	{"open/create without write permission", func(t *tester) {
		h := t.open("f", rdwr|create, 0)
		n, err := h.WriteAt([]byte("abc"), 0)
		t.ok(err)
		equal(t, "written", n, 3)
		t.reads(h, "abc")
	}},
	{"open/truncate", func(t *tester) {
		t.create("f", "contents")
		t.openIs("f", wr|abi.O_TRUNC, 0)
		t.contents("f", "")
	}},
	{"open/directory", func(t *tester) {
		t.ok(t.Mkdir("d", 0o755))
		t.create("f", "")
		t.openIs("d", rd, 0)
		t.openIs("d", wr, abi.EISDIR)
		t.openIs("d", rdwr, abi.EISDIR)
		t.openIs("d", rd|create, abi.EISDIR)
		t.openIs("d", rd|create|excl, abi.EEXIST)
		t.openIs("d", rd|abi.O_TRUNC, abi.EISDIR)
		t.openIs("d/", rd, 0)
		t.openIs("f", rd|abi.O_DIRECTORY, abi.ENOTDIR)
		t.openIs("f/", rd, abi.ENOTDIR)
		t.openIs("f/g", rd, abi.ENOTDIR)
		t.openIs("f/g", wr|create, abi.ENOTDIR)
		h := t.open("d", rd|abi.O_DIRECTORY, 0)
		_, err := h.ReadAt(make([]byte, 1), 0)
		t.is(err, abi.EISDIR)
	}},
	{"open/symlink", func(t *tester) {
		t.create("f", "x")
		t.ok(t.Symlink("f", "l"))
		t.ok(t.Symlink("missing", "dangling"))
		t.contents("l", "x")
		t.openIs("l", rd|abi.O_NOFOLLOW, abi.ELOOP)
		t.openIs("l", wr|create|excl, abi.EEXIST)
		t.openIs("dangling", rd, abi.ENOENT)
		t.openIs("dangling", wr|create|excl, abi.EEXIST)
		t.openIs("dangling", wr|create, 0)
		t.lists(".", "f", "l", "dangling", "missing")
		t.openIs("l", abi.O_PATH|abi.O_NOFOLLOW, 0)
		h := t.open("l", abi.O_PATH|abi.O_NOFOLLOW, 0)
		st, err := h.Stat()
		t.ok(err)
		equal(t, "type", st.Mode&abi.S_IFMT, abi.S_IFLNK)
	}},
	{"open/symlink to directory", func(t *tester) {
		t.ok(t.Mkdir("d", 0o755))
		t.create("d/f", "x")
		t.ok(t.Symlink("d", "l"))
		t.openIs("l", rd|abi.O_DIRECTORY|abi.O_NOFOLLOW, abi.ENOTDIR)
		t.openIs("l", rd|abi.O_DIRECTORY, 0)
		t.openIs("l/", rd|abi.O_NOFOLLOW, 0)
		t.contents("l/f", "x")
		t.openIs("l/f", rd|abi.O_NOFOLLOW, 0)
	}},
	{"open/unlinked", func(t *tester) {
		h := t.open("f", rdwr|create, 0o644)
		_, err := h.WriteAt([]byte("before"), 0)
		t.ok(err)
		t.ok(t.Unlink("f"))
		t.missing("f")
		t.create("f", "other")
		_, err = h.WriteAt([]byte(" and after"), 6)
		t.ok(err)
		t.reads(h, "before and after")
		st, err := h.Stat()
		t.ok(err)
		equal(t, "links", st.Nlink, 0)
		t.contents("f", "other")
	}},
	{"open/tmpfile", func(t *tester) {
		t.ok(t.Mkdir("d", 0o755))
		h, err := t.Open("d", rdwr|abi.O_TMPFILE, 0o600)
		if err == abi.EOPNOTSUPP {
			t.Skip("this file system has no O_TMPFILE")
		}
		t.ok(err)
		_, err = h.WriteAt([]byte("tmp"), 0)
		t.ok(err)
		t.lists("d")
		st, err := h.Stat()
		t.ok(err)
		equal(t, "links", st.Nlink, 0)
		equal(t, "mode", st.Mode, abi.S_IFREG|0o600)
		t.ok(h.LinkTo("named"))
		t.is(h.LinkTo("named"), abi.EEXIST)
		t.ok(h.Close())
		t.contents("named", "tmp")
		t.openIs("d", rd|abi.O_TMPFILE, abi.EINVAL)
		t.create("file", "")
		t.openIs("file", wr|abi.O_TMPFILE, abi.ENOTDIR)

		h, err = t.Open("d", rdwr|abi.O_TMPFILE|excl, 0o600)
		t.ok(err)
		t.is(h.LinkTo("forbidden"), abi.ENOENT)
		t.ok(h.Close())
	}},
	{"open/path names", func(t *tester) {
		t.ok(t.Mkdir("d", 0o755))
		t.create("d/f", "x")
		h, d := t.open("d/f", rd, 0), t.open("d", rd, 0)
		equal(t, "name", h.Path(), t.Abs("d/f"))
		t.ok(t.Rename("d", "e", 0))
		equal(t, "name in a renamed directory", h.Path(), t.Abs("e/f"))
		equal(t, "renamed directory's name", d.Path(), t.Abs("e"))
		t.ok(t.Rename("e/f", "g", 0))
		equal(t, "renamed file's name", h.Path(), t.Abs("g"))
		t.ok(t.Unlink("g"))
		equal(t, "removed file's name", h.Path(), t.Abs("g")+" (deleted)")
		t.ok(t.Rmdir("e"))
		equal(t, "removed directory's name", d.Path(), t.Abs("e")+" (deleted)")
	}},
	{"open/exclusive race", func(t *tester) {
		const workers = 8
		won := make(chan bool, workers)
		for range workers {
			go func() {
				h, err := t.Open("f", wr|create|excl, 0o644)
				if err == nil {
					h.Close()
				}
				won <- err == nil
			}()
		}
		n := 0
		for range workers {
			if <-won {
				n++
			}
		}
		equal(t, "winners", n, 1)
	}},
}

var dirCases = []testCase{
	{"mkdir", func(t *tester) {
		t.ok(t.Mkdir("d", 0o750))
		equal(t, "mode", t.stat("d").Mode, abi.S_IFDIR|0o750)
		t.is(t.Mkdir("d", 0o755), abi.EEXIST)
		t.is(t.Mkdir("d/", 0o755), abi.EEXIST)
		t.is(t.Mkdir(".", 0o755), abi.EEXIST)
		t.is(t.Mkdir("d/..", 0o755), abi.EEXIST)
		t.is(t.Mkdir("/", 0o755), abi.EEXIST)
		t.is(t.Mkdir("x/y", 0o755), abi.ENOENT)
		t.is(t.Mkdir("", 0o755), abi.ENOENT)
		t.ok(t.Mkdir("e/", 0o755))
		t.create("f", "")
		t.is(t.Mkdir("f", 0o755), abi.EEXIST)
		t.is(t.Mkdir("f/d", 0o755), abi.ENOTDIR)
		t.ok(t.Symlink("nowhere", "l"))
		t.is(t.Mkdir("l", 0o755), abi.EEXIST)
	}},
	{"mkdir/link counts", func(t *tester) {
		t.ok(t.Mkdir("d", 0o755))
		if t.stat("d").Nlink == 1 {
			t.Skip("this file system does not count directories")
		}
		equal(t, "links", t.stat("d").Nlink, 2)
		t.ok(t.Mkdir("d/a", 0o755))
		t.ok(t.Mkdir("d/b", 0o755))
		t.create("d/f", "")
		equal(t, "links with two directories", t.stat("d").Nlink, 4)
		t.ok(t.Rename("d/a", "a", 0))
		equal(t, "links after rename", t.stat("d").Nlink, 3)
		t.ok(t.Rmdir("d/b"))
		equal(t, "links after rmdir", t.stat("d").Nlink, 2)
	}},
	{"rmdir", func(t *tester) {
		t.ok(t.Mkdir("d", 0o755))
		t.create("d/f", "")
		t.is(t.Rmdir("d"), abi.ENOTEMPTY)
		t.is(t.Rmdir("d/f"), abi.ENOTDIR)
		t.is(t.Rmdir("missing"), abi.ENOENT)
		t.is(t.Rmdir("d/."), abi.EINVAL)
		t.is(t.Rmdir("d/.."), abi.ENOTEMPTY)
		t.is(t.Rmdir("/"), abi.EBUSY)
		t.ok(t.Unlink("d/f"))
		t.ok(t.Symlink("d", "l"))
		t.is(t.Rmdir("l"), abi.ENOTDIR)
		t.is(t.Rmdir("l/"), abi.ENOTDIR)
		t.ok(t.Rmdir("d/"))
		t.missing("d")
	}},
	{"rmdir/in use", func(t *tester) {
		t.ok(t.Mkdir("d", 0o755))
		h := t.open("d", rd, 0)
		t.ok(t.Rmdir("d"))
		_, err := h.ReadDir(10)
		t.is(err, abi.ENOENT)
		st, err := h.Stat()
		t.ok(err)
		equal(t, "links", st.Nlink, 0)
	}},
	{"readdir", func(t *tester) {
		t.ok(t.Mkdir("d", 0o755))
		want := []string{}
		for i := range 200 {
			name := fmt.Sprintf("d/file%03d", i)
			t.create(name, "")
			want = append(want, name[2:])
		}
		t.ok(t.Mkdir("d/sub", 0o755))
		t.ok(t.Symlink("x", "d/link"))
		t.ok(t.Mknod("d/fifo", abi.S_IFIFO|0o644, 0))
		want = append(want, "sub", "link", "fifo")
		t.lists("d", want...)
		types := map[string]uint8{".": abi.DT_DIR, "..": abi.DT_DIR, "sub": abi.DT_DIR, "link": abi.DT_LNK, "fifo": abi.DT_FIFO, "file000": abi.DT_REG}
		h := t.open("d", rd, 0)
		for {
			list, err := h.ReadDir(7)
			t.ok(err)
			if len(list) == 0 {
				break
			}
			for _, e := range list {
				st := t.stat("d/" + e.Name)
				equal(t, "inode of "+e.Name, e.Ino, st.Ino)
				if want, ok := types[e.Name]; ok {
					equal(t, "type of "+e.Name, e.Type, want)
					delete(types, e.Name)
				}
			}
		}
		equal(t, "number of entries not seen", len(types), 0)
	}},
	{"readdir/changes", func(t *tester) {
		t.ok(t.Mkdir("d", 0o755))
		for i := range 100 {
			t.create(fmt.Sprintf("d/stay%02d", i), "")
			t.create(fmt.Sprintf("d/go%02d", i), "")
		}
		h := t.open("d", rd, 0)
		seen := map[string]int{}
		for i := 0; ; i++ {
			list, err := h.ReadDir(5)
			t.ok(err)
			if len(list) == 0 {
				break
			}
			for _, e := range list {
				seen[e.Name]++
			}
			if i < 100 {
				t.ok(t.Unlink(fmt.Sprintf("d/go%02d", i)))
				t.create(fmt.Sprintf("d/new%02d", i), "")
			}
		}
		for i := range 100 {
			name := fmt.Sprintf("stay%02d", i)
			equal(t, "times "+name+" was seen", seen[name], 1)
		}
	}},
	{"mknod", func(t *tester) {
		t.ok(t.Mknod("fifo", abi.S_IFIFO|0o640, 0))
		t.ok(t.Mknod("sock", abi.S_IFSOCK|0o755, 0))
		t.ok(t.Mknod("file", 0o600, 0))
		equal(t, "mode", t.stat("fifo").Mode, abi.S_IFIFO|0o640)
		equal(t, "mode", t.stat("sock").Mode, abi.S_IFSOCK|0o755)
		equal(t, "mode", t.stat("file").Mode, abi.S_IFREG|0o600)
		t.is(t.Mknod("fifo", abi.S_IFIFO, 0), abi.EEXIST)
		t.is(t.Mknod("dir", abi.S_IFDIR|0o755, 0), abi.EPERM)
		t.is(t.Mknod("link", abi.S_IFLNK|0o755, 0), abi.EINVAL)
		t.is(t.Mknod("new/", abi.S_IFREG|0o755, 0), abi.ENOENT)
		t.openIs("sock", rd, abi.ENXIO)
	}},
	{"names", func(t *tester) {
		long := strings.Repeat("n", 255)
		t.create(long, "x")
		t.contents(long, "x")
		t.openIs(long+"n", wr|create, abi.ENAMETOOLONG)
		t.openIs(long+"n", rd, abi.ENAMETOOLONG)
		t.is(t.Mkdir(long+"n", 0o755), abi.ENAMETOOLONG)
		t.is(t.Unlink(long+"n"), abi.ENAMETOOLONG)
		t.is(t.Rename(long, long+"n", 0), abi.ENAMETOOLONG)
		odd := []string{" ", "...", "a\nb", "\xff\xfe", "é", "-rf", "*", ".hidden", "a\\b"}
		for _, n := range odd {
			t.create(n, n)
		}
		for _, n := range odd {
			t.contents(n, n)
		}
		t.lists(".", append(slices.Clone(odd), long)...)
	}},
}

var dataCases = []testCase{
	{"data/sparse", func(t *tester) {
		h := t.open("f", rdwr|create, 0o644)
		_, err := h.WriteAt([]byte("end"), 1<<20)
		t.ok(err)
		p := make([]byte, 100)
		n, err := h.ReadAt(p, 1<<20-10)
		equal(t, "read", n, 13)
		equal(t, "error", err, error(io.EOF))
		equal(t, "contents", string(p[:n]), strings.Repeat("\x00", 10)+"end")
		st, err := h.Stat()
		t.ok(err)
		equal(t, "size", st.Size, 1<<20+3)
		if st.Blocks*512 > 1<<20 {
			t.Errorf("a hole of 1 MiB takes %d blocks", st.Blocks)
		}
	}},
	{"data/truncate", func(t *tester) {
		h := t.open("f", rdwr|create, 0o644)
		_, err := h.WriteAt([]byte("0123456789"), 0)
		t.ok(err)
		t.ok(h.Truncate(4))
		t.reads(h, "0123")
		t.ok(h.Truncate(8))
		t.reads(h, "0123\x00\x00\x00\x00")
		t.is(h.Truncate(-1), abi.EINVAL)
		t.ok(t.Truncate("f", 2))
		t.contents("f", "01")
		t.ok(t.Mkdir("d", 0o755))
		t.is(t.Truncate("d", 0), abi.EISDIR)
		t.is(t.Truncate("missing", 0), abi.ENOENT)
		t.is(t.Truncate("f", -1), abi.EINVAL)
		t.ok(t.Mknod("fifo", abi.S_IFIFO|0o644, 0))
		t.is(t.Truncate("fifo", 0), abi.EINVAL)
	}},
	{"data/append", func(t *tester) {
		t.create("f", "one")
		a, b := t.open("f", wr|abi.O_APPEND, 0), t.open("f", wr|abi.O_APPEND, 0)
		for _, h := range []Handle{a, b, a} {
			n, err := h.Append([]byte("+two"))
			t.ok(err)
			equal(t, "written", n, 4)
		}
		t.contents("f", "one+two+two+two")
	}},
	{"data/append race", func(t *tester) {
		const writers, records = 4, 200
		done := make(chan error, writers)
		t.create("f", "")
		for w := range writers {
			go func() {
				h, err := t.Open("f", wr|abi.O_APPEND, 0)
				if err == nil {
					for range records {
						if _, err = h.Append([]byte(strings.Repeat(string(rune('a'+w)), 10))); err != nil {
							break
						}
					}
					h.Close()
				}
				done <- err
			}()
		}
		for range writers {
			t.ok(<-done)
		}
		h := t.open("f", rd, 0)
		p := make([]byte, 10)
		count := map[byte]int{}
		for i := range int64(writers * records) {
			if _, err := h.ReadAt(p, i*10); err != nil && err != io.EOF {
				t.Fatal(err)
			}
			if strings.Count(string(p), string(p[:1])) != 10 {
				t.Fatalf("record %d is torn: %q", i, p)
			}
			count[p[0]]++
		}
		for w := range byte(writers) {
			equal(t, "records of a writer", count['a'+w], records)
		}
	}},
	{"data/two handles", func(t *tester) {
		a := t.open("f", rdwr|create, 0o644)
		b := t.open("f", rdwr, 0)
		_, err := a.WriteAt([]byte("hello"), 0)
		t.ok(err)
		t.reads(b, "hello")
		t.ok(b.Truncate(1))
		t.reads(a, "h")
	}},
	{"data/allocate", func(t *tester) {
		h := t.open("f", rdwr|create, 0o644)
		err := h.Allocate(0, 0, 1000)
		if err == abi.EOPNOTSUPP {
			t.Skip("this file system has no fallocate")
		}
		t.ok(err)
		st, _ := h.Stat()
		equal(t, "size", st.Size, 1000)
		t.ok(h.Allocate(abi.FALLOC_FL_KEEP_SIZE, 0, 5000))
		st, _ = h.Stat()
		equal(t, "size with KEEP_SIZE", st.Size, 1000)
		t.is(h.Allocate(0, -1, 10), abi.EINVAL)
		t.is(h.Allocate(0, 0, 0), abi.EINVAL)
		t.is(h.Allocate(abi.FALLOC_FL_PUNCH_HOLE, 0, 10), abi.EOPNOTSUPP)
		_, err = h.WriteAt([]byte(strings.Repeat("x", 300<<10)), 0)
		t.ok(err)
		t.ok(h.Allocate(abi.FALLOC_FL_PUNCH_HOLE|abi.FALLOC_FL_KEEP_SIZE, 10, 280<<10))
		p := make([]byte, 20)
		_, err = h.ReadAt(p, 0)
		t.ok(err)
		equal(t, "punched", string(p), strings.Repeat("x", 10)+strings.Repeat("\x00", 10))
		_, err = h.ReadAt(p, 280<<10)
		t.ok(err)
		equal(t, "punched", string(p), strings.Repeat("\x00", 10)+strings.Repeat("x", 10))
	}},
	{"data/holes", func(t *tester) {
		h := t.open("f", rdwr|create, 0o644)
		_, err := h.Seek(0, abi.SEEK_DATA)
		t.is(err, abi.ENXIO)
		t.ok(h.Truncate(4 << 20))
		_, err = h.WriteAt([]byte("x"), 2<<20)
		t.ok(err)
		off, err := h.Seek(2<<20, abi.SEEK_DATA)
		t.ok(err)
		equal(t, "data", off, 2<<20)
		off, err = h.Seek(0, abi.SEEK_DATA)
		t.ok(err)
		if off > 2<<20 {
			t.Errorf("SEEK_DATA skipped data: %d", off)
		}
		off, err = h.Seek(2<<20, abi.SEEK_HOLE)
		t.ok(err)
		if off <= 2<<20 || off > 4<<20 {
			t.Errorf("SEEK_HOLE at data gave %d", off)
		}
		_, err = h.Seek(4<<20, abi.SEEK_HOLE)
		t.is(err, abi.ENXIO)
	}},
	{"data/huge", func(t *tester) {
		h := t.open("f", rdwr|create, 0o644)
		const far = 1 << 40
		_, err := h.WriteAt([]byte("far"), far)
		if err == abi.EFBIG {
			t.Skip("this file system has smaller files")
		}
		t.ok(err)
		st, _ := h.Stat()
		equal(t, "size", st.Size, far+3)
		t.ok(h.Truncate(0))
		st, _ = h.Stat()
		equal(t, "blocks", st.Blocks, 0)
	}},
}
