package main

import "testing"

func TestParseMemory(t *testing.T) {
	for in, want := range map[string]uint64{
		"256m": 256 << 20, "1g": 1 << 30, "1.5G": 3 << 29, "8388608": 8 << 20, "8388608b": 8 << 20, "10240k": 10 << 20,
		"256mb": 256 << 20, "256MiB": 256 << 20,
		"": 0, "m": 0, "1t": 0, "-1m": 0, "5m": 0, "0": 0, "nan": 0, "infg": 0, "1mm": 0, "9999999999g": 0, "1e300": 0,
	} {
		got, err := parseMemory(in)
		if got != want || (err == nil) != (want != 0) {
			t.Errorf("%q: %d, %v; want %d", in, got, err, want)
		}
	}
}
