package abi

import "encoding/binary"

// Clock ids (clock_gettime(2)).
const (
	CLOCK_REALTIME           = 0
	CLOCK_MONOTONIC          = 1
	CLOCK_PROCESS_CPUTIME_ID = 2
	CLOCK_THREAD_CPUTIME_ID  = 3
	CLOCK_MONOTONIC_RAW      = 4
	CLOCK_REALTIME_COARSE    = 5
	CLOCK_MONOTONIC_COARSE   = 6
	CLOCK_BOOTTIME           = 7
	CLOCK_REALTIME_ALARM     = 8
	CLOCK_BOOTTIME_ALARM     = 9
	CLOCK_TAI                = 11
)

// TIMER_ABSTIME of clock_nanosleep(2) and timer_settime(2).
const TIMER_ABSTIME = 1

// Interval timers (setitimer(2)).
const (
	ITIMER_REAL    = 0
	ITIMER_VIRTUAL = 1
	ITIMER_PROF    = 2
)

// ClockTick is sysconf(_SC_CLK_TCK): what times(2) and /proc count in.
const ClockTick = 100

// SizeofTimespec is the size of struct timespec and of struct timeval.
const SizeofTimespec = 16

// Timespec is struct timespec.
type Timespec struct{ Sec, Nsec int64 }

// NsToTimespec converts a time in nanoseconds.
func NsToTimespec(ns int64) Timespec {
	s, n := ns/1e9, ns%1e9
	if n < 0 {
		s, n = s-1, n+1e9
	}
	return Timespec{s, n}
}

// Valid reports whether the kernel would accept t as a time to wait.
func (t Timespec) Valid() bool { return t.Sec >= 0 && t.Nsec >= 0 && t.Nsec < 1e9 }

// Ns is t in nanoseconds, saturated at the largest int64.
func (t Timespec) Ns() int64 {
	if t.Sec > (1<<63-1)/1000000000-1 {
		return 1<<63 - 1
	}
	return t.Sec*1e9 + t.Nsec
}

// Decode reads the structure from b[:16].
func (t *Timespec) Decode(b []byte) {
	t.Sec = int64(binary.LittleEndian.Uint64(b))
	t.Nsec = int64(binary.LittleEndian.Uint64(b[8:]))
}

// Encode writes the structure to b[:16].
func (t Timespec) Encode(b []byte) {
	binary.LittleEndian.PutUint64(b, uint64(t.Sec))
	binary.LittleEndian.PutUint64(b[8:], uint64(t.Nsec))
}
