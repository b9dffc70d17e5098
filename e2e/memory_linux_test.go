package e2e

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"boxer/e2e/guests"
)

// TestManyProcesses: short processes one after another leave nothing behind
// in boxer's memory. (make bench measures 2,000 of them.)
func TestManyProcesses(t *testing.T) {
	if testing.Short() {
		t.Skip("runs 600 processes")
	}
	const script = `i=0; while [ $i -lt 600 ]; do /bin/busybox true; i=$((i+1)); case $i in *00) echo $i;; esac; done`
	cmd := exec.Command(boxerBinary, "run", guests.Busybox(t), "sh", "-c", script)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var sizes []int // KiB, after each hundred
	for in := bufio.NewScanner(out); in.Scan(); {
		sizes = append(sizes, residentKB(t, cmd.Process.Pid))
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if len(sizes) != 6 {
		t.Fatalf("%d of 6 hundreds were reported", len(sizes))
	}
	// The collector's rhythm moves single figures: compare the best of both halves.
	early, late := min(sizes[0], sizes[1], sizes[2]), min(sizes[3], sizes[4], sizes[5])
	if late > early+early/10 {
		t.Errorf("memory grows over 600 processes: %v KiB", sizes)
	}
}

// residentKB is VmRSS of /proc/pid/status, proc_pid_status(5).
func residentKB(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		var kb int
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &kb); n == 1 {
			return kb
		}
	}
	t.Fatalf("no VmRSS for process %d", pid)
	return 0
}
