package abi

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"testing"
)

// Offsets are those of asm-generic/stat.h compiled for aarch64.
func TestStatLayout(t *testing.T) {
	s := Stat{Dev: 0x0102, Ino: 0x1122334455667788, Mode: S_IFREG | 0o644, Nlink: 3, UID: 1000, GID: 1001,
		Rdev: Makedev(8, 300), Size: 1 << 40, Blksize: 4096, Blocks: 77,
		Atime: 1_500_000_001, Mtime: -1, Ctime: 5}
	b := s.Encode()
	le := binary.LittleEndian
	for _, f := range []struct {
		name string
		off  int
		want uint64
	}{{"st_dev", 0, 0x0102}, {"st_ino", 8, 0x1122334455667788}, {"st_rdev", 32, 300&0xff | 8<<8 | 0x100<<12},
		{"st_size", 48, 1 << 40}, {"st_blocks", 64, 77}, {"st_atime", 72, 1}, {"st_atime_nsec", 80, 500_000_001},
		{"st_mtime", 88, ^uint64(0)}, {"st_mtime_nsec", 96, 999_999_999}, {"st_ctime_nsec", 112, 5}} {
		if got := le.Uint64(b[f.off:]); got != f.want {
			t.Errorf("%s at %d = %#x, want %#x", f.name, f.off, got, f.want)
		}
	}
	for _, f := range []struct {
		name string
		off  int
		want uint32
	}{{"st_mode", 16, 0o100644}, {"st_nlink", 20, 3}, {"st_uid", 24, 1000}, {"st_gid", 28, 1001}, {"st_blksize", 56, 4096}} {
		if got := le.Uint32(b[f.off:]); got != f.want {
			t.Errorf("%s at %d = %#x, want %#x", f.name, f.off, got, f.want)
		}
	}
}

func TestMakedev(t *testing.T) {
	for _, d := range [][2]uint32{{0, 0}, {1, 3}, {5, 2}, {136, 1023}, {0xfff, 0xfffff}, {0xfffff, 0xffffffff}} {
		dev := Makedev(d[0], d[1])
		if Major(dev) != d[0] || Minor(dev) != d[1] {
			t.Errorf("Makedev(%d, %d) = %#x, taken apart %d, %d", d[0], d[1], dev, Major(dev), Minor(dev))
		}
	}
}

func TestAppendDirent(t *testing.T) {
	b := AppendDirent(nil, 7, 2, DT_DIR, "abcd")
	want := []byte{7, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 24, 0, 4, 'a', 'b', 'c', 'd', 0}
	if !bytes.Equal(b, want) {
		t.Errorf("got  %v\nwant %v", b, want)
	}
	if n := len(AppendDirent(nil, 7, 2, DT_DIR, "abcde")); n != 32 {
		t.Errorf("a five letter name takes %d bytes, want 32", n)
	}
}

func TestErrno(t *testing.T) {
	if s := ENOENT.Error(); s != "No such file or directory" {
		t.Errorf("ENOENT.Error() = %q", s)
	}
	if s := EHWPOISON.Name(); s != "EHWPOISON" || EHWPOISON != 133 {
		t.Errorf("EHWPOISON.Name() = %q, number %d", s, EHWPOISON)
	}
	for _, e := range []Errno{-1, 0, 41, 58, 134, 4095} {
		if e.Name() == "" || e.Error() == "" {
			t.Errorf("Errno %d has no text", int(e))
		}
	}
	var err error = ENOTEMPTY
	if !errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
		t.Error("ENOTEMPTY must be fs.ErrExist and nothing else")
	}
	if ENOENT.Result() != 0xfffffffffffffffe {
		t.Errorf("ENOENT.Result() = %#x", ENOENT.Result())
	}
}
