package kernel

import (
	"fmt"
	"io"
	"slices"
	"strconv"

	"boxer/runtime/abi"
	"boxer/runtime/arch"
	"boxer/runtime/knob"
	"boxer/wasmfs"
)

// counts are the numbers of the exit report.
type counts struct {
	calls        map[string]int64 // not supported, by name
	instructions map[string]int64
}

// Report says what a box asked for that boxer does not have.
type Report struct {
	// Unsupported counts system calls and requests by name, Instructions
	// undefined or unlifted instructions by mnemonic or word.
	Unsupported  []Count
	Instructions []Count
	// Killed says which programs were ended because there was no memory for them. Peak is the most
	// that a box with a limit was seen to hold, in bytes.
	Killed []string
	Peak   uint64
}

// Count is a name and how often it was seen.
type Count struct {
	Name string
	N    int64
}

// Report returns the counts so far, the most frequent first.
func (k *Kernel) Report() Report {
	k.mu.Lock()
	defer k.mu.Unlock()
	return Report{sortedCounts(k.counts.calls), sortedCounts(k.counts.instructions), slices.Clone(k.memory.killed), k.memory.peak}
}

func sortedCounts(m map[string]int64) []Count {
	list := make([]Count, 0, len(m))
	for name, n := range m {
		list = append(list, Count{name, n})
	}
	slices.SortFunc(list, func(a, b Count) int {
		if a.N != b.N {
			return int(b.N - a.N)
		}
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return list
}

// maxCounted bounds the names that a guest can make the report hold.
const maxCounted = 1000

// count counts one name; it reports whether it is the first of that name.
func count(m *map[string]int64, name string) bool {
	if *m == nil {
		*m = map[string]int64{}
	}
	if (*m)[name] == 0 && len(*m) >= maxCounted {
		return false
	}
	(*m)[name]++
	return (*m)[name] == 1
}

// Unsupported counts a request that boxer does not serve, and logs it once.
func (k *Kernel) Unsupported(what string) {
	if count(&k.counts.calls, what) {
		k.logf("not supported: %s", what)
	}
}

// undefined counts an instruction that is undefined or not lifted, and logs it once.
func (k *Kernel) undefined(t *Task, e arch.Exit) {
	name := e.Name
	if name == "" {
		name = fmt.Sprintf("%#08x", e.Insn)
	}
	if count(&k.counts.instructions, name) {
		k.logf("%s[%d]: %v", t.comm, t.tid, e)
	}
}

var faults = knob.New("faults", "print the registers of programs that die of a fault")

// logFault prints why a program is about to die, if somebody wants to know.
func (k *Kernel) logFault(t *Task, si *abi.SigInfo, e arch.Exit) {
	if faults.Enabled() {
		k.logf("%s[%d]: %v: %v\n%v", t.comm, t.tid, si.Signo, e, t.regs)
	}
}

func (k *Kernel) logf(format string, args ...any) {
	if k.cfg.Log != nil {
		k.cfg.Log(fmt.Sprintf(format, args...))
	}
}

// Logf writes a line to Config.Log.
func (k *Kernel) Logf(format string, args ...any) { k.logf(format, args...) }

// Random fills p with random bytes.
func (k *Kernel) Random(p []byte) {
	if _, err := io.ReadFull(k.random, p); err != nil {
		panic("BUG: the random source failed: " + err.Error())
	}
}

// Uname is what uname(2) tells.
func (k *Kernel) Uname() abi.Utsname {
	return abi.Utsname{Sysname: "Linux", Nodename: k.hostname, Release: osRelease, Version: osVersion,
		Machine: k.cfg.Machine.Info().Name, Domainname: k.domain}
}

// The kernel that programs are told they run on: glibc asks for 3.7 or newer,
// and what later versions added is found missing by ENOSYS.
const (
	osRelease = "6.12.0-boxer"
	osVersion = "#1 SMP PREEMPT"
)

// Sysinfo is what sysinfo(2) tells.
func (k *Kernel) Sysinfo() abi.Sysinfo {
	total, free := k.memoryUse()
	return abi.Sysinfo{Uptime: k.monotonic() / 1e9, TotalRAM: total, FreeRAM: free, Procs: uint16(min(len(k.ids.tasks), 65535))}
}

// Namespace is the box's mount table.
func (k *Kernel) Namespace() *wasmfs.Namespace { return k.cfg.Files }

func itoa(n uint64) string { return strconv.FormatUint(n, 10) }
