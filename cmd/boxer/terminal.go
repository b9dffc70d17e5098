package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/term"

	"boxer/runtime/kernel"
)

// A terminal is boxer's own terminal while a box with -t uses it: in raw
// mode, so that the box's line discipline is the only one.
type terminal struct {
	in    io.Reader
	fd    int // of the terminal whose mode was changed, or −1
	saved *term.State
	once  sync.Once
}

// rawMode says whether the host's terminal needs a carriage return at the end
// of a line.
var rawMode atomic.Bool

// newline ends a line of boxer's own on standard error.
func newline() string {
	if rawMode.Load() {
		return "\r\n"
	}
	return "\n"
}

// openTerminal takes the terminal over. Without interactive, the box's
// terminal has no keyboard and the host's keeps its mode.
func openTerminal(interactive bool) (*terminal, error) {
	t := &terminal{in: never{}, fd: -1}
	if !interactive {
		return t, nil
	}
	t.in = os.Stdin
	fd := int(os.Stdin.Fd())
	saved, err := term.MakeRaw(fd)
	if err != nil {
		return nil, fmt.Errorf("terminal: %w", err)
	}
	t.fd, t.saved = fd, saved
	rawMode.Store(true)
	return t, nil
}

// restore gives the terminal back as it was. It may be called any number of
// times, from any goroutine.
func (t *terminal) restore() {
	if t == nil || t.fd < 0 {
		return
	}
	t.once.Do(func() {
		term.Restore(t.fd, t.saved)
		rawMode.Store(false)
	})
}

// tty is the terminal as the kernel takes it.
func (t *terminal) tty() *kernel.TTY {
	rows, cols := size()
	return &kernel.TTY{In: t.in, Out: os.Stdout, Rows: rows, Cols: cols}
}

// size is the size of the host's window; 24 × 80 where there is none.
func size() (rows, cols uint16) {
	for _, f := range []*os.File{os.Stdout, os.Stdin, os.Stderr} {
		if w, h, err := term.GetSize(int(f.Fd())); err == nil && w > 0 && h > 0 {
			return uint16(min(h, 1<<16-1)), uint16(min(w, 1<<16-1))
		}
	}
	return 24, 80
}
