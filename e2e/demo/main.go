// Command demo shows boxer at work: it packs an image from a Go program, and
// Debian's busybox where apt has it, runs it with bin/boxer, makes a page of it
// and serves that until Ctrl-C. With CI=1 it does not wait.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

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
	if !shell {
		return nil
	}
	site := filepath.Join("bin", "demo-site")
	if err := page(site, image); err != nil {
		return err
	}
	fmt.Printf("\nA shell in the terminal, if you like: bin/boxer run --rm -it %s sh\n", image)
	fmt.Println("The same box as a page:")
	return serve(site)
}

// serve serves the site until Ctrl-C, or with CI=1 until its page was had once.
func serve(site string) error {
	ci := os.Getenv("CI")
	if ci == "" || ci == "0" {
		return boxer([]string{"serve", site})
	}
	fmt.Printf("\n$ boxer serve %s\n", site)
	cmd := exec.Command("bin/boxer", "serve", "--format", "json", "--port", "0", site)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer cmd.Wait()
	defer cmd.Process.Signal(os.Interrupt)
	var at struct {
		URL string `json:"url"`
	}
	if err := json.NewDecoder(out).Decode(&at); err != nil {
		return fmt.Errorf("boxer serve printed no address: %w", err)
	}
	fmt.Printf("%s is at %s\n", site, at.URL)
	page, err := http.Get(at.URL)
	if err != nil {
		return err
	}
	defer page.Body.Close()
	if page.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", at.URL, page.Status)
	}
	fmt.Println("It answers. Without CI=1 it would wait for you there.")
	return nil
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
