//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"

	"boxer/runtime/abi"
)

func init() {
	forwarded[syscall.SIGUSR1] = abi.SIGUSR1
	forwarded[syscall.SIGUSR2] = abi.SIGUSR2
}

func notifyResize(ch chan os.Signal) { signal.Notify(ch, syscall.SIGWINCH) }

func isResize(s os.Signal) bool { return s == syscall.SIGWINCH }
