package kernel

import (
	"fmt"
	"strings"

	"github.com/hack-pad/hackpadfs/mem"

	"boxer/runtime/abi"
	"boxer/runtime/kernel/kernfs"
	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
	"boxer/wasmfs/inode"
)

// devLimit bounds what files in /dev (with /dev/shm) may hold, in bytes: what
// docker gives /dev/shm.
const devLimit = 64 << 20

// mountOwn mounts the kernel's file systems. Mount points that the tree does
// not have are made.
func (k *Kernel) mountOwn() error {
	ns := k.cfg.Files
	env := &wasmfs.Env{Root: ns.Root(), Cwd: ns.Root(), Cred: wasmfs.Root}
	dev, err := k.newTmpfs()
	if err != nil {
		return fmt.Errorf("mount /dev: %w", err)
	}
	for _, m := range []struct {
		at    string
		fs    wasmfs.FS
		name  string
		flags uint32
	}{
		{"/proc", kernfs.New("proc", abi.PROC_MAGIC, k.clock.Realtime, k.procRoot()), "proc", abi.ST_NOSUID | abi.ST_NODEV | abi.ST_NOEXEC},
		{"/sys", kernfs.New("sysfs", abi.SYSFS_MAGIC, k.clock.Realtime, k.sysRoot()), "sysfs", abi.ST_NOSUID | abi.ST_NODEV | abi.ST_NOEXEC | abi.ST_RDONLY},
		{"/dev", dev, "tmpfs", abi.ST_NOSUID},
	} {
		if err := ns.Mkdir(env, wasmfs.Path{}, m.at, 0o755); err != nil && err != error(abi.EEXIST) {
			return fmt.Errorf("mount %s: %w", m.at, err)
		}
		at, err := ns.Resolve(env, wasmfs.Path{}, m.at, wasmfs.Directory)
		if err != nil {
			return fmt.Errorf("mount %s: %w", m.at, err)
		}
		if _, err := ns.Mount(m.fs, at, m.name, m.flags); err != nil {
			return fmt.Errorf("mount %s: %w", m.at, err)
		}
	}
	return k.fillDev(env)
}

// newTmpfs makes a file system in memory.
func (k *Kernel) newTmpfs() (wasmfs.FS, error) {
	backend, err := mem.NewFS()
	if err != nil {
		return nil, err
	}
	k.devFiles = chunk.New(backend, chunk.Options{Limit: devLimit, Volatile: true, Full: k.FilesFull})
	return inode.New(inode.Options{
		Store: k.devFiles,
		Now:   k.clock.Realtime,
	})
}

// fillDev makes what programs expect in /dev.
func (k *Kernel) fillDev(env *wasmfs.Env) error {
	ns := k.cfg.Files
	for _, d := range []struct {
		name string
		mode uint32
		dev  uint64
	}{
		{"null", 0o666, devNull}, {"zero", 0o666, devZero}, {"full", 0o666, devFull},
		{"random", 0o666, devRandom}, {"urandom", 0o666, devURandom}, {"tty", 0o666, devTTY},
		{"console", 0o620, devConsole}, {"ptmx", 0o666, devPtmx},
	} {
		if _, err := ns.Mknod(env, wasmfs.Path{}, "/dev/"+d.name, abi.S_IFCHR|d.mode, d.dev); err != nil {
			return fmt.Errorf("/dev/%s: %w", d.name, err)
		}
	}
	for _, d := range []struct {
		name string
		mode uint32
	}{{"shm", 0o1777}, {"pts", 0o755}, {"mqueue", 0o1777}} {
		if err := ns.Mkdir(env, wasmfs.Path{}, "/dev/"+d.name, d.mode); err != nil {
			return fmt.Errorf("/dev/%s: %w", d.name, err)
		}
	}
	for _, l := range [][2]string{{"fd", ""}, {"stdin", "/0"}, {"stdout", "/1"}, {"stderr", "/2"}} {
		if err := ns.Symlink(env, "/proc/self/fd"+l[1], wasmfs.Path{}, "/dev/"+l[0]); err != nil {
			return fmt.Errorf("/dev/%s: %w", l[0], err)
		}
	}
	return nil
}

// text is a file of /proc or /sys that f prints. Callers of wasmfs hold the
// kernel lock, so f may look at anything.
func text(f func(b *strings.Builder)) *kernfs.File {
	return kernfs.NewFile(0o444, func(*wasmfs.Env) ([]byte, error) {
		var b strings.Builder
		f(&b)
		return []byte(b.String()), nil
	})
}

// caller is the task that asks, or nil for one outside the box.
func caller(env *wasmfs.Env) *Task {
	t, _ := env.Caller.(*Task)
	return t
}

// procRoot is /proc (proc(5)), as far as programs were seen to read it.
func (k *Kernel) procRoot() *kernfs.Dir {
	root := kernfs.NewDir(0o555, &kernfs.Lister{Lookup: k.procLookup, List: k.procList})
	root.Add("self", kernfs.NewLink(func(env *wasmfs.Env) (string, error) {
		if t := caller(env); t != nil {
			return itoa(uint64(t.p.pid)), nil
		}
		return "", abi.ENOENT
	}))
	root.Add("thread-self", kernfs.NewLink(func(env *wasmfs.Env) (string, error) {
		if t := caller(env); t != nil {
			return fmt.Sprintf("%d/task/%d", t.p.pid, t.tid), nil
		}
		return "", abi.ENOENT
	}))
	root.Add("mounts", kernfs.LinkTo("self/mounts"))
	root.Add("cpuinfo", text(k.cpuinfo))
	root.Add("meminfo", text(k.meminfo))
	root.Add("stat", text(k.procStat))
	root.Add("uptime", text(func(b *strings.Builder) {
		s := float64(k.monotonic()) / 1e9
		fmt.Fprintf(b, "%.2f %.2f\n", s, 0.0)
	}))
	root.Add("loadavg", text(func(b *strings.Builder) {
		fmt.Fprintf(b, "0.00 0.00 0.00 %d/%d %d\n", 1, len(k.ids.tasks), k.ids.last)
	}))
	root.Add("version", text(func(b *strings.Builder) {
		fmt.Fprintf(b, "Linux version %s (boxer) %s\n", osRelease, osVersion)
	}))
	root.Add("filesystems", kernfs.Text("nodev\tproc\nnodev\tsysfs\nnodev\ttmpfs\nnodev\toverlay\n"))
	root.Add("cmdline", kernfs.Text("\n"))
	root.Add("swaps", kernfs.Text("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"))
	root.Add("devices", kernfs.Text("Character devices:\n  1 mem\n  5 /dev/tty\n136 pts\n\nBlock devices:\n"))
	root.Add("partitions", kernfs.Text("major minor  #blocks  name\n\n"))
	root.Add("modules", kernfs.Text(""))
	root.Add("sys", k.procSys())
	return root
}

// procSys is /proc/sys.
func (k *Kernel) procSys() *kernfs.Dir {
	num := func(n uint64) *kernfs.File { return kernfs.Text(itoa(n) + "\n") }
	dir := func() *kernfs.Dir { return kernfs.NewDir(0o555, nil) }
	kern := dir().
		Add("hostname", text(func(b *strings.Builder) { b.WriteString(k.hostname + "\n") })).
		Add("domainname", text(func(b *strings.Builder) { b.WriteString(k.domain + "\n") })).
		Add("ostype", kernfs.Text("Linux\n")).
		Add("osrelease", kernfs.Text(osRelease+"\n")).
		Add("version", kernfs.Text(osVersion+"\n")).
		Add("pid_max", num(maxID)).
		Add("threads-max", num(uint64(k.cfg.Limits.Processes))).
		Add("cap_last_cap", num(40)).
		Add("ngroups_max", num(65536)).
		Add("overflowuid", num(65534)).
		Add("overflowgid", num(65534)).
		Add("randomize_va_space", num(0)).
		Add("core_pattern", kernfs.Text("core\n")).
		Add("seccomp", dir().Add("actions_avail", kernfs.Text("\n"))).
		Add("random", dir().
			Add("boot_id", text(k.uuid)).
			Add("uuid", text(k.uuid)).
			Add("entropy_avail", num(256)))
	fs := dir().
		Add("file-max", num(k.cfg.Limits.Files)).
		Add("nr_open", num(k.cfg.Limits.Files)).
		Add("pipe-max-size", num(pipeMax))
	vm := dir().
		Add("overcommit_memory", num(0)).
		Add("max_map_count", num(65530)).
		Add("mmap_min_addr", num(65536)).
		Add("swappiness", num(60))
	net := dir().Add("core", dir().Add("somaxconn", num(4096)))
	return dir().Add("kernel", kern).Add("fs", fs).Add("vm", vm).Add("net", net)
}

// uuid prints a random version 4 UUID.
func (k *Kernel) uuid(b *strings.Builder) {
	var u [16]byte
	k.Random(u[:])
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	fmt.Fprintf(b, "%x-%x-%x-%x-%x\n", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

func (k *Kernel) cpuinfo(b *strings.Builder) {
	fmt.Fprintf(b, "processor\t: 0\nBogoMIPS\t: 100.00\nFeatures\t: %s\n"+
		"CPU implementer\t: 0x00\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0x000\nCPU revision\t: 0\n\n",
		strings.Join(k.cfg.Machine.Info().Features, " "))
}

func (k *Kernel) meminfo(b *strings.Builder) {
	total, free := k.memoryUse()
	for _, f := range []struct {
		name string
		n    uint64
	}{
		{"MemTotal", total}, {"MemFree", free}, {"MemAvailable", free}, {"Buffers", 0}, {"Cached", 0},
		{"SwapCached", 0}, {"Active", 0}, {"Inactive", 0}, {"SwapTotal", 0}, {"SwapFree", 0}, {"Dirty", 0},
		{"Writeback", 0}, {"AnonPages", total - free}, {"Mapped", 0}, {"Shmem", 0}, {"Slab", 0},
		{"CommitLimit", total}, {"Committed_AS", total - free}, {"VmallocTotal", 0}, {"VmallocUsed", 0},
	} {
		fmt.Fprintf(b, "%-16s%8d kB\n", f.name+":", f.n/1024)
	}
	b.WriteString("HugePages_Total:       0\nHugePages_Free:        0\nHugepagesize:       2048 kB\n")
}

func (k *Kernel) procStat(b *strings.Builder) {
	var c cpuTimes
	for _, p := range k.ids.procs {
		c.add(p.cpu())
	}
	const tick = 1e9 / abi.ClockTick
	line := fmt.Sprintf("%d 0 %d %d 0 0 0 0 0 0", c.user/tick, c.sys/tick, max(k.monotonic()-c.user-c.sys, 0)/tick)
	fmt.Fprintf(b, "cpu  %s\ncpu0 %s\nintr 0\nctxt 0\nbtime %d\nprocesses %d\nprocs_running 1\nprocs_blocked 0\n",
		line, line, k.boot/1e9, k.ids.last)
}

// sysRoot is /sys, as far as programs were seen to read it.
func (k *Kernel) sysRoot() *kernfs.Dir {
	dir := func() *kernfs.Dir { return kernfs.NewDir(0o555, nil) }
	cpu := dir().
		Add("online", kernfs.Text("0\n")).
		Add("possible", kernfs.Text("0\n")).
		Add("present", kernfs.Text("0\n")).
		Add("cpu0", dir().Add("topology", dir().
			Add("core_id", kernfs.Text("0\n")).
			Add("thread_siblings_list", kernfs.Text("0\n"))))
	thp := dir().
		Add("enabled", kernfs.Text("always madvise [never]\n")).
		Add("hpage_pmd_size", kernfs.Text("2097152\n"))
	return dir().
		Add("devices", dir().Add("system", dir().Add("cpu", cpu).
			Add("node", dir().Add("online", kernfs.Text("0\n"))))).
		Add("kernel", dir().Add("mm", dir().Add("transparent_hugepage", thp))).
		Add("fs", dir().Add("cgroup", k.cgroup())).
		Add("class", dir().Add("net", dir())).
		Add("block", dir())
}
