// Spin never ends, and never asks the kernel for anything.
package main

import "fmt"

var n uint64

func main() {
	fmt.Println("looping")
	for {
		if n++; n == 0 {
			fmt.Println("once round")
		}
	}
}
