package main

import (
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"boxer/runtime/oci"
)

// A progress shows how far unpacking is: one line on standard error where
// that is a terminal, and only once it takes noticeably long.
type progress struct {
	mu      sync.Mutex
	on      bool
	start   time.Time
	last    time.Time
	shown   bool
	current map[oci.Digest][2]int64 // done, total
	what    string                  // is being done; "" is unpacking
}

const (
	progressAfter = 300 * time.Millisecond
	progressEvery = 100 * time.Millisecond
)

func newProgress() *progress {
	return &progress{on: term.IsTerminal(int(os.Stderr.Fd())), start: time.Now(), current: map[oci.Digest][2]int64{}}
}

func (p *progress) report(layer oci.Digest, done, total int64) {
	if !p.on {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current[layer] = [2]int64{done, total}
	now := time.Now()
	if now.Sub(p.start) < progressAfter || now.Sub(p.last) < progressEvery {
		return
	}
	p.last, p.shown = now, true
	var sumDone, sumTotal int64
	for _, c := range p.current {
		sumDone += c[0]
		sumTotal += c[1]
	}
	what := p.what
	if what == "" {
		what = "unpacking the image"
	}
	fmt.Fprintf(os.Stderr, "\r\x1b[K%s: %d of %d MB", what, sumDone/1e6, sumTotal/1e6)
}

// say shows what is being done, where nobody knows how much of it there is.
func (p *progress) say(what string) {
	if !p.on {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shown = true
	fmt.Fprintf(os.Stderr, "\r\x1b[K%s …", what)
}

// clear wipes the line, if one was shown.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
	p.on = false
}
