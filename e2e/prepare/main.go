// Command prepare makes what the tests need and the repository does not hold:
// images of Debian's arm64 programs. It fetches nothing that it has already.
// Where a thing cannot be had it says so and succeeds: the tests that need it
// are skipped by name.
package main

import (
	"fmt"
	"os"

	"boxer/e2e/guests"
)

func main() {
	fmt.Println("   busybox:", guests.Busybox(reporter{}))
}

// reporter ends the program where a test would be skipped or fail.
type reporter struct{}

func (reporter) Helper() {}

func (reporter) Skipf(format string, args ...any) {
	fmt.Printf("   left out: "+format+"\n", args...)
	os.Exit(0)
}

func (reporter) Fatalf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "prepare: "+format+"\n", args...)
	os.Exit(1)
}
