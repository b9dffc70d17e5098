// Hellogo prints a line: the smallest Go program whose whole process is timed.
package main

import "fmt"

func main() { fmt.Println("hello") }
