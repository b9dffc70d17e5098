//go:build js

package main

import (
	"errors"
	"fmt"
	"syscall/js"

	"boxer/jsbridge/port"
	"boxer/runtime/abi"
)

// fs serves the operations on files: fn says which.
func (c *core) fs(args js.Value) (any, error) {
	b, path := c.box, port.Text(args.Get("path"))
	mode := func(otherwise uint32) uint32 {
		if m := args.Get("mode"); m.Type() == js.TypeNumber {
			return uint32(m.Int())
		}
		return otherwise
	}
	switch fn := port.Text(args.Get("fn")); fn {
	case "readFile":
		data, err := b.ReadFile(path)
		if err != nil {
			return nil, err
		}
		return port.Array(data), nil
	case "writeFile":
		data, ok := port.Bytes(args.Get("data"))
		if !ok {
			return nil, errors.New("writeFile takes a Uint8Array")
		}
		return nil, b.WriteFile(path, data, mode(0o644))
	case "readdir":
		list, err := b.ReadDir(path)
		if err != nil {
			return nil, err
		}
		out := make([]any, len(list))
		for i, e := range list {
			out[i] = map[string]any{"name": e.Name, "type": typeName(e.Type), "size": e.Size}
		}
		return out, nil
	case "stat":
		st, err := b.Stat(path)
		if err != nil {
			return nil, err
		}
		return map[string]any{"type": typeName(st.Mode & abi.S_IFMT), "size": st.Size, "mode": st.Mode & 0o7777,
			"mtimeMs": float64(st.Mtime) / 1e6, "uid": st.UID, "gid": st.GID}, nil
	case "mkdir":
		return nil, b.Mkdir(path, mode(0o755), args.Get("recursive").Truthy())
	case "rm":
		return nil, b.Remove(path, args.Get("recursive").Truthy(), args.Get("force").Truthy())
	case "rename":
		return nil, b.Rename(path, port.Text(args.Get("to")))
	case "symlink":
		return nil, b.Symlink(port.Text(args.Get("target")), path)
	case "chmod":
		return nil, b.Chmod(path, mode(0o644))
	default:
		return nil, fmt.Errorf("the core has no file operation %q: boxer.js and core.wasm are not of one version", fn)
	}
}

// typeName is a file's type as the page calls it.
func typeName(t uint32) string {
	switch t {
	case abi.S_IFREG:
		return "file"
	case abi.S_IFDIR:
		return "dir"
	case abi.S_IFLNK:
		return "symlink"
	case abi.S_IFIFO:
		return "fifo"
	case abi.S_IFSOCK:
		return "socket"
	case abi.S_IFCHR:
		return "char"
	case abi.S_IFBLK:
		return "block"
	}
	return ""
}

func (c *core) tree(js.Value) (any, error) { return c.box.TreeHash() }

// exportTar collects the tar on JavaScript's side: Go's memory never shrinks.
func (c *core) exportTar(js.Value) (any, error) {
	var w port.Buffer
	if err := c.box.ExportTar(&w); err != nil {
		return nil, err
	}
	return w.Array(), nil
}

func (c *core) importTar(args js.Value) (any, error) {
	r, ok := port.NewReader(args.Get("data"))
	if !ok {
		return nil, errors.New("importTar takes a Uint8Array")
	}
	return nil, c.box.ImportTar(r, r.Size())
}

func (c *core) sync(js.Value) (any, error) { return nil, c.box.Sync() }
