package warmup_test

import (
	"context"
	"crypto/rand"
	"io"
	"os"
	"reflect"
	"testing"

	"boxer/e2e/guests"
	"boxer/runtime/box"
	"boxer/runtime/box/warmup"
	"boxer/runtime/engine"
	"boxer/runtime/engine/wazero"
	"boxer/runtime/oci"
	"boxer/runtime/oci/spec"
	"boxer/runtime/translate"
	"boxer/runtime/translate/ahead"
)

func newEngine(t *testing.T) engine.Engine {
	t.Helper()
	eng, err := wazero.New(wazero.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { eng.Close() })
	return eng
}

// program is the layer of an image with one program in it.
func program(t *testing.T, path string) *spec.Tar {
	t.Helper()
	tree := oci.NewTree()
	t.Cleanup(func() { tree.Close() })
	if err := tree.AddHostFile("program", path); err != nil {
		t.Fatal(err)
	}
	return rootFS(t, tree)
}

func rootFS(t *testing.T, tree *oci.Tree) *spec.Tar {
	t.Helper()
	tar, err := tree.Tar()
	if err != nil {
		t.Fatal(err)
	}
	return tar
}

func warm(t *testing.T, cfg warmup.Config) *warmup.Result {
	t.Helper()
	cfg.Engine = newEngine(t)
	res, err := warmup.Run(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if res.Status.Err != nil {
		t.Fatal(res.Status.Err)
	}
	return res
}

// load takes the files as they came with an image.
func load(t *testing.T, files []ahead.File) *ahead.Set {
	t.Helper()
	set, err := ahead.Parse(files[0].Data)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range set.Modules {
		if err := set.ProvideBytes(m, files[i+1].Data); err != nil {
			t.Fatal(err)
		}
	}
	return set
}

// replay runs a command with the translations of a warm-up, as a page would.
func replay(t *testing.T, layer *spec.Tar, set *ahead.Set, args ...string) (out string, stats map[string]int64) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := box.Create(box.Config{Engine: newEngine(t), Profile: translate.V8(), RootFS: spec.NewTar(layer, layer.Size, nil), Args: args,
		Ahead: set, Serial: true, Stdout: w, Stderr: w, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	if st := b.Wait(context.Background()); st.ShellCode() != 0 {
		t.Errorf("%q: exit code %d, %v", args, st.ShellCode(), st.Err)
	}
	w.Close()
	text, _ := io.ReadAll(r)
	return string(text), b.Stats()
}

// TestGo: a program that handles faults, and ends.
func TestGo(t *testing.T) {
	layer := program(t, guests.Go(t, "hello"))
	cfg := warmup.Config{Layers: []*spec.Tar{layer}, Args: []string{"/program"}}
	res := warm(t, cfg)
	if res.Waited || res.Cut || res.Status.Code != 0 {
		t.Errorf("it ended with %+v, waited %v, cut %v", res.Status, res.Waited, res.Cut)
	}
	if again := warm(t, cfg); !reflect.DeepEqual(again, res) {
		t.Errorf("a second run made other files: %d instructions of %d executed, %d of %d executed", again.Made, again.Executed, res.Made, res.Executed)
	}
	set := load(t, res.Files)
	for _, m := range set.Modules {
		if !m.Form.Faults {
			t.Errorf("%s has the form without precise faults", m.Name)
		}
	}
	out, stats := replay(t, layer, set, "/program")
	if out == "" {
		t.Error("the program said nothing")
	}
	t.Logf("%d files, %d instructions; translated in the replay: %d", len(res.Files), res.Made, stats["translated_insns"])
	if n := stats["translated_insns"]; n > int64(res.Made)/10 {
		t.Errorf("%d instructions were translated although %d had been", n, res.Made)
	}
}

// TestShell: a shell at its prompt waits; what was typed was executed.
func TestShell(t *testing.T) {
	tree := guests.BusyboxTree(t)
	defer tree.Close()
	layer := rootFS(t, tree)
	cfg := warmup.Config{Layers: []*spec.Tar{layer}, Args: []string{"sh"}, TTY: true}
	res := warm(t, cfg)
	if !res.Waited || res.Cut {
		t.Errorf("waited %v, cut %v", res.Waited, res.Cut)
	}
	if again := warm(t, cfg); !reflect.DeepEqual(again, res) {
		t.Error("a second run made other files")
	}
	cfg.Input = []string{"ls /\n", "echo hi; cat /etc/passwd\n", "sleep 1; exit\n"}
	more := warm(t, cfg)
	if more.Waited || more.Cut || more.Made <= res.Made {
		t.Errorf("with input: waited %v, cut %v, %d instructions after %d", more.Waited, more.Cut, more.Made, res.Made)
	}
	out, stats := replay(t, layer, load(t, more.Files), "sh", "-c", "ls /; cat /etc/passwd")
	if out == "" {
		t.Error("the shell said nothing")
	}
	t.Logf("%d and %d instructions; translated in the replay: %d", res.Made, more.Made, stats["translated_insns"])
	if n := stats["translated_insns"]; n > int64(more.Made)/4 {
		t.Errorf("%d instructions were translated although %d had been", n, more.Made)
	}
	if len(more.Reads) != 1 || len(more.Reads[0]) == 0 {
		t.Errorf("read: %v", more.Reads)
	}
	end := int64(0)
	for _, x := range more.Reads[0] {
		if x.Off < end || x.Len <= 0 || x.Off+x.Len > layer.Size {
			t.Errorf("a range of %+v in %d bytes", x, layer.Size)
		}
		end = x.Off + x.Len
	}
}

// TestLoop: a program without end is cut.
func TestLoop(t *testing.T) {
	layer := program(t, guests.Go(t, "spin"))
	res := warm(t, warmup.Config{Layers: []*spec.Tar{layer}, Args: []string{"/program"}, Instructions: 20e6})
	if !res.Cut || res.Waited || len(res.Files) == 0 {
		t.Errorf("waited %v, cut %v, %d files", res.Waited, res.Cut, len(res.Files))
	}
}

// TestFails: what cannot be started is an error.
func TestFails(t *testing.T) {
	layer := program(t, guests.Go(t, "hello"))
	if _, err := warmup.Run(context.Background(), warmup.Config{Engine: newEngine(t), Layers: []*spec.Tar{layer}, Args: []string{"/none"}}); err == nil {
		t.Error("a program that is not there was warmed up")
	}
}
