package syscalls

import (
	_ "embed"
	"strings"
	"testing"

	"boxer/runtime/kernel"
)

// workloads.txt lists the calls that 22 programs were seen to make under
// strace (bash, python, node, git, gcc, redis, nginx and others), most used first.
//
//go:embed testdata/workloads.txt
var workloads string

// sockets wait for package vnet.
var sockets = "setsockopt socket connect sendto getsockname accept4 socketpair getpeername bind listen getsockopt recvfrom sendmmsg shutdown recvmsg"

func TestWorkloadsAreServed(t *testing.T) {
	names := map[string]*row{}
	for i := range table {
		names[table[i].name] = &table[i]
	}
	for _, name := range strings.Fields(workloads) {
		r := names[name]
		switch {
		case r == nil:
			t.Errorf("%s has no row", name)
		case r.support == none && !strings.Contains(" "+sockets+" ", " "+name+" ") && name != "rseq":
			t.Errorf("%s is not served", name)
		}
	}
}

func TestRowsAreSound(t *testing.T) {
	last := -1
	for _, r := range table {
		if int(r.nr) <= last {
			t.Errorf("%s: row %d is out of order", r.name, r.nr)
		}
		last = int(r.nr)
		if r.support != none && r.fn == nil {
			t.Errorf("%s is said to be there but has no handler", r.name)
		}
		if r.support == partial && r.note == "" {
			t.Errorf("%s: what is missing?", r.name)
		}
		if len(r.args) > 6 {
			t.Errorf("%s has %d arguments", r.name, len(r.args))
		}
		for i, k := range r.args {
			if (k == kInBuf || k == kIovec || k == kPollFDs) && i+1 == len(r.args) {
				t.Errorf("%s: argument %d has no length behind it", r.name, i)
			}
		}
	}
	// What reads or changes registers must leave guest code.
	for _, name := range []string{"clone", "clone3", "execve", "execveat", "exit", "exit_group", "rt_sigreturn", "sigaltstack"} {
		for _, r := range table {
			if r.name == name && r.class&kernel.Fast != 0 {
				t.Errorf("%s is marked fast", name)
			}
		}
	}
}

func TestList(t *testing.T) {
	var b strings.Builder
	if err := New().List(&b); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		" 56  openat                   full     \n",
		" 98  futex                    partial  no priority inheritance\n",
		"425  io_uring_setup           none     \n",
	} {
		if !strings.Contains(b.String(), line) {
			t.Errorf("the list has no line %q", line)
		}
	}
}
