//go:build js

package wasmhost

import "unsafe"

// The functions of wasmhost.js, where they are described. Those that may run
// guest code, which may call Go and so move the stack, let their pointers
// escape; the others don't.

//go:wasmimport boxer_wasmhost error
//go:noescape
func jsError(p unsafe.Pointer) uint32

//go:wasmimport boxer_wasmhost agent
//go:noescape
func jsAgent(p unsafe.Pointer, n uint32) uint32

//go:wasmimport boxer_wasmhost compile
//go:noescape
func jsCompile(p unsafe.Pointer, n uint32) int32

//go:wasmimport boxer_wasmhost dropModule
func jsDropModule(module int32)

//go:wasmimport boxer_wasmhost instantiate
func jsInstantiate(module int32, imports unsafe.Pointer, n uint32, out unsafe.Pointer) uint32

//go:wasmimport boxer_wasmhost dropInstance
func jsDropInstance(instance int32)

//go:wasmimport boxer_wasmhost entry
//go:noescape
func jsEntry(adapter, instance int32, p unsafe.Pointer, n uint32) int32

//go:wasmimport boxer_wasmhost dropEntry
func jsDropEntry(entry int32)

//go:wasmimport boxer_wasmhost enter
func jsEnter(entry int32, stack unsafe.Pointer) uint32

//go:wasmimport boxer_wasmhost host
//go:noescape
func jsHost(adapter, probe int32, first uint32, frames unsafe.Pointer) int32

//go:wasmimport boxer_wasmhost memory
//go:noescape
func jsMemory(min, max uint32, scanner int32, out unsafe.Pointer) int32

//go:wasmimport boxer_wasmhost dropMemory
func jsDropMemory(memory int32)

//go:wasmimport boxer_wasmhost pages
func jsPages(memory int32) uint32

//go:wasmimport boxer_wasmhost grow
func jsGrow(memory int32, pages uint32) uint32

//go:wasmimport boxer_wasmhost read
//go:noescape
func jsRead(memory int32, off uint32, p unsafe.Pointer, n uint32) uint32

//go:wasmimport boxer_wasmhost write
//go:noescape
func jsWrite(memory int32, off uint32, p unsafe.Pointer, n uint32) uint32

//go:wasmimport boxer_wasmhost zero
func jsZero(memory int32, off, n uint32)

//go:wasmimport boxer_wasmhost copy
func jsCopy(to, from int32, off, n uint32)

//go:wasmimport boxer_wasmhost scan
func jsScan(memory int32, off, end, touched uint32) uint32

//go:wasmimport boxer_wasmhost newBlock
func jsNewBlock(n uint32) int32

//go:wasmimport boxer_wasmhost dropBlock
func jsDropBlock(block int32)

//go:wasmimport boxer_wasmhost readBlock
//go:noescape
func jsReadBlock(block int32, at uint32, p unsafe.Pointer, n uint32)

//go:wasmimport boxer_wasmhost writeBlock
//go:noescape
func jsWriteBlock(block int32, at uint32, p unsafe.Pointer, n uint32)

//go:wasmimport boxer_wasmhost loadBlock
func jsLoadBlock(block int32, at uint32, memory int32, off, n uint32)

//go:wasmimport boxer_wasmhost storeBlock
func jsStoreBlock(block int32, at uint32, memory int32, off, n uint32)

//go:wasmimport boxer_wasmhost load32
func jsLoad32(memory int32, word uint32) float64

//go:wasmimport boxer_wasmhost cas32
func jsCAS32(memory int32, word, old, new uint32) int32

//go:wasmimport boxer_wasmhost canSuspend
func jsCanSuspend(module int32) uint32

//go:wasmimport boxer_wasmhost newFiber
func jsNewFiber(out unsafe.Pointer) int32

//go:wasmimport boxer_wasmhost startFiber
func jsStartFiber(fiber, entry int32, stack unsafe.Pointer)

//go:wasmimport boxer_wasmhost resumeFiber
func jsResumeFiber(fiber int32, v int64)

//go:wasmimport boxer_wasmhost fiberState
func jsFiberState(fiber int32) int32

//go:wasmimport boxer_wasmhost dropFiber
func jsDropFiber(fiber int32)

// lastError fetches the words of the call that failed last.
func lastError() string {
	b := make([]byte, jsError(nil))
	if len(b) > 0 {
		jsError(unsafe.Pointer(&b[0]))
	}
	return string(b)
}
