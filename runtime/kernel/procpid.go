package kernel

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"boxer/runtime/abi"
	"boxer/runtime/kernel/kernfs"
	"boxer/wasmfs"
)

// /proc/PID (proc_pid(5)). The directory of a process is made once, so that it
// is the same node as long as the process is there.

func (k *Kernel) procLookup(name string) kernfs.Node {
	pid, err := strconv.Atoi(name)
	if err != nil || strconv.Itoa(pid) != name {
		return nil
	}
	p := k.ids.procs[pid]
	if p == nil {
		t := k.ids.tasks[pid]
		if t == nil {
			return nil
		}
		p = t.p // /proc/TID is there, though not listed
	}
	if p.dir == nil {
		p.dir = p.procDir()
	}
	p.dir.Own(p.uid(), p.gid())
	return p.dir
}

func (k *Kernel) procList(yield func(string, uint32) bool) {
	for _, p := range k.sortedProcs() {
		if !yield(itoa(uint64(p.pid)), abi.S_IFDIR) {
			return
		}
	}
}

// gid is the process's real group id.
func (p *Process) gid() uint32 {
	if c := p.cred(); c != nil {
		return c.GID
	}
	return 0
}

func (p *Process) procDir() *kernfs.Dir {
	d := kernfs.NewDir(0o555, nil)
	p.addTaskFiles(d, p.leader)
	d.Add("task", kernfs.NewDir(0o555, &kernfs.Lister{
		Lookup: func(name string) kernfs.Node {
			for _, t := range p.tasks {
				if itoa(uint64(t.tid)) == name {
					td := kernfs.NewDir(0o555, nil)
					p.addTaskFiles(td, func() *Task { return t })
					return td
				}
			}
			return nil
		},
		List: func(yield func(string, uint32) bool) {
			for _, t := range p.tasks {
				if !yield(itoa(uint64(t.tid)), abi.S_IFDIR) {
					return
				}
			}
		},
	}))
	return d
}

// private refuses a caller who may not look into the process (ptrace(2),
// PTRACE_MODE_READ_FSCREDS).
func (p *Process) private(env *wasmfs.Env) error {
	if env.Cred.Capable || env.Cred.UID == p.uid() {
		return nil
	}
	return abi.EACCES
}

// addTaskFiles adds what /proc/PID and /proc/PID/task/TID have in common. of
// returns the task, nil when it has ended.
func (p *Process) addTaskFiles(d *kernfs.Dir, of func() *Task) {
	k := p.k
	add := func(name string, mode uint32, f func(t *Task, b *strings.Builder)) {
		d.Add(name, kernfs.NewFile(mode, func(env *wasmfs.Env) ([]byte, error) {
			if mode&0o044 == 0 {
				if err := p.private(env); err != nil {
					return nil, err
				}
			}
			var b strings.Builder
			f(of(), &b)
			return []byte(b.String()), nil
		}))
	}
	add("cmdline", 0o444, func(_ *Task, b *strings.Builder) {
		if !p.zombie {
			writeStrings(b, p.argv)
		}
	})
	add("environ", 0o400, func(_ *Task, b *strings.Builder) { writeStrings(b, p.environ) })
	add("auxv", 0o400, func(_ *Task, b *strings.Builder) { b.Write(p.auxv) })
	add("comm", 0o444, func(t *Task, b *strings.Builder) { b.WriteString(p.name(t) + "\n") })
	add("stat", 0o444, p.statLine)
	add("statm", 0o444, func(t *Task, b *strings.Builder) {
		size, data, code := p.pages(t)
		fmt.Fprintf(b, "%d %d 0 %d 0 %d 0\n", size, data, code, data)
	})
	add("status", 0o444, p.statusText)
	add("maps", 0o444, func(t *Task, b *strings.Builder) {
		if t != nil {
			b.WriteString(t.space.mm.String())
		}
	})
	add("limits", 0o444, func(_ *Task, b *strings.Builder) { p.limitsText(b) })
	add("cgroup", 0o444, func(_ *Task, b *strings.Builder) { b.WriteString("0::/\n") })
	add("mounts", 0o444, func(t *Task, b *strings.Builder) { k.mountsText(t, b, false) })
	add("mountinfo", 0o444, func(t *Task, b *strings.Builder) { k.mountsText(t, b, true) })
	add("oom_score", 0o444, func(_ *Task, b *strings.Builder) { b.WriteString("0\n") })
	add("loginuid", 0o444, func(_ *Task, b *strings.Builder) { b.WriteString("4294967295\n") })
	add("wchan", 0o444, func(_ *Task, b *strings.Builder) { b.WriteString("0") })
	add("uid_map", 0o444, func(_ *Task, b *strings.Builder) { b.WriteString("         0          0 4294967295\n") })
	add("gid_map", 0o444, func(_ *Task, b *strings.Builder) { b.WriteString("         0          0 4294967295\n") })
	d.Add("oom_score_adj", kernfs.NewFile(0o644, func(*wasmfs.Env) ([]byte, error) { return []byte("0\n"), nil }).
		OnWrite(func(*wasmfs.Env, []byte) error { return nil }))
	d.Add("exe", p.jump(of, func(t *Task) (wasmfs.Path, string) { return p.exePath, p.exe }))
	d.Add("cwd", p.jump(of, func(t *Task) (wasmfs.Path, string) { return t.fs.Cwd, "" }))
	d.Add("root", p.jump(of, func(t *Task) (wasmfs.Path, string) { return t.fs.Root, "" }))
	d.Add("fd", p.fdDir(of, 0o500, func(t *Task, fd int32) kernfs.Node {
		return p.jump(of, func(t *Task) (wasmfs.Path, string) {
			desc := t.files.Get(fd)
			switch {
			case desc == nil:
				return wasmfs.Path{}, ""
			case desc.Path.IsZero():
				return wasmfs.Path{Mount: t.fs.Root.Mount, Node: &descriptionNode{desc}}, desc.Name(t.fs.Root)
			}
			return desc.Path, ""
		})
	}))
	d.Add("fdinfo", p.fdDir(of, 0o500, func(t *Task, fd int32) kernfs.Node {
		return kernfs.NewFile(0o400, func(*wasmfs.Env) ([]byte, error) {
			desc := t.files.Get(fd)
			if desc == nil {
				return nil, abi.ENOENT
			}
			flags := desc.Flags
			if t.files.CloseOnExec(fd) {
				flags |= abi.O_CLOEXEC
			}
			return fmt.Appendf(nil, "pos:\t%d\nflags:\t0%o\nmnt_id:\t1\nino:\t0\n", desc.Pos, flags), nil
		})
	}))
}

// jump is a magic link of a task; place returns where it leads and, if that
// is not the place's name, its text.
func (p *Process) jump(of func() *Task, place func(*Task) (wasmfs.Path, string)) kernfs.Node {
	find := func(env *wasmfs.Env) (wasmfs.Path, string, error) {
		t := of()
		if t == nil {
			return wasmfs.Path{}, "", abi.ENOENT
		}
		if err := p.private(env); err != nil {
			return wasmfs.Path{}, "", err
		}
		at, s := place(t)
		if at.IsZero() {
			return at, "", abi.ENOENT
		}
		if s == "" {
			s, _ = at.String(env.Root)
		}
		return at, s, nil
	}
	return kernfs.NewJump(func(env *wasmfs.Env) (string, error) {
		_, s, err := find(env)
		return s, err
	}, func(env *wasmfs.Env) (wasmfs.Path, error) {
		at, _, err := find(env)
		return at, err
	})
}

// fdDir is a directory with an entry for each open descriptor.
func (p *Process) fdDir(of func() *Task, mode uint32, entry func(*Task, int32) kernfs.Node) kernfs.Node {
	d := kernfs.NewDir(mode, &kernfs.Lister{
		Lookup: func(name string) kernfs.Node {
			fd, err := strconv.ParseInt(name, 10, 32)
			t := of()
			if err != nil || t == nil || t.files.Get(int32(fd)) == nil || strconv.FormatInt(fd, 10) != name {
				return nil
			}
			return entry(t, int32(fd))
		},
		List: func(yield func(string, uint32) bool) {
			if t := of(); t != nil {
				t.files.Each(0, 1<<30, func(fd int, _ *Description) bool {
					return yield(strconv.Itoa(fd), abi.S_IFLNK)
				})
			}
		},
	})
	d.Own(p.uid(), p.gid())
	return d
}

func writeStrings(b *strings.Builder, list []string) {
	for _, s := range list {
		b.WriteString(s)
		b.WriteByte(0)
	}
}

// name is the command name of a task, or of a process whose tasks have ended.
func (p *Process) name(t *Task) string {
	if t != nil {
		return t.comm
	}
	return p.lastComm
}

// stateLetter is the state as ps(1) shows it.
func (p *Process) stateLetter(t *Task) (letter, word string) {
	switch {
	case p.zombie || t == nil:
		return "Z", "zombie"
	case p.stopped:
		return "T", "stopped"
	case t.state == parked:
		return "S", "sleeping"
	}
	return "R", "running"
}

// pages are the sizes of the address space in pages: all, data, code.
func (p *Process) pages(t *Task) (size, data, code uint64) {
	if t == nil {
		return 0, 0, 0
	}
	u := t.space.mm.Usage()
	return u.Size / 4096, u.Data / 4096, u.Text / 4096
}

func (p *Process) statLine(t *Task, b *strings.Builder) {
	letter, _ := p.stateLetter(t)
	ttyNr, fg := 0, -1
	if c := p.session.tty; c != nil {
		ttyNr, fg = int(c.dev()), c.foreground
	}
	const tick = 1e9 / abi.ClockTick
	c, child := p.cpu(), p.childCPU
	size, data, _ := p.pages(t)
	fmt.Fprintf(b, "%d (%s) %s %d %d %d %d %d 4194304 0 0 0 0 %d %d %d %d 20 0 %d 0 %d %d %d %d 0 0 0 0 0 0 0 0 0 0 0 0 %d 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		p.pid, p.name(t), letter, p.ParentID(), p.pgrp, p.session.id, ttyNr, fg,
		c.user/tick, c.sys/tick, child.user/tick, child.sys/tick, len(p.tasks), p.started/tick,
		size*4096, data, abi.RLIM_INFINITY, p.exitSignal)
}

func (p *Process) statusText(t *Task, b *strings.Builder) {
	letter, word := p.stateLetter(t)
	tid := p.pid
	c := p.cred()
	if c == nil {
		c = &Cred{}
	}
	umask := uint32(0)
	var mask, pending abi.SigSet
	if t != nil {
		tid, umask, mask, pending = t.tid, t.fs.Umask, t.mask, t.pending.set
	}
	fmt.Fprintf(b, "Name:\t%s\nUmask:\t%04o\nState:\t%s (%s)\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n",
		p.name(t), umask, letter, word, p.pid, tid, p.ParentID())
	fmt.Fprintf(b, "Uid:\t%d\t%d\t%d\t%d\nGid:\t%d\t%d\t%d\t%d\n", c.UID, c.EUID, c.SUID, c.FSUID, c.GID, c.EGID, c.SGID, c.FSGID)
	fds := 0
	if t != nil {
		fds = len(t.files.slots)
	}
	fmt.Fprintf(b, "FDSize:\t%d\nGroups:\t", max(fds, 64))
	for _, g := range c.Groups {
		fmt.Fprintf(b, "%d ", g)
	}
	size, data, code := p.pages(t)
	fmt.Fprintf(b, "\nVmPeak:\t%8d kB\nVmSize:\t%8d kB\nVmRSS:\t%8d kB\nVmData:\t%8d kB\nVmExe:\t%8d kB\n",
		size*4, size*4, data*4, data*4, code*4)
	fmt.Fprintf(b, "Threads:\t%d\n", len(p.tasks))
	var ign, caught abi.SigSet
	for sig := abi.Signal(1); sig <= abi.SIGRTMAX; sig++ {
		switch p.handlers.actions[sig].Handler {
		case abi.SIG_DFL:
		case abi.SIG_IGN:
			ign |= sig.Bit()
		default:
			caught |= sig.Bit()
		}
	}
	fmt.Fprintf(b, "SigQ:\t%d/%d\nSigPnd:\t%016x\nShdPnd:\t%016x\nSigBlk:\t%016x\nSigIgn:\t%016x\nSigCgt:\t%016x\n",
		len(p.pending.list), maxQueued, pending, p.pending.set, mask, ign, caught)
	fmt.Fprintf(b, "CapInh:\t%016x\nCapPrm:\t%016x\nCapEff:\t%016x\nCapBnd:\t%016x\nCapAmb:\t%016x\n",
		c.Inheritable, c.Permitted, c.Caps, c.Bounding, 0)
	nnp := 0
	if t != nil && t.noNewPrivs {
		nnp = 1
	}
	fmt.Fprintf(b, "NoNewPrivs:\t%d\nSeccomp:\t0\nCpus_allowed:\t1\nCpus_allowed_list:\t0\nMems_allowed:\t1\nMems_allowed_list:\t0\n", nnp)
	if t != nil {
		fmt.Fprintf(b, "voluntary_ctxt_switches:\t%d\nnonvoluntary_ctxt_switches:\t0\n", t.switches)
	}
}

func (p *Process) limitsText(b *strings.Builder) {
	names := [abi.RLIM_NLIMITS]struct{ name, unit string }{
		{"Max cpu time", "seconds"}, {"Max file size", "bytes"}, {"Max data size", "bytes"}, {"Max stack size", "bytes"},
		{"Max core file size", "bytes"}, {"Max resident set", "bytes"}, {"Max processes", "processes"},
		{"Max open files", "files"}, {"Max locked memory", "bytes"}, {"Max address space", "bytes"},
		{"Max file locks", "locks"}, {"Max pending signals", "signals"}, {"Max msgqueue size", "bytes"},
		{"Max nice priority", ""}, {"Max realtime priority", ""}, {"Max realtime timeout", "us"},
	}
	num := func(v uint64) string {
		if v == abi.RLIM_INFINITY {
			return "unlimited"
		}
		return itoa(v)
	}
	fmt.Fprintf(b, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units")
	for i, n := range names {
		fmt.Fprintf(b, "%-25s %-20s %-20s %-10s\n", n.name, num(p.limits[i].Cur), num(p.limits[i].Max), n.unit)
	}
}

// mountsText is /proc/PID/mounts or, with info, mountinfo.
func (k *Kernel) mountsText(t *Task, b *strings.Builder, info bool) {
	if t == nil {
		return
	}
	escape := strings.NewReplacer(" ", `\040`, "\t", `\011`, "\n", `\012`, `\`, `\134`)
	for _, m := range k.cfg.Files.Mounts() {
		at, reachable := m.Root().String(t.fs.Root)
		if !reachable {
			continue
		}
		opts := []string{"rw"}
		flags := m.Flags()
		if flags&abi.ST_RDONLY != 0 {
			opts[0] = "ro"
		}
		for _, o := range []struct {
			bit  uint32
			name string
		}{{abi.ST_NOSUID, "nosuid"}, {abi.ST_NODEV, "nodev"}, {abi.ST_NOEXEC, "noexec"}} {
			if flags&o.bit != 0 {
				opts = append(opts, o.name)
			}
		}
		opts = append(slices.Clone(opts), "relatime")
		o := strings.Join(opts, ",")
		if info {
			parent := uint64(0)
			if pt := m.Point(); !pt.IsZero() {
				parent = pt.Mount.ID()
			}
			fmt.Fprintf(b, "%d %d %d:%d / %s %s - %s %s %s\n", m.ID(), parent, abi.Major(m.Dev()), abi.Minor(m.Dev()),
				escape.Replace(at), o, m.FS().Kind(), escape.Replace(m.Source()), opts[0])
		} else {
			fmt.Fprintf(b, "%s %s %s %s 0 0\n", escape.Replace(m.Source()), escape.Replace(at), m.FS().Kind(), o)
		}
	}
}
