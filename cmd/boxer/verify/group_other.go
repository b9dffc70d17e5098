//go:build !unix

package verify

import "os/exec"

// Where there are no process groups a browser's helpers end by themselves when
// it does.
func ownGroup(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd) { cmd.Process.Kill() }
