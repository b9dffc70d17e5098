package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEnvironment(t *testing.T) {
	t.Setenv("FROM_HOST", "host value")
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "env")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		name string
		file string
		vars []string
		want []string
		err  string
	}{
		{"flags", "", []string{"A=1", "B=", "C=x=y", "FROM_HOST", "NOT_SET"},
			[]string{"A=1", "B=", "C=x=y", "FROM_HOST=host value", "NOT_SET"}, ""},
		{"file", "\ufeffA=1\r\n\n  # comment\n  B= two \nFROM_HOST\nNOT_SET\nC=#x", []string{"A=2"},
			[]string{"A=1", "B= two ", "FROM_HOST=host value", "C=#x", "A=2"}, ""},
		{"no name", "", []string{"=x"}, nil, "invalid environment variable: =x"},
		{"no name in the file", "A=1\n=x\n", nil, nil, "line 2: no variable name on line '=x'"},
		{"white space", "A B=1\n", nil, nil, "line 1: variable 'A B' contains whitespaces"},
		{"not text", "A=\xff\n", nil, nil, "line 1 is not valid UTF-8"},
	} {
		var files []string
		if c.file != "" {
			files = []string{file(c.file)}
		}
		got, err := environment(files, c.vars)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestParseImageRef(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"box.tar", "with:colon"} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("alpine", 0o700); err != nil {
		t.Fatal(err)
	}
	for arg, want := range map[string]any{
		"box.tar":                imageRef{"box.tar", ""},
		"./box.tar":              imageRef{"./box.tar", ""},
		"box.tar:v1":             imageRef{"box.tar", "v1"},
		"box.tar:org/app:v1":     imageRef{"box.tar", "org/app:v1"},
		"with:colon":             imageRef{"with:colon", ""},
		"with:colon:tag":         imageRef{"with:colon", "tag"},
		"alpine":                 imageRef{"alpine", ""}, // a directory here goes before a name
		"oci:alpine:3.20":        imageRef{"alpine", "3.20"},
		"oci-archive:box.tar":    imageRef{"box.tar", ""},
		"docker-archive:box.tar": imageRef{"box.tar", ""},
		"oci:debian":             "debian: no such file or directory",
		"./none":                 "./none: no such file or directory",
		"none.tar":               "none.tar: no such file or directory",
		"dir:alpine":             "not supported yet",
		"debian":                 "docker save -o debian.tar debian\n",
		"ghcr.io/org/app:1.2":    "boxer run ./app.tar",
		"app@sha256:1234":        "boxer run ./app.tar",
	} {
		got, err := parseImageRef(arg)
		if ref, ok := want.(imageRef); ok {
			if err != nil || got != ref {
				t.Errorf("%s: got %+v, %v", arg, got, err)
			}
		} else if err == nil || !strings.Contains(err.Error()+"\n", want.(string)) {
			t.Errorf("%s: got %v, want %v", arg, err, want)
		}
	}
}

func TestRefusedFlags(t *testing.T) {
	for _, r := range refusedFlags {
		name, short, _ := strings.Cut(r.names, ",")
		forms := [][]string{{"--" + name + "=x"}}
		switch {
		case r.value && short != "":
			forms = append(forms, []string{"--" + name, "x"}, []string{"-" + short + "x"})
		case r.value:
			forms = append(forms, []string{"--" + name, "x"})
		case short != "":
			forms = append(forms, []string{"--" + name}, []string{"-" + short + "i"})
		default:
			forms = append(forms, []string{"--" + name})
		}
		for _, form := range forms {
			c := newRun()
			err := c.ParseFlags(append(form, "image"))
			if err == nil {
				err = refuse(c.Flags())
			}
			if err == nil || !strings.HasPrefix(err.Error(), "--"+name+": not supported yet: ") {
				t.Errorf("%v: %v", form, err)
			}
		}
	}
	c := newRun()
	if err := c.ParseFlags([]string{"--network", "none", "--net=none"}); err != nil {
		t.Fatal(err)
	}
	if err := refuse(c.Flags()); err != nil {
		t.Errorf("--network none: %v", err)
	}
}
