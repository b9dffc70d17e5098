package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"boxer/runtime/abi"
	"boxer/runtime/box"
)

// forwarded maps signals of the host, by whatever number they have there, to
// Linux's. Signals that only Unix has are added by signals_unix.go.
var forwarded = map[os.Signal]abi.Signal{
	os.Interrupt:    abi.SIGINT,
	syscall.SIGTERM: abi.SIGTERM,
	syscall.SIGHUP:  abi.SIGHUP,
	syscall.SIGQUIT: abi.SIGQUIT,
}

// killAfter is how many interrupts end a box whose program ignores them, and
// killPatience how long ending it may take.
const (
	killAfter    = 3
	killPatience = 5 * time.Second
)

// catchSignals keeps the host's signals, and changes of the window's size,
// from now on: until forwardSignals, so that none comes between a program's
// first output and its handler here.
func catchSignals(tty *terminal) chan os.Signal {
	ch := make(chan os.Signal, 16)
	for s := range forwarded {
		signal.Notify(ch, s)
	}
	if tty != nil {
		notifyResize(ch)
	}
	return ch
}

// forwardSignals passes what was caught on to process 1 of the box, which has
// been started, and the window's size to its terminal. stop ends that.
func forwardSignals(ch chan os.Signal, b *box.Box, tty *terminal) (stop func()) {
	done := make(chan struct{})
	go func() {
		interrupts := 0
		for {
			select {
			case <-done:
				return
			case s := <-ch:
				if isResize(s) {
					b.Resize(size())
					continue
				}
				if s == os.Interrupt {
					interrupts++
				}
				switch {
				case interrupts < killAfter:
					if interrupts == killAfter-1 {
						fmt.Fprintf(os.Stderr, "boxer: press Ctrl-C once more to kill the box%s", newline())
					}
					b.Signal(forwarded[s])
				case interrupts == killAfter:
					b.Kill()
					time.AfterFunc(killPatience, func() { abandon(tty) })
				default:
					abandon(tty)
				}
			}
		}
	}()
	return func() {
		signal.Stop(ch)
		close(done)
	}
}

// abandon leaves without waiting for the box.
func abandon(tty *terminal) {
	tty.restore()
	os.Exit(signalledBase + int(abi.SIGKILL))
}
