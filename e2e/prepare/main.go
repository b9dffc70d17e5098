// Command prepare makes what the tests need and the repository does not hold:
// images of Debian's arm64 programs. It fetches nothing that it has already.
// Where a thing cannot be had it says so and succeeds: the tests that need it
// are skipped by name.
package main

import (
	"fmt"

	"boxer/e2e/guests"
)

func main() {
	image, err := guests.BusyboxImage()
	if err != nil {
		fmt.Println("   left out: Debian's busybox-static:arm64:", err)
		return
	}
	fmt.Println("   busybox:", image)
}
