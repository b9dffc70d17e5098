// Mandelbrot draws the set with characters, by as many goroutines as there
// are lines, and says what it ran on.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
)

const (
	columns, rows = 76, 24
	limit         = 2000
)

func main() {
	start := time.Now()
	var lines [rows]string
	var wg sync.WaitGroup
	for y := range rows {
		wg.Go(func() { lines[y] = line(y) })
	}
	wg.Wait()
	fmt.Println(strings.Join(lines[:], "\n"))
	host, _ := os.Hostname()
	fmt.Printf("%s/%s, %s, process %d on %s: %v\n", runtime.GOOS, runtime.GOARCH, runtime.Version(), os.Getpid(), host, time.Since(start).Round(time.Millisecond))
}

func line(y int) string {
	const shades = " .:-=+*%@"
	var b strings.Builder
	for x := range columns {
		c := complex(float64(x)/columns*3.2-2.3, float64(y)/rows*2.4-1.2)
		z, n := complex(0, 0), 0
		for ; n < limit && real(z)*real(z)+imag(z)*imag(z) < 4; n++ {
			z = z*z + c
		}
		if n == limit {
			b.WriteByte('#')
		} else {
			b.WriteByte(shades[n%len(shades)])
		}
	}
	return b.String()
}
