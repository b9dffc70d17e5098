//go:build js

// Package port is the worker's end of its line to the page: messages as
// web/src/worker.js passes them on.
package port

import "syscall/js"

var host = js.Global().Get("boxerWorker")

// Listen calls f for each message, first for those that came before. f runs
// in the event and must not wait; what does belongs in a goroutine.
func Listen(f func(m js.Value)) {
	host.Call("listen", js.FuncOf(func(_ js.Value, args []js.Value) any {
		f(args[0])
		return nil
	}))
}

// Post sends a message, an object of these fields. Byte slices become
// Uint8Arrays; the buffers of those are handed over, not copied.
func Post(fields map[string]any) {
	o, transfer := object.New(), []any(nil)
	for name, v := range fields {
		if p, ok := v.([]byte); ok {
			v = Array(p)
		}
		if a, ok := v.(js.Value); ok && a.InstanceOf(bytes) {
			transfer = append(transfer, a.Get("buffer"))
		}
		o.Set(name, v)
	}
	if transfer == nil {
		host.Call("post", o)
		return
	}
	host.Call("post", o, transfer)
}

var (
	object = js.Global().Get("Object")
	bytes  = js.Global().Get("Uint8Array")
	buffer = js.Global().Get("ArrayBuffer")
)

// Global is a property of the worker's global object. It is undefined where
// looking at it throws, as storage of all kinds does in a sandboxed frame of some browsers.
func Global(name string) (v js.Value) {
	defer func() {
		if recover() != nil {
			v = js.Undefined()
		}
	}()
	// Go does not survive what a plain look throws, but what a call does.
	return js.Global().Get("Reflect").Call("get", js.Global(), name)
}

// Array is a new Uint8Array with p's bytes.
func Array(p []byte) js.Value {
	a := bytes.New(len(p))
	js.CopyBytesToJS(a, p)
	return a
}

// Bytes copies what v holds, a Uint8Array or an ArrayBuffer; ok is false where
// it is neither.
func Bytes(v js.Value) (p []byte, ok bool) {
	a, ok := array(v)
	if !ok {
		return nil, false
	}
	p = make([]byte, a.Get("length").Int())
	js.CopyBytesToGo(p, a)
	return p, true
}

// array is v as a Uint8Array.
func array(v js.Value) (js.Value, bool) {
	if v.Type() != js.TypeObject {
		return v, false
	}
	if v.InstanceOf(buffer) {
		v = bytes.New(v)
	}
	return v, v.InstanceOf(bytes)
}

// Text is the string in v, or "" where it is none.
func Text(v js.Value) string {
	if v.Type() != js.TypeString {
		return ""
	}
	return v.String()
}

// Texts are the strings in the array v; ok is false where v is no array.
func Texts(v js.Value) (list []string, ok bool) {
	if v.Type() != js.TypeObject || !js.Global().Get("Array").Call("isArray", v).Bool() {
		return nil, false
	}
	list = []string{}
	for i := range v.Length() {
		list = append(list, Text(v.Index(i)))
	}
	return list, true
}

// Number is the number in v, or 0 where it is none.
func Number(v js.Value) float64 {
	if v.Type() != js.TypeNumber {
		return 0
	}
	return v.Float()
}
