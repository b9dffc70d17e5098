// Concurrent exercises what the Go runtime asks of a kernel: goroutines on
// several threads, timers, channels, garbage collection.
package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

func main() {
	start := time.Now()
	sums := make(chan int)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			sum := 0
			for n := range 100_000 {
				sum += n % (i + 1)
			}
			time.Sleep(time.Duration(i) * time.Millisecond)
			sums <- sum
		})
	}
	go func() { wg.Wait(); close(sums) }()
	total := 0
	for s := range sums {
		total += s
	}
	fmt.Println("sum", total)

	var keep [][]byte
	for i := range 400 {
		b := make([]byte, 64<<10)
		b[i] = 1
		if i%40 == 0 {
			keep = append(keep, b)
		}
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Println("collected", m.NumGC > 0, "kept", len(keep))

	tick := time.NewTicker(5 * time.Millisecond)
	for range 3 {
		<-tick.C
	}
	tick.Stop()
	if d := time.Since(start); d < 15*time.Millisecond || d > time.Minute {
		fmt.Println("time is wrong:", d)
	}
	locked := make(chan bool)
	go func() {
		runtime.LockOSThread()
		locked <- true
	}()
	fmt.Println("thread", <-locked)
}
