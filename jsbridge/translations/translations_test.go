//go:build js

package translations

import (
	"strings"
	"syscall/js"
	"testing"

	"boxer/jsbridge/loop"
	"boxer/jsbridge/port"
	"boxer/jsbridge/wasmhost"
	"boxer/runtime/translate"
	"boxer/runtime/translate/ahead"
	"boxer/runtime/wasm"
)

// made is a module without functions for guest code, as translated ones are linked; kind makes it another file.
func made(kind int32, entry uint64) translate.MadeAhead {
	var m wasm.Module
	fn := m.Func(m.FuncType([]wasm.ValType{wasm.I32}, nil))
	var c wasm.Code
	c.Reset(1)
	c.I32Const(kind)
	c.Op(wasm.OpDrop)
	c.End()
	m.Body(fn, &c)
	m.ExportFunc(translate.AheadInit, fn)
	out := translate.MadeAhead{Bin: m.Bytes()}
	out.Unit = translate.Unit{Digest: [32]byte{1}, Start: 0x400000, End: 0x500000}
	out.Entries = []uint64{entry}
	out.Ranges = []translate.Span{{Lo: entry, Hi: entry + 4}}
	out.Size = len(out.Bin)
	return out
}

// serve answers with files from memory, in Node, and returns the address. kinds has the media type by
// name, if it is not Wasm's.
func serve(t *testing.T, files map[string][]byte, kinds map[string]string) string {
	t.Helper()
	require := js.Global().Get("require")
	if require.Type() != js.TypeFunction {
		t.Skip("this host is no server")
	}
	handler := js.FuncOf(func(_ js.Value, args []js.Value) any {
		name := strings.TrimPrefix(args[0].Get("url").String(), "/t/")
		data, ok := files[name]
		if !ok {
			args[1].Call("writeHead", 404)
			args[1].Call("end")
			return nil
		}
		kind := kinds[name]
		if kind == "" {
			kind = "application/wasm"
		}
		args[1].Call("writeHead", 200, map[string]any{"content-type": kind})
		args[1].Call("end", port.Array(data))
		return nil
	})
	server := require.Invoke("http").Call("createServer", handler)
	listening := js.Global().Get("Promise").New(js.FuncOf(func(_ js.Value, args []js.Value) any {
		server.Call("listen", 0, "127.0.0.1", args[0])
		return nil
	}))
	if _, err := loop.Await(listening); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Call("closeAllConnections")
		server.Call("close")
		handler.Release()
	})
	return "http://127.0.0.1:" + js.Global().Call("String", server.Call("address").Get("port")).String() + "/t/"
}

func TestLoad(t *testing.T) {
	mods := []translate.MadeAhead{made(1, 0x400000), made(2, 0x400010), made(3, 0x400020), made(4, 0x400030), made(5, 0x400040), made(6, 0x400050)}
	mods[4].Rest = true
	mods[5].Madd = translate.RelaxedMadd
	packed := ahead.Pack(translate.Identity(translate.V8()), nil, mods)
	set, err := ahead.Parse(packed[0].Data)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range packed[1:] {
		files[f.Name] = append([]byte(nil), f.Data...)
	}
	name := func(i int) string { return packed[1+i].Name }
	files[name(2)][len(files[name(2)])-1] ^= 1 // damaged
	delete(files, name(3))
	base := serve(t, files, map[string]string{name(1): "application/octet-stream"})
	eng := wasmhost.New()
	defer eng.Close()

	found := func(i int) bool { return set.Find(mods[i].Unit, mods[i].Form, mods[i].Entries[0]) != nil }
	bytes := 0
	err = Load(eng, set, base, translate.V8(), false, func(n int) { bytes += n }).Wait()
	for i, want := range []bool{true, true, false, false, false, false} {
		if found(i) != want {
			t.Errorf("module %d: it is there: %v", i, found(i))
		}
	}
	if want := mods[0].Size + mods[1].Size; bytes != want {
		t.Errorf("progress of %d bytes of %d", bytes, want)
	}
	if want := mods[0].Size + mods[1].Size + mods[2].Size + mods[3].Size; Size(set, translate.V8(), false) != want {
		t.Errorf("%d bytes to load, want %d", Size(set, translate.V8(), false), want)
	}
	if err == nil || !strings.Contains(err.Error(), name(2)) || !strings.Contains(err.Error(), name(3)) {
		t.Errorf("the error is %v", err)
	}
	if err := Load(eng, set, base, translate.V8(), true, nil).Wait(); err != nil || !found(4) {
		t.Errorf("the rest: %v", err)
	}
	for _, i := range []int{0, 1, 4} {
		m := set.Modules[i]
		mod, err := set.Compile(eng, &m.AheadModule)
		if err != nil {
			t.Fatal(err)
		}
		inst, err := eng.Instantiate(mod, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := inst.Func(translate.AheadInit); err != nil {
			t.Error(err)
		}
	}
}

// TestOthers: what another translator made is not even fetched.
func TestOthers(t *testing.T) {
	packed := ahead.Pack("another "+translate.Identity(translate.V8()), nil, []translate.MadeAhead{made(1, 0x400000)})
	set, err := ahead.Parse(packed[0].Data)
	if err != nil {
		t.Fatal(err)
	}
	if err := Load(nil, set, "http://127.0.0.1:1/", translate.V8(), false, nil).Wait(); err != nil {
		t.Error(err)
	}
	if n := Size(set, translate.V8(), false); n != 0 {
		t.Errorf("%d bytes", n)
	}
}
