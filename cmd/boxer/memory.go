package main

import (
	"fmt"
	"strconv"
	"strings"
)

// leastMemory is docker's least limit, too: no program starts with less.
const leastMemory = 6 << 20

// parseMemory reads a size as docker's --memory has it: a number of bytes, or
// one with b, k, m or g behind it (kb and kib are k).
func parseMemory(s string) (uint64, error) {
	number := strings.TrimRight(s, "bBiIkKmMgG")
	unit := strings.ToLower(s[len(number):])
	shift, known := map[string]int{"": 0, "b": 0, "k": 10, "kb": 10, "kib": 10, "m": 20, "mb": 20, "mib": 20, "g": 30, "gb": 30, "gib": 30}[unit]
	n, err := strconv.ParseFloat(number, 64)
	if !known || err != nil || !(n >= 0 && n < 1<<31) && shift > 0 || !(n >= 0 && n < 1<<62) {
		return 0, fmt.Errorf("'%s' is not a size: give a number of bytes, or one with k, m or g behind it", s)
	}
	size := uint64(n * float64(uint64(1)<<shift))
	if size < leastMemory {
		return 0, fmt.Errorf("%s is too little: the least is 6m", s)
	}
	return size, nil
}
