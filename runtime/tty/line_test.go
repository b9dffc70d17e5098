package tty

import (
	"testing"

	"boxer/runtime/abi"
)

func output(l *Line) string {
	var b [1 << 16]byte
	return string(b[:l.Output(b[:])])
}

func read(t *testing.T, l *Line, want string) {
	t.Helper()
	var b [4096]byte
	n, ok := l.Read(b[:])
	if !ok || string(b[:n]) != want {
		t.Errorf("read %q, %v; want %q", b[:n], ok, want)
	}
}

// The expected screens were recorded from a Linux pty in its default modes.
func TestCanonical(t *testing.T) {
	for _, c := range []struct{ name, keys, line, screen string }{
		{"plain", "ls\r", "ls\n", "ls\r\n"},
		{"erase", "lx\x7fs\n", "ls\n", "lx\b \bs\r\n"},
		{"erase on an empty line", "\x7f\n", "\n", "\r\n"},
		{"erase UTF-8", "é\x7fe\n", "e\n", "é\b \be\r\n"},
		{"erase a control character", "\x01\x7f\n", "\n", "^A\b \b\b \b\r\n"},
		{"erase a word", "ab cd\x17e\n", "ab e\n", "ab cd\b \b\b \be\r\n"},
		{"kill", "ab\x15c\n", "c\n", "ab\b \b\b \bc\r\n"},
		{"quoted interrupt", "\x16\x03\n", "\x03\n", "^\b^C\r\n"},
		{"end of file after text", "ab\x04", "ab", "ab"},
		{"end of file", "\x04", "", ""},
	} {
		l := NewLine(abi.Winsize{Rows: 24, Cols: 80})
		if sigs := l.Input([]byte(c.keys)); sigs != nil {
			t.Errorf("%s: signals %v", c.name, sigs)
		}
		t.Run(c.name, func(t *testing.T) { read(t, l, c.line) })
		if got := output(l); got != c.screen {
			t.Errorf("%s: screen %q, want %q", c.name, got, c.screen)
		}
		if _, ok := l.Readable(); ok {
			t.Errorf("%s: still readable", c.name)
		}
	}
}

func TestSignalsFlush(t *testing.T) {
	l := NewLine(abi.Winsize{})
	sigs := l.Input([]byte("abc\x03\x1a\x1c"))
	if len(sigs) != 3 || sigs[0] != abi.SIGINT || sigs[1] != abi.SIGTSTP || sigs[2] != abi.SIGQUIT {
		t.Errorf("signals %v", sigs)
	}
	if got := output(l); got != "^\\" {
		t.Errorf("screen %q", got)
	}
	l.Input([]byte("\n"))
	read(t, l, "\n")
}

func TestPartialLineReads(t *testing.T) {
	l := NewLine(abi.Winsize{})
	l.Input([]byte("hello\nworld\n"))
	var b [3]byte
	if n, ok := l.Read(b[:]); n != 3 || !ok {
		t.Fatalf("read %d, %v", n, ok)
	}
	read(t, l, "lo\n")
	read(t, l, "world\n")
}

func TestRaw(t *testing.T) {
	l := NewLine(abi.Winsize{})
	raw := l.Termios()
	raw.Lflag, raw.Iflag, raw.Oflag = 0, 0, 0
	raw.CC[abi.VMIN] = 3
	l.SetTermios(raw, false)
	l.Input([]byte("\x03\r"))
	if _, ok := l.Readable(); ok {
		t.Error("readable below VMIN")
	}
	l.Input([]byte("x"))
	read(t, l, "\x03\rx")
	l.Write([]byte("a\n"))
	if got := output(l); got != "a\n" {
		t.Errorf("screen %q", got)
	}
}

func TestOutput(t *testing.T) {
	l := NewLine(abi.Winsize{})
	tabs := l.Termios()
	tabs.Oflag |= abi.XTABS
	l.SetTermios(tabs, false)
	l.Write([]byte("a\tb\nc"))
	if got := output(l); got != "a       b\r\nc" {
		t.Errorf("screen %q", got)
	}
	l.Input([]byte{19})
	if l.Writable() || l.Write([]byte("x")) != 0 {
		t.Error("output goes on behind VSTOP")
	}
	l.Input([]byte{17})
	if l.Write([]byte("x")) != 1 {
		t.Error("output does not go on behind VSTART")
	}
}

func TestBounded(t *testing.T) {
	l := NewLine(abi.Winsize{})
	for range 100 {
		l.Input(make([]byte, 1000))
		l.Input([]byte("\n"))
	}
	if len(l.input) > 5*maxLine || len(l.edit) > maxLine {
		t.Errorf("input grew to %d, line to %d", len(l.input), len(l.edit))
	}
	big := make([]byte, 1<<20)
	if n := l.Write(big); n > maxOutput {
		t.Errorf("took %d bytes of output", n)
	}
}

// FuzzLine looks for panics and growth without bound.
func FuzzLine(f *testing.F) {
	f.Add([]byte("ab\x7f\x17\x15\x16\x03\n\x04"), uint32(0xffff), uint32(0xffff))
	f.Fuzz(func(t *testing.T, keys []byte, iflag, lflag uint32) {
		l := NewLine(abi.Winsize{})
		m := l.Termios()
		m.Iflag, m.Lflag = iflag, lflag
		l.SetTermios(m, false)
		l.Input(keys)
		l.SetTermios(DefaultTermios(), false)
		l.Input([]byte("\n"))
		var b [16]byte
		for i := 0; ; i++ {
			if _, ok := l.Read(b[:]); !ok {
				break
			}
			if i > 2*len(keys)+2 {
				t.Fatal("reads do not end")
			}
		}
	})
}
