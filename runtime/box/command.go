package box

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"boxer/runtime/abi"
	"boxer/runtime/kernel"
	"boxer/runtime/oci/spec"
)

// A Command says what to run in a box that lives already, as `docker exec` does.
type Command struct {
	// Entrypoint and Args are Config's. The image's entrypoint is put before
	// Args only where Entrypoint is nil and Init is set: `docker exec` runs
	// what it is given.
	Entrypoint []string
	Args       []string
	// Env adds to the box's environment as Config.Env does to the image's.
	Env []string
	// WorkDir and User replace the box's where they are not "". The directory
	// must be there.
	WorkDir, User string

	Stdin          io.Reader
	Stdout, Stderr io.Writer
	TTY            *kernel.TTY

	// Init makes it the box's process 1, with which the box ends.
	Init bool
}

// argv is the program and its arguments. Without any, they are the image's own.
func (c *Command) argv(image spec.Config) ([]string, error) {
	if !c.Init && c.Entrypoint == nil && len(c.Args) > 0 {
		image.Entrypoint = nil
	}
	return command(image, c.Entrypoint, c.Args)
}

// resolve makes c what the kernel understands.
func (b *Box) resolve(c Command) (kernel.Exec, error) {
	argv, err := c.argv(b.image)
	if err != nil {
		return kernel.Exec{}, err
	}
	var user spec.User
	find := func() (err error) {
		user, err = b.files.user(firstOf(c.User, b.user))
		return err
	}
	if b.kernel != nil {
		err = b.locked(find)
	} else {
		err = find()
	}
	if err != nil {
		return kernel.Exec{}, err
	}
	return kernel.Exec{
		Path:   program(argv[0], b.platform),
		Argv:   argv,
		Env:    environment(b.image.Env, slices.Concat(b.env, c.Env), b.hostname, user.Home, c.TTY != nil),
		Dir:    firstOf(c.WorkDir, b.dir),
		UID:    user.UID,
		GID:    user.GID,
		Groups: user.Groups,
		Init:   c.Init,
		Stdin:  c.Stdin,
		Stdout: c.Stdout,
		Stderr: c.Stderr,
		TTY:    c.TTY,
	}, nil
}

// A Process is a program that Exec started.
type Process struct{ p *kernel.Process }

// Exec starts a program in a box that was made with Config.Keep. The error is a
// *kernel.SpawnError where the program is not there or cannot be executed.
func (b *Box) Exec(c Command) (*Process, error) {
	e, err := b.resolve(c)
	if err != nil {
		return nil, err
	}
	p, err := b.kernel.Spawn(e)
	if err != nil {
		return nil, err
	}
	return &Process{p}, nil
}

// PID is the process's id in the box.
func (p *Process) PID() int { return p.p.PID() }

// WaitEnd waits until the program has ended. What it wrote may not have
// reached its streams yet.
func (p *Process) WaitEnd() kernel.ExitStatus { return p.p.Wait() }

// Wait waits until the program has ended and what it wrote has reached its streams, or
// ctx is done; then the rest is dropped.
func (p *Process) Wait(ctx context.Context) kernel.ExitStatus {
	st := p.p.Wait()
	p.p.Drain(ctx)
	return st
}

// Signal sends sig to the process.
func (p *Process) Signal(sig abi.Signal) { p.p.Signal(sig) }

// Resize tells the process's terminal its new size.
func (p *Process) Resize(rows, cols uint16) { p.p.Resize(rows, cols) }

// Kill ends the process and those of its session.
func (p *Process) Kill() { p.p.Kill() }

// command is what runs: the entrypoint followed by the arguments. An
// entrypoint of the caller's drops the image's default arguments with its
// entrypoint (docker run, "ENTRYPOINT").
func command(image spec.Config, entrypoint, args []string) ([]string, error) {
	if entrypoint == nil {
		entrypoint = image.Entrypoint
		if len(args) == 0 {
			args = image.Cmd
		}
	}
	argv := slices.Concat(entrypoint, args)
	if len(argv) == 0 {
		return nil, errors.New("no command specified, and the image has none: name one after IMAGE")
	}
	if argv[0] == "" {
		return nil, errors.New("the command's name is empty")
	}
	return argv, nil
}

// program is the file that the command's name stands for. An image for WASI
// has one module and nothing that a PATH could be for: a name without a slash
// is in the root directory, as other runtimes have it.
func program(name string, platform spec.Platform) string {
	if platform.Architecture == spec.WasiWasm.Architecture && !strings.Contains(name, "/") {
		return "/" + name
	}
	return name
}

// defaultPath is the PATH of an image that sets none, docker's.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// environment is the program's environment in docker's order: what a box
// always has, the image's variables, the caller's, and HOME where nobody set
// it.
func environment(image, caller []string, hostname, home string, tty bool) []string {
	env := []string{"PATH=" + defaultPath, "HOSTNAME=" + hostname}
	if tty {
		env = append(env, "TERM=xterm")
	}
	env = override(env, image)
	env = override(env, caller)
	if index(env, "HOME") < 0 {
		env = append(env, "HOME="+home)
	}
	return env
}

// override puts the variables of over into env: in place where they are
// there, else at the end. NAME alone takes the variable out.
func override(env, over []string) []string {
	for _, v := range over {
		name, _, given := strings.Cut(v, "=")
		i := index(env, name)
		switch {
		case !given && i >= 0:
			env = slices.Delete(env, i, i+1)
		case !given:
		case i >= 0:
			env[i] = v
		default:
			env = append(env, v)
		}
	}
	return env
}

// index finds the variable name in env; −1 where it is not set.
func index(env []string, name string) int {
	return slices.IndexFunc(env, func(v string) bool { return strings.HasPrefix(v, name+"=") })
}
