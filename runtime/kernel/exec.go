package kernel

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/loader"
	"boxer/runtime/mm"
	"boxer/wasmfs"
)

// maxModule bounds a WebAssembly program's file.
const maxModule = 256 << 20

// loaded is a program that is ready to take over.
type loaded struct {
	img   *loader.Image
	space *space
	regs  arch.Regs
	file  *mapped
}

// Exec is execveat(2): path is looked up from at. On success the task
// continues in the new program, and NoReturn is returned.
func (t *Task) Exec(at wasmfs.Path, path string, flags wasmfs.WalkFlags, argv, envp []string) abi.Errno {
	l, err := t.load(at, path, flags, argv, envp)
	if err != nil {
		var le *loader.Error
		if errors.As(err, &le) && le.Errno == abi.ENOEXEC {
			// A shell will say much less, or try the file as a script.
			t.k.Unsupported(fmt.Sprintf("execve %q: %v", path, err))
		}
		return errnoOf(err)
	}
	t.become(l, envp)
	return NoReturn
}

// load makes the new address space, without the kernel lock where it takes
// long. The task itself does not change.
func (t *Task) load(at wasmfs.Path, path string, flags wasmfs.WalkFlags, argv, envp []string) (*loaded, error) {
	k, env := t.k, t.Env()
	info := k.cfg.Machine.Info()
	first := true
	p := loader.Params{
		Open: func(name string) (mm.File, error) {
			k.mu.Lock()
			defer k.mu.Unlock()
			from, walk := wasmfs.Path{}, wasmfs.WalkFlags(0)
			if first {
				from, walk = at, flags
				first = false
			}
			return k.openExec(&env, from, name, walk)
		},
		NewSpace:  k.cfg.NewSpace,
		Cred:      func(f mm.File) loader.Cred { return t.execCred(f).auxv() },
		Path:      path,
		Argv:      argv,
		Envp:      envp,
		StackSize: min(t.p.limits[abi.RLIMIT_STACK].Cur, 64<<20),
		Target: loader.Target{Machine: info.ELF, Platform: info.Platform, AT: info.Name, HWCAP: info.HWCAP,
			MinSigStack: info.MinSigStack, Sigreturn: k.cfg.Machine.SigreturnCode()},
	}
	k.Random(p.Random[:])
	k.makeRoom()
	k.loading++
	k.mu.Unlock()
	defer func() {
		k.mu.Lock()
		k.loading--
	}()
	img, err := loader.Load(p)
	if err != nil {
		return nil, err
	}
	l := &loaded{img: img, file: mappedOf(img.File)}
	if img.Kind == loader.Wasm {
		return l, k.loadWASI(l, envp)
	}
	cpu, err := k.cfg.NewCPU(img.Space)
	if err != nil {
		_ = img.Space.Release() // nothing was written through it
		return nil, fmt.Errorf("new CPU: %w", errors.Join(err, abi.ENOMEM))
	}
	l.space = k.newSpace(img.Space, cpu)
	l.space.sigreturn = img.Sigreturn
	l.regs = k.cfg.Machine.NewRegs()
	l.regs.SetPC(img.PC)
	l.regs.SetSP(img.SP)
	return l, nil
}

// loadWASI makes the CPU of a WebAssembly program. Called without the kernel lock.
func (k *Kernel) loadWASI(l *loaded, envp []string) error {
	if k.cfg.NewWASI == nil {
		return &loader.Error{Errno: abi.ENOEXEC, Msg: "exec format error: WebAssembly programs are not enabled here"}
	}
	size := l.img.File.Size()
	if size > maxModule {
		return &loader.Error{Errno: abi.ENOEXEC, Msg: fmt.Sprintf("exec format error: a WebAssembly module of %d bytes", size)}
	}
	m, err := k.cfg.NewSpace()
	if err != nil {
		return err
	}
	p := WASIProgram{Path: l.img.Path, Argv: l.img.Argv, Env: envp, Module: func() ([]byte, error) {
		module := make([]byte, size)
		if n, err := l.img.File.ReadAt(module, 0); n < len(module) {
			return nil, errors.Join(err, io.ErrUnexpectedEOF)
		}
		return module, nil
	}}
	p.Digest, _ = l.img.File.Digest()
	cpu, regs, err := k.cfg.NewWASI(m, p)
	if errors.Is(err, mm.ErrNoSlot) { // it needs one that it keeps
		k.mu.Lock()
		k.evict(k.monotonic(), true, true)
		k.mu.Unlock()
		cpu, regs, err = k.cfg.NewWASI(m, p)
	}
	if err != nil {
		_ = m.Release() // nothing was written through it
		if errors.Is(err, mm.ErrPinned) || errors.Is(err, mm.ErrNoSlot) {
			k.mu.Lock()
			k.Unsupported("more WebAssembly programs at a time than the host has memories for")
			k.mu.Unlock()
			return &loader.Error{Errno: abi.ENOMEM, Msg: err.Error()}
		}
		return &loader.Error{Errno: abi.ENOEXEC, Msg: "exec format error: " + err.Error()}
	}
	l.space, l.regs = k.newSpace(m, cpu), regs
	return nil
}

// openExec opens a file to execute it: a regular file, execute permission, not
// on a noexec mount.
func (k *Kernel) openExec(env *wasmfs.Env, at wasmfs.Path, name string, walk wasmfs.WalkFlags) (mm.File, error) {
	p, err := k.cfg.Files.Resolve(env, at, name, walk)
	if err != nil {
		return nil, err
	}
	switch {
	case p.Node.Type() == abi.S_IFLNK: // AT_SYMLINK_NOFOLLOW
		return nil, abi.ELOOP
	case p.Node.Type() != abi.S_IFREG || p.Mount.Flags()&abi.ST_NOEXEC != 0:
		return nil, abi.EACCES
	}
	if err := p.Access(env.Cred, abi.X_OK); err != nil {
		return nil, err
	}
	// A program may be executable but not readable: the kernel reads it.
	reader := *env
	reader.Cred = wasmfs.Root
	f, err := k.cfg.Files.OpenPath(&reader, p, abi.O_RDONLY)
	if err != nil {
		return nil, err
	}
	if f == nil {
		return nil, abi.EACCES
	}
	s := newSharedFile(f)
	text, _ := p.String(env.Root)
	m, errno := newMapped(s, p, text)
	s.release()
	if errno != 0 {
		return nil, errno
	}
	return m, nil
}

// mappedOf is the tree's file behind a program's mm.File.
func mappedOf(f mm.File) *mapped {
	switch f := f.(type) {
	case *mapped:
		return f
	case *mappedWriter:
		return f.mapped
	}
	panic("BUG: a program that openExec did not open")
}

// execCred are the credentials after executing f (execve(2)): set-user-ID and
// set-group-ID bits count unless the mount or the task forbids it.
func (t *Task) execCred(f mm.File) *Cred {
	m := mappedOf(f)
	st, err := m.path.Stat()
	c := *t.cred
	c.SUID, c.FSUID, c.SGID, c.FSGID = c.EUID, c.EUID, c.EGID, c.EGID
	if err == nil && m.path.Mount.Flags()&abi.ST_NOSUID == 0 && !t.noNewPrivs {
		if st.Mode&abi.S_ISUID != 0 {
			c.EUID, c.SUID, c.FSUID = st.UID, st.UID, st.UID
		}
		if st.Mode&(abi.S_ISGID|abi.S_IXGRP) == abi.S_ISGID|abi.S_IXGRP {
			c.EGID, c.SGID, c.FSGID = st.GID, st.GID, st.GID
		}
	}
	switch {
	case c.EUID == 0 || c.UID == 0:
		c.Permitted = c.Bounding | c.Inheritable&c.Bounding
		c.Caps = c.Permitted
		if c.EUID != 0 {
			c.Caps = 0
		}
	default:
		c.Caps, c.Permitted = 0, 0
	}
	return c.finish()
}

// auxv is what the auxiliary vector says of c.
func (c *Cred) auxv() loader.Cred {
	return loader.Cred{UID: c.UID, EUID: c.EUID, GID: c.GID, EGID: c.EGID,
		Secure: c.EUID != c.UID || c.EGID != c.GID}
}

// become makes t run a loaded program: its siblings end, and what a program
// does not inherit is reset (execve(2), "Effect on process attributes").
func (t *Task) become(l *loaded, envp []string) {
	k, p, old := t.k, t.p, t.space
	for _, o := range slices.Clone(p.tasks) {
		if o != t {
			o.exit()
		}
	}
	if t.tid != p.pid { // the leader is gone: t takes its id
		delete(k.ids.tasks, t.tid)
		t.tid = p.pid
		k.ids.tasks[t.tid] = t
	}
	if t.clearTID != 0 && len(old.tasks) > 1 {
		_ = old.mm.WriteU32(t.clearTID, 0)
		k.futexes.wake(futexKey{old.mm, t.clearTID}, 1, abi.FUTEX_BITSET_MATCH_ANY)
	}
	old.leave(t)
	t.releaseVfork()

	if t.files.refs > 1 {
		shared := t.files
		t.files = shared.share(false)
		t.files.owner = p
		shared.release()
	}
	t.files.closeExec()
	if t.fs.refs > 1 {
		t.fs.refs--
		t.fs = t.fs.share(false)
	}
	if p.handlers.refs > 1 {
		p.handlers.refs--
		p.handlers = p.handlers.clone()
	}
	p.handlers.resetForExec()
	p.dropTimers()
	t.alt = arch.AltStack{}
	t.robustHead, t.robustLen, t.clearTID = 0, 0, 0
	t.cred = t.execCred(l.img.File)
	t.keepCaps = false
	t.setProgram(l, envp)
	k.adopt(l.space, t)
}

// setProgram records what /proc tells of a program.
func (t *Task) setProgram(l *loaded, envp []string) {
	p := t.p
	t.comm = l.img.Comm
	p.exe, p.exePath = l.file.name, l.file.path
	p.argv, p.environ, p.auxv = l.img.Argv, envp, l.img.Auxv
	p.execed, p.dumpable, p.exitSignal = true, true, abi.SIGCHLD
	t.regs, t.space, t.stack = l.regs, l.space, l.regs.SP()
}

// adopt makes a new space run its first task.
func (k *Kernel) adopt(s *space, t *Task) {
	t.p.limitMemory(s)
	s.tasks = []*Task{t}
	s.updatePrecise()
	s.start()
}

// leave takes t out of the turns of s.
func (s *space) leave(t *Task) {
	s.tasks = slices.DeleteFunc(s.tasks, func(o *Task) bool { return o == t })
	if s.cur == t {
		s.cur = nil
	}
	s.last, s.next = nil, 0
	s.ready()
}

// spawn implements Spawn.
func (k *Kernel) spawn(e Exec) (*Process, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.shutdown {
		return nil, &SpawnError{Path: e.Path, Errno: abi.ESRCH, Err: errors.New("the box has ended")}
	}
	if len(e.Argv) == 0 {
		e.Argv = []string{e.Path}
	}
	e.Init = e.Init || !k.cfg.Keep && k.init == nil
	if e.Init && k.init != nil {
		return nil, &SpawnError{Path: e.Path, Errno: abi.EBUSY, Err: errors.New("the box has a process 1 already")}
	}
	t := k.newRoot(e)
	p := t.p
	l, err := t.spawnLoad(&e)
	if err == nil && k.shutdown {
		err = errors.New("the box has ended")
		k.mu.Unlock()
		l.space.free()
		k.mu.Lock()
	}
	if err != nil {
		t.files.release()
		delete(k.ids.tasks, t.tid)
		p.streams.free()
		k.checkDone()
		return nil, &SpawnError{Path: e.Path, Errno: errnoOf(err), Err: err}
	}
	t.cred = t.execCred(l.img.File)
	t.setProgram(l, e.Env)
	k.ids.procs[p.pid] = p
	if e.Init {
		k.init = p
	}
	if c := p.streams.tty; c != nil {
		c.attach(p.session, p.pgrp)
	}
	k.adopt(l.space, t)
	return p, nil
}

// newRoot makes the process that Spawn starts: leader of a session of its
// own, without a parent.
func (k *Kernel) newRoot(e Exec) *Task {
	root := k.cfg.Files.Root()
	id := 1
	if !e.Init || k.ids.used(id) {
		id = k.ids.next()
	}
	t := k.newTask(nil, nil, id)
	t.fs = &FSContext{refs: 1, Root: root, Cwd: root, Umask: 0o022}
	t.cred = newCred(e.UID, e.GID, e.Groups)
	t.files = newFDTable()
	t.p = &Process{
		k: k, pid: t.tid, tasks: []*Task{t}, pgrp: t.tid, session: &session{id: t.tid},
		handlers: &SigHandlers{refs: 1}, limits: defaultLimits(k.cfg.Limits),
		started: k.monotonic(), exitSignal: abi.SIGCHLD, ended: make(chan struct{}),
	}
	t.files.owner = t.p
	t.p.streams = k.newStreams(t, &e)
	return t
}

// spawnLoad finds the program as a shell would, and loads it.
func (t *Task) spawnLoad(e *Exec) (*loaded, error) {
	if e.Dir != "" {
		env := t.Env()
		dir, err := t.k.cfg.Files.Resolve(&env, wasmfs.Path{}, e.Dir, wasmfs.Directory)
		if err != nil {
			return nil, fmt.Errorf("working directory %s: %w", e.Dir, err)
		}
		t.fs.Cwd = dir
	}
	if strings.Contains(e.Path, "/") || e.Path == "" {
		return t.load(wasmfs.Path{}, e.Path, 0, e.Argv, e.Env)
	}
	search := "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	for _, v := range e.Env {
		if s, ok := strings.CutPrefix(v, "PATH="); ok {
			search = s
		}
	}
	var worst error = abi.ENOENT
	for _, dir := range strings.Split(search, ":") {
		if dir == "" {
			dir = "."
		}
		l, err := t.load(wasmfs.Path{}, dir+"/"+e.Path, 0, e.Argv, e.Env)
		if err == nil {
			return l, nil
		}
		switch errnoOf(err) {
		case abi.ENOENT, abi.ENOTDIR:
			var le *loader.Error // the program is there, its interpreter is not
			if errors.As(err, &le) {
				return nil, err
			}
		case abi.EACCES:
			worst = err
		default:
			return nil, err
		}
	}
	return nil, worst
}
