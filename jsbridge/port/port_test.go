//go:build js

package port

import (
	stdbytes "bytes"
	"io"
	"syscall/js"
	"testing"
)

// The worker's side stands in for web/src/worker.js.
func TestMain(m *testing.M) {
	host = js.Global().Get("Function").New(`
		const posted = [];
		return { posted, listener: null, listen(f) { this.listener = f; f({ t: "waited" }); }, post(message, transfer) { posted.push({ message, transfer: transfer ?? [] }); } }`).Invoke()
	m.Run()
}

func TestListen(t *testing.T) {
	var got []string
	Listen(func(m js.Value) { got = append(got, Text(m.Get("t"))) })
	host.Call("listener", map[string]any{"t": "next"})
	if len(got) != 2 || got[0] != "waited" || got[1] != "next" {
		t.Errorf("%q", got)
	}
}

func TestPost(t *testing.T) {
	data := []byte("bytes")
	Post(map[string]any{"t": "out", "n": 5, "data": data})
	last := host.Get("posted").Index(0)
	m, transfer := last.Get("message"), last.Get("transfer")
	got, ok := Bytes(m.Get("data"))
	if Text(m.Get("t")) != "out" || Number(m.Get("n")) != 5 || !ok || string(got) != "bytes" {
		t.Error("the message is another")
	}
	if transfer.Length() != 1 || !transfer.Index(0).Equal(m.Get("data").Get("buffer")) {
		t.Error("the bytes are not handed over")
	}
}

func TestValues(t *testing.T) {
	if Text(js.ValueOf(1)) != "" || Number(js.ValueOf("1")) != 0 {
		t.Error("values of other types")
	}
	if _, ok := Bytes(js.Null()); ok {
		t.Error("null is bytes")
	}
	if _, ok := Bytes(js.ValueOf("text")); ok {
		t.Error("text is bytes")
	}
	if got, ok := Bytes(Array([]byte("abc")).Get("buffer")); !ok || string(got) != "abc" {
		t.Errorf("an ArrayBuffer: %q, %v", got, ok)
	}
	if got, ok := Texts(js.ValueOf([]any{"a", 1, "b"})); !ok || len(got) != 3 || got[1] != "" || got[2] != "b" {
		t.Errorf("%q, %v", got, ok)
	}
	if _, ok := Texts(js.ValueOf(map[string]any{"length": 1})); ok {
		t.Error("an object is an array")
	}
}

func TestBufferAndReader(t *testing.T) {
	var b Buffer
	want := stdbytes.Repeat([]byte("0123456789"), 300_000)
	for p := want; len(p) > 0; {
		n := min(len(p), 70_001)
		b.Write(p[:n])
		p = p[n:]
	}
	r, ok := NewReader(b.Array())
	if !ok || r.Size() != int64(len(want)) {
		t.Fatalf("%d bytes, %v", r.Size(), ok)
	}
	got, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
	if err != nil || !stdbytes.Equal(got, want) {
		t.Errorf("read %d bytes, %v", len(got), err)
	}
	p := make([]byte, 10)
	if n, err := r.ReadAt(p, r.Size()-4); n != 4 || err != io.EOF || string(p[:4]) != "6789" {
		t.Errorf("the end: %d, %v", n, err)
	}
	if _, err := r.ReadAt(p, -1); err == nil {
		t.Error("before the start")
	}
	if _, ok := NewReader(js.ValueOf(3)); ok {
		t.Error("a number is read")
	}
}
