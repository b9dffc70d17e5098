package export

import (
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"boxer/e2e/browser"
	"boxer/e2e/guests"
	"boxer/e2e/site"
	"boxer/runtime/oci"
)

// images are boxes that must be the same on both sides.
func images(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	pack := func(name, file string, platform oci.Platform) string {
		tree := oci.NewTree()
		base := filepath.Base(file)
		if err := tree.AddHostFile(base, file); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name+".tar")
		if err := guests.WriteImage(path, tree, oci.PackOptions{Platform: platform, Config: oci.Config{Entrypoint: []string{"/" + base}}}); err != nil {
			t.Fatal(err)
		}
		return path
	}
	busybox, err := guests.BusyboxImage()
	if err != nil {
		t.Skipf("no busybox: %v", err)
	}
	return map[string]string{
		"hello":   pack("hello", guests.C(t, "hello"), oci.LinuxArm64),
		"go":      pack("go", guests.Go(t, "hello"), oci.LinuxArm64),
		"wasi":    pack("wasi", guests.WASI(t, "hello"), oci.WasiWasm),
		"busybox": busybox,
	}
}

// TestVerify is `boxer verify` of the boxes that must be the same, and of some
// that cannot be.
func TestVerify(t *testing.T) {
	if _, err := exec.LookPath(string(browser.Chromium)); err != nil {
		t.Skip("chromium is not installed")
	}
	name, images := site.Boxer(t), images(t)
	const shell = "echo out; echo err >&2; cat; mkdir -p /a/b; echo $A > /a/b/c; chmod 4700 /a/b/c; ln -s c /a/b/d; rm /bin/vi; cd /bin; ls | sort | head -5; exit 3"
	for _, c := range []struct {
		image string
		args  []string
		input string
		code  int
		want  string
	}{
		{"hello", nil, "", 0, `"equal":true`},
		{"go", nil, "", 0, `"equal":true`},
		{"wasi", nil, "", 0, `"equal":true`},
		{"busybox", []string{"sh", "-c", shell}, "from the input\n", 0, `"native":"3"`},
		{"busybox", []string{"nothing-there"}, "", 0, `"native":"127"`},
		{"busybox", []string{"cat", "/proc/sys/kernel/random/uuid"}, "", 1, `"equal":false`},
	} {
		args := append([]string{"verify", "-q", "--browser", "chromium", "--format", "json", "-e", "A=1", "-i", images[c.image]}, c.args...)
		cmd := exec.Command(name, args...)
		cmd.Stdin = strings.NewReader(c.input)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		code := 0
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			code = exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			Browser string
			Equal   bool
		}
		if code != c.code || !strings.Contains(string(out), c.want) || json.Unmarshal(out, &answer) != nil ||
			answer.Equal != (c.code == 0) || !strings.HasPrefix(answer.Browser, "Chromium") {
			t.Errorf("%s %v: exit code %d\n%s%s", c.image, c.args, code, out, stderr.String())
		}
	}
}
