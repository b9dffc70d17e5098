package fstest

import (
	"encoding/binary"
	"flag"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/hack-pad/hackpadfs/mem"
	"golang.org/x/sys/unix"

	"boxer/runtime/abi"
	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
	"boxer/wasmfs/inode"
)

// TestLinux runs the cases on the real system in a temporary directory: what
// they expect is what Linux does. It needs root, to act as others.
func TestLinux(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can act as other users")
	}
	old := syscall.Umask(0)
	t.Cleanup(func() { syscall.Umask(old) })
	Run(t, func(t *testing.T) System { return newHost(t) })
}

// TestRandom compares random calls on the real system and on a guest's tree.
func TestRandom(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can act as other users")
	}
	old := syscall.Umask(0)
	t.Cleanup(func() { syscall.Umask(old) })
	for seed := range *seeds {
		backend, err := mem.NewFS()
		if err != nil {
			t.Fatal(err)
		}
		fs, err := inode.New(inode.Options{Store: chunk.New(backend, chunk.Options{})})
		if err != nil {
			t.Fatal(err)
		}
		ns := wasmfs.NewNamespace(fs, "tmpfs", 0)
		h, dir := newHost(t), ""
		for range 10 { // so that what lies above by some dots is the same in both
			dir += "/t"
			if err := os.Mkdir(h.dir+dir, 0o777); err != nil {
				t.Fatal(err)
			}
			NewGuest(t, ns, dir)
		}
		if h, err = openHost(t, h.dir+dir); err != nil {
			t.Fatal(err)
		}
		Random(t, seed, 400, h, NewGuest(t, ns, dir))
	}
}

var seeds = flag.Uint64("seeds", 20, "how many random call sequences TestRandom compares")

// newHost is the real system in a temporary directory.
func newHost(t *testing.T) *host {
	t.Helper()
	dir, err := os.MkdirTemp("", "fstest")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		t.Fatal(err)
	}
	h, err := openHost(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// openHost is the real system in dir.
func openHost(t *testing.T, dir string) (*host, error) {
	fd, err := unix.Open(dir, unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { unix.Close(fd) })
	return &host{fd: fd, dir: dir}, nil
}

// host is a System on the real one.
type host struct {
	fd     int
	dir    string
	other  bool
	uid    uint32
	gid    uint32
	groups []uint32
}

// errno makes Linux's error an abi.Errno; the numbers are the same on the
// architectures that the tests run on.
func errno(err error) error {
	if e, ok := err.(syscall.Errno); ok {
		return abi.Errno(e)
	}
	return err
}

// Do runs fn as the System's user: file system ids are a thread's own.
func (h *host) Do(fn func() error) error {
	if !h.other {
		return errno(fn())
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	set := func(uid, gid uint32, groups []uint32) {
		var p unsafe.Pointer
		if len(groups) > 0 {
			p = unsafe.Pointer(&groups[0])
		}
		syscall.RawSyscall(syscall.SYS_SETGROUPS, uintptr(len(groups)), uintptr(p), 0)
		syscall.RawSyscall(syscall.SYS_SETFSGID, uintptr(gid), 0, 0)
		syscall.RawSyscall(syscall.SYS_SETFSUID, uintptr(uid), 0, 0)
	}
	set(h.uid, h.gid, h.groups)
	defer set(0, 0, nil)
	return errno(fn())
}

func (h *host) Abs(path string) string { return h.dir + "/" + path }

func (h *host) As(uid, gid uint32, groups ...uint32) System {
	return &host{fd: h.fd, dir: h.dir, other: uid != 0, uid: uid, gid: gid, groups: groups}
}

// hostFlags translates arm64's open flags.
func hostFlags(flags int) int {
	host := flags & (abi.O_ACCMODE | abi.O_CREAT | abi.O_EXCL | abi.O_TRUNC | abi.O_APPEND | abi.O_NONBLOCK | abi.O_PATH | abi.O_CLOEXEC)
	for arm, own := range map[int]int{abi.O_DIRECTORY: unix.O_DIRECTORY, abi.O_NOFOLLOW: unix.O_NOFOLLOW, abi.O_TMPFILE &^ abi.O_DIRECTORY: unix.O_TMPFILE} {
		if flags&arm != 0 {
			host |= own
		}
	}
	return host
}

func (h *host) Open(path string, flags int, mode uint32) (Handle, error) {
	fd := -1
	err := h.Do(func() (err error) {
		fd, err = unix.Openat(h.fd, path, hostFlags(flags)|unix.O_CLOEXEC, mode)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &hostHandle{h: h, fd: fd}, nil
}

func (h *host) Mkdir(path string, mode uint32) error {
	return h.Do(func() error { return unix.Mkdirat(h.fd, path, mode) })
}

func (h *host) Mknod(path string, mode uint32, dev uint64) error {
	return h.Do(func() error { return unix.Mknodat(h.fd, path, mode, int(dev)) })
}

func (h *host) Symlink(target, path string) error {
	return h.Do(func() error { return unix.Symlinkat(target, h.fd, path) })
}

func (h *host) Link(old, new string, follow bool) error {
	flags := 0
	if follow {
		flags = unix.AT_SYMLINK_FOLLOW
	}
	return h.Do(func() error { return unix.Linkat(h.fd, old, h.fd, new, flags) })
}

func (h *host) Unlink(path string) error {
	return h.Do(func() error { return unix.Unlinkat(h.fd, path, 0) })
}

func (h *host) Rmdir(path string) error {
	return h.Do(func() error { return unix.Unlinkat(h.fd, path, unix.AT_REMOVEDIR) })
}

func (h *host) Rename(old, new string, flags uint32) error {
	return h.Do(func() error { return unix.Renameat2(h.fd, old, h.fd, new, uint(flags)) })
}

func nofollow(follow bool) int {
	if follow {
		return 0
	}
	return unix.AT_SYMLINK_NOFOLLOW
}

func (h *host) Stat(path string, follow bool) (abi.Stat, error) {
	var st unix.Stat_t
	err := h.Do(func() error { return unix.Fstatat(h.fd, path, &st, nofollow(follow)) })
	return hostStat(&st), err
}

func hostStat(st *unix.Stat_t) abi.Stat {
	return abi.Stat{Dev: uint64(st.Dev), Ino: st.Ino, Mode: st.Mode, Nlink: uint32(st.Nlink), UID: st.Uid, GID: st.Gid,
		Rdev: uint64(st.Rdev), Size: st.Size, Blksize: int32(st.Blksize), Blocks: st.Blocks,
		Atime: st.Atim.Nano(), Mtime: st.Mtim.Nano(), Ctime: st.Ctim.Nano()}
}

func (h *host) Access(path string, mode uint32) error {
	return h.Do(func() error { return unix.Faccessat(h.fd, path, mode, unix.AT_EACCESS) })
}

func (h *host) Readlink(path string) (string, error) {
	buf := make([]byte, 4096)
	n := 0
	err := h.Do(func() (err error) {
		n, err = unix.Readlinkat(h.fd, path, buf)
		return err
	})
	return string(buf[:max(n, 0)]), err
}

func (h *host) Chmod(path string, mode uint32) error {
	return h.Do(func() error { return unix.Fchmodat(h.fd, path, mode, 0) })
}

func (h *host) Chown(path string, uid, gid uint32, follow bool) error {
	return h.Do(func() error { return unix.Fchownat(h.fd, path, int(uid), int(gid), nofollow(follow)) })
}

func (h *host) Utimes(path string, atime, mtime Time) error {
	ts := make([]unix.Timespec, 2)
	for i, x := range []Time{atime, mtime} {
		ts[i] = unix.NsecToTimespec(x.NS)
		switch {
		case x.Now:
			ts[i].Nsec = unix.UTIME_NOW
		case x.Omit:
			ts[i].Nsec = unix.UTIME_OMIT
		}
	}
	return h.Do(func() error { return unix.UtimesNanoAt(h.fd, path, ts, 0) })
}

// proc is a name for path that calls without a directory argument can use.
func (h *host) proc(path string) string {
	if strings.HasPrefix(path, "/") || path == "" {
		return path
	}
	return "/proc/self/fd/" + strconv.Itoa(h.fd) + "/" + path
}

func (h *host) Truncate(path string, size int64) error {
	return h.Do(func() error { return unix.Truncate(h.proc(path), size) })
}

func (h *host) Getxattr(path, name string) ([]byte, error) {
	buf := make([]byte, 1<<16)
	n := 0
	err := h.Do(func() (err error) {
		n, err = unix.Getxattr(h.proc(path), name, buf)
		return err
	})
	return buf[:max(n, 0)], err
}

func (h *host) Setxattr(path, name string, value []byte, flags int) error {
	return h.Do(func() error { return unix.Setxattr(h.proc(path), name, value, flags) })
}

func (h *host) Listxattr(path string) ([]string, error) {
	buf := make([]byte, 1<<16)
	n := 0
	err := h.Do(func() (err error) {
		n, err = unix.Listxattr(h.proc(path), buf)
		return err
	})
	if err != nil {
		return nil, err
	}
	names := strings.FieldsFunc(string(buf[:n]), func(r rune) bool { return r == 0 })
	sort.Strings(names)
	return names, nil
}

func (h *host) Removexattr(path, name string) error {
	return h.Do(func() error { return unix.Removexattr(h.proc(path), name) })
}

type hostHandle struct {
	h  *host
	fd int
}

func (f *hostHandle) ReadAt(p []byte, off int64) (int, error) {
	n, err := unix.Pread(f.fd, p, off)
	if err != nil {
		return 0, errno(err)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *hostHandle) WriteAt(p []byte, off int64) (int, error) {
	n, err := unix.Pwrite(f.fd, p, off)
	return n, errno(err)
}

func (f *hostHandle) Append(p []byte) (int, error) {
	n, err := unix.Write(f.fd, p)
	return n, errno(err)
}

func (f *hostHandle) Truncate(size int64) error { return errno(unix.Ftruncate(f.fd, size)) }

func (f *hostHandle) Allocate(mode int, off, n int64) error {
	return errno(unix.Fallocate(f.fd, uint32(mode), off, n))
}

func (f *hostHandle) Seek(off int64, whence int) (int64, error) {
	n, err := unix.Seek(f.fd, off, whence)
	return n, errno(err)
}

func (f *hostHandle) Stat() (abi.Stat, error) {
	var st unix.Stat_t
	err := unix.Fstat(f.fd, &st)
	return hostStat(&st), errno(err)
}

// ReadDir reads what one getdents64 with room for about n short names gives.
func (f *hostHandle) ReadDir(n int) ([]Entry, error) {
	buf := make([]byte, max(n*32, 300))
	m, err := unix.Getdents(f.fd, buf)
	if err != nil {
		return nil, errno(err)
	}
	var list []Entry
	for b := buf[:m]; len(b) > 0; {
		// d_ino, d_off, d_reclen, d_type, d_name: getdents64(2).
		reclen := binary.NativeEndian.Uint16(b[16:])
		name, _, _ := strings.Cut(string(b[19:reclen]), "\x00")
		list = append(list, Entry{Name: name, Ino: binary.NativeEndian.Uint64(b), Type: b[18]})
		b = b[reclen:]
	}
	return list, nil
}

func (f *hostHandle) LinkTo(path string) error {
	return errno(unix.Linkat(unix.AT_FDCWD, "/proc/self/fd/"+strconv.Itoa(f.fd), f.h.fd, path, unix.AT_SYMLINK_FOLLOW))
}

func (f *hostHandle) Path() string {
	s, _ := os.Readlink("/proc/self/fd/" + strconv.Itoa(f.fd))
	return s
}

func (f *hostHandle) Close() error { return errno(unix.Close(f.fd)) }
