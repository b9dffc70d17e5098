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

// forwardSignals passes the host's signals on to process 1 of the box, and
// the window's size to its terminal. stop ends that.
func forwardSignals(b *box.Box, tty *terminal) (stop func()) {
	ch := make(chan os.Signal, 16)
	for s := range forwarded {
		signal.Notify(ch, s)
	}
	if tty != nil {
		notifyResize(ch)
	}
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
