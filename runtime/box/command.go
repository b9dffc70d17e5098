package box

import (
	"errors"
	"slices"
	"strings"

	"boxer/runtime/oci/spec"
)

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
