package box

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"boxer/runtime/oci/spec"
)

func TestCommand(t *testing.T) {
	image := spec.Config{Entrypoint: []string{"/entry", "-x"}, Cmd: []string{"default"}}
	for _, c := range []struct {
		name       string
		image      spec.Config
		entrypoint []string
		args       []string
		want       []string
	}{
		{"image's own", image, nil, nil, []string{"/entry", "-x", "default"}},
		{"arguments replace Cmd", image, nil, []string{"a", "b"}, []string{"/entry", "-x", "a", "b"}},
		{"entrypoint drops Cmd", image, []string{"/other"}, nil, []string{"/other"}},
		{"entrypoint and arguments", image, []string{"/other"}, []string{"a"}, []string{"/other", "a"}},
		{"empty entrypoint", image, []string{}, []string{"sh"}, []string{"sh"}},
		{"empty entrypoint alone", image, []string{}, nil, nil},
		{"Cmd only", spec.Config{Cmd: []string{"sh"}}, nil, nil, []string{"sh"}},
		{"nothing", spec.Config{}, nil, nil, nil},
		{"an empty name", spec.Config{}, nil, []string{""}, nil},
	} {
		got, err := command(c.image, c.entrypoint, c.args)
		if diff := cmp.Diff(c.want, got); diff != "" || (err == nil) != (c.want != nil) {
			t.Errorf("%s: %v\n%s", c.name, err, diff)
		}
	}
}

func TestEnvironment(t *testing.T) {
	const path = "PATH=" + defaultPath
	for _, c := range []struct {
		name          string
		image, caller []string
		tty           bool
		want          []string
	}{
		{"nothing set", nil, nil, false, []string{path, "HOSTNAME=h", "HOME=/root"}},
		{"terminal", nil, nil, true, []string{path, "HOSTNAME=h", "TERM=xterm", "HOME=/root"}},
		{"image's PATH", []string{"PATH=/x", "A=1"}, nil, false, []string{"PATH=/x", "HOSTNAME=h", "A=1", "HOME=/root"}},
		{"caller wins", []string{"A=1", "B=2"}, []string{"B=3", "HOME=/h"}, false, []string{path, "HOSTNAME=h", "A=1", "B=3", "HOME=/h"}},
		{"taken away", []string{"A=1", "AB=2"}, []string{"A", "C"}, false, []string{path, "HOSTNAME=h", "AB=2", "HOME=/root"}},
		{"an empty value", nil, []string{"A="}, false, []string{path, "HOSTNAME=h", "A=", "HOME=/root"}},
	} {
		if diff := cmp.Diff(c.want, environment(c.image, c.caller, "h", "/root", c.tty)); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
}

func TestProgram(t *testing.T) {
	for _, c := range []struct {
		name     string
		platform spec.Platform
		want     string
	}{
		{"app.wasm", spec.WasiWasm, "/app.wasm"},
		{"app.wasm", spec.Wasip1Wasm, "/app.wasm"},
		{"bin/app.wasm", spec.WasiWasm, "bin/app.wasm"},
		{"app.wasm", spec.LinuxArm64, "app.wasm"},
		{"app.wasm", spec.Platform{}, "app.wasm"},
	} {
		if got := program(c.name, c.platform); got != c.want {
			t.Errorf("%s for %v: %s, want %s", c.name, c.platform, got, c.want)
		}
	}
}
