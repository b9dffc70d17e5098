//go:build js

package main

import (
	"fmt"
	"slices"
	"syscall/js"

	"boxer/jsbridge/port"
)

// environment reads variables: an array of NAME=value, or an object.
func environment(v js.Value) []string {
	if env, ok := port.Texts(v); ok {
		return env
	}
	if v.Type() != js.TypeObject {
		return nil
	}
	var env []string
	keys := js.Global().Get("Object").Call("keys", v)
	for i := range keys.Length() {
		name := keys.Index(i).String()
		env = append(env, name+"="+port.Text(v.Get(name)))
	}
	slices.Sort(env)
	return env
}

// seed is a file that the page puts into the box before anything runs.
type seed struct {
	path string
	data []byte
	mode uint32
}

func seedFiles(v js.Value) ([]seed, error) {
	if v.Type() != js.TypeObject {
		return nil, nil
	}
	var seeds []seed
	for i := range v.Length() {
		f := v.Index(i)
		data, ok := port.Bytes(f.Get("data"))
		if !ok {
			return nil, fmt.Errorf("files[%d]: its data is no Uint8Array", i)
		}
		s := seed{port.Text(f.Get("path")), data, uint32(port.Number(f.Get("mode")))}
		if s.path == "" {
			return nil, fmt.Errorf("files[%d]: it has no path", i)
		}
		if s.mode == 0 {
			s.mode = 0o644
		}
		seeds = append(seeds, s)
	}
	return seeds, nil
}
