//go:build js

// Package wasmhost is the engine of pages: engine.Engine over the WebAssembly
// of the JavaScript host that runs the Go program itself, a browser's worker
// or Node.
//
// Go and JavaScript meet in wasmhost.js, whose functions Go imports directly
// (//go:wasmimport), so that nothing on a hot path goes through syscall/js. A
// loader must offer them before it instantiates the program; the file says
// how. jsbridge/nodeexec is such a loader for Node and runs the tests:
//
//	GOOS=js GOARCH=wasm go test -exec="$PWD/jsbridge/nodeexec" ./jsbridge/wasmhost
//
// and so every program and test that links this package.
//
// Calls into Wasm (enter.go). A Func is an adapter, a small Wasm module with the
// function's signature that takes its parameters from the caller's slice in
// Go's memory and puts the results there; so values of all types pass
// unchanged, vectors too. JavaScript calls it inside try/catch and returns a
// code: an exception must never unwind Go's own frames, which ends the core.
// For the same reason guest code must leave room on the stack when it calls a
// host function: an overflow inside Go cannot be survived, only noticed.
//
// Calls into Go (hostadapter.go). Each set of host functions is an adapter
// too. It stores the parameters in a frame in Go's memory and calls the Go
// program's export boxer_wasmhost_call, Wasm to Wasm, which costs a hundredth of
// a js.FuncOf.
//
// The program has one thread: nothing here locks, and no call may block.
// What an engine makes is kept in JavaScript's tables by number until it is
// closed; then the host's garbage collector may have it.
package wasmhost
