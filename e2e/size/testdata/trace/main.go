// Trace shows that a program runs after web/core.mjs: it collects garbage with pointers on its
// stacks, grows them, recovers, and prints a trace.
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

type node struct {
	next *node
	n    int
}

//go:noinline
func deep(n int, list *node) int {
	var pad [64]int
	pad[n%64] = n
	if n == 0 {
		runtime.GC()
		return list.n
	}
	return deep(n-1, &node{list, list.n + 1}) + pad[n%64] - n
}

//go:noinline
func failing(m map[string]int) { m["x"] = 1 }

func trace() (s string) {
	defer func() { s = fmt.Sprintln(recover()) + string(debug.Stack()) }()
	failing(nil)
	return ""
}

func main() {
	results := make(chan int)
	for range 4 {
		go func() { results <- deep(5000, &node{}) }()
	}
	for range 4 {
		fmt.Println(<-results)
	}
	for line := range strings.Lines(trace()) {
		name, _, _ := strings.Cut(line, "(")
		fmt.Println(strings.TrimSpace(name))
	}
}
