package tarfs

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"boxer/runtime/abi"
)

// pack makes an archive with archive/tar.
func pack(t testing.TB, format tar.Format, headers []tar.Header, contents map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		h.Format = format
		h.Size = int64(len(contents[h.Name]))
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, contents[h.Name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func index(t testing.TB, b []byte) *Layer {
	t.Helper()
	l, err := Index(bytes.NewReader(b), int64(len(b)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestFormats(t *testing.T) {
	long := strings.Repeat("long/", 40) + "name"
	when := time.Unix(1_700_000_000, 0)
	for _, format := range []tar.Format{tar.FormatUSTAR, tar.FormatPAX, tar.FormatGNU} {
		t.Run(format.String(), func(t *testing.T) {
			name, target, hard := long, strings.Repeat("t", 150), long
			uid := 3_000_000
			if format == tar.FormatUSTAR {
				name, target, hard, uid = strings.Repeat("pre/", 30)+strings.Repeat("x", 90), strings.Repeat("t", 100), "fifo", 2_000_000
			}
			b := pack(t, format, []tar.Header{
				{Typeflag: tar.TypeDir, Name: "./", Mode: 0o755, ModTime: when},
				{Typeflag: tar.TypeReg, Name: name, Mode: 0o4755, Uid: uid, Gid: 7, ModTime: when},
				{Typeflag: tar.TypeSymlink, Name: "/abs//link", Linkname: target, ModTime: when},
				{Typeflag: tar.TypeLink, Name: "hard", Linkname: "./" + hard, ModTime: when},
				{Typeflag: tar.TypeChar, Name: "dev/null", Mode: 0o666, Devmajor: 1, Devminor: 3, ModTime: when},
				{Typeflag: tar.TypeBlock, Name: "dev/sda", Mode: 0o660, Devmajor: 8, Devminor: 300, ModTime: when},
				{Typeflag: tar.TypeFifo, Name: "fifo", Mode: 0o600, ModTime: when},
			}, map[string]string{name: "contents"})
			l := index(t, b)
			es := l.Entries()
			if len(es) != 7 {
				t.Fatalf("%d entries", len(es))
			}
			if e := es[0]; e.Name != "" || e.Mode != abi.S_IFDIR|0o755 || e.Mtime != when.UnixNano() {
				t.Errorf("root: %+v", e)
			}
			e := es[1]
			if e.Name != name || e.Mode != abi.S_IFREG|0o4755 || e.UID != uint32(uid) || e.GID != 7 || e.Size != 8 {
				t.Errorf("file: %+v", e)
			}
			got, err := io.ReadAll(io.NewSectionReader(l.Contents(&e), 0, e.Size))
			if err != nil || string(got) != "contents" {
				t.Errorf("contents %q, %v", got, err)
			}
			if sum, err := l.Digest(&es[1]); err != nil || sum != sha256.Sum256([]byte("contents")) {
				t.Errorf("digest %x, %v", sum, err)
			}
			if e := es[2]; e.Name != "abs/link" || e.Link != target || e.Mode != abi.S_IFLNK|0o777 {
				t.Errorf("symlink: %+v", e)
			}
			if e := es[3]; e.Kind != Hardlink || e.Link != hard {
				t.Errorf("hard link: %+v", e)
			}
			if e := es[4]; e.Mode != abi.S_IFCHR|0o666 || e.Rdev != abi.Makedev(1, 3) {
				t.Errorf("device: %+v", e)
			}
			if e := es[5]; e.Mode != abi.S_IFBLK|0o660 || e.Rdev != abi.Makedev(8, 300) {
				t.Errorf("device: %+v", e)
			}
			if e := es[6]; e.Mode != abi.S_IFIFO|0o600 {
				t.Errorf("fifo: %+v", e)
			}
		})
	}
}

func TestPAX(t *testing.T) {
	b := pack(t, tar.FormatPAX, []tar.Header{{Typeflag: tar.TypeReg, Name: "f", Mode: 0o644,
		ModTime: time.Unix(1_600_000_000, 123_456_789), AccessTime: time.Unix(-5, 250_000_000),
		PAXRecords: map[string]string{"SCHILY.xattr.user.a": "v=1\n\x00", "SCHILY.xattr.security.capability": "cap", "comment": "no"}}}, nil)
	e := index(t, b).Entries()[0]
	if e.Mtime != 1_600_000_000_123_456_789 || e.Atime != -4_750_000_000 {
		t.Errorf("times %d, %d", e.Mtime, e.Atime)
	}
	if len(e.Xattrs) != 2 || e.Xattrs["user.a"] != "v=1\n\x00" || e.Xattrs["security.capability"] != "cap" {
		t.Errorf("xattrs %q", e.Xattrs)
	}
}

func TestWhiteouts(t *testing.T) {
	b := pack(t, tar.FormatPAX, []tar.Header{
		{Typeflag: tar.TypeReg, Name: "d/.wh.gone"}, {Typeflag: tar.TypeReg, Name: ".wh.top"},
		{Typeflag: tar.TypeReg, Name: "d/.wh..wh..opq"}, {Typeflag: tar.TypeReg, Name: ".wh..wh..opq"},
	}, nil)
	want := []Entry{{Kind: Whiteout, Name: "d/gone"}, {Kind: Whiteout, Name: "top"}, {Kind: Opaque, Name: "d"}, {Kind: Opaque, Name: ""}}
	for i, e := range index(t, b).Entries() {
		if e.Kind != want[i].Kind || e.Name != want[i].Name {
			t.Errorf("entry %d: %+v, want %+v", i, e, want[i])
		}
	}
}

// TestSparse reads what GNU tar writes in its four sparse formats.
func TestSparse(t *testing.T) {
	if _, err := exec.LookPath("tar"); err != nil {
		t.Skip("no tar here")
	}
	dir := t.TempDir()
	want := make([]byte, 3<<20)
	f, err := os.Create(filepath.Join(dir, "sparse"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 40 { // more pieces than one old header and its first extension hold
		off := i * 70_000 / 4096 * 4096
		copy(want[off:], fmt.Sprintf("piece %d", i))
		if _, err := fmt.Fprintf(io.NewOffsetWriter(f, int64(off)), "piece %d", i); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Truncate(int64(len(want))); err != nil {
		t.Fatal(err)
	}
	f.Close()
	for _, args := range [][]string{{"--format=gnu"}, {"--format=pax", "--sparse-version=0.0"},
		{"--format=pax", "--sparse-version=0.1"}, {"--format=pax", "--sparse-version=1.0"}} {
		t.Run(args[len(args)-1], func(t *testing.T) {
			out, err := exec.Command("tar", append(args, "-S", "-C", dir, "-cf", "-", "sparse")...).Output()
			if err != nil {
				t.Skipf("tar: %v", err)
			}
			l := index(t, out)
			e := &l.Entries()[0]
			if e.Name != "sparse" || e.Size != int64(len(want)) {
				t.Fatalf("entry %+v", e)
			}
			if len(e.sparse) < 30 {
				t.Skipf("the file has %d pieces: no holes on this file system", len(e.sparse))
			}
			got, err := io.ReadAll(io.NewSectionReader(l.Contents(e), 0, e.Size))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("contents differ (%v)", err)
			}
			p := make([]byte, 20)
			if n, err := l.Contents(e).ReadAt(p, e.Size-5); n != 5 || err != io.EOF {
				t.Errorf("read at the end: %d, %v", n, err)
			}
		})
	}
}

// block makes a header block with a right checksum.
func block(edit func(h *header)) []byte {
	var h header
	copy(h.name(), "f")
	copy(h.mode(), "0000644\x00")
	copy(h.size(), "00000000000\x00")
	copy(h[257:], magicUstar)
	h[156] = '0'
	edit(&h)
	copy(h.checksum(), "        ")
	sum := 0
	for _, b := range h {
		sum += int(b)
	}
	copy(h.checksum(), fmt.Sprintf("%06o\x00 ", sum))
	return h[:]
}

func pad(s string) []byte {
	return append([]byte(s), make([]byte, -len(s)&(blockSize-1))...)
}

// paxBlock is an extended header with records, whatever they are.
func paxBlock(s string) []byte {
	return append(block(func(h *header) { h[156] = 'x'; copy(h.size(), fmt.Sprintf("%011o\x00", len(s))) }), pad(s)...)
}

func rec(key, value string) string {
	n := len(key) + len(value) + 3
	for n != len(fmt.Sprint(n))+len(key)+len(value)+3 {
		n = len(fmt.Sprint(n)) + len(key) + len(value) + 3
	}
	return fmt.Sprintf("%d %s=%s\n", n, key, value)
}

func TestHostile(t *testing.T) {
	name := func(s string) []byte { return block(func(h *header) { clear(h.name()); copy(h.name(), s) }) }
	file := block(func(*header) {})
	for _, c := range []struct {
		name string
		b    []byte
		want error
	}{
		{"half a block", file[:300], ErrTruncated},
		{"garbage", bytes.Repeat([]byte("garbage!"), 64), ErrHeader},
		{"wrong checksum", append(bytes.Clone(file[:511]), 1), ErrHeader},
		{"dot dot", name("a/../../etc/passwd"), ErrName},
		{"only dot dot", name(".."), ErrName},
		{"long component", append(paxBlock(rec("path", strings.Repeat("c", 256))), file...), ErrName},
		{"long path", append(paxBlock(rec("path", strings.Repeat("c/", 2048))), file...), ErrName},
		{"NUL in a name", append(paxBlock(rec("path", "a\x00b")), file...), ErrName},
		{"hard link out", block(func(h *header) { h[156] = '1'; copy(h.linkname(), "../x") }), ErrName},
		{"symlink to nothing", block(func(h *header) { h[156] = '2' }), ErrName},
		{"whiteout of dot dot", name("d/.wh..."), ErrName},
		{"whiteout of dot", name("d/.wh.."), ErrName},
		{"whiteout of nothing", name("d/.wh."), ErrName},
		{"size beyond the end", block(func(h *header) { copy(h.size(), "00000001000\x00") }), ErrTruncated},
		{"enormous size", block(func(h *header) { copy(h.size(), "\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff") }), ErrTruncated},
		{"negative size", block(func(h *header) { copy(h.size(), bytes.Repeat([]byte{0xff}, 12)) }), ErrHeader},
		{"size of 80 bits", block(func(h *header) { copy(h.size(), "\x80\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff") }), ErrHeader},
		{"letters in a number", block(func(h *header) { copy(h.mode(), "rwxr-xr") }), ErrHeader},
		{"negative uid", block(func(h *header) { copy(h.uid(), bytes.Repeat([]byte{0xff}, 8)) }), ErrHeader},
		{"unknown type", block(func(h *header) { h[156] = 'Z' }), ErrType},
		{"extended header and no file", paxBlock(rec("path", "x")), ErrTruncated},
		{"huge extended header", block(func(h *header) { h[156] = 'x'; copy(h.size(), "00100000000\x00") }), ErrLimit},
		{"PAX without a length", append(paxBlock("path=x\n"), file...), ErrPAX},
		{"PAX length too long", append(paxBlock("99 path=x\n"), file...), ErrPAX},
		{"PAX length zero", append(paxBlock("0 path=x\n"), file...), ErrPAX},
		{"PAX length too short", append(paxBlock("2 path=x\n"), file...), ErrPAX},
		{"PAX size negative", append(paxBlock(rec("size", "-1")), file...), ErrPAX},
		{"PAX size lies", append(paxBlock(rec("size", "9223372036854775807")), file...), ErrTruncated},
		{"PAX uid too large", append(paxBlock(rec("uid", "4294967296")), file...), ErrPAX},
		{"PAX time", append(paxBlock(rec("mtime", "soon")), file...), ErrPAX},
		{"long xattr name", append(paxBlock(rec("SCHILY.xattr.user."+strings.Repeat("x", 255), "")), file...), ErrPAX},
		{"sparse pieces overlap", append(paxBlock(rec("GNU.sparse.size", "100")+rec("GNU.sparse.map", "0,10,5,10")), file...), ErrSparse},
		{"sparse pieces beyond the size", append(paxBlock(rec("GNU.sparse.size", "100")+rec("GNU.sparse.map", "96,10")), file...), ErrSparse},
		{"sparse pieces overflow", append(paxBlock(rec("GNU.sparse.size", "100")+rec("GNU.sparse.map", "1,9223372036854775807")), file...), ErrSparse},
		{"sparse map is odd", append(paxBlock(rec("GNU.sparse.size", "100")+rec("GNU.sparse.map", "1")), file...), ErrSparse},
		{"sparse without a size", append(paxBlock(rec("GNU.sparse.map", "0,0")), file...), ErrSparse},
		{"sparse is larger than stored", append(paxBlock(rec("GNU.sparse.size", "100")+rec("GNU.sparse.map", "0,100")), file...), ErrSparse},
		{"sparse is enormous", append(paxBlock(rec("GNU.sparse.size", "9000000000000000000")+rec("GNU.sparse.map", "")), file...), ErrLimit},
		{"sparse 1.0 map is missing", append(paxBlock(rec("GNU.sparse.major", "1")+rec("GNU.sparse.minor", "0")+rec("GNU.sparse.realsize", "9")), file...), ErrSparse},
		{"old sparse map is cut off", block(func(h *header) { h[156] = 'S'; copy(h[257:], magicGNU); h[482] = 1 }), ErrTruncated},
	} {
		start := time.Now()
		_, err := Index(bytes.NewReader(c.b), int64(len(c.b)), Limits{})
		var e *Error
		if !errors.Is(err, c.want) || !errors.As(err, &e) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("%s took %v", c.name, d)
		}
	}
}

func TestTolerated(t *testing.T) {
	file := block(func(*header) {})
	end := make([]byte, 2*blockSize)
	signed := block(func(h *header) { h.name()[0] = 0xe9 })
	sum, err := number((*header)(signed).checksum())
	if err != nil {
		t.Fatal(err)
	}
	copy((*header)(signed).checksum(), fmt.Sprintf("%06o\x00 ", sum-256))
	for _, c := range []struct {
		name string
		b    []byte
		n    int
	}{
		{"nothing", nil, 0},
		{"no end marker", file, 1},
		{"garbage behind the end", append(append(bytes.Clone(file), end...), "garbage"...), 1},
		{"global header", append(append(block(func(h *header) { h[156] = 'g'; copy(h.size(), "00000000013\x00") }), pad(rec("path", "x"))...), file...), 1},
		{"signed checksum", signed, 1},
		{"volume label", append(block(func(h *header) { h[156] = 'V' }), file...), 1},
		{"v7 directory", block(func(h *header) { clear(h[257:265]); h[156] = 0; copy(h.name(), "d/") }), 1},
		{"contents without their padding", append(block(func(h *header) { copy(h.size(), "00000000003\x00") }), "abc"...), 1},
	} {
		l, err := Index(bytes.NewReader(c.b), int64(len(c.b)), Limits{})
		if err != nil || len(l.Entries()) != c.n {
			t.Errorf("%s: %v, want %d entries", c.name, err, c.n)
		}
	}
}

func TestEntryLimit(t *testing.T) {
	b := bytes.Repeat(block(func(*header) {}), 11)
	if _, err := Index(bytes.NewReader(b), int64(len(b)), Limits{Entries: 10}); !errors.Is(err, ErrLimit) {
		t.Errorf("eleven entries: %v", err)
	}
}

// FuzzIndex: whatever the archive, Index ends with an error it names or with
// entries that keep their promises.
func FuzzIndex(f *testing.F) {
	for _, format := range []tar.Format{tar.FormatUSTAR, tar.FormatPAX, tar.FormatGNU} {
		f.Add(pack(f, format, []tar.Header{{Typeflag: tar.TypeDir, Name: "d/", Mode: 0o755}, {Typeflag: tar.TypeReg, Name: "d/f", Mode: 0o644},
			{Typeflag: tar.TypeLink, Name: "h", Linkname: "d/f"}, {Typeflag: tar.TypeSymlink, Name: "l", Linkname: "../x"}, {Typeflag: tar.TypeReg, Name: "d/.wh..wh..opq"}},
			map[string]string{"d/f": "x"}))
	}
	f.Add(append(paxBlock(rec("GNU.sparse.size", "100")+rec("GNU.sparse.map", "10,3,50,0")), append(block(func(h *header) { copy(h.size(), "00000000003\x00") }), pad("abc")...)...))
	f.Add(append(paxBlock(rec("GNU.sparse.major", "1")+rec("GNU.sparse.minor", "0")+rec("GNU.sparse.realsize", "9")), append(block(func(h *header) { copy(h.size(), "00000001003\x00") }), append(pad("1\n2\n3\n"), pad("abc")...)...)...))
	f.Add(block(func(h *header) { h[156] = 'S'; copy(h[257:], magicGNU); copy(h.gnuRealsize(), "00000000100\x00") }))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Index(bytes.NewReader(b), int64(len(b)), Limits{Sparse: 1 << 20})
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v does not say where", err)
			}
			return
		}
		for i := range l.Entries() {
			e := &l.Entries()[i]
			if c, err := Clean(e.Name); err != nil || c != e.Name {
				t.Fatalf("name %q is not clean: %q, %v", e.Name, c, err)
			}
			if e.Kind != Node || e.Mode&abi.S_IFMT != abi.S_IFREG {
				continue
			}
			n, err := io.Copy(io.Discard, io.NewSectionReader(l.Contents(e), 0, e.Size))
			if err != nil || n != e.Size {
				t.Fatalf("%q: read %d of %d: %v", e.Name, n, e.Size, err)
			}
		}
	})
}
