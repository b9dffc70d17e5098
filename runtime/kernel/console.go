package kernel

import (
	"boxer/runtime/abi"
	"boxer/runtime/tty"
	"boxer/wasmfs"
)

// console is a terminal whose other side is the host's (a raw host terminal or
// a page's widget); each program that Spawn starts may have one. Its discipline is package tty.
type console struct {
	plainFile
	k          *Kernel
	n          uint32 // its number: /dev/pts/N
	line       *tty.Line
	in         *hostReader
	inWait     waiter // moves keys from in to line as they come
	out        *hostWriter
	outWait    waiter
	moving     []byte // a buffer of flush's
	q          WaitQueue
	session    *session // that it controls, or nil
	foreground int      // process group, 0: none
	hungUp     bool     // the host's side has ended
}

// ptsMajor is the major device number of terminals.
const ptsMajor = 136

// dev is the terminal's device number.
func (c *console) dev() uint64 { return abi.Makedev(ptsMajor, c.n) }

// name is its place in the tree.
func (c *console) name() string { return "/dev/pts/" + itoa(uint64(c.n)) }

// newConsole makes a terminal of the lowest free number.
func (k *Kernel) newConsole(t *TTY, in *hostReader, out *hostWriter) *console {
	c := &console{k: k, line: tty.NewLine(abi.Winsize{Rows: t.Rows, Cols: t.Cols}), in: in, out: out}
	for k.consoles[c.n] != nil {
		c.n++
	}
	k.consoles[c.n] = c
	c.inWait.fn = c.keys
	c.in.q.add(&c.inWait)
	c.outWait.fn = c.flush
	c.out.o.q.add(&c.outWait)
	c.in.start()
	return c
}

// place makes the terminal's name in the tree, which belongs to the user, and returns
// it: ttyname(3) compares the two.
func (c *console) place(t *Task) wasmfs.Path {
	const groupTTY = 5
	root := t.Env()
	root.Cred, root.Umask = wasmfs.Root, 0
	p, err := c.k.cfg.Files.Mknod(&root, wasmfs.Path{}, c.name(), abi.S_IFCHR|0o620, c.dev())
	if err == nil {
		err = p.Chown(root.Cred, t.cred.UID, groupTTY)
	}
	if err != nil {
		c.k.logf("%s: %v", c.name(), err) // the terminal has no name
	}
	return p
}

// remove takes the terminal away: it has hung up for those who still have it open.
func (c *console) remove() {
	c.hungUp = true
	c.q.Wake()
	c.inWait.remove()
	c.outWait.remove()
	delete(c.k.consoles, c.n)
	root := wasmfs.Env{Root: c.k.cfg.Files.Root(), Cwd: c.k.cfg.Files.Root(), Cred: wasmfs.Root}
	_ = c.k.cfg.Files.Unlink(&root, wasmfs.Path{}, c.name()) // somebody may have
}

// open is what opening the terminal by its device number does.
func (c *console) open(t *Task, flags int) File {
	if s := t.p.session; flags&abi.O_NOCTTY == 0 && s.id == t.p.pid && s.tty == nil && c.session == nil {
		c.attach(s, t.p.pgrp)
	}
	return c
}

// keys moves what the host's side sent to the line discipline. With the
// host's end of file the terminal hangs up.
func (c *console) keys() {
	var p [256]byte
	for {
		n, errno := c.in.read(p[:])
		if errno == abi.EAGAIN {
			break
		}
		if n == 0 {
			c.hangup()
			break
		}
		for _, sig := range c.line.Input(p[:n]) {
			c.k.signalGroup(c.foreground, sig)
		}
	}
	c.flush()
	c.q.Wake()
}

func (c *console) hangup() {
	if c.hungUp {
		return
	}
	c.hungUp = true
	if c.session != nil {
		if p := c.k.ids.procs[c.session.id]; p != nil {
			c.k.sendProcess(p, &abi.SigInfo{Signo: abi.SIGHUP, Code: abi.SI_KERNEL}, true)
		}
	}
	c.k.signalGroup(c.foreground, abi.SIGHUP)
}

// flush moves output to the host as far as it takes it.
func (c *console) flush() {
	moved := false
	for c.line.Pending() > 0 {
		n, errno := c.out.room()
		if errno != 0 {
			var drop [4096]byte
			c.line.Output(drop[:]) // the host's terminal is gone
			continue
		}
		if n <= 0 {
			break
		}
		if c.moving == nil {
			c.moving = make([]byte, 4096)
		}
		p := c.moving[:min(n, len(c.moving))]
		n = c.line.Output(p)
		c.out.write(p[:n])
		moved = true
	}
	if moved {
		c.q.Wake()
	}
}

// resize tells the foreground processes about a new window size.
func (c *console) resize(w abi.Winsize) {
	if c.line.SetSize(w) {
		c.k.signalGroup(c.foreground, abi.SIGWINCH)
	}
}

// attach makes the terminal control a session.
func (c *console) attach(s *session, pgrp int) {
	c.session, s.tty, c.foreground = s, c, pgrp
}

func (c *console) detach() {
	if c.session != nil {
		c.session.tty = nil
	}
	c.session, c.foreground = nil, 0
}

// background checks that t may use the terminal: a process in the background
// gets sig instead, unless it blocks or ignores it; an orphaned group gets EIO.
func (c *console) background(t *Task, sig abi.Signal) abi.Errno {
	p := t.p
	if c.session == nil || p.session != c.session || p.pgrp == c.foreground || c.foreground == 0 {
		return 0
	}
	if t.mask.Has(sig) || p.handlers.actions[sig].Handler == abi.SIG_IGN {
		if sig == abi.SIGTTIN {
			return abi.EIO
		}
		return 0
	}
	if p.orphanedGroup() {
		return abi.EIO
	}
	c.k.signalGroup(p.pgrp, sig)
	return ERESTARTSYS
}

func (c *console) Read(t *Task, _ *Description, p []byte, _ int64) (int, abi.Errno) {
	if errno := c.background(t, abi.SIGTTIN); errno != 0 {
		return 0, errno
	}
	if len(p) == 0 {
		return 0, 0
	}
	n, ok := c.line.Read(p)
	if ok {
		c.q.Wake()
		return n, 0
	}
	if c.hungUp {
		return 0, 0
	}
	m := c.line.Termios()
	if m.Lflag&abi.ICANON == 0 && m.CC[abi.VMIN] == 0 && m.CC[abi.VTIME] > 0 {
		if t.Expired() {
			return 0, 0
		}
		t.SetTimeout(int64(m.CC[abi.VTIME]) * 1e8)
	}
	return 0, abi.EAGAIN
}

func (c *console) Write(t *Task, _ *Description, p []byte, _ int64) (int, abi.Errno) {
	if c.line.Termios().Lflag&abi.TOSTOP != 0 {
		if errno := c.background(t, abi.SIGTTOU); errno != 0 {
			return 0, errno
		}
	}
	if c.hungUp {
		return 0, abi.EIO
	}
	done := 0
	for done < len(p) {
		n := c.line.Write(p[done:])
		done += n
		c.flush()
		if n == 0 {
			break
		}
	}
	if done == 0 && len(p) > 0 {
		return 0, abi.EAGAIN
	}
	return done, 0
}

func (c *console) Ready(*Description) (ev uint32) {
	if _, ok := c.line.Readable(); ok {
		ev |= abi.POLLIN | abi.POLLRDNORM
	}
	if c.line.Writable() {
		ev |= abi.POLLOUT | abi.POLLWRNORM
	}
	if c.hungUp {
		ev |= abi.POLLHUP | abi.POLLIN
	}
	return ev
}

func (c *console) Queue() *WaitQueue { return &c.q }

func (c *console) Stat() (abi.Stat, abi.Errno) {
	st, errno := c.k.anonStat(abi.S_IFCHR|0o620, 3)
	st.Rdev, st.Dev = c.dev(), abi.Makedev(0, 12)
	return st, errno
}

// Ioctl is ioctl_tty(2).
func (c *console) Ioctl(t *Task, d *Description, req uint32, arg uint64) (uint64, abi.Errno) {
	m := t.space.mm
	switch req {
	case abi.TCGETS, abi.TCGETS2:
		b := make([]byte, abi.SizeofTermios, abi.SizeofTermios2)
		if req == abi.TCGETS2 {
			b = b[:abi.SizeofTermios2]
		}
		now := c.line.Termios()
		now.Encode(b)
		return 0, errnoOf(m.CopyOut(arg, b))
	case abi.TCSETS, abi.TCSETSW, abi.TCSETSF, abi.TCSETS2, abi.TCSETSW2, abi.TCSETSF2:
		if errno := c.background(t, abi.SIGTTOU); errno != 0 {
			return 0, errno
		}
		var b [abi.SizeofTermios]byte
		if err := m.CopyIn(arg, b[:]); err != nil {
			return 0, errnoOf(err)
		}
		var next abi.Termios
		next.Decode(b[:])
		c.line.SetTermios(next, req == abi.TCSETSF || req == abi.TCSETSF2)
		c.q.Wake()
		return 0, 0
	case abi.TIOCGWINSZ:
		var b [abi.SizeofWinsize]byte
		c.line.Size().Encode(b[:])
		return 0, errnoOf(m.CopyOut(arg, b[:]))
	case abi.TIOCSWINSZ:
		var b [abi.SizeofWinsize]byte
		if err := m.CopyIn(arg, b[:]); err != nil {
			return 0, errnoOf(err)
		}
		var w abi.Winsize
		w.Decode(b[:])
		c.resize(w)
		return 0, 0
	case abi.FIONREAD:
		n, _ := c.line.Readable()
		return 0, errnoOf(m.WriteU32(arg, uint32(n)))
	case abi.TIOCOUTQ:
		return 0, errnoOf(m.WriteU32(arg, uint32(c.line.Pending())))
	case abi.TCFLSH:
		if arg != 1 {
			c.line.Flush()
		}
		return 0, 0
	case abi.TCSBRK, abi.TCXONC:
		return 0, 0
	}
	return c.jobControl(t, req, arg)
}

// jobControl is the part of Ioctl that is about sessions and groups.
func (c *console) jobControl(t *Task, req uint32, arg uint64) (uint64, abi.Errno) {
	m, p := t.space.mm, t.p
	switch req {
	case abi.TIOCSCTTY:
		if p.session.id != p.pid || p.session.tty != nil && p.session.tty != c {
			return 0, abi.EPERM
		}
		if c.session != nil && c.session != p.session {
			return 0, abi.EPERM
		}
		c.attach(p.session, p.pgrp)
		return 0, 0
	case abi.TIOCNOTTY:
		if p.session.tty != c {
			return 0, abi.ENOTTY
		}
		if p.session.id == p.pid {
			fg := c.foreground
			c.detach()
			c.k.signalGroup(fg, abi.SIGHUP)
			c.k.signalGroup(fg, abi.SIGCONT)
		}
		return 0, 0
	case abi.TIOCGPGRP, abi.TIOCGSID:
		if p.session.tty != c {
			return 0, abi.ENOTTY
		}
		v := c.foreground
		if req == abi.TIOCGSID {
			v = c.session.id
		}
		return 0, errnoOf(m.WriteU32(arg, uint32(v)))
	case abi.TIOCSPGRP:
		if p.session.tty != c {
			return 0, abi.ENOTTY
		}
		if errno := c.background(t, abi.SIGTTOU); errno != 0 {
			return 0, errno
		}
		v, err := m.ReadU32(arg)
		if err != nil {
			return 0, errnoOf(err)
		}
		same := false
		if !c.k.group(int(int32(v)), func(q *Process) { same = same || q.session == p.session }) {
			return 0, abi.ESRCH
		}
		if !same {
			return 0, abi.EPERM
		}
		c.foreground = int(v)
		return 0, 0
	}
	return 0, abi.ENOTTY
}
