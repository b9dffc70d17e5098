package box_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"boxer/runtime/abi"
	"boxer/runtime/box"
)

func TestFiles(t *testing.T) {
	b := keep(t, true, nil)
	big := bytes.Repeat([]byte("0123456789"), 300_000)
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	fails := func(what string, err error, want abi.Errno) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	must("mkdir", b.Mkdir("/a/b/c", 0o750, true))
	must("mkdir again", b.Mkdir("/a/b/c", 0o750, true))
	fails("mkdir without parents", b.Mkdir("/x/y", 0o755, false), abi.ENOENT)
	fails("mkdir of what is there", b.Mkdir("/a", 0o755, false), abi.EEXIST)
	must("write", b.WriteFile("/a/big", big, 0o640))
	if got, err := b.ReadFile("a/big"); err != nil || !bytes.Equal(got, big) {
		t.Errorf("read %d bytes, %v", len(got), err)
	}
	must("shorter", b.WriteFile("/a/big", []byte("short"), 0o600))
	if st, err := b.Stat("/a/big"); err != nil || st.Size != 5 || st.Mode != abi.S_IFREG|0o640 {
		t.Errorf("stat: %+v, %v", st, err)
	}
	must("symlink", b.Symlink("../big", "/a/b/link"))
	if got, err := b.ReadFile("/a/b/link"); err != nil || string(got) != "short" {
		t.Errorf("through the link: %q, %v", got, err)
	}
	must("chmod", b.Chmod("/a/b/link", 0o4755))
	if st, out := sh(t, b, "stat -c '%a %U %n' /a/big; cat /a/big; mkdir /a/d; echo guest > /a/d/f", nil); st.Code != 0 || out != "4755 root /a/big\nshort" {
		t.Errorf("in the box: %v %q", st, out)
	}
	list, err := b.ReadDir("/a")
	must("readdir", err)
	var names []string
	for _, e := range list {
		names = append(names, e.Name)
		if e.Name == "big" && (e.Type != abi.S_IFREG || e.Size != 5) {
			t.Errorf("%+v", e)
		}
	}
	if len(names) != 3 {
		t.Errorf("readdir: %v", names)
	}
	must("rename", b.Rename("/a/d/f", "/a/g"))
	if got, err := b.ReadFile("/a/g"); err != nil || string(got) != "guest\n" {
		t.Errorf("after rename: %q, %v", got, err)
	}
	if got, err := b.ReadFile("/proc/version"); err != nil || !strings.HasPrefix(string(got), "Linux version") {
		t.Errorf("/proc/version: %q, %v", got, err)
	}
	_, err = b.ReadFile("/none")
	fails("read of nothing", err, abi.ENOENT)
	_, err = b.ReadFile("/a")
	fails("read of a directory", err, abi.EISDIR)
	_, err = b.ReadFile("/dev/null")
	fails("read of a device", err, abi.EINVAL)
	fails("rm of a directory", b.Remove("/a", false, false), abi.EISDIR)
	fails("rm of nothing", b.Remove("/none", false, false), abi.ENOENT)
	must("rm -f of nothing", b.Remove("/none", false, true))
	fails("rm of a mount", b.Remove("/dev", true, true), abi.EBUSY)
	must("rm -r", b.Remove("/a", true, false))
	_, err = b.Stat("/a")
	fails("stat of what was removed", err, abi.ENOENT)
	must("a file with its directories", b.SeedFile("new/dir/file", []byte("x"), 0o666))
	if st, err := b.Stat("/new/dir/file"); err != nil || st.Mode&0o777 != 0o666 {
		t.Errorf("%+v, %v", st, err)
	}
}

// A tree's hash depends on what is in it, and on nothing else.
func TestTreeHash(t *testing.T) {
	hash := func(b *box.Box) string {
		t.Helper()
		h, err := b.TreeHash()
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	one, two := keep(t, true, nil), keep(t, false, nil)
	was := hash(one)
	if was != hash(two) {
		t.Error("two boxes of one image differ")
	}
	change := func(line string) {
		t.Helper()
		if st, out := sh(t, one, line, nil); st.Code != 0 {
			t.Fatalf("%s: %v %s", line, st, out)
		}
		if now := hash(one); now == was {
			t.Errorf("%s: no change", line)
		} else {
			was = now
		}
	}
	change("echo 1 > /f")
	change("echo 2 > /f")
	change("chmod 600 /f")
	change("chown 3 /f")
	change("ln -s f /l")
	change("mknod /p p")
	if _, out := sh(t, one, "touch /f; echo x > /tmp/x; rm /tmp/x; echo y > /dev/shm/y", nil); out != "" || hash(one) != was {
		t.Errorf("what is not in the hash changed it: %s", out)
	}
	if _, out := sh(t, two, "mknod /p p; ln -s f /l; echo 2 > /f; chmod 600 /f; chown 3 /f", nil); out != "" || hash(two) != was {
		t.Errorf("equal trees differ: %s", out)
	}
}

func TestTar(t *testing.T) {
	one, two := keep(t, true, nil), keep(t, true, nil)
	long := strings.Repeat("long", 40)
	if st, out := sh(t, one, `mkdir -p /d/`+long+`/e; echo deep > /d/`+long+`/e/f; ln /d/`+long+`/e/f /d/hard; ln -s nowhere /d/soft
		mknod /d/fifo p; mknod /d/dev c 1 3; chmod 1777 /d; echo x > /d/x; chown 4000000000:5 /d/x; chmod 4711 /d/x; touch -d @1234567890 /d/x /d; head -c 3000000 /dev/zero > /zeros`, nil); st.Code != 0 || out != "" {
		t.Fatal(st, out)
	}
	var b bytes.Buffer
	if err := one.ExportTar(&b); err != nil {
		t.Fatal(err)
	}
	// Others read it too.
	found := map[string]*tar.Header{}
	for r := tar.NewReader(bytes.NewReader(b.Bytes())); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		found[h.Name] = h
	}
	if h := found["d/x"]; h == nil || h.Uid != 4000000000 || h.Gid != 5 || h.Mode != 0o4711 || h.ModTime.Unix() != 1234567890 {
		t.Errorf("d/x: %+v", h)
	}
	if h := found["d/hard"]; h == nil || h.Size != 5 || h.Typeflag != tar.TypeReg {
		t.Errorf("d/hard: %+v", h)
	}
	if h := found["d/"+long+"/e/f"]; h == nil || h.Typeflag != tar.TypeLink || h.Linkname != "d/hard" {
		t.Errorf("its other name, a long one: %+v", h)
	}
	if h := found["dev/null"]; h != nil {
		t.Error("what is mounted is in it")
	}
	// Over other files of the same names.
	sh(t, two, "echo old > /zeros; mkdir /d; echo old > /d/soft", nil)
	if err := two.ImportTar(bytes.NewReader(b.Bytes()), int64(b.Len())); err != nil {
		t.Fatal(err)
	}
	h1, err1 := one.TreeHash()
	h2, err2 := two.TreeHash()
	if h1 != h2 || err1 != nil || err2 != nil {
		t.Errorf("the trees differ: %v %v", err1, err2)
	}
	if _, out := sh(t, two, "stat -c %Y /d/x /d; stat -c %h /d/hard; cat /d/hard", nil); out != "1234567890\n1234567890\n2\ndeep\n" {
		t.Errorf("%q", out)
	}
	if err := two.ImportTar(bytes.NewReader(b.Bytes()[:b.Len()/2]), int64(b.Len()/2)); err == nil {
		t.Error("half an archive is accepted")
	}
}
