// Command demo shows boxer at work: it packs an image from a Go program, and
// Debian's busybox where apt has it, runs it with bin/boxer, and makes a page
// of it. On a terminal it ends in a shell inside the box; with CI=1 it does not
// wait.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"boxer/e2e/guests"
	"boxer/runtime/oci"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run() error {
	image, shell, err := pack()
	if err != nil {
		return err
	}
	steps := [][]string{{"mandelbrot"}}
	if shell {
		steps = append(steps,
			[]string{"sh", "-c", "uname -a; id; ls -l / | head -n 5"},
			[]string{"sh", "-c", "seq 1 100000 | awk '{ s += $1 } END { print \"sum\", s }'; echo boxer | md5sum"},
		)
	}
	for _, step := range steps {
		if err := boxer(append([]string{"run", "--rm", image}, step...)); err != nil {
			return err
		}
	}
	if shell {
		site := filepath.Join("bin", "demo-site")
		if err := page(site, image); err != nil {
			return err
		}
		fmt.Printf("\nThe same box in a page, with examples to choose from: bin/boxer serve %s\n", site)
	}
	ci := os.Getenv("CI")
	if !shell || ci != "" && ci != "0" || !term.IsTerminal(int(os.Stdin.Fd())) || !term.IsTerminal(int(os.Stdout.Fd())) {
		return nil
	}
	fmt.Println("\nA shell in the box. Nothing you do there reaches this machine. Leave with exit or Ctrl-D.")
	err = boxer([]string{"run", "--rm", "-it", image, "sh"})
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil // the shell's own exit code
	}
	return err
}

// pack makes the image and reports whether it has a shell.
func pack() (image string, shell bool, err error) {
	dir, err := guests.Cache("demo")
	if err != nil {
		return "", false, err
	}
	tree, err := guests.NewBusyboxTree()
	if shell = err == nil; !shell {
		fmt.Println("without a shell:", err)
		tree = oci.NewTree()
	}
	if err := tree.AddHostFile("bin/mandelbrot", guests.Go(fatal{}, "mandelbrot")); err != nil {
		return "", false, err
	}
	if err := tree.AddHostFile("bin/mandelbrot.wasm", guests.WASI(fatal{}, "mandelbrot")); err != nil {
		return "", false, err
	}
	image = filepath.Join(dir, "demo.tar")
	fmt.Println("packing", image)
	return image, shell, guests.WriteImage(image, tree, oci.PackOptions{
		Reference: "demo:latest",
		Config:    oci.Config{Cmd: []string{"/bin/mandelbrot"}},
	})
}

// boxer runs bin/boxer here.
func boxer(args []string) error {
	path, err := filepath.Abs("bin/boxer")
	if err != nil {
		return err
	}
	fmt.Printf("\n$ boxer %s\n", strings.Join(args, " "))
	cmd := exec.Command(path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}

// fatal ends the demo where a test would fail.
type fatal struct{}

func (fatal) Helper()                          {}
func (fatal) Skipf(format string, args ...any) { fatal{}.Fatalf(format, args...) }
func (fatal) Fatalf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "demo: "+format+"\n", args...)
	os.Exit(1)
}
