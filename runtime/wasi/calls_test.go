package wasi

import (
	"strings"
	"testing"

	"boxer/runtime/abi"
	"boxer/runtime/kernel"
	"boxer/runtime/knob"
)

// runScript runs a script and tells which step failed.
func runScript(t *testing.T, s *script, e kernel.Exec) (*box, string) {
	t.Helper()
	b := newBox(t, s.bytes())
	st, out := b.run(e)
	if st != (kernel.ExitStatus{}) {
		t.Errorf("%s (%+v)\n%s%s", s.failed(st.Code), st, out, b.logged())
	}
	return b, out
}

const (
	wBADF    errno = 8
	wEXIST   errno = 20
	wFAULT   errno = 21
	wINVAL   errno = 28
	wISDIR   errno = 31
	wLOOP    errno = 32
	wNOENT   errno = 44
	wNOTDIR  errno = 54
	wNOTSOCK errno = 57
	wNOTSUP  errno = 58
	wPERM    errno = 63
	wSPIPE   errno = 70
)

func TestWriteAndArgs(t *testing.T) {
	s := newScript("fd_write", "args_sizes_get", "args_get", "environ_sizes_get", "environ_get")
	p, n := s.str("hello\n")
	v := s.iovec(p, n)
	s.call(success, "fd_write", 1, v, 1, 0)
	s.is32(0, 6)
	s.call(wBADF, "fd_write", 77, v, 1, 0)
	s.call(wFAULT, "fd_write", 1, v, 1, 1<<31)
	s.call(wFAULT, "fd_write", 1, 1<<31, 1, 0)
	s.call(wINVAL, "fd_write", 1, v, 1<<20, 0)
	s.call(success, "args_sizes_get", 0, 4)
	s.is32(0, 2)
	s.is32(4, 6)
	s.call(success, "args_get", 16, 64)
	s.is32(16, 64)
	s.is32(20, 66)
	s.has(64, "a\x00bcd\x00")
	s.call(success, "environ_sizes_get", 0, 4)
	s.is32(0, 2)
	s.is32(4, uint32(len("X=1.PWD=/w.")))
	s.call(success, "environ_get", 16, 64)
	s.has(64, "X=1\x00PWD=/w\x00")
	s.call(wFAULT, "environ_get", 1<<17, 0)
	_, out := runScript(t, s, kernel.Exec{Argv: []string{"a", "bcd"}, Env: []string{"X=1", "PWD=/nowhere"}, Dir: "/w"})
	if out != "hello\n" {
		t.Errorf("output %q", out)
	}
}

// TestPWDStays: a PWD that is right is left as it is.
func TestPWDStays(t *testing.T) {
	s := newScript("environ_sizes_get", "environ_get")
	s.call(success, "environ_sizes_get", 0, 4)
	s.is32(0, 2)
	s.call(success, "environ_get", 16, 64)
	s.has(64, "PWD=/w/../w\x00Y=\x00")
	runScript(t, s, kernel.Exec{Env: []string{"PWD=/w/../w", "Y="}, Dir: "/w"})
}

func TestPreopen(t *testing.T) {
	s := newScript("fd_prestat_get", "fd_prestat_dir_name", "fd_fdstat_get", "fd_close", "fd_renumber", "path_open")
	for _, fd := range []uint64{0, 2, 4, 1 << 31} {
		s.call(wBADF, "fd_prestat_get", fd, 0)
	}
	s.call(success, "fd_prestat_get", 3, 0)
	s.is64(0, 1<<32)
	s.call(37, "fd_prestat_dir_name", 3, 0, 0) // ENAMETOOLONG
	s.call(success, "fd_prestat_dir_name", 3, 0, 1)
	s.has(0, "/")
	s.call(success, "fd_fdstat_get", 3, 0)
	s.has(0, "\x03")
	p, n := s.str("w")
	s.call(success, "path_open", 3, 0, p, n, 2, 0, 0, 0, 0)
	s.is32(0, 4)
	s.call(success, "fd_renumber", 4, 3)
	s.call(wBADF, "fd_prestat_get", 3, 0)
	s.call(wBADF, "fd_close", 4)
	s.call(success, "fd_close", 3)
	s.call(wBADF, "fd_renumber", 1, 3)
	runScript(t, s, kernel.Exec{})
}

func TestFiles(t *testing.T) {
	s := newScript("path_open", "fd_write", "fd_read", "fd_pread", "fd_pwrite", "fd_seek", "fd_tell", "fd_close",
		"fd_filestat_get", "fd_filestat_set_size", "fd_filestat_set_times", "path_filestat_get",
		"path_filestat_set_times", "fd_allocate", "fd_advise", "fd_sync", "fd_datasync", "fd_fdstat_get",
		"fd_fdstat_set_flags", "fd_fdstat_set_rights")
	const creat, excl, trunc = 1, 4, 8
	const rw = rightFdRead | rightFdWrite
	p, n := s.str("w/f")
	s.call(wNOENT, "path_open", 3, 0, p, n, 0, rw, 0, 0, 0)
	s.call(success, "path_open", 3, 0, p, n, creat|excl, rw, 0, 0, 0)
	s.is32(0, 4)
	s.call(wEXIST, "path_open", 3, 0, p, n, creat|excl, rw, 0, 0, 0)
	s.call(wNOTDIR, "path_open", 3, 0, p, n, 2, 0, 0, 0, 0)
	s.call(wBADF, "path_open", 9, 0, p, n, 0, 0, 0, 0, 0)
	s.call(wNOTDIR, "path_open", 4, 0, p, n, 0, 0, 0, 0, 0)
	s.call(wNOTDIR, "path_open", 1, 0, p, n, 0, 0, 0, 0, 0)
	s.call(wINVAL, "path_open", 3, 0, p, n, 16, 0, 0, 0, 0)
	s.call(wFAULT, "path_open", 3, 0, 1<<30, n, 0, 0, 0, 0, 0)

	d, _ := s.str("0123456789")
	v := s.place([]byte{byte(d), byte(d >> 8), 0, 0, 4, 0, 0, 0, byte(d + 4), byte((d + 4) >> 8), 0, 0, 6, 0, 0, 0})
	in := s.iovec(64, 4)
	s.call(success, "fd_write", 4, v, 2, 0)
	s.is32(0, 10)
	s.call(success, "fd_tell", 4, 8)
	s.is64(8, 10)
	s.call(success, "fd_seek", 4, ^uint64(6), 2, 8) // −7 from the end
	s.is64(8, 3)
	s.call(success, "fd_read", 4, in, 1, 0)
	s.has(64, "3456")
	s.call(wINVAL, "fd_seek", 4, ^uint64(0), 0, 8)
	s.call(wINVAL, "fd_seek", 4, 0, 3, 8)
	s.call(wSPIPE, "fd_seek", 1, 0, 0, 8)
	s.call(success, "fd_pread", 4, in, 1, 8, 0)
	s.is32(0, 2)
	s.has(64, "8956")
	s.call(success, "fd_pwrite", 4, in, 1, 0, 0)
	s.call(wSPIPE, "fd_pread", 0, in, 1, 0, 0)
	s.call(wINVAL, "fd_pread", 4, in, 1, 1<<63, 0)
	s.call(success, "fd_tell", 4, 8)
	s.is64(8, 7)

	s.call(success, "fd_filestat_get", 4, 128)
	s.has(128+16, "\x04")
	s.is64(128+24, 1)
	s.is64(128+32, 10)
	s.call(success, "fd_filestat_set_size", 4, 3)
	s.call(wINVAL, "fd_filestat_set_size", 4, 1<<63)
	s.call(success, "fd_allocate", 4, 0, 20)
	s.call(wINVAL, "fd_allocate", 4, 0, 0)
	s.call(success, "fd_filestat_set_times", 4, 1000, 2000, 1|4)
	s.call(wINVAL, "fd_filestat_set_times", 4, 1000, 2000, 1|2)
	s.call(success, "path_filestat_get", 3, 0, p, n, 128)
	s.is64(128+32, 20)
	s.is64(128+40, 1000)
	s.is64(128+48, 2000)
	s.call(success, "path_filestat_set_times", 3, 0, p, n, 3000, 0, 1)
	s.call(success, "fd_filestat_get", 4, 128)
	s.is64(128+40, 3000)
	s.is64(128+48, 2000)
	s.call(success, "fd_advise", 4, 0, 0, 5)
	s.call(wINVAL, "fd_advise", 4, 0, 0, 6)
	s.call(wSPIPE, "fd_advise", 0, 0, 0, 0)
	s.call(success, "fd_sync", 4)
	s.call(success, "fd_datasync", 4)
	s.call(wBADF, "fd_sync", 40)

	s.call(success, "fd_fdstat_set_flags", 4, fdAppend)
	s.call(success, "fd_fdstat_get", 4, 128)
	s.is32(128, 4|fdAppend<<16)
	s.call(wINVAL, "fd_fdstat_set_flags", 4, fdSyncFlag)
	s.call(wNOTSUP, "fd_fdstat_set_rights", 4, 0, 0)
	s.call(success, "fd_write", 4, v, 1, 0)
	s.call(success, "fd_tell", 4, 8)
	s.is64(8, 24)
	s.call(success, "fd_close", 4)
	s.call(success, "path_open", 3, 0, p, n, trunc, rightFdWrite, 0, 0, 0)
	s.is32(0, 4)
	s.call(wBADF, "fd_read", 4, in, 1, 0)
	s.call(success, "fd_filestat_get", 4, 128)
	s.is64(128+32, 0)
	runScript(t, s, kernel.Exec{Stdin: strings.NewReader("")})
}

func TestPaths(t *testing.T) {
	s := newScript("path_create_directory", "path_symlink", "path_readlink", "path_link", "path_rename",
		"path_unlink_file", "path_remove_directory", "path_filestat_get", "path_open", "fd_read")
	a, an := s.str("w/a")
	b, bn := s.str("w/b")
	l, ln := s.str("w/l")
	s.call(success, "path_create_directory", 3, a, an)
	s.call(wEXIST, "path_create_directory", 3, a, an)
	text, textn := s.str("a")
	s.call(success, "path_symlink", text, textn, 3, l, ln)
	s.call(success, "path_readlink", 3, l, ln, 64, 100, 0)
	s.is32(0, 1)
	s.has(64, "a")
	s.call(wINVAL, "path_readlink", 3, a, an, 64, 100, 0)
	s.call(success, "path_filestat_get", 3, 0, l, ln, 128)
	s.has(128+16, "\x07")
	s.call(success, "path_filestat_get", 3, followLinks, l, ln, 128)
	s.has(128+16, "\x03")
	s.call(wLOOP, "path_open", 3, 0, l, ln, 0, 0, 0, 0, 0)
	s.call(success, "path_open", 3, followLinks, l, ln, 0, 0, 0, 0, 0)
	s.call(wISDIR, "fd_read", 4, s.iovec(64, 8), 1, 0)
	s.call(wISDIR, "path_open", 3, 0, a, an, 0, rightFdWrite, 0, 0, 0)
	s.call(success, "path_link", 3, 0, l, ln, 3, b, bn)
	s.call(wEXIST, "path_link", 3, 0, l, ln, 3, b, bn)
	s.call(wPERM, "path_link", 3, followLinks, l, ln, 3, text, textn) // of a directory
	s.call(success, "path_unlink_file", 3, l, ln)
	s.call(wISDIR, "path_unlink_file", 3, a, an)
	s.call(wNOTDIR, "path_remove_directory", 3, b, bn)
	s.call(success, "path_rename", 3, b, bn, 4, text, textn) // w/b to w/a/a
	s.call(55, "path_remove_directory", 3, a, an)            // ENOTEMPTY
	s.call(success, "path_unlink_file", 4, text, textn)
	s.call(success, "path_remove_directory", 3, a, an)
	s.call(wNOENT, "path_remove_directory", 3, a, an)
	for _, bad := range []string{"/w", "..", "w/../..", "./../w", "w/a/../../../w"} {
		p, n := s.str(bad)
		s.call(wPERM, "path_create_directory", 3, p, n)
	}
	p, n := s.str("w/../w/x")
	s.call(success, "path_create_directory", 3, p, n)
	s.call(wNOENT, "path_create_directory", 3, p, 0)
	s.call(37, "path_create_directory", 3, p, 5000)
	nul, nuln := s.str("w/\x00")
	s.call(wINVAL, "path_create_directory", 3, nul, nuln)
	runScript(t, s, kernel.Exec{})
}

func TestReaddir(t *testing.T) {
	s := newScript("path_open", "fd_readdir", "path_create_directory")
	for _, name := range []string{"w/one", "w/two"} {
		p, n := s.str(name)
		s.call(success, "path_create_directory", 3, p, n)
	}
	p, n := s.str("w")
	s.call(success, "path_open", 3, 0, p, n, 2, 0, 0, 0, 0)
	// ".", "..", "one", "two": 24 bytes each and the name.
	s.call(success, "fd_readdir", 4, 256, 512, 0, 0)
	s.is32(0, 4*24+1+2+3+3)
	s.is32(256+16, 1)
	s.has(256+20, "\x03\x00\x00\x00.")
	s.call(success, "fd_readdir", 4, 256, 30, 2, 0) // behind the first two; the second is cut
	s.is32(0, 30)
	s.has(256+24, "one")
	s.call(success, "fd_readdir", 4, 256, 512, 3, 0)
	s.is32(0, 27)
	s.has(256+24, "two")
	s.call(success, "fd_readdir", 4, 256, 512, 4, 0)
	s.is32(0, 0)
	s.call(wINVAL, "fd_readdir", 4, 256, 512, 1<<63, 0)
	s.call(wNOTDIR, "fd_readdir", 1, 256, 512, 0, 0)
	s.call(wFAULT, "fd_readdir", 4, 256, 1<<30, 0, 0)
	runScript(t, s, kernel.Exec{})
}

func TestClocksAndRandom(t *testing.T) {
	s := newScript("clock_time_get", "clock_res_get", "random_get", "sched_yield")
	for id := range uint64(4) {
		s.call(success, "clock_res_get", id, 0)
		s.is64(0, 1)
		s.call(success, "clock_time_get", id, 1, 0)
	}
	s.call(success, "clock_time_get", clockRealtime, 1, 0)
	s.is64(0, 1_234_567_890_123)
	s.call(wINVAL, "clock_time_get", 4, 1, 0)
	s.call(wINVAL, "clock_res_get", 4, 0)
	s.call(success, "random_get", 64, 3)
	s.has(64, "\x07\x07\x07\x00")
	s.call(wFAULT, "random_get", 64, 1<<20)
	s.call(wINVAL, "random_get", 64, 1<<31)
	s.call(success, "sched_yield")
	b := newBox(t, s.bytes(), func(c *kernel.Config) {
		c.Clock, c.Random = stillClock{kernel.HostClock()}, sevens{}
	})
	if st, _ := b.run(kernel.Exec{}); st != (kernel.ExitStatus{}) {
		t.Error(s.failed(st.Code), st)
	}
}

type stillClock struct{ kernel.Clock }

func (stillClock) Realtime() int64 { return 1_234_567_890_123 }

type sevens struct{}

func (sevens) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 7
	}
	return len(p), nil
}

func TestSockets(t *testing.T) {
	s := newScript("sock_accept", "sock_recv", "sock_send", "sock_shutdown")
	s.call(wNOTSOCK, "sock_accept", 3, 0, 0)
	s.call(wNOTSOCK, "sock_recv", 0, 0, 0, 0, 0, 0)
	s.call(wNOTSOCK, "sock_send", 1, 0, 0, 0, 0)
	s.call(wBADF, "sock_shutdown", 9, 0)
	runScript(t, s, kernel.Exec{})
}

func TestRaise(t *testing.T) {
	for sig, want := range map[uint64]abi.Signal{6: abi.SIGABRT, 9: abi.SIGKILL, 15: abi.SIGTERM, 25: abi.SIGVTALRM, 30: abi.SIGSYS} {
		s := newScript("proc_raise")
		s.call(wINVAL, "proc_raise", 31)
		s.call(success, "proc_raise", 0)
		s.call(success, "proc_raise", 16) // SIGCHLD: ignored
		s.call(success, "proc_raise", sig)
		if st, _ := newBox(t, s.bytes()).run(kernel.Exec{}); st.Signal != want {
			t.Errorf("signal %d: %+v, want %v (%s)", sig, st, want, s.failed(st.Code))
		}
	}
}

// TestTrace turns the knob on, which cannot be turned off again: it is the
// last test of the file.
func TestTrace(t *testing.T) {
	if err := knob.Set("wasi"); err != nil {
		t.Fatal(err)
	}
	s := newScript("fd_close")
	s.call(wBADF, "fd_close", 77)
	b, _ := runScript(t, s, kernel.Exec{})
	for _, want := range []string{"[1] fd_close(0x4d) = 8 (EBADF)\n", "[1] proc_exit(0x0) = ?\n"} {
		if !strings.Contains(b.logged(), want) {
			t.Errorf("%q is not in\n%s", want, b.logged())
		}
	}
}
