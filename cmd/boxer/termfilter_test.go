package main

import (
	"bytes"
	"testing"
)

// filtered passes in through a filter in pieces of the given size.
func filtered(in string, size int) string {
	var out bytes.Buffer
	f := &termFilter{out: &out}
	for len(in) > 0 {
		n := min(size, len(in))
		f.Write([]byte(in[:n]))
		in = in[n:]
	}
	return out.String()
}

func TestTermFilter(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"text", "hello\r\nwörld\t\a", "hello\r\nwörld\t\a"},
		{"colours and cursor", "\x1b[1;31mred\x1b[0m\x1b[2J\x1b[10;5H", "\x1b[1;31mred\x1b[0m\x1b[2J\x1b[10;5H"},
		{"questions with fixed answers", "\x1b[c\x1b[6n\x1b[>c", "\x1b[c\x1b[6n\x1b[>c"},
		{"title", "\x1b]0;title\a\x1b]2;other\x1b\\x", "\x1b]0;title\a\x1b]2;other\x1b\\x"},
		{"window sizes", "\x1b[18t\x1b[8;24;80t", "\x1b[18t\x1b[8;24;80t"},
		{"link", "\x1b]8;;http://x/\x1b\\here\x1b]8;;\x1b\\", "\x1b]8;;http://x/\x1b\\here\x1b]8;;\x1b\\"},
		{"sixel", "\x1bPq#0;2;0;0;0~~@@\x1b\\x", "\x1bPq#0;2;0;0;0~~@@\x1b\\x"},
		{"other escapes", "\x1b7\x1b8\x1bM\x1b(B\x1b=", "\x1b7\x1b8\x1bM\x1b(B\x1b="},

		{"clipboard, BEL", "a\x1b]52;c;aGk=\ab", "ab"},
		{"clipboard, ST", "a\x1b]52;c;?\x1b\\b", "ab"},
		{"clipboard, never ended", "a\x1b]52;c;aGk", "a"},
		{"clipboard, broken off", "a\x1b]52;c;aGk\x1b[31mb", "a\x1b[31mb"},
		{"clipboard behind a clipboard", "\x1b]52;c;a\x1b]52;c;b\ax", "x"},
		{"clipboard inside a title", "\x1b]0;t\x1b]52;c;b\ax", "\x1b]0;tx"},
		{"font", "\x1b]50;?\ax", "x"},
		{"DECRQSS", "\x1bP$qm\x1b\\x", "x"},
		{"XTGETTCAP", "\x1bP+q544e\x1b\\x", "x"},
		{"title report", "\x1b[21tx\x1b[20;1ty\x1b[021tz", "xyz"},
		{"ENQ", "a\x05b", "ab"},
		{"an escape in an escape", "\x1b\x1b]52;c;a\ax", "x"},
		{"an escape in a CSI", "\x1b[1\x1b]52;c;a\ax", "x"},
		{"cancelled", "\x1b]52;c;a\x18x\x1b[1\x1ay", "\x18x\x1ay"},
		{"8-bit introducers", "a\u009d52;c;y\ab\u009b21tc\u0090$qm", "a52;c;y\ab21tc$qm"},
		{"letters of the same lead byte", "\u00a0°é\u0085", "\u00a0°é\u0085"},
		{"put together from halves", "\x1b\x1b]52;x\a]52;c;y\a\x1b]5\x1b]52;x\a2;c;y\a\x1b[21\x1b]52;x\at", "]52;c;y\a2;c;y\at"},
	} {
		for size := 1; size <= len(c.in); size++ {
			if got := filtered(c.in, size); got != c.want {
				t.Errorf("%s in pieces of %d: got %q, want %q", c.name, size, got, c.want)
				break
			}
		}
	}
}

// FuzzTermFilter: however output is cut into writes, the same passes, and
// nothing refused does.
func FuzzTermFilter(f *testing.F) {
	f.Add("a\x1b]52;c;aGk=\ab\x1bP$qm\x1b\\c\x1b[21t", 3)
	f.Add("\x1b]0;t\x1b\x1b]52;x", 1)
	f.Fuzz(func(t *testing.T, in string, size int) {
		if size < 1 {
			size = 1
		}
		whole := filtered(in, len(in)+1)
		if got := filtered(in, size); got != whole {
			t.Fatalf("%q: pieces of %d give %q, the whole %q", in, size, got, whole)
		}
		for _, bad := range append(refusedStrings, []byte{enq}, []byte("\x1b[21t"), []byte("\u009d")) {
			if bytes.Contains([]byte(whole), bad) {
				t.Fatalf("%q passed in %q", bad, whole)
			}
		}
		if filtered(whole, len(whole)+1) != whole {
			t.Fatalf("%q is not clean: filtered again it changes", whole)
		}
	})
}
