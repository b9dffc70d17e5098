package pagerun

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// Main is a program that stands for boxer: it takes the arguments, input and
// output of `boxer run` and returns its exit code.
func Main(server string, args []string) int {
	run, err := Parse(args)
	if err == nil {
		var result Result
		if result, err = Ask(server, run); err == nil {
			os.Stdout.Write(result.Stdout)
			os.Stderr.Write(result.Stderr)
			return result.Code
		}
	}
	fmt.Fprintln(os.Stderr, "boxer:", err)
	return 125
}

// Ask has the server at an address run it.
func Ask(server string, run Run) (Result, error) {
	body, err := json.Marshal(run)
	if err != nil {
		return Result{}, err
	}
	answer, err := http.Post(server, "application/json", bytes.NewReader(body))
	if err != nil {
		return Result{}, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(answer.Body)
		return Result{}, errors.New(string(text))
	}
	var result Result
	return result, json.NewDecoder(answer.Body).Decode(&result)
}

// Parse reads the arguments of `boxer run` that a page has a meaning for.
// What is the command line's own affair scripts mark with [cli].
func Parse(args []string) (Run, error) {
	var run Run
	if len(args) == 0 || args[0] != "run" {
		return run, fmt.Errorf("a page has no command %q: mark the line with [cli]", args)
	}
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, name := range []string{"e", "env"} {
		flags.Func(name, "", func(v string) error {
			name, _, given := strings.Cut(v, "=")
			if host, ok := os.LookupEnv(name); !given && ok {
				v, given = name+"="+host, true
			}
			if given {
				run.Env = append(run.Env, v)
			}
			return nil
		})
	}
	text := func(p *string, names ...string) {
		for _, name := range names {
			flags.StringVar(p, name, "", "")
		}
	}
	text(&run.Workdir, "w", "workdir")
	text(&run.User, "u", "user")
	text(&run.Hostname, "h", "hostname")
	flags.Func("entrypoint", "", func(v string) error {
		run.Entrypoint = &[]string{}
		if v != "" {
			run.Entrypoint = &[]string{v}
		}
		return nil
	})
	interactive := flags.Bool("i", false, "")
	flags.Bool("rm", false, "")
	flags.String("name", "", "")
	if err := flags.Parse(args[1:]); err != nil {
		return run, err
	}
	if flags.NArg() == 0 {
		return run, errors.New("requires at least 1 argument")
	}
	image, err := filepath.Abs(strings.TrimPrefix(flags.Arg(0), "oci-archive:"))
	if err != nil {
		return run, err
	}
	run.Image = image
	if rest := flags.Args()[1:]; len(rest) > 0 {
		run.Argv = rest
	}
	if *interactive {
		data, err := io.ReadAll(os.Stdin)
		if err != nil {
			return run, err
		}
		run.Stdin = &data
	}
	return run, nil
}
