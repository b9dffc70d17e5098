package kernel

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"boxer/runtime/abi"
	"boxer/runtime/kernel/kernfs"
)

// Limits.Memory counts what is touched: pages of processes, wherever they are kept, the files of
// Config.FileBytes, pipes, and an estimate of what the kernel keeps for a process. Nothing tells when a page is
// touched. So there is an upper bound, the sizes of the mappings, which costs little; only while it passes half the
// limit are the memories looked through, those that ran since, and never for more than a
// sixth of the time. When the box has gone over, the process that holds most is killed, as Linux does.

const (
	// lookEvery is the least time between two looks, and looksCost how many times as
	// long as the last one took the next must wait.
	// Where mappings have grown by more than is left, as when a program fills what it allocates, only lookSoon.
	lookEvery = 50e6
	lookSoon  = 5e6
	looksCost = 5
	// touchRate is how fast a program may be expected to touch memory, in bytes a nanosecond: less often
	// than that it is not looked where much is left.
	touchRate = 2

	perTask = 32 << 10 // what the kernel keeps for a thread, roughly
	perFD   = 200      // and for an open descriptor
)

// memory is the kernel's account. All but files is guarded by the kernel lock.
type memory struct {
	limit  uint64 // 0: none
	used   uint64 // as it was seen last; an upper bound if it was not looked at closely
	peak   uint64 // the largest that was seen
	grown  int64  // what mappings have grown by since
	next   int64  // when to look again
	soon   int64  // when, if they have grown by more than is left
	full   bool   // nothing more may be started
	dying  []*Process
	killed []string
	kills  int64
	rest   atomic.Int64 // what processes leave of the limit
}

// resident is what a space holds, as it was seen last.
type resident struct {
	bytes uint64
	seen  bool   // it did not run since
	bound uint64 // the size of its mappings
}

// checkMemory looks whether the box has gone over its limit, if it is time to. s had a turn.
func (k *Kernel) checkMemory(s *space) {
	m := &k.memory
	if m.limit == 0 {
		return
	}
	bound := s.mm.Bound()
	m.grown += int64(bound) - int64(s.rss.bound)
	s.rss.bound = bound
	if k.now < m.next && (k.now < m.soon || int64(m.used)+m.grown <= int64(m.limit)) {
		return
	}
	for _, p := range m.dying {
		if !p.zombie {
			return // what it holds is about to be free
		}
	}
	m.dying = nil
	start := k.clock.Monotonic()
	total, files, _ := k.account(false)
	if total > m.limit/2 {
		var holders []holder
		total, files, holders = k.account(true)
		m.peak = max(m.peak, total)
		for ; total > m.limit && len(holders) > 0; holders = holders[1:] {
			p := holders[0].p
			m.dying = append(m.dying, p)
			m.kills++
			k.killForMemory(p, "memory limit of "+sizeText(m.limit)+" reached")
			total -= min(total, holders[0].n)
		}
	}
	m.grown = 0
	m.used, m.full = total, total > m.limit-m.limit/32
	left := int64(m.limit) - int64(total)
	m.rest.Store(left + int64(files))
	now := k.clock.Monotonic()
	cost := looksCost * (now - start)
	m.soon = now + max(lookSoon, min(cost, left/touchRate/2)) // the next costs less: see package mm, "seen"
	m.next = now + max(lookEvery, cost, left/touchRate)
	if len(m.dying) > 0 {
		m.next = 0
	}
}

// A holder is a process and what it holds.
type holder struct {
	p *Process
	n uint64
}

// account sums up what the box holds, exactly or as an upper bound, files included. If exactly, it lists the processes
// that may be killed for it, those that hold most first.
func (k *Kernel) account(exact bool) (total, files uint64, holders []holder) {
	counted := map[*space]bool{}
	for _, p := range k.sortedProcs() {
		t := p.leader()
		if t == nil {
			continue
		}
		n := uint64(len(p.tasks))*perTask + uint64(len(t.files.slots))*perFD
		total += n
		if s := t.space; s != nil {
			held := s.mm.Bound()
			s.rss.bound = held
			if exact {
				held = s.residentBytes()
			}
			if !counted[s] {
				total += held
				counted[s] = true
			}
			n += held
		}
		if exact && !p.exiting {
			holders = append(holders, holder{p, n})
		}
	}
	slices.SortStableFunc(holders, func(a, b holder) int { return cmp.Compare(b.n, a.n) })
	total += uint64(k.pipeUsed)
	files = uint64(k.fileBytes())
	return total + files, files, holders
}

// residentBytes is what s holds. Memories that did not run since are not looked through again.
func (s *space) residentBytes() uint64 {
	if !s.rss.seen {
		s.rss.bytes, s.rss.seen = s.mm.Resident(), true
	}
	return s.rss.bytes
}

// fileBytes is what the files of the tree and of /dev hold.
func (k *Kernel) fileBytes() (n int64) {
	if k.devFiles != nil {
		n = k.devFiles.Used()
	}
	if f := k.cfg.FileBytes; f != nil {
		n += f()
	}
	return n
}

// FilesFull reports whether the box's files may take no more memory. They leave a sixteenth of the limit to
// programs, which would be killed for what files hold. It may be called without locks.
func (k *Kernel) FilesFull() bool {
	limit := int64(k.memory.limit)
	return limit != 0 && k.memory.rest.Load()-k.fileBytes() < limit/16
}

// killForMemory ends p because there is no memory for it, and says so.
func (k *Kernel) killForMemory(p *Process, why string) {
	if p.exiting || p.zombie {
		return
	}
	comm := p.lastComm
	if t := p.leader(); t != nil {
		comm = t.comm
	}
	line := fmt.Sprintf("%s: %d %s killed", why, p.pid, comm)
	if len(k.memory.killed) < maxCounted {
		k.memory.killed = append(k.memory.killed, line)
	}
	k.logf("%s", line)
	p.exitGroup(abi.KilledStatus(abi.SIGKILL))
}

// sizeText is a size as a person would write it.
func sizeText(n uint64) string {
	for _, u := range []struct {
		shift uint
		name  string
	}{{30, "GiB"}, {20, "MiB"}, {10, "KiB"}} {
		if n>>u.shift > 0 && n&(1<<u.shift-1) == 0 {
			return fmt.Sprintf("%d %s", n>>u.shift, u.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}

// memoryUse is what the box may use, as programs are told, and what is left of it, in bytes.
func (k *Kernel) memoryUse() (total, free uint64) {
	total = k.cfg.Limits.Memory
	used := k.memory.used
	if k.memory.limit == 0 {
		for _, p := range k.ids.procs {
			if t := p.leader(); t != nil && t.space != nil {
				used += t.space.mm.Usage().Data
			}
		}
	}
	return total, total - min(used, total*7/8)
}

// cgroup is /sys/fs/cgroup (Documentation/admin-guide/cgroup-v2.rst), as far as runtimes read it to size themselves.
func (k *Kernel) cgroup() *kernfs.Dir {
	number := func(f func() uint64) *kernfs.File {
		return text(func(b *strings.Builder) { fmt.Fprintln(b, f()) })
	}
	return kernfs.NewDir(0o555, nil).
		Add("cgroup.controllers", kernfs.Text("cpu memory pids\n")).
		Add("cpu.max", kernfs.Text("100000 100000\n")).
		Add("memory.max", number(func() uint64 { return k.cfg.Limits.Memory })).
		Add("memory.high", kernfs.Text("max\n")).
		Add("memory.swap.max", kernfs.Text("0\n")).
		Add("memory.swap.current", kernfs.Text("0\n")).
		Add("memory.current", number(func() uint64 {
			total, free := k.memoryUse()
			return total - free
		})).
		Add("memory.peak", number(func() uint64 { return k.memory.peak })).
		Add("memory.events", text(func(b *strings.Builder) {
			fmt.Fprintf(b, "low 0\nhigh 0\nmax %d\noom %d\noom_kill %d\n", k.memory.kills, k.memory.kills, k.memory.kills)
		})).
		Add("pids.max", number(func() uint64 { return uint64(k.cfg.Limits.Processes) })).
		Add("pids.current", number(func() uint64 { return uint64(len(k.ids.tasks)) }))
}
