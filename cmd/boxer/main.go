// Command boxer runs container images as boxes: their Linux/arm64 programs,
// unmodified, as WebAssembly. Its commands and flags are those of docker where
// docker has them.
//
// This package wires the server's choices: the wazero engine, the user's
// cache directory, the terminal. What a box is stands in runtime/box.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"boxer/runtime/knob"
)

func main() {
	delayGC()
	os.Exit(execute(os.Args[1:]))
}

// firstGC is the size of the heap in MiB at which the garbage collector runs for the first
// time. Go's 4 MiB are passed three times while a short program starts, which
// takes a fifth of the time until it has ended, for nothing.
const firstGC = 64

// delayGC puts the first collection off, unless the user chose otherwise; from then on it is
// as ever.
func delayGC() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	const minHeap = 4 // MiB at 100 percent
	usual := debug.SetGCPercent(100 * firstGC / minHeap)
	runtime.AddCleanup(new([16]byte), func(int) { debug.SetGCPercent(usual) }, 0)
}

// Exit codes that are boxer's own, as docker run has them. Others are the
// program's, or 128 and the signal that ended it.
const (
	exitBoxer       = 125 // boxer itself failed, or was asked for what it cannot do
	exitCannotExec  = 126 // the command cannot be executed
	exitNotFound    = 127 // the command is not there
	signalledBase   = 128
	environmentKnob = "BOXER_DEBUG"
)

// A codeError ends the process with code. err, if not nil, is printed.
type codeError struct {
	code int
	err  error
}

func (e *codeError) Error() string { return fmt.Sprint(e.err) }
func (e *codeError) Unwrap() error { return e.err }

// A usageError is the user's slip in the command line: the message points to
// the help.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// execute runs the command line and returns the exit code.
func execute(args []string) int {
	if err := knob.Set(os.Getenv(environmentKnob)); err != nil {
		fmt.Fprintf(os.Stderr, "boxer: %s: %v\n", environmentKnob, err)
	}
	root := newRoot()
	root.SetArgs(args)
	cmd, err := root.ExecuteC()
	if err == nil {
		return 0
	}
	var code *codeError
	if errors.As(err, &code) && code.err == nil {
		return code.code
	}
	fmt.Fprintf(os.Stderr, "boxer: %v\n", err)
	var usage *usageError
	if errors.As(err, &usage) || code == nil {
		fmt.Fprintf(os.Stderr, "\nRun '%s --help' for more information\n", cmd.CommandPath())
	}
	if code != nil {
		return code.code
	}
	return exitBoxer
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "boxer",
		Short:         "Run container images anywhere, as WebAssembly",
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("boxer version {{.Version}}\n")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.AddCommand(newRun(), newExport(), newServe(), newVerify(), newVersion(), newDebugHelp())
	return root
}

// later names docker's commands that boxer does not have.
var later = []string{"attach", "build", "commit", "compose", "cp", "create", "diff", "events", "exec", "history",
	"image", "images", "import", "info", "inspect", "kill", "load", "login", "logout", "logs", "network", "pause", "port", "ps",
	"pull", "push", "rename", "restart", "rm", "rmi", "save", "search", "start", "stats", "stop", "system", "tag", "top",
	"unpause", "update", "volume", "wait"}

func unknownCommand(name string) error {
	for _, l := range later {
		if name == l {
			return usagef("%s: not supported yet: this version has run, export, serve, verify, version and help", name)
		}
	}
	return usagef("'%s' is not a boxer command", name)
}
