// Package tty is the line discipline of a terminal (termios(3), N_TTY of
// Linux): what happens between keys and a program's reads, and between its writes and the
// screen. It does no I/O, knows no processes and takes no locks: the kernel
// feeds it and acts on what it returns.
package tty

import "boxer/runtime/abi"

// Limits in bytes. A line longer than maxLine loses what exceeds it, as in Linux;
// output stops being taken at maxOutput until it is drained.
const (
	maxLine   = 4096
	maxOutput = 1 << 14
)

// A Line is one terminal's discipline. Use NewLine.
type Line struct {
	termios abi.Termios
	size    abi.Winsize

	edit  []byte // canonical: the line being edited
	input []byte // what reads may take
	ends  []int  // canonical: ends of the lines in input, ascending; an empty line is end of file
	out   []byte // for the screen
	col   int    // the cursor's column, for tabs and erasing

	quoted  bool // the next character is taken as it is (VLNEXT)
	stopped bool // output is held by VSTOP
}

// DefaultTermios is what a new Linux terminal has.
func DefaultTermios() abi.Termios {
	t := abi.Termios{
		Iflag: abi.ICRNL | abi.IXON | abi.IUTF8,
		Oflag: abi.OPOST | abi.ONLCR,
		Cflag: abi.B38400 | abi.CS8 | abi.CREAD | abi.HUPCL,
		Lflag: abi.ISIG | abi.ICANON | abi.ECHO | abi.ECHOE | abi.ECHOK | abi.ECHOCTL | abi.ECHOKE | abi.IEXTEN,
	}
	for i, c := range map[int]byte{abi.VINTR: 3, abi.VQUIT: 28, abi.VERASE: 127, abi.VKILL: 21, abi.VEOF: 4,
		abi.VMIN: 1, abi.VSTART: 17, abi.VSTOP: 19, abi.VSUSP: 26, abi.VREPRINT: 18, abi.VDISCARD: 15,
		abi.VWERASE: 23, abi.VLNEXT: 22} {
		t.CC[i] = c
	}
	return t
}

// NewLine returns a terminal's discipline with default modes.
func NewLine(size abi.Winsize) *Line { return &Line{termios: DefaultTermios(), size: size} }

// Termios are the modes now.
func (l *Line) Termios() abi.Termios { return l.termios }

// SetTermios changes the modes. With flush, input that was not read is
// dropped (TCSETSF). Leaving canonical mode makes the edited line readable.
func (l *Line) SetTermios(t abi.Termios, flush bool) {
	was := l.canonical()
	l.termios = t
	if flush {
		l.Flush()
	}
	if was && !l.canonical() {
		l.input = append(l.input, l.edit...)
		l.edit, l.ends = nil, nil
	} else if !was && l.canonical() && len(l.input) > 0 {
		l.ends = append(l.ends[:0], len(l.input))
	}
	if t.Iflag&abi.IXON == 0 {
		l.stopped = false
	}
}

// Flush drops all input.
func (l *Line) Flush() { l.edit, l.input, l.ends = nil, nil, nil }

// Size is the window's size.
func (l *Line) Size() abi.Winsize { return l.size }

// SetSize sets the window's size; it reports whether that is a change.
func (l *Line) SetSize(w abi.Winsize) bool {
	changed := l.size != w
	l.size = w
	return changed
}

func (l *Line) canonical() bool       { return l.termios.Lflag&abi.ICANON != 0 }
func (l *Line) local(f uint32) bool   { return l.termios.Lflag&f != 0 }
func (l *Line) is(c byte, i int) bool { return c != 0 && l.termios.CC[i] == c }

// Input takes bytes from the keyboard. It returns the signals that the
// foreground processes are to get, in order; echo goes to the output.
func (l *Line) Input(p []byte) (signals []abi.Signal) {
	for _, c := range p {
		if sig := l.key(c); sig != 0 {
			signals = append(signals, sig)
		}
	}
	return signals
}

func (l *Line) key(c byte) abi.Signal {
	t := &l.termios
	if t.Iflag&abi.ISTRIP != 0 {
		c &= 0x7f
	}
	if l.quoted {
		l.quoted = false
		l.take(c)
		return 0
	}
	switch {
	case c == '\r' && t.Iflag&abi.IGNCR != 0:
		return 0
	case c == '\r' && t.Iflag&abi.ICRNL != 0:
		c = '\n'
	case c == '\n' && t.Iflag&abi.INLCR != 0:
		c = '\r'
	}
	if t.Iflag&abi.IXON != 0 {
		switch {
		case l.is(c, abi.VSTOP):
			l.stopped = true
			return 0
		case l.is(c, abi.VSTART):
			l.stopped = false
			return 0
		case l.stopped && t.Iflag&abi.IXANY != 0:
			l.stopped = false
		}
	}
	if l.local(abi.ISIG) {
		if sig := l.signal(c); sig != 0 {
			l.stopped = false
			if !l.local(abi.NOFLSH) {
				l.Flush()
				l.out = nil
			}
			l.echo(c)
			return sig
		}
	}
	if l.canonical() {
		l.editKey(c)
	} else {
		l.take(c)
	}
	return 0
}

func (l *Line) signal(c byte) abi.Signal {
	switch {
	case l.is(c, abi.VINTR):
		return abi.SIGINT
	case l.is(c, abi.VQUIT):
		return abi.SIGQUIT
	case l.is(c, abi.VSUSP):
		return abi.SIGTSTP
	}
	return 0
}

// editKey handles a key in canonical mode.
func (l *Line) editKey(c byte) {
	extended := l.local(abi.IEXTEN)
	switch {
	case l.is(c, abi.VERASE):
		l.erase()
	case l.is(c, abi.VKILL):
		for len(l.edit) > 0 {
			l.erase()
		}
	case extended && l.is(c, abi.VWERASE):
		for len(l.edit) > 0 && l.edit[len(l.edit)-1] == ' ' {
			l.erase()
		}
		for len(l.edit) > 0 && l.edit[len(l.edit)-1] != ' ' {
			l.erase()
		}
	case extended && l.is(c, abi.VLNEXT):
		l.quoted = true
		if l.local(abi.ECHO) && l.local(abi.ECHOCTL) {
			l.put('^')
			l.put('\b')
		}
	case extended && l.is(c, abi.VREPRINT):
		l.echo(c)
		l.put('\n')
		for _, e := range l.edit {
			l.echo(e)
		}
	case l.is(c, abi.VEOF):
		l.endLine()
	case c == '\n', l.is(c, abi.VEOL), extended && l.is(c, abi.VEOL2):
		l.edit = append(l.edit, c)
		if l.local(abi.ECHO) || c == '\n' && l.local(abi.ECHONL) {
			l.put(c)
		}
		l.endLine()
	default:
		l.take(c)
	}
}

// take adds a character to the line or the input.
func (l *Line) take(c byte) {
	if l.canonical() {
		if len(l.edit) >= maxLine-1 {
			return
		}
		l.edit = append(l.edit, c)
	} else {
		if len(l.input) >= maxLine {
			return
		}
		l.input = append(l.input, c)
	}
	l.echo(c)
}

func (l *Line) endLine() {
	if len(l.input)+len(l.edit) <= 4*maxLine {
		l.input = append(l.input, l.edit...)
		l.ends = append(l.ends, len(l.input))
	}
	l.edit = l.edit[:0]
}

// erase removes the last character of the line: all bytes of it with IUTF8.
func (l *Line) erase() {
	n := len(l.edit)
	if n == 0 {
		return
	}
	c := l.edit[n-1]
	n--
	if l.termios.Iflag&abi.IUTF8 != 0 {
		for n > 0 && l.edit[n]&0xc0 == 0x80 {
			n--
		}
	}
	l.edit = l.edit[:n]
	if !l.local(abi.ECHO) || !l.local(abi.ECHOE) {
		if l.local(abi.ECHO) {
			l.echo(c)
		}
		return
	}
	width := 1
	if l.visible(c) {
		width = 2
	}
	if c == '\t' {
		// Where the tab began follows from what stands before it.
		width = 8 - l.width()%8
	}
	for range width {
		l.out = append(l.out, '\b', ' ', '\b')
		l.col = max(l.col-1, 0)
	}
}

// width is how many columns the edited line takes.
func (l *Line) width() int {
	w := 0
	for _, c := range l.edit {
		switch {
		case c == '\t':
			w += 8 - w%8
		case l.visible(c):
			w += 2
		case c&0xc0 != 0x80:
			w++
		}
	}
	return w
}

// visible reports whether c is echoed as ^X.
func (l *Line) visible(c byte) bool {
	return l.local(abi.ECHOCTL) && (c < ' ' && c != '\t' && c != '\n' || c == 0x7f)
}

func (l *Line) echo(c byte) {
	if !l.local(abi.ECHO) || len(l.out) > 2*maxOutput { // nobody looks at the screen
		return
	}
	if l.visible(c) {
		l.put('^')
		l.put(c ^ 0x40)
		return
	}
	l.put(c)
}

// put writes one character with output processing.
func (l *Line) put(c byte) {
	t := &l.termios
	if t.Oflag&abi.OPOST != 0 {
		switch c {
		case '\n':
			if t.Oflag&abi.ONLCR != 0 {
				l.out = append(l.out, '\r')
				l.col = 0
			}
		case '\r':
			if t.Oflag&abi.ONOCR != 0 && l.col == 0 {
				return
			}
			if t.Oflag&abi.OCRNL != 0 {
				c = '\n'
			} else {
				l.col = 0
			}
		case '\t':
			n := 8 - l.col%8
			l.col += n
			if t.Oflag&abi.TABDLY == abi.XTABS {
				for range n {
					l.out = append(l.out, ' ')
				}
				return
			}
		case '\b':
			l.col = max(l.col-1, 0)
		default:
			if c >= ' ' && c&0xc0 != 0x80 {
				l.col++
			}
		}
	}
	l.out = append(l.out, c)
}

// Readable reports whether a read would return at once, and how many bytes
// are there.
func (l *Line) Readable() (n int, ok bool) {
	if l.canonical() {
		if len(l.ends) == 0 {
			return 0, false
		}
		return l.ends[0], true
	}
	need := 1
	if l.termios.CC[abi.VTIME] == 0 {
		need = min(int(l.termios.CC[abi.VMIN]), maxLine)
	}
	return len(l.input), len(l.input) >= need
}

// Read takes input: in canonical mode at most one line, of which 0 bytes mean
// end of file. ok is false when there is nothing to return yet.
//
// VTIME is not a timer here: with VTIME a read returns what is there once there
// is a byte. The kernel ends a read with VMIN 0 in time.
func (l *Line) Read(p []byte) (n int, ok bool) {
	avail, ok := l.Readable()
	if !ok {
		return 0, false
	}
	n = copy(p, l.input[:avail])
	l.input = l.input[n:]
	if l.canonical() {
		if n == avail {
			l.ends = l.ends[1:]
		}
		for i := range l.ends {
			l.ends[i] -= n
		}
	}
	if len(l.input) == 0 {
		l.input = nil
	}
	return n, true
}

// Write takes a program's output and returns how much of p fits.
func (l *Line) Write(p []byte) int {
	if l.stopped {
		return 0
	}
	for i := 0; i < len(p); {
		room := maxOutput - len(l.out)
		if room <= 0 {
			return i
		}
		// Most of what is written is text, which goes through as it is.
		n := 0
		for end := min(len(p)-i, room); n < end && p[i+n] >= ' ' && p[i+n] < 0x80; n++ {
		}
		if n > 0 {
			l.out = append(l.out, p[i:i+n]...)
			l.col += n
			i += n
			continue
		}
		l.put(p[i])
		i++
	}
	return len(p)
}

// Writable reports whether Write would take anything.
func (l *Line) Writable() bool { return len(l.out) < maxOutput && !l.stopped }

// Pending is the number of bytes that wait for the screen.
func (l *Line) Pending() int { return len(l.out) }

// Output moves what waits for the screen to p.
func (l *Line) Output(p []byte) int {
	n := copy(p, l.out)
	l.out = l.out[:copy(l.out, l.out[n:])]
	return n
}
