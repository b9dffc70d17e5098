// Package e2e runs the boxer binary as a user does: scripts in
// testdata/script (txtar; see rogpeppe/go-internal/testscript), and Go tests
// where a terminal or a signal is needed.
//
// Beside testscript's own commands a script has:
//
//	boxer [CODE] ARG...      runs boxer and expects exit code CODE, or 0
//	pack FILE [KEY=VALUE]... makes an oci-archive; see packer
//	flip FILE TEXT           damages a file: the first TEXT in it, changed by a bit
//	truncate FILE N          cuts a file to N bytes
//
// The same scripts run in a browser's page (page_script_test.go). The
// conditions [cli] and [page] mark what is one side's only.
package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"boxer/e2e/guests"
	"boxer/e2e/pagerun"
	"boxer/runtime/oci"
)

// boxerBinary is the program under test, built by TestMain.
var boxerBinary string

func TestMain(m *testing.M) {
	if server := os.Getenv(pageServerEnv); server != "" {
		os.Exit(pagerun.Main(server, os.Args[1:]))
	}
	code, err := buildAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func buildAndRun(m *testing.M) (int, error) {
	dir, err := guests.Cache("bin")
	if err != nil {
		return 0, err
	}
	boxerBinary = filepath.Join(dir, "boxer")
	cmd := exec.Command("go", "build", "-o", boxerBinary, "boxer/cmd/boxer")
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("go build boxer/cmd/boxer: %w\n%s", err, out)
	}
	// One cache for all tests: what one compiled, the next finds.
	if os.Getenv("BOXER_CACHE_DIR") == "" {
		cache, err := guests.Cache("boxer")
		if err != nil {
			return 0, err
		}
		os.Setenv("BOXER_CACHE_DIR", cache)
	}
	return m.Run(), nil
}

func TestScripts(t *testing.T) {
	// Go must know that the result depends on the program.
	if _, err := os.Stat(boxerBinary); err != nil {
		t.Fatal(err)
	}
	params := scriptParams("cli")
	params.Cmds["boxer"] = func(ts *testscript.TestScript, neg bool, args []string) {
		cmdBoxer(ts, neg, boxerBinary, args)
	}
	testscript.Run(t, params)
}

// scriptParams are what scripts have on both sides, "cli" and "page".
func scriptParams(side string) testscript.Params {
	return testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, "BOXER_CACHE_DIR="+os.Getenv("BOXER_CACHE_DIR"), "HOME="+env.WorkDir)
			env.Values["t"] = env.T()
			return nil
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "cli", "page":
				return cond == side, nil
			}
			return false, fmt.Errorf("no such condition: %s", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"pack":     cmdPack,
			"flip":     cmdFlip,
			"truncate": cmdTruncate,
		},
	}
}

// cmdBoxer is `boxer [CODE] ARG...`, by the program that stands for boxer.
func cmdBoxer(ts *testscript.TestScript, neg bool, program string, args []string) {
	want := 0
	if len(args) > 0 {
		if n, err := strconv.Atoi(args[0]); err == nil {
			want, args = n, args[1:]
		}
	}
	if neg {
		ts.Fatalf("say which exit code boxer should end with instead of !")
	}
	err := ts.Exec(program, args...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("boxer: %v", err)
	}
	if got != want {
		ts.Fatalf("boxer %s: exit code %d, want %d", strings.Join(args, " "), got, want)
	}
}

// quiet makes a testscript's T what package guests wants.
type quiet struct{ testscript.T }

func (quiet) Helper()                             {}
func (q quiet) Fatalf(format string, args ...any) { q.Fatal(fmt.Sprintf(format, args...)) }
func (q quiet) Skipf(format string, args ...any)  { q.Skip(fmt.Sprintf(format, args...)) }

// cmdPack is `pack FILE [KEY=VALUE]...`. Keys:
//
//	go=NAME:/PATH  c=NAME:/PATH  wasi=NAME:/PATH    a built guest
//	pie=NAME:/PATH  dynamic=NAME:/PATH              C, static PIE or with its libraries
//	amd64=NAME:/PATH                                a Go guest for linux/amd64
//	file=LOCAL:/PATH                                a file of the script, to be executed
//	base=busybox                                    Debian's busybox below it all
//	entrypoint= cmd= env= workdir= user= platform=  the configuration; lists are split at commas
//	layers=plain                                    layers that are not packed
//	tar=FILE                                        the tree's own tar too, for --rootfs
func cmdPack(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: pack FILE [KEY=VALUE]...")
	}
	t := quiet{ts.Value("t").(testscript.T)}
	tree := oci.NewTree()
	var opt oci.PackOptions
	tarFile := ""
	for _, arg := range args[1:] {
		key, value, _ := strings.Cut(arg, "=")
		name, path, _ := strings.Cut(value, ":")
		list := strings.Split(value, ",")
		switch key {
		case "go":
			ts.Check(tree.AddHostFile(path, guests.Go(t, name)))
		case "c":
			ts.Check(tree.AddHostFile(path, guests.C(t, name)))
		case "pie":
			ts.Check(tree.AddHostFile(path, guests.PIE(t, name)))
		case "dynamic":
			ts.Check(guests.AddDynamic(t, tree, name, path))
		case "wasi":
			ts.Check(tree.AddHostFile(path, guests.WASI(t, name)))
		case "amd64":
			ts.Check(tree.AddHostFile(path, guests.GoFor(t, name, "linux", "amd64")))
		case "file":
			ts.Check(tree.AddFile(path, 0o755, []byte(ts.ReadFile(name))))
		case "base":
			tree = guests.BusyboxTree(t)
		case "entrypoint":
			opt.Config.Entrypoint = list
		case "cmd":
			opt.Config.Cmd = list
		case "env":
			opt.Config.Env = list
		case "workdir":
			opt.Config.WorkingDir = value
		case "user":
			opt.Config.User = value
		case "platform":
			p, err := oci.ParsePlatform(value)
			ts.Check(err)
			opt.Platform = p
		case "layers":
			opt.Plain = value == "plain"
		case "tar":
			tarFile = value
		default:
			ts.Fatalf("pack: unknown key %q", key)
		}
	}
	if tarFile != "" {
		tr, err := tree.Tar()
		ts.Check(err)
		data := make([]byte, tr.Size)
		_, err = tr.ReadAt(data, 0)
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(tarFile), data, 0o644))
	}
	ts.Check(guests.WriteImage(ts.MkAbs(args[0]), tree, opt))
	ts.Check(tree.Close())
}

func cmdFlip(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: flip FILE TEXT")
	}
	data := []byte(ts.ReadFile(args[0]))
	at := bytes.Index(data, []byte(args[1]))
	if at < 0 {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	data[at] ^= 1
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o644))
}

func cmdTruncate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: truncate FILE SIZE")
	}
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), size))
}
