package main

import (
	"bytes"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// A termFilter stands between a box and the host's terminal. It takes out the
// control sequences by which a program's output could act on the host: those
// that set or read the clipboard (OSC 52), and those that the terminal
// answers with text of the program's choosing, which whoever reads the
// terminal next would take for typing (DECRQSS, XTGETTCAP, title and icon
// reports, OSC 50, ENQ), and the 8-bit forms of their introducers, which no
// program in use sends. All else passes as it is, at once, but for a
// sequence whose kind cannot be told yet: it is held until it can.
//
// Source: ECMA-48; xterm's ctlseqs document.
type termFilter struct {
	out   io.Writer
	state filterState
	held  []byte // the undecided beginning of a sequence
}

type filterState uint8

const (
	text    filterState = iota
	c1lead              // behind 0xc2, which begins a C1 control in UTF-8
	escape              // behind ESC
	csi                 // behind ESC [
	str                 // in OSC or DCS, undecided
	strEsc              // there, behind ESC
	pass                // in a harmless OSC or DCS
	passEsc             // there, behind ESC, which is held
	drop                // in a refused OSC or DCS
	dropEsc             // there, behind ESC
)

const (
	bel = 0x07
	enq = 0x05
	can = 0x18
	sub = 0x1a
	esc = 0x1b

	lead = 0xc2
)

// introducers are the C1 controls that begin what this filter judges: DCS,
// SOS, CSI, OSC, PM and APC.
const introducers = "\x90\x98\x9b\x9d\x9e\x9f"

// maxHeld bounds what is held: a longer sequence is none that is refused.
const maxHeld = 64

// guarded wraps f in a filter where it is a terminal.
func guarded(f *os.File) io.Writer {
	if term.IsTerminal(int(f.Fd())) {
		return &termFilter{out: f}
	}
	return f
}

// Write passes what is harmless of p. It reports p as written whole: what was
// taken out or is held counts.
func (t *termFilter) Write(p []byte) (int, error) {
	if t.state == text && !bytes.ContainsAny(p, "\x1b\x05") && bytes.IndexByte(p, lead) < 0 {
		return t.out.Write(p)
	}
	clean := make([]byte, 0, len(p)+len(t.held))
	for _, c := range p {
		clean = t.step(clean, c)
	}
	if _, err := t.out.Write(clean); err != nil {
		return 0, err
	}
	return len(p), nil
}

// step takes one byte and appends what may pass to clean.
func (t *termFilter) step(clean []byte, c byte) []byte {
	if c == enq && t.state != drop && t.state != dropEsc {
		return clean
	}
	if (c == can || c == sub) && t.state > c1lead { // breaks any sequence off
		t.take()
		return t.release(clean, c)
	}
	switch t.state {
	case text:
		switch c {
		case esc:
			t.held, t.state = append(t.held, c), escape
		case lead:
			t.state = c1lead
		default:
			return append(clean, c)
		}
	case c1lead:
		t.state = text
		switch {
		case strings.IndexByte(introducers, c) >= 0:
			return clean
		case c >= 0x80 && c < 0xc0:
			return append(clean, lead, c)
		}
		return t.step(clean, c) // the lead byte stood for nothing
	case escape:
		t.held = append(t.held, c)
		switch c {
		case '[':
			t.state = csi
		case ']', 'P':
			t.state = str
		case esc:
			return t.restart(clean)
		default:
			return t.release(clean, t.take()...)
		}
	case csi:
		t.held = append(t.held, c)
		switch {
		case c == esc:
			return t.restart(clean)
		case c >= '@' && c <= '~':
			if seq := t.take(); !reportsTitle(seq) {
				return t.release(clean, seq...)
			}
			t.state = text
		case len(t.held) > maxHeld:
			return t.release(clean, t.take()...)
		}
	case str:
		t.held = append(t.held, c)
		verdict := judge(t.held)
		switch {
		case verdict == refused:
			t.take()
			t.state = endOf(c, drop, dropEsc)
		case c == esc:
			t.state = strEsc
		case c == bel, verdict == harmless, len(t.held) > maxHeld:
			clean = append(clean, t.take()...)
			t.state = endOf(c, pass, passEsc)
		}
	case pass:
		if c == esc {
			t.held, t.state = append(t.held, c), passEsc
			return clean
		}
		t.state = endOf(c, pass, passEsc)
		return append(clean, c)
	case strEsc, passEsc, dropEsc:
		if c != '\\' {
			return t.step(t.restart(clean), c)
		}
		if t.state == dropEsc {
			t.state = text
			return clean
		}
		return t.release(append(clean, t.take()...), c)
	case drop:
		t.state = endOf(c, drop, dropEsc)
	}
	return clean
}

// restart begins a sequence anew at an ESC that breaks another one off. What
// was held of that is dropped: let out, its end could be made up later.
func (t *termFilter) restart(clean []byte) []byte {
	t.held, t.state = append(t.held[:0], esc), escape
	return clean
}

// take empties held and returns what it was; it stays valid until the next
// byte is held.
func (t *termFilter) take() []byte {
	seq := t.held
	t.held = t.held[:0]
	return seq
}

// release appends bytes and goes back to plain text.
func (t *termFilter) release(clean []byte, seq ...byte) []byte {
	t.state = text
	return append(clean, seq...)
}

// endOf is the state behind c in a string.
func endOf(c byte, in, behindEsc filterState) filterState {
	switch c {
	case bel:
		return text
	case esc:
		return behindEsc
	}
	return in
}

type verdict uint8

const (
	undecided verdict = iota
	harmless
	refused
)

// refusedStrings are the beginnings of OSC and DCS strings that are taken
// out.
var refusedStrings = [][]byte{[]byte("\x1b]52;"), []byte("\x1b]50;"), []byte("\x1bP$q"), []byte("\x1bP+q")}

// judge tells by its beginning what an OSC or DCS string is.
func judge(held []byte) verdict {
	v := harmless
	for _, r := range refusedStrings {
		switch {
		case bytes.HasPrefix(held, r):
			return refused
		case bytes.HasPrefix(r, held):
			v = undecided
		}
	}
	return v
}

// reportsTitle recognises CSI 20 t and CSI 21 t, with any further parameters.
func reportsTitle(seq []byte) bool {
	if seq[len(seq)-1] != 't' {
		return false
	}
	first, _, _ := bytes.Cut(seq[2:len(seq)-1], []byte{';'})
	first = bytes.TrimLeft(first, "0")
	return string(first) == "20" || string(first) == "21"
}
