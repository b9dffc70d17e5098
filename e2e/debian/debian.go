// Package debian unpacks Debian packages of any architecture into a
// directory: programs and static libraries to bench and to test with, which
// are too large, or too much other people's, to be kept in the repository.
// It needs apt-get and dpkg-deb and a machine whose apt sources work; it
// needs no root and leaves the machine's own package state alone.
package debian

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A Root is a directory into which packages of one architecture are
// unpacked. The directory can be kept: what it has is not fetched again.
type Root struct {
	Dir  string // absolute; made when needed
	Arch string // Debian's name: arm64, amd64
}

// Path is the place of an unpacked file.
func (r Root) Path(elem ...string) string {
	return filepath.Join(append([]string{r.Dir, "root"}, elem...)...)
}

// Unpack makes the contents of the packages be under Path(). Dependencies are
// not followed.
func (r Root) Unpack(pkgs ...string) error {
	stamp := filepath.Join(r.Dir, fmt.Sprintf("done-%x", sha256.Sum256([]byte(r.Arch+" "+strings.Join(pkgs, " "))))[:24])
	if _, err := os.Stat(stamp); err == nil {
		return nil
	}
	for _, tool := range []string{"apt-get", "dpkg-deb"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("debian packages need %s: %w", tool, err)
		}
	}
	archives := filepath.Join(r.Dir, "cache", "archives")
	for _, d := range []string{filepath.Join(archives, "partial"), filepath.Join(r.Dir, "state", "lists", "partial"), r.Path()} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return err
		}
	}
	status := filepath.Join(r.Dir, "status")
	if err := os.WriteFile(status, nil, 0o644); err != nil {
		return err
	}
	apt := func(args ...string) error {
		cmd := exec.Command("apt-get", append([]string{"-qq",
			"-o", "APT::Architecture=" + r.Arch, "-o", "APT::Architectures=" + r.Arch,
			"-o", "Dir::State=" + filepath.Join(r.Dir, "state"), "-o", "Dir::State::status=" + status,
			"-o", "Dir::Cache=" + filepath.Join(r.Dir, "cache"),
			"-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User="}, args...)...)
		cmd.Dir = archives // download writes here
		return run(cmd)
	}
	if err := apt("update"); err != nil {
		return err
	}
	for _, p := range pkgs {
		if err := apt("download", p); err != nil {
			return err
		}
		files, err := filepath.Glob(filepath.Join(archives, p+"_*.deb"))
		if err != nil || len(files) == 0 {
			return fmt.Errorf("apt-get download %s left no file", p)
		}
		if err := run(exec.Command("dpkg-deb", "-x", files[0], r.Path())); err != nil {
			return err
		}
	}
	return os.WriteFile(stamp, nil, 0o644)
}

// run reports a failed command with what it printed.
func run(cmd *exec.Cmd) error {
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return nil
}
