package limits_test

import (
	"strings"
	"testing"

	"boxer/runtime/box"
)

func memory(n uint64) func(*box.Config, *counting) {
	return func(cfg *box.Config, _ *counting) { cfg.Memory, cfg.Slots = n, 8 }
}

// TestMemoryLimit: the program that holds most is killed when the box holds too
// much, and the box goes on.
func TestMemoryLimit(t *testing.T) {
	r := sh(t, `yes | tr -d '\n' | sort > /dev/null; echo sort: $?
cat /sys/fs/cgroup/memory.max; grep MemTotal /proc/meminfo; grep oom_kill /sys/fs/cgroup/memory.events`, memory(24<<20))
	r.want(t, 0, "sort: 137\n25165824\nMemTotal:          24576 kB\noom_kill 1\n")
	if len(r.report.Killed) != 1 || !strings.HasPrefix(r.report.Killed[0], "memory limit of 24 MiB reached: ") || !strings.HasSuffix(r.report.Killed[0], " sort killed") {
		t.Errorf("killed %q, log %q", r.report.Killed, r.log)
	}
	if r.report.Peak < 24<<20 || r.report.Peak > 120<<20 {
		t.Errorf("a peak of %d MiB", r.report.Peak>>20)
	}
}

// TestFilesCount: files may take what programs leave, and give it back.
func TestFilesCount(t *testing.T) {
	r := sh(t, `cd /tmp
for i in 1 2; do
	head -c 100000000 /dev/zero 2> /dev/null > f; echo $?
	s=$(stat -c %s f); [ $s -gt 30000000 -a $s -lt 64000000 ] || echo a file of $s bytes
	rm f
done
head -c 20000000 /dev/zero > f; echo $?`, memory(64<<20))
	r.want(t, 0, "1\n1\n0\n")
	if len(r.report.Killed) != 0 {
		t.Errorf("killed %q", r.report.Killed)
	}
}

// TestForkBomb: processes that multiply find the box full, and a box that is
// full lets none of them multiply.
func TestForkBomb(t *testing.T) {
	r := sh(t, `b() { b | b & wait; }; b`, memory(16<<20))
	if !strings.Contains(r.err, "fork") && len(r.report.Killed) == 0 {
		t.Errorf("ended with %d, stderr %q, log %q", r.status.ShellCode(), r.err, r.log)
	}
	if r.report.Peak > 64<<20 {
		t.Errorf("a peak of %d MiB", r.report.Peak>>20)
	}
}
