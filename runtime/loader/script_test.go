package loader

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"boxer/runtime/abi"
)

// TestScriptLines checks parseScript on first lines, in which I is the
// interpreter's path, and the expectations on the host where that is Linux. The
// interpreter is the test itself, which prints its arguments.
func TestScriptLines(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	interp := filepath.Join(t.TempDir(), "i")
	onHost := runtime.GOOS == "linux" && os.Symlink(self, interp) == nil
	if len(interp) > 200 {
		t.Skipf("the path %s is too long", interp)
	}
	cut := func(s string) string { return s[:255-len("#!"+interp+" ")] } // a full buffer's last byte is lost
	many, blanks := strings.Repeat("y", 400), strings.Repeat("y ", 200)
	for _, c := range []struct {
		line string
		arg  []string // at most one; nil: ENOEXEC
	}{
		{"#!I\n", []string{}},
		{"#!I", []string{}},
		{"#! \t I \t\n", []string{}},
		{"#!I one two  three \n", []string{"one two  three"}},
		{"#!I\t-x\n#!other\n", []string{"-x"}},
		{"#!I a\r\n", []string{"a\r"}},
		{"#!I a\x00b\n", []string{"a"}},
		{"#!I " + many + "\n", []string{cut(many)}},
		{"#!I " + blanks + "\n", []string{strings.TrimRight(cut(blanks), " ")}},
		{"#!\n", nil},
		{"#!   \n", nil},
		{"#!" + many, nil},
	} {
		line := strings.Replace(c.line, "I", interp, 1)
		s, ok, err := parseScript([]byte(line)[:min(len(line), headSize)])
		if c.arg == nil {
			if !errors.Is(err, abi.ENOEXEC) {
				t.Errorf("%.40q: %+v, %v, want ENOEXEC", c.line, s, err)
			}
			continue
		}
		want := append(append([]string{interp}, c.arg...), "script", "1", "2")
		if !ok || err != nil {
			t.Errorf("%.40q: %v, %v", c.line, ok, err)
		} else if got := s.argv("script", []string{"0", "1", "2"}); !slices.Equal(got, want) {
			t.Errorf("%.40q:\n got %q\nwant %q", c.line, got, want)
		}
		if onHost {
			if got := runOnHost(t, line); !slices.Equal(got, want[1:]) {
				t.Errorf("%.40q:\nLinux %q\n want %q", c.line, got, want[1:])
			}
		}
	}
	if _, ok, err := parseScript([]byte("# comment")); ok || err != nil {
		t.Errorf("a comment is a script: %v, %v", ok, err)
	}
}

// runOnHost runs a script with this first line and returns the interpreter's
// arguments.
func runOnHost(t *testing.T, line string) []string {
	script := filepath.Join(t.TempDir(), "s")
	if err := os.WriteFile(script, []byte(line), 0o777); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(script, "1", "2")
	cmd.Env = append(os.Environ(), "PRINT_ARGUMENTS=1")
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("%.40q on the host: %v", line, err)
	}
	return strings.Split(strings.Replace(string(out), script, "script", 1), "\x00")
}

func TestMain(m *testing.M) {
	if os.Getenv("PRINT_ARGUMENTS") != "" {
		os.Stdout.WriteString(strings.Join(os.Args[1:], "\x00"))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestScriptChain(t *testing.T) {
	fs := files{"/bin/prog": minimal(nil), "/s0": []byte("#!/bin/prog -0\n")}
	for i := 1; i < 8; i++ {
		fs["/s"+strconv.Itoa(i)] = []byte("#!/s" + strconv.Itoa(i-1) + " -" + strconv.Itoa(i) + "\n")
	}
	p := params(fs.open, "/s2")
	p.Argv = []string{"anything", "arg"}
	img, err := Load(p)
	if err != nil {
		t.Fatal(err)
	}
	defer img.Space.Release()
	want := "/bin/prog|-0|/s0|-1|/s1|-2|/s2|arg"
	if got := strings.Join(img.Argv, "|"); got != want || strings.Join(readStack(t, img).argv, "|") != want {
		t.Errorf("argv %q", got)
	}
	if img.Path != "/bin/prog" || img.Comm != "s2" {
		t.Errorf("path %q, comm %q", img.Path, img.Comm)
	}
	if s, _ := img.Space.ReadString(readStack(t, img).auxv[abi.AT_EXECFN], 100); s != "/s2" {
		t.Errorf("AT_EXECFN %q", s)
	}
	for i, ok := range []bool{true, true, true, true, true, false, false} {
		img, err := Load(params(fs.open, "/s"+strconv.Itoa(i)))
		if (err == nil) != ok || !ok && !errors.Is(err, abi.ELOOP) {
			t.Errorf("%d scripts: %v", i+1, err)
		}
		if err == nil {
			img.Space.Release()
		}
	}
}
