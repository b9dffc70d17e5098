//go:build js

package pageimage

import (
	"errors"
	"syscall/js"
)

// Bounds on a document beyond its length: how deep it nests, and how many values it
// has. The longest that means anything lists 1,000 manifests.
const (
	maxDepth  = 32
	maxValues = 200_000
)

// ParseJSON makes nil, bool, float64, string, []any and map[string]any of a
// document, by the browser's JSON.parse: encoding/json would be an eighth of a
// page's core.
func ParseJSON(p []byte) (any, error) {
	if depth(p) > maxDepth {
		return nil, errors.New("it nests too deep")
	}
	v, err := catch(func() js.Value { return js.Global().Get("JSON").Call("parse", string(p)) })
	if err != nil {
		return nil, err
	}
	d := &document{}
	out := d.value(v)
	if d.n > maxValues {
		return nil, errors.New("it has too many values")
	}
	return out, nil
}

// depth is how deep the brackets outside strings nest.
func depth(p []byte) (deepest int) {
	at, quoted := 0, false
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == '[' || c == '{'):
			at++
			deepest = max(deepest, at)
		case !quoted && (c == ']' || c == '}'):
			at--
		}
	}
	return deepest
}

// A document is being copied to Go.
type document struct{ n int }

var (
	array = js.Global().Get("Array")
	keys  = js.Global().Get("Object").Get("keys")
)

func (d *document) value(v js.Value) any {
	if d.n++; d.n > maxValues {
		return nil
	}
	switch v.Type() {
	case js.TypeBoolean:
		return v.Bool()
	case js.TypeNumber:
		return v.Float()
	case js.TypeString:
		return v.String()
	case js.TypeObject:
		if array.Call("isArray", v).Bool() {
			list := []any{}
			for i := range v.Length() {
				if d.n > maxValues {
					return nil
				}
				list = append(list, d.value(v.Index(i)))
			}
			return list
		}
		m := map[string]any{}
		names := keys.Invoke(v)
		for i := range names.Length() {
			if d.n > maxValues {
				return nil
			}
			name := names.Index(i).String()
			m[name] = d.value(v.Get(name))
		}
		return m
	}
	return nil
}
