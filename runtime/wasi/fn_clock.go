package wasi

import (
	"boxer/runtime/abi"
	"boxer/runtime/kernel"
)

// Clocks (docs.md, "clockid").
const (
	clockRealtime = iota
	clockMonotonic
	clockProcessCPU
	clockThreadCPU
	numClocks
)

// clockResGet is clock_res_get(id, *resolution).
func clockResGet(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	if a[0] >= numClocks {
		return abi.EINVAL
	}
	return put64(t, a[1], 1)
}

// clockTimeGet is clock_time_get(id, precision, *time).
func clockTimeGet(t *kernel.Task, _ *process, a []uint64) abi.Errno {
	var now int64
	switch k := t.Kernel(); a[0] {
	case clockRealtime:
		now = k.Realtime()
	case clockMonotonic:
		now = k.Monotonic()
	case clockProcessCPU:
		now = t.ProcessCPUTime()
	case clockThreadCPU:
		now = t.CPUTime()
	default:
		return abi.EINVAL
	}
	return put64(t, a[2], uint64(now))
}
