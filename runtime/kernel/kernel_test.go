package kernel_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"boxer/runtime/abi"
	"boxer/runtime/kernel"
)

func TestHello(t *testing.T) {
	run(t, exited(7), "hello\n", func(g *guest) int {
		g.print("hello\n")
		return 7
	})
}

func TestForkAndWait(t *testing.T) {
	run(t, exited(0), "child\nparent\n", func(g *guest) int {
		addr := g.put64(g.alloc(8), 1)
		pid := g.fork(func(c *guest) {
			c.put64(addr, 2) // its own copy
			c.print("child\n")
			c.sys(94, 42)
		})
		got, st := g.wait(-1)
		g.want(got, pid, "wait4")
		if !st.Exited() || st.ExitCode() != 42 {
			g.t.Errorf("status %#x", uint32(st))
		}
		g.want(int64(g.u64(addr)), 1, "the parent's memory")
		g.want(g.sys(260, ^uint64(0), 0, 0, 0), -int64(abi.ECHILD), "wait4 without children")
		g.print("parent\n")
		return 0
	})
}

func TestPipeBlocksAndEnds(t *testing.T) {
	run(t, exited(0), "", func(g *guest) int {
		r, w := g.pipe(0)
		g.fork(func(c *guest) {
			c.sys(57, r)
			c.sleep(5 * time.Millisecond)
			c.write(w, "late")
		})
		g.sys(57, w)
		n, s := g.read(r, 100)
		if n != 4 || s != "late" {
			g.t.Errorf("read %d %q", n, s)
		}
		n, _ = g.read(r, 100)
		g.want(n, 0, "read at the end")
		g.wait(-1)
		return 0
	})
}

// A write larger than the pipe moves in pieces and returns when all is through.
func TestPipeLargeWrite(t *testing.T) {
	const size = 200000
	run(t, exited(0), "", func(g *guest) int {
		r, w := g.pipe(0)
		g.fork(func(c *guest) {
			c.sys(57, w)
			total := 0
			for {
				n, s := c.read(r, 5000)
				c.heap -= 5008
				if n == 0 {
					break
				}
				if strings.Trim(s, "x") != "" {
					c.t.Error("the bytes are not those that were written")
				}
				total += int(n)
			}
			c.want(int64(total), size, "bytes read")
		})
		g.sys(57, r)
		g.want(g.write(w, strings.Repeat("x", size)), size, "write")
		g.sys(57, w)
		g.wait(-1)
		return 0
	})
}

func TestPipeNonblock(t *testing.T) {
	run(t, exited(0), "", func(g *guest) int {
		r, w := g.pipe(abi.O_NONBLOCK)
		n, _ := g.read(r, 10)
		g.want(n, -int64(abi.EAGAIN), "read of an empty pipe")
		g.want(g.write(w, strings.Repeat("x", 65536)), 65536, "filling write")
		g.want(g.write(w, "x"), -int64(abi.EAGAIN), "write to a full pipe")
		g.want(g.sys(25, w, 1032, 0), 65536, "F_GETPIPE_SZ")
		// 100 bytes of room: a small write is atomic, a large one is not.
		g.read(r, 100)
		g.want(g.write(w, strings.Repeat("y", 4096)), -int64(abi.EAGAIN), "atomic write")
		g.want(g.write(w, strings.Repeat("y", 5000)), 100, "large write")
		return 0
	})
}

func TestSIGPIPE(t *testing.T) {
	run(t, signaled(abi.SIGPIPE), "", func(g *guest) int {
		r, w := g.pipe(0)
		g.sys(57, r)
		g.write(w, "x")
		return 0
	})
	run(t, exited(0), "", func(g *guest) int {
		g.action(abi.SIGPIPE, abi.SigAction{Handler: abi.SIG_IGN})
		r, w := g.pipe(0)
		g.sys(57, r)
		g.want(g.write(w, "x"), -int64(abi.EPIPE), "write")
		return 0
	})
}

func TestSignalHandler(t *testing.T) {
	runIn(t, exited(0), "before\nhandler 10 from 1\nafter\n", func(w *world) []program {
		return []program{func(g *guest) int {
			g.handle(w, abi.SIGUSR1, abi.SA_SIGINFO, func(h *guest, sig abi.Signal, info []byte) {
				h.heap += 4096
				h.print(fmt.Sprintf("handler %d from %d\n", sig, info[16]))
				old := h.alloc(8)
				h.sys(135, 0, 0, old, 8)
				h.want(int64(h.u64(old)), int64(abi.SIGUSR1.Bit()), "mask in the handler")
			})
			g.print("before\n")
			g.want(g.sys(129, 1, uint64(abi.SIGUSR1)), 0, "kill")
			g.print("after\n")
			old := g.alloc(8)
			g.sys(135, 0, 0, old, 8)
			g.want(int64(g.u64(old)), 0, "mask after the handler")
			return 0
		}}
	})
}

// A blocking read is interrupted, or restarted with SA_RESTART.
func TestInterruptedCalls(t *testing.T) {
	for _, c := range []struct {
		flags uint64
		want  int64
	}{{0, -int64(abi.EINTR)}, {abi.SA_RESTART, 4}} {
		runIn(t, exited(0), "", func(w *world) []program {
			return []program{func(g *guest) int {
				ran := false
				g.handle(w, abi.SIGUSR1, c.flags, func(*guest, abi.Signal, []byte) { ran = true })
				r, wr := g.pipe(0)
				g.fork(func(c *guest) {
					c.sleep(5 * time.Millisecond)
					c.sys(129, 1, uint64(abi.SIGUSR1))
					c.sleep(5 * time.Millisecond)
					c.write(wr, "data")
				})
				n, _ := g.read(r, 10)
				g.want(n, c.want, "read")
				if !ran {
					g.t.Error("the handler did not run")
				}
				g.wait(-1)
				return 0
			}}
		})
	}
}

// nanosleep tells the time left when a handler ran, and is not disturbed by
// ignored signals or a stop.
func TestSleepInterrupted(t *testing.T) {
	runIn(t, exited(0), "", func(w *world) []program {
		return []program{func(g *guest) int {
			g.handle(w, abi.SIGALRM, abi.SA_RESTART, func(*guest, abi.Signal, []byte) {})
			g.setitimer(5*time.Millisecond, 0)
			p := g.alloc(32)
			b := make([]byte, 16)
			abi.NsToTimespec(int64(time.Second)).Encode(b)
			g.want(g.sys(101, g.put(p, b), p+16), -int64(abi.EINTR), "nanosleep")
			if left := g.u64(p + 16); left != 0 || g.u64(p+24) < 5e8 {
				g.t.Errorf("time left %d s %d ns", left, g.u64(p+24))
			}
			child := g.fork(func(c *guest) {
				c.want(c.sleep(30*time.Millisecond), 0, "nanosleep across a stop")
				c.sys(94, 5)
			})
			g.sleep(2 * time.Millisecond)
			g.sys(129, uint64(child), uint64(abi.SIGSTOP))
			st := g.alloc(8)
			g.want(g.sys(260, uint64(child), st, abi.WUNTRACED, 0), child, "wait4 for the stop")
			g.want(int64(g.u32(st)), int64(abi.StoppedStatus(abi.SIGSTOP)), "status")
			g.sys(129, uint64(child), uint64(abi.SIGCONT))
			g.want(g.sys(260, uint64(child), st, abi.WCONTINUED, 0), child, "wait4 for the continue")
			g.want(int64(g.u32(st)), 0xffff, "status")
			_, s := g.wait(child)
			g.want(int64(s.ExitCode()), 5, "exit status")
			return 0
		}}
	})
}

func (g *guest) setitimer(value, interval time.Duration) {
	b := make([]byte, 32)
	put := func(at int, d time.Duration) {
		ts := abi.NsToTimespec(int64(d))
		ts.Nsec /= 1000
		ts.Encode(b[at:])
	}
	put(0, interval)
	put(16, value)
	g.want(g.sys(103, 0, g.put(g.alloc(32), b), 0), 0, "setitimer")
}

func TestSigsuspend(t *testing.T) {
	runIn(t, exited(0), "handler\nback\n", func(w *world) []program {
		return []program{func(g *guest) int {
			g.handle(w, abi.SIGUSR1, 0, func(h *guest, _ abi.Signal, _ []byte) { h.heap += 4096; h.print("handler\n") })
			set := g.put64(g.alloc(8), uint64(abi.SIGUSR1.Bit()))
			empty := g.alloc(8)
			g.sys(135, abi.SIG_BLOCK, set, 0, 8)
			g.sys(129, 1, uint64(abi.SIGUSR1))
			g.want(g.sys(133, empty, 8), -int64(abi.EINTR), "rt_sigsuspend")
			g.print("back\n")
			g.sys(135, 0, 0, empty, 8)
			g.want(int64(g.u64(empty)), int64(abi.SIGUSR1.Bit()), "mask afterwards")
			return 0
		}}
	})
}

func TestDefaultActions(t *testing.T) {
	run(t, signaled(abi.SIGTERM), "", func(g *guest) int {
		g.sys(129, 1, uint64(abi.SIGTERM))
		return 0
	})
	run(t, signaled(abi.SIGSEGV), "", func(g *guest) int {
		g.give(event{kind: 2, addr: 0x18}) // a fault
		return 0
	})
	run(t, exited(0), "", func(g *guest) int {
		g.sys(129, 1, uint64(abi.SIGCHLD)) // ignored
		g.fork(func(c *guest) {
			c.want(c.sys(129, 1, uint64(abi.SIGTERM)), 0, "kill of pid 1")
		})
		g.wait(-1)
		return 0 // pid 1 is not ended by its children
	})
}

func TestFaultHandler(t *testing.T) {
	runIn(t, exited(3), "", func(w *world) []program {
		return []program{func(g *guest) int {
			stack := g.alloc(16384)
			b := make([]byte, 24)
			(&abi.StackT{SP: stack, Size: 16384}).Encode(b)
			g.want(g.sys(132, g.put(g.alloc(24), b), 0), 0, "sigaltstack")
			g.handle(w, abi.SIGSEGV, abi.SA_SIGINFO|abi.SA_ONSTACK, func(h *guest, _ abi.Signal, info []byte) {
				if info[8] != abi.SEGV_MAPERR || info[16] != 0x18 {
					h.t.Errorf("siginfo %v", info[:24])
				}
				if sp := h.r.sp; sp < stack || sp > stack+16384 {
					h.t.Errorf("handler runs at %#x, not on the alternate stack", sp)
				}
				h.sys(94, 3)
			})
			g.give(event{kind: 2, addr: 0x18})
			return 0
		}}
	})
}

func TestFutex(t *testing.T) {
	run(t, exited(0), "", func(g *guest) int {
		word := g.alloc(16)
		for i := range 3 {
			g.clone(threadFlags, func(c *guest) {
				c.want(c.sys(98, word, 0, 0, 0), 0, "futex wait")
				c.put32(word+4, c.u32(word+4)+1)
				_ = i
			})
		}
		for g.sys(98, word, abi.FUTEX_CMP_REQUEUE, 0, 0, word+8, 1) != -int64(abi.EAGAIN) {
			g.t.Error("FUTEX_CMP_REQUEUE with a wrong value")
			return 1
		}
		woken := int64(0)
		for woken < 3 {
			woken += g.sys(98, word, 1|abi.FUTEX_PRIVATE_FLAG, 100)
			g.spin()
		}
		for g.u32(word+4) < 3 {
			g.sys(124)
		}
		g.want(g.sys(98, word, 0, 1, 0), -int64(abi.EAGAIN), "futex wait for another value")
		b := make([]byte, 16)
		abi.NsToTimespec(int64(time.Millisecond)).Encode(b)
		g.want(g.sys(98, word, 0, 0, g.put(g.alloc(16), b)), -int64(abi.ETIMEDOUT), "futex wait with a timeout")
		g.want(g.sys(98, word+1, 0, 0, 0), -int64(abi.EINVAL), "futex at an odd address")
		return 0
	})
}

// Threads take turns although none of them yields.
func TestThreadsPreempted(t *testing.T) {
	run(t, exited(0), "", func(g *guest) int {
		flag := g.alloc(8)
		tid := g.alloc(8)
		heap := g.heap
		g.r.child = func(c *guest) { c.heap = heap + 4096; c.put32(flag, 1) }
		id := g.sys(220, threadFlags|abi.CLONE_PARENT_SETTID|abi.CLONE_CHILD_CLEARTID, 0, tid, 0, tid)
		g.r.child = nil
		g.want(int64(g.u32(tid)), id, "CLONE_PARENT_SETTID")
		for g.u32(flag) == 0 {
			g.spin()
		}
		for g.u32(tid) != 0 {
			g.sys(98, tid, 0, uint64(id), 0) // pthread_join
		}
		return 0
	})
}

func TestExec(t *testing.T) {
	run(t, exited(9), "arg two=2\n", func(g *guest) int {
		g.sys(56, ^uint64(99), g.str("/bin/p1"), abi.O_RDONLY|abi.O_CLOEXEC, 0) // 3
		g.sys(56, ^uint64(99), g.str("/bin/p1"), abi.O_RDONLY, 0)               // 4
		argv := g.alloc(32)
		g.put64(argv, g.str("p1"))
		g.put64(argv+8, g.str("arg"))
		envp := g.alloc(16)
		g.put64(envp, g.str("two=2"))
		g.want(g.sys(221, g.str("/bin/none"), argv, envp), -int64(abi.ENOENT), "execve of nothing")
		g.want(g.sys(221, g.str("/tmp"), argv, envp), -int64(abi.EACCES), "execve of a directory")
		g.clone(threadFlags, func(c *guest) {
			for {
				c.spin()
			}
		})
		g.sys(221, g.str("/bin/p1"), argv, envp)
		g.t.Error("execve came back")
		return 1
	}, func(g *guest) int {
		argc := g.u64(g.r.sp)
		g.want(int64(argc), 2, "argc")
		arg := strings.TrimRight(string(g.bytes(g.u64(g.r.sp+16), 4)), "\x00")
		env := strings.TrimRight(string(g.bytes(g.u64(g.r.sp+32), 6)), "\x00")
		g.print(arg + " " + env + "\n")
		g.want(g.sys(57, 3), -int64(abi.EBADF), "close of a descriptor with FD_CLOEXEC")
		g.want(g.sys(57, 4), 0, "close of one without")
		return 9
	})
}

func TestVfork(t *testing.T) {
	run(t, exited(0), "child\nparent\n", func(g *guest) int {
		word := g.alloc(8)
		pid := g.clone(abi.CLONE_VM|abi.CLONE_VFORK|uint64(abi.SIGCHLD), func(c *guest) {
			c.put32(word, 1)
			c.sleep(3 * time.Millisecond)
			argv := c.alloc(16)
			c.put64(argv, c.str("p1"))
			c.sys(221, c.str("/bin/p1"), argv, 0)
		})
		g.want(int64(g.u32(word)), 1, "memory shared with a vfork child")
		_, st := g.wait(pid)
		g.want(int64(st.ExitCode()), 4, "exit status")
		g.print("parent\n")
		return 0
	}, func(g *guest) int {
		g.print("child\n")
		return 4
	})
}

func TestEpoll(t *testing.T) {
	run(t, exited(0), "", func(g *guest) int {
		r, w := g.pipe(0)
		ep := uint64(g.sys(20, 0))
		ev := make([]byte, 16)
		ctl := func(op, fd uint64, events uint32) int64 {
			(&abi.EpollEvent{Events: events, Data: fd}).Encode(ev)
			return g.sys(21, ep, op, fd, g.put(g.alloc(16), ev))
		}
		out := g.alloc(64)
		wait := func(ms int64) int64 { return g.sys(22, ep, out, 4, uint64(ms), 0, 8) }
		g.want(ctl(abi.EPOLL_CTL_ADD, r, abi.EPOLLET|abi.POLLIN), 0, "add")
		g.want(ctl(abi.EPOLL_CTL_ADD, r, abi.POLLIN), -int64(abi.EEXIST), "add twice")
		g.want(ctl(abi.EPOLL_CTL_ADD, ep, abi.POLLIN), -int64(abi.EINVAL), "add itself")
		g.want(wait(0), 0, "wait for nothing")
		g.write(w, "ab")
		g.want(wait(-1), 1, "wait")
		g.want(int64(g.u64(out+8)), int64(r), "data")
		g.want(wait(0), 0, "edge-triggered, again")
		g.want(ctl(abi.EPOLL_CTL_MOD, r, abi.POLLIN), 0, "modify")
		g.want(wait(0), 1, "level-triggered")
		g.want(wait(0), 1, "level-triggered, again")
		g.want(ctl(abi.EPOLL_CTL_MOD, r, abi.POLLIN|abi.EPOLLONESHOT), 0, "modify")
		g.want(wait(0), 1, "one-shot")
		g.want(wait(0), 0, "one-shot, again")
		g.fork(func(c *guest) {
			c.sleep(3 * time.Millisecond)
			c.write(w, "c")
		})
		g.want(ctl(abi.EPOLL_CTL_MOD, r, abi.POLLIN), 0, "modify")
		g.read(r, 10)
		g.want(wait(5000), 1, "wait for another process")
		g.wait(-1) // the child holds the description too
		g.sys(57, r)
		g.want(wait(0), 0, "after close")
		return 0
	})
}

func TestPollAndSelect(t *testing.T) {
	run(t, exited(0), "", func(g *guest) int {
		r, w := g.pipe(0)
		fds := g.alloc(16)
		g.put32(fds, uint32(r))
		g.put32(fds+4, abi.POLLIN)
		g.put32(fds+8, 77)
		g.put32(fds+12, abi.POLLIN)
		g.want(g.sys(73, fds, 2, 0, 0, 0), 1, "ppoll with a bad descriptor")
		g.want(int64(g.u32(fds+12)>>16), abi.POLLNVAL, "its event")
		g.fork(func(c *guest) {
			c.sleep(2 * time.Millisecond)
			c.write(w, "x")
		})
		g.want(g.sys(73, fds, 1, 0, 0, 0), 1, "ppoll")
		g.want(int64(g.u32(fds+4)>>16), abi.POLLIN, "its event")
		set := g.put64(g.alloc(8), 1<<r)
		g.want(g.sys(72, r+1, set, 0, 0, 0, 0), 1, "pselect6")
		g.want(int64(g.u64(set)), 1<<r, "the set")
		g.read(r, 1)
		ts := make([]byte, 16)
		abi.NsToTimespec(int64(2 * time.Millisecond)).Encode(ts)
		g.want(g.sys(72, r+1, set, 0, 0, g.put(g.alloc(16), ts), 0), 0, "pselect6 with a timeout")
		g.want(int64(g.u64(set)), 0, "the set")
		g.wait(-1)
		return 0
	})
}

func TestFiles(t *testing.T) {
	cwd := ^uint64(99)
	run(t, exited(0), "", func(g *guest) int {
		fd := uint64(g.sys(56, cwd, g.str("/tmp/f"), abi.O_CREAT|abi.O_RDWR|abi.O_EXCL, 0o640))
		g.want(int64(fd), 3, "openat")
		g.want(g.sys(56, cwd, g.str("/tmp/f"), abi.O_CREAT|abi.O_EXCL, 0), -int64(abi.EEXIST), "openat O_EXCL")
		g.want(g.sys(56, cwd, g.str("/tmp/none"), 0), -int64(abi.ENOENT), "openat of nothing")
		g.want(g.write(fd, "hello world"), 11, "write")
		g.want(g.sys(62, fd, 6, abi.SEEK_SET), 6, "lseek")
		n, s := g.read(fd, 100)
		if n != 5 || s != "world" {
			g.t.Errorf("read %q", s)
		}
		buf := g.alloc(16)
		g.want(g.sys(67, fd, buf, 5, 0), 5, "pread64")
		if s := string(g.bytes(buf, 5)); s != "hello" {
			g.t.Errorf("pread64 %q", s)
		}
		st := g.alloc(128)
		g.want(g.sys(80, fd, st), 0, "fstat")
		g.want(int64(g.u32(st+16)), abi.S_IFREG|0o640, "mode")
		g.want(int64(g.u64(st+48)), 11, "size")
		g.want(g.sys(64, fd, 0x10, 5), -int64(abi.EFAULT), "write from nowhere")
		g.want(g.sys(63, fd, codeBase, 5), 0, "read at the end into read-only memory")
		g.want(g.sys(34, cwd, g.str("/tmp/d"), 0o755), 0, "mkdirat")
		g.want(g.sys(49, g.str("/tmp/d")), 0, "chdir")
		g.want(g.sys(17, buf, 16), 7, "getcwd")
		g.want(g.sys(35, cwd, g.str("/tmp/f"), abi.AT_REMOVEDIR), -int64(abi.ENOTDIR), "rmdir of a file")
		d := uint64(g.sys(56, cwd, g.str("/tmp"), abi.O_DIRECTORY))
		ents := g.alloc(512)
		var names []string
		for {
			n := g.sys(61, d, ents, 40)
			if n <= 0 {
				g.want(n, 0, "getdents64")
				break
			}
			for b := g.bytes(ents, int(n)); len(b) > 0; b = b[int(b[16])|int(b[17])<<8:] {
				names = append(names, strings.TrimRight(string(b[19:int(b[16])]), "\x00"))
			}
		}
		if got := strings.Join(names, " "); got != ". .. f d" {
			g.t.Errorf("getdents64: %s", got)
		}
		dup := uint64(g.sys(23, fd))
		g.sys(62, dup, 2, abi.SEEK_SET)
		if _, s := g.read(fd, 3); s != "llo" {
			g.t.Errorf("descriptors that were duplicated do not share a position: %q", s)
		}
		g.want(g.sys(24, fd, 20, 0), 20, "dup3")
		g.want(g.sys(24, fd, fd, 0), -int64(abi.EINVAL), "dup3 onto itself")
		return 0
	})
}

func TestProc(t *testing.T) {
	cwd := ^uint64(99)
	run(t, exited(0), "", func(g *guest) int {
		slurp := func(path string) string {
			fd := g.sys(56, cwd, g.str(path), 0)
			if fd < 0 {
				g.t.Errorf("%s: %v", path, abi.Errno(-fd))
				return ""
			}
			_, s := g.read(uint64(fd), 8192)
			g.sys(57, uint64(fd))
			return s
		}
		for _, c := range []struct{ path, has string }{
			{"/proc/self/stat", "1 (p0) R 0 1 1 "},
			{"/proc/self/status", "\nPid:\t1\n"},
			{"/proc/self/cmdline", "p0\x00"},
			{"/proc/self/comm", "p0\n"},
			{"/proc/1/maps", "/bin/p0"},
			{"/proc/self/mounts", "proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n"},
			{"/proc/self/task/1/comm", "p0\n"},
			{"/proc/meminfo", "MemTotal:  "},
			{"/proc/cpuinfo", "processor\t: 0\n"},
			{"/proc/sys/kernel/hostname", "box\n"},
			{"/proc/self/limits", "Max open files            1024 "},
			{"/sys/devices/system/cpu/online", "0\n"},
		} {
			if s := slurp(c.path); !strings.Contains(s, c.has) {
				g.t.Errorf("%s has no %q:\n%s", c.path, c.has, s)
			}
		}
		buf := g.alloc(64)
		n := g.sys(78, cwd, g.str("/proc/self/exe"), buf, 64)
		if s := string(g.bytes(buf, int(max(n, 0)))); s != "/bin/p0" {
			g.t.Errorf("/proc/self/exe: %q (%d)", s, n)
		}
		r, w := g.pipe(0)
		n = g.sys(78, cwd, g.str(fmt.Sprintf("/proc/self/fd/%d", r)), buf, 64)
		if s := string(g.bytes(buf, int(max(n, 0)))); !strings.HasPrefix(s, "pipe:[") {
			g.t.Errorf("link of a pipe: %q (%d)", s, n)
		}
		again := g.sys(56, cwd, g.str(fmt.Sprintf("/dev/fd/%d", w)), abi.O_WRONLY)
		g.want(g.write(uint64(again), "z"), 1, "write to a pipe opened again")
		if _, s := g.read(r, 5); s != "z" {
			g.t.Errorf("read %q", s)
		}
		g.want(g.sys(56, cwd, g.str("/proc/99"), 0), -int64(abi.ENOENT), "openat of a process that is not there")
		null := uint64(g.sys(56, cwd, g.str("/dev/null"), abi.O_RDWR))
		g.want(g.write(null, "x"), 1, "write to /dev/null")
		n, _ = g.read(null, 5)
		g.want(n, 0, "read of /dev/null")
		zero := uint64(g.sys(56, cwd, g.str("/dev/zero"), abi.O_RDWR))
		n, _ = g.read(zero, 5)
		g.want(n, 5, "read of /dev/zero")
		return 0
	})
}

func TestLimits(t *testing.T) {
	run(t, exited(0), "", func(g *guest) int {
		lim := g.alloc(16)
		g.put64(lim, 10)
		g.put64(lim+8, 20)
		g.want(g.sys(261, 0, abi.RLIMIT_NOFILE, lim, 0), 0, "prlimit64")
		n := 0
		for g.sys(23, 0) >= 0 {
			n++
		}
		g.want(int64(n), 7, "descriptors until EMFILE")
		g.want(g.sys(23, 0), -int64(abi.EMFILE), "dup")
		return 0
	})
	for _, serial := range []bool{false, true} {
		w := &world{programs: []program{func(g *guest) int {
			n := 0
			for {
				pid := g.fork(func(c *guest) { c.sys(133, c.alloc(8), 8) })
				if pid < 0 {
					g.want(pid, -int64(abi.EAGAIN), "fork at the limit")
					break
				}
				n++
			}
			return n
		}}}
		k := newBox(t, w, func(c *kernel.Config) { c.Serial = serial; c.Limits.Processes = 20 })
		if st := spawn(t, k, kernel.Exec{Path: "/bin/p0"}); st != exited(19) {
			t.Errorf("exit %+v", st)
		}
	}
}

func TestHostStreams(t *testing.T) {
	w := &world{programs: []program{func(g *guest) int {
		total := 0
		for {
			n, s := g.read(0, 1000)
			g.heap -= 1008
			if n <= 0 {
				break
			}
			total += int(n)
			g.sys(64, 1, g.str(s), uint64(n))
			g.heap -= uint64(n+1+15) &^ 15
		}
		g.write(2, fmt.Sprint(total))
		return 0
	}}}
	k := newBox(t, w)
	in := strings.Repeat("0123456789abcdef", 20000)
	var out, errs bytes.Buffer
	st := spawn(t, k, kernel.Exec{Path: "/bin/p0", Stdin: strings.NewReader(in), Stdout: &out, Stderr: &errs})
	if st != exited(0) || out.String() != in || errs.String() != fmt.Sprint(len(in)) {
		t.Errorf("exit %+v, %d bytes out, %q", st, out.Len(), errs.String())
	}
}

// syncWriter orders what two streams write to one place.
type syncWriter struct {
	b     *bytes.Buffer
	delay time.Duration
}

func (w syncWriter) Write(p []byte) (int, error) {
	time.Sleep(w.delay)
	return w.b.Write(p)
}

func TestStreamsStayInOrder(t *testing.T) {
	w := &world{programs: []program{func(g *guest) int {
		for i := range 20 {
			g.write(uint64(1+i%2), fmt.Sprintf("%d\n", i))
		}
		return 0
	}}}
	k := newBox(t, w)
	var b bytes.Buffer
	spawn(t, k, kernel.Exec{Path: "/bin/p0", Stdout: syncWriter{&b, time.Millisecond}, Stderr: syncWriter{&b, 0}})
	var want strings.Builder
	for i := range 20 {
		fmt.Fprintf(&want, "%d\n", i)
	}
	if b.String() != want.String() {
		t.Errorf("order:\n%s", b.String())
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestBrokenOutput(t *testing.T) {
	w := &world{programs: []program{func(g *guest) int {
		for {
			g.write(1, "y\n")
			g.heap -= 16
			g.spin()
		}
	}}}
	k := newBox(t, w)
	if st := spawn(t, k, kernel.Exec{Path: "/bin/p0", Stdout: brokenWriter{}}); st != signaled(abi.SIGPIPE) {
		t.Errorf("exit %+v", st)
	}
}

func TestKill(t *testing.T) {
	for _, serial := range []bool{false, true} {
		w := &world{programs: []program{func(g *guest) int {
			g.fork(func(c *guest) {
				for {
					c.spin()
				}
			})
			r, _ := g.pipe(0)
			g.read(r, 1) // for ever
			return 0
		}}}
		k := newBox(t, w, func(c *kernel.Config) { c.Serial = serial })
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		if _, err := k.Spawn(kernel.Exec{Path: "p0", Env: []string{"PATH=/bin"}}); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if st := k.Run(ctx); st != signaled(abi.SIGKILL) {
			t.Errorf("exit %+v", st)
		}
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("it took %v", d)
		}
	}
}

func TestSpawnErrors(t *testing.T) {
	w := &world{programs: []program{func(*guest) int { return 0 }}}
	k := newBox(t, w)
	for _, c := range []struct {
		path string
		code int
	}{{"/bin/none", 127}, {"none", 127}, {"/tmp", 126}, {"/dev/null", 126}} {
		_, err := k.Spawn(kernel.Exec{Path: c.path})
		var se *kernel.SpawnError
		if !errors.As(err, &se) || se.ShellCode() != c.code {
			t.Errorf("%s: %v", c.path, err)
		}
	}
	if st := spawn(t, k, kernel.Exec{Path: "p0"}); st != exited(0) {
		t.Errorf("exit %+v", st)
	}
}

// A terminal's Ctrl-C reaches the foreground group; a reader in the background
// stops.
func TestTerminal(t *testing.T) {
	in, keys := io.Pipe()
	w := &world{}
	w.programs = []program{func(g *guest) int {
		g.action(abi.SIGTTOU, abi.SigAction{Handler: abi.SIG_IGN})
		child := g.fork(func(c *guest) {
			c.sys(154, 0, 0)
			c.print("ready\n")
			n, _ := c.read(0, 10)
			c.want(n, 3, "read in the foreground at last")
			c.sys(133, c.alloc(8), 8)
		})
		st := g.alloc(8)
		g.want(g.sys(260, uint64(child), st, abi.WUNTRACED, 0), child, "wait4")
		g.want(int64(g.u32(st)), int64(abi.StoppedStatus(abi.SIGTTIN)), "status of a reader in the background")
		pg := g.alloc(8)
		g.put32(pg, uint32(child))
		g.want(g.sys(29, 0, abi.TIOCSPGRP, pg), 0, "tcsetpgrp")
		g.sys(129, uint64(-child), uint64(abi.SIGCONT))
		g.print("go\n")
		_, s := g.wait(child)
		g.want(int64(s.Signal()), int64(abi.SIGINT), "what ended the child")
		size := g.alloc(8)
		g.sys(29, 0, abi.TIOCGWINSZ, size)
		g.want(int64(g.u64(size)), 24|80<<16, "window size")
		return 0
	}}
	k := newBox(t, w)
	r, screen := io.Pipe()
	go func() {
		var seen strings.Builder
		b := make([]byte, 100)
		typed, interrupted := false, false
		for {
			n, err := r.Read(b)
			seen.Write(b[:n])
			if err != nil {
				return
			}
			if !typed && strings.Contains(seen.String(), "go") {
				typed = true
				go keys.Write([]byte("hi\r"))
			}
			if !interrupted && strings.Contains(seen.String(), "hi") {
				interrupted = true
				go func() { time.Sleep(20 * time.Millisecond); keys.Write([]byte{3}) }()
			}
		}
	}()
	if st := spawn(t, k, kernel.Exec{Path: "/bin/p0", TTY: &kernel.TTY{In: in, Out: screen, Rows: 24, Cols: 80}}); st != exited(0) {
		t.Errorf("exit %+v", st)
	}
	keys.Close()
	screen.Close()
}

// What a program wrote last reaches a slow terminal although the program, and
// the box, have ended.
func TestTerminalDrains(t *testing.T) {
	const size = 150000
	w := &world{programs: []program{func(g *guest) int {
		b := g.str(strings.Repeat("x", size))
		for done := uint64(0); done < size; {
			n := g.sys(64, 1, b+done, size-done)
			if n <= 0 {
				g.t.Errorf("write = %d", n)
				return 1
			}
			done += uint64(n)
		}
		return 0
	}}}
	k := newBox(t, w)
	in, keys := io.Pipe()
	defer keys.Close()
	var out bytes.Buffer
	spawn(t, k, kernel.Exec{Path: "/bin/p0", TTY: &kernel.TTY{In: in, Out: syncWriter{&out, 5 * time.Millisecond}}})
	if out.Len() != size {
		t.Errorf("%d of %d bytes arrived", out.Len(), size)
	}
}
