//go:build unix

package verify

import (
	"os/exec"
	"syscall"
)

// ownGroup makes cmd and what it starts a group, which killGroup ends. A Ctrl-C
// at the terminal does not reach it by itself then.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
