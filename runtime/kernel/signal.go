package kernel

import (
	"boxer/runtime/abi"
	"boxer/runtime/arch"
)

// ignored reports whether the process drops sig when it is not blocked.
func (p *Process) ignored(sig abi.Signal) bool {
	switch p.handlers.actions[sig].Handler {
	case abi.SIG_IGN:
		return true
	case abi.SIG_DFL:
		return actionOf(sig) == actIgnore
	}
	return false
}

// signalPending reports whether t has a signal to take.
func (t *Task) signalPending() bool {
	return (t.pending.set|t.p.pending.set)&^t.mask != 0 || t.sigWait&(t.pending.set|t.p.pending.set) != 0
}

// killed reports whether SIGKILL waits for t.
func (t *Task) killed() bool { return t.p.exiting }

// interruptFor makes t notice that a signal is there.
func (t *Task) interruptFor() {
	if t.state == parked {
		t.wake()
	}
	if t.space.cur == t {
		t.space.kick()
	} else {
		t.space.ready()
	}
}

// wants reports whether t would act on sig now.
func (t *Task) wants(sig abi.Signal) bool {
	return t.state != dead && (!t.mask.Has(sig) || t.sigWait.Has(sig))
}

// sendProcess sends a signal to a process as a whole. The signal goes to pid 1
// by default only where outside is true or it comes from within.
func (k *Kernel) sendProcess(p *Process, si *abi.SigInfo, outside bool) abi.Errno {
	if !p.accept(si, outside) {
		return 0
	}
	main := p.leader()
	if p.ignored(si.Signo) && main != nil && !main.mask.Has(si.Signo) && !main.sigWait.Has(si.Signo) {
		return 0
	}
	if !p.pending.add(queued{info: *si}) {
		return abi.EAGAIN
	}
	p.signalQ.Wake()
	if t := p.taker(si.Signo); t != nil {
		t.interruptFor()
	}
	return 0
}

// taker is the thread that is to take a signal to the whole process: the
// first that does not block it, but for profiling timers whoever is running.
func (p *Process) taker(sig abi.Signal) *Task {
	if (sig == abi.SIGPROF || sig == abi.SIGVTALRM) && len(p.tasks) > 0 {
		if t := p.tasks[0].space.cur; t != nil && t.p == p && t.wants(sig) {
			return t
		}
	}
	for _, t := range p.tasks {
		if t.wants(sig) {
			return t
		}
	}
	return nil
}

// sendTask sends a signal to one thread.
func (k *Kernel) sendTask(t *Task, s queued, outside bool) abi.Errno {
	if !t.p.accept(&s.info, outside) {
		return 0
	}
	sig := s.info.Signo
	if t.p.ignored(sig) && !t.mask.Has(sig) && !t.sigWait.Has(sig) {
		return 0
	}
	if !t.pending.add(s) {
		return abi.EAGAIN
	}
	t.p.signalQ.Wake()
	if t.wants(sig) {
		t.interruptFor()
	}
	return 0
}

// accept does what a signal does on arrival, whoever blocks it: SIGKILL ends,
// SIGCONT continues. It reports whether the signal is to be queued.
func (p *Process) accept(si *abi.SigInfo, outside bool) bool {
	sig := si.Signo
	if p.zombie || p.exiting {
		return false
	}
	if p == p.k.init && !outside && int(si.PID) != p.pid &&
		p.handlers.actions[sig].Handler == abi.SIG_DFL && actionOf(sig) != actIgnore {
		return false // pid_namespaces(7): init gets only what it has handlers for
	}
	switch {
	case sig == abi.SIGKILL:
		p.exitGroup(abi.KilledStatus(sig))
		return false
	case sig == abi.SIGCONT:
		p.dropPending(stopSignals)
		p.resume()
	case stopSignals.Has(sig):
		p.dropPending(abi.SIGCONT.Bit())
	}
	return true
}

func (p *Process) dropPending(set abi.SigSet) {
	p.pending.drop(set)
	for _, t := range p.tasks {
		t.pending.drop(set)
	}
}

// stop stops all threads of the process.
func (p *Process) stop(sig abi.Signal) {
	if p.stopped {
		return
	}
	p.stopped, p.stopSig, p.stopNews, p.contNews = true, sig, true, false
	for _, t := range p.tasks {
		t.space.kick()
	}
	p.notifyParent(abi.CLD_STOPPED, int32(sig))
}

// resume ends a stop.
func (p *Process) resume() {
	if !p.stopped {
		return
	}
	p.stopped, p.stopNews, p.contNews = false, false, true
	for _, t := range p.tasks {
		t.space.ready()
	}
	p.notifyParent(abi.CLD_CONTINUED, int32(abi.SIGCONT))
}

// notifyParent tells the parent that the process changed state.
func (p *Process) notifyParent(code, status int32) {
	parent := p.parent
	if parent == nil {
		return
	}
	act := &parent.handlers.actions[abi.SIGCHLD]
	if code == abi.CLD_EXITED || code == abi.CLD_KILLED || act.Flags&abi.SA_NOCLDSTOP == 0 {
		if sig := p.exitSignal; sig.Valid() {
			c := p.cpu()
			p.k.sendProcess(parent, &abi.SigInfo{Signo: sig, Code: code, PID: int32(p.pid), UID: p.uid(),
				Status: status, UTime: c.user / (1e9 / abi.ClockTick), STime: c.sys / (1e9 / abi.ClockTick)}, true)
		}
	}
	parent.childQ.Wake()
}

// fault raises a signal for what t's own instruction did. It cannot be blocked
// or ignored: then the process ends (force_sig_fault).
func (t *Task) fault(si *abi.SigInfo, e arch.Exit) {
	a := &t.p.handlers.actions[si.Signo]
	if a.Handler == abi.SIG_IGN || t.mask.Has(si.Signo) {
		a.Handler = abi.SIG_DFL
		t.mask &^= si.Signo.Bit()
	}
	if a.Handler == abi.SIG_DFL {
		t.k.logFault(t, si, e)
		t.p.exitGroup(abi.KilledStatus(si.Signo))
		return
	}
	t.pending.add(queued{info: *si, fault: true, write: e.Write})
}

// deliver takes pending signals until none is left: a handler's frame is pushed
// for each that has one. It also ends what a signal interrupted: the call in
// progress is restarted, fails with EINTR or goes on.
func (t *Task) deliver() {
	p := t.p
	for {
		if p.exiting {
			t.exit()
			return
		}
		if t.sys.active && t.interruptedCode == 0 {
			return // the next attempt sees the signal
		}
		if p.stopped {
			return
		}
		s, ok := t.pending.take(^t.mask)
		if !ok {
			s, ok = p.pending.take(^t.mask)
		}
		if !ok {
			if t.sys.active {
				t.interruptedCode = 0 // no handler ran: the call goes on
				return
			}
			if !t.restoreSet {
				return
			}
			t.restoreSet = false
			t.mask = t.savedMask
			continue
		}
		t.take(&s)
	}
}

// take acts on one signal.
func (t *Task) take(s *queued) {
	p, sig := t.p, s.info.Signo
	act := p.handlers.actions[sig]
	switch act.Handler {
	case abi.SIG_IGN:
		return
	case abi.SIG_DFL:
		switch actionOf(sig) {
		case actTerminate:
			p.exitGroup(abi.KilledStatus(sig))
		case actStop:
			if sig == abi.SIGSTOP || !p.orphanedGroup() {
				p.stop(sig)
			}
		}
		return
	}
	t.finishInterrupted(&act)
	mask := t.mask
	if t.restoreSet {
		mask, t.restoreSet = t.savedMask, false
	}
	f := arch.SignalFrame{
		Signo:    int(sig),
		WithInfo: act.Flags&abi.SA_SIGINFO != 0,
		Handler:  act.Handler,
		Return:   act.Restorer,
		Stack:    t.regs.SP(),
		Alt:      t.altNow(),
		Mask:     uint64(mask),
		Fault:    s.fault,
		Write:    s.write,
	}
	if s.fault {
		f.FaultAddr = s.info.Addr
	}
	if act.Flags&abi.SA_RESTORER == 0 {
		f.Return = t.space.sigreturn
	}
	s.info.Encode(f.Info[:])
	if act.Flags&abi.SA_ONSTACK != 0 && t.alt.Size != 0 && !t.onAltStack() {
		f.Stack = t.alt.SP + t.alt.Size
	}
	if err := t.k.cfg.Machine.PushSignal(t.space.mm, t.regs, &f); err != nil || t.overranAlt(f.Stack) {
		// The stack cannot take a frame: SIGSEGV, with its default action if
		// that is what did not fit.
		t.k.logf("%s[%d]: no stack for %v at %#x", t.comm, t.tid, sig, f.Stack)
		t.p.exitGroup(abi.KilledStatus(abi.SIGSEGV))
		return
	}
	if t.alt.Flags&abi.SS_AUTODISARM != 0 {
		t.alt = arch.AltStack{Flags: abi.SS_DISABLE}
	}
	if act.Flags&abi.SA_RESETHAND != 0 {
		p.handlers.actions[sig].Handler = abi.SIG_DFL
	}
	t.mask |= act.Mask
	if act.Flags&abi.SA_NODEFER == 0 {
		t.mask |= sig.Bit()
	}
	t.mask &^= abi.Unblockable
}

// finishInterrupted ends the call in progress because a handler is about to run.
func (t *Task) finishInterrupted(act *abi.SigAction) {
	if !t.sys.active {
		return
	}
	again := t.interruptedCode == ERESTARTNOINTR ||
		t.interruptedCode == ERESTARTSYS && act.Flags&abi.SA_RESTART != 0
	if again {
		t.k.cfg.Machine.Restart(t.regs)
	} else {
		t.regs.SetResult(abi.EINTR.Result())
	}
	t.sys.active, t.interruptedCode = false, 0
}

// onAltStack reports whether the stack pointer is on the alternate stack.
func (t *Task) onAltStack() bool {
	sp := t.regs.SP()
	return t.alt.Flags&abi.SS_AUTODISARM == 0 && sp > t.alt.SP && sp-t.alt.SP <= t.alt.Size
}

// overranAlt reports whether a frame that was to be on the alternate stack
// reaches below it.
func (t *Task) overranAlt(top uint64) bool {
	return t.alt.Size != 0 && top > t.alt.SP && top-t.alt.SP <= t.alt.Size && t.regs.SP() < t.alt.SP
}

// altNow is the alternate stack as sigaltstack(2) reports it.
func (t *Task) altNow() arch.AltStack {
	a := t.alt
	switch {
	case a.Size == 0:
		a.Flags |= abi.SS_DISABLE
	case t.onAltStack():
		a.Flags |= abi.SS_ONSTACK
	}
	return a
}

// AltStack is the alternate stack as sigaltstack(2) reports it.
func (t *Task) AltStack() arch.AltStack { return t.altNow() }

// SetAltStack is sigaltstack(2): EPERM while the stack is in use, EINVAL for
// unknown flags, ENOMEM when it is too small.
func (t *Task) SetAltStack(a arch.AltStack) abi.Errno {
	if t.onAltStack() {
		return abi.EPERM
	}
	switch mode := a.Flags &^ abi.SS_AUTODISARM; {
	case mode == abi.SS_DISABLE:
		t.alt = arch.AltStack{}
	case mode != 0 && mode != abi.SS_ONSTACK:
		return abi.EINVAL
	case a.Size < abi.MINSIGSTKSZ:
		return abi.ENOMEM
	default:
		a.Flags &= abi.SS_AUTODISARM
		t.alt = a
	}
	return 0
}

// Sigreturn is rt_sigreturn(2). A frame that is none ends the process.
func (t *Task) Sigreturn() abi.Errno {
	mask, alt, err := t.k.cfg.Machine.PopSignal(t.space.mm, t.regs)
	if err != nil {
		t.k.logf("%s[%d]: rt_sigreturn: %v", t.comm, t.tid, err)
		t.fault(&abi.SigInfo{Signo: abi.SIGSEGV, Code: abi.SI_KERNEL}, arch.Exit{})
		return NoReturn
	}
	t.mask = abi.SigSet(mask) &^ abi.Unblockable
	t.SetAltStack(alt) // refused while in use: then it is what it was
	return NoReturn
}

// Mask are the blocked signals.
func (t *Task) Mask() abi.SigSet { return t.mask }

// SetMask sets the blocked signals.
func (t *Task) SetMask(m abi.SigSet) {
	t.mask = m &^ abi.Unblockable
}

// SetTempMask blocks m until the call returns (sigsuspend, ppoll…), at the first attempt.
func (t *Task) SetTempMask(m abi.SigSet) {
	if t.restoreSet {
		return
	}
	t.savedMask, t.restoreSet = t.mask, true
	t.mask = m &^ abi.Unblockable
}

// PendingSet are the signals that are pending and blocked (rt_sigpending).
func (t *Task) PendingSet() abi.SigSet { return (t.pending.set | t.p.pending.set) & t.mask }

// Action is the action for sig.
func (p *Process) Action(sig abi.Signal) abi.SigAction { return p.handlers.actions[sig] }

// SetAction sets the action for sig. Pending signals that are now ignored are
// dropped. A handler for SIGSEGV or SIGBUS asks for exact faults.
func (t *Task) SetAction(sig abi.Signal, a abi.SigAction) {
	p := t.p
	a.Mask &^= abi.Unblockable
	p.handlers.actions[sig] = a
	if p.ignored(sig) {
		p.dropPending(sig.Bit())
	}
	if sig == abi.SIGSEGV || sig == abi.SIGBUS {
		t.space.updatePrecise()
	}
}

// updatePrecise tells the CPU whether a process of the space handles faults.
func (s *space) updatePrecise() {
	precise := false
	for _, t := range s.tasks {
		h := t.p.handlers
		precise = precise || h.actions[abi.SIGSEGV].Handler > abi.SIG_IGN || h.actions[abi.SIGBUS].Handler > abi.SIG_IGN
	}
	s.cpu.SetFaultPrecise(precise)
}

// SigWait takes a pending signal of set, or waits for one (rt_sigtimedwait).
// EAGAIN when the deadline has passed, EINTR when another signal came.
func (t *Task) SigWait(set abi.SigSet) (abi.SigInfo, abi.Errno) {
	set &^= abi.Unblockable
	t.sigWait = 0
	s, ok := t.pending.take(set)
	if !ok {
		s, ok = t.p.pending.take(set)
	}
	if ok {
		return s.info, 0
	}
	if t.Expired() {
		return abi.SigInfo{}, abi.EAGAIN
	}
	errno := t.Block(ERESTARTNOHAND)
	if errno == Blocked {
		t.sigWait = set
	}
	return abi.SigInfo{}, errno
}
