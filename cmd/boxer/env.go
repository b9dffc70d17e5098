package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// environment gathers --env-file and --env, in docker's order: files first.
// An entry without "=" takes the variable out of the image's environment.
func environment(files, vars []string) ([]string, error) {
	var env []string
	for _, file := range files {
		lines, err := readEnvFile(file)
		if err != nil {
			return nil, err
		}
		env = append(env, lines...)
	}
	for _, v := range vars {
		name, _, given := strings.Cut(v, "=")
		if name == "" {
			return nil, fmt.Errorf("invalid environment variable: %s", v)
		}
		if !given {
			if value, ok := os.LookupEnv(name); ok {
				v = name + "=" + value
			}
		}
		env = append(env, v)
	}
	return env, nil
}

// readEnvFile reads NAME=value lines. Nothing is quoted or expanded; a NAME
// alone takes the host's value, if there is one; lines that begin with # are
// comments.
func readEnvFile(path string) ([]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var env []string
	in := bufio.NewScanner(bytes.NewReader(data))
	in.Buffer(nil, len(data)+1)
	for n := 1; in.Scan(); n++ {
		line := strings.TrimLeftFunc(in.Text(), unicode.IsSpace)
		if !utf8.ValidString(line) {
			return nil, fmt.Errorf("env file %s: line %d is not valid UTF-8", path, n)
		}
		if line == "" || line[0] == '#' {
			continue
		}
		name, _, given := strings.Cut(line, "=")
		if strings.ContainsFunc(name, unicode.IsSpace) {
			return nil, fmt.Errorf("env file %s: line %d: variable '%s' contains whitespaces", path, n, name)
		}
		if name == "" {
			return nil, fmt.Errorf("env file %s: line %d: no variable name on line '%s'", path, n, line)
		}
		if !given {
			value, ok := os.LookupEnv(name)
			if !ok {
				continue
			}
			line = name + "=" + value
		}
		env = append(env, line)
	}
	return env, in.Err()
}
