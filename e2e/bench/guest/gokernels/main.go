// Gokernels holds the bench kernels that are written in Go: the runtime's
// collector, maps, the scheduler, reflection. It takes the same arguments and
// prints the same lines as the C program beside it (main.c).
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc64"
	"os"
	"sort"
	"strconv"
	"time"
)

type kernel struct {
	name string
	run  func() uint64
}

var kernels = []kernel{
	{"go-sort", sorting},
	{"go-map", maps},
	{"go-json", marshalling},
	{"go-gc", collecting},
	{"go-chan", channels},
}

func main() {
	args, reps := os.Args[1:], 5
	if len(args) > 1 && args[0] == "-r" {
		reps, _ = strconv.Atoi(args[1])
		args = args[2:]
	}
	if len(args) == 0 || reps < 1 {
		fmt.Fprintln(os.Stderr, "usage: gokernels list | [-r REPS] NAME...|all")
		os.Exit(2)
	}
	for _, arg := range args {
		for _, k := range kernels {
			switch arg {
			case "list":
				fmt.Println(k.name, "go")
			case "all", k.name:
				measure(k, reps)
			}
		}
	}
}

// measure prints a line "name checksum best first", times in nanoseconds.
func measure(k kernel, reps int) {
	var sum uint64
	var best, first time.Duration
	for i := range reps {
		start := time.Now()
		got := k.run()
		d := time.Since(start)
		if i == 0 {
			sum, best, first = got, d, d
		} else if got != sum {
			fmt.Printf("%s: run %d gave %016x, the first gave %016x\n", k.name, i, got, sum)
			os.Exit(1)
		}
		best = min(best, d)
	}
	fmt.Printf("%s %016x %d %d\n", k.name, sum, best.Nanoseconds(), first.Nanoseconds())
}

// random is xorshift64*.
type random uint64

func (r *random) next() uint64 {
	x := uint64(*r)
	x ^= x >> 12
	x ^= x << 25
	x ^= x >> 27
	*r = random(x)
	return x * 0x2545f4914f6cdd1d
}

// sorting sorts 60,000 strings through sort.Slice: interface calls and
// string comparison.
func sorting() uint64 {
	r := random(1)
	words := make([]string, 60000)
	for i := range words {
		words[i] = strconv.FormatUint(r.next()>>40, 36)
	}
	sort.Slice(words, func(i, j int) bool { return words[i] < words[j] })
	var h uint64
	for i := 0; i < len(words); i += 101 {
		h = h*31 + uint64(len(words[i])) + uint64(words[i][0])
	}
	return h
}

func maps() uint64 {
	r := random(2)
	count := map[uint64]int{}
	names := map[string]int{}
	for range 150000 {
		v := r.next() >> 50
		count[v]++
		if v%4 == 0 {
			names[strconv.FormatUint(v, 10)] += int(v)
		}
	}
	var h uint64
	for k, v := range count {
		h += k * uint64(v)
	}
	for k, v := range names {
		h += uint64(len(k) * v)
	}
	return h
}

type record struct {
	ID    int               `json:"id"`
	Name  string            `json:"name"`
	Score float64           `json:"score"`
	Tags  []string          `json:"tags,omitempty"`
	Attrs map[string]string `json:"attrs"`
}

func marshalling() uint64 {
	r := random(3)
	records := make([]record, 800)
	for i := range records {
		records[i] = record{i, "record " + strconv.Itoa(i), float64(r.next()>>40) / 1024,
			[]string{"a", "b\"c", strconv.FormatUint(r.next()>>50, 16)}, map[string]string{"k": "é\n", "v": "x"}}
	}
	table := crc64.MakeTable(crc64.ECMA)
	var h uint64
	for range 4 {
		text, err := json.Marshal(records)
		if err != nil {
			panic(err)
		}
		var back []record
		if err := json.Unmarshal(text, &back); err != nil {
			panic(err)
		}
		again, _ := json.MarshalIndent(back, "", " ")
		h = h*3 + crc64.Checksum(text, table) + uint64(len(again)) + uint64(bytes.Count(again, []byte("\n")))
	}
	return h
}

type tree struct{ left, right *tree }

func grow(depth int) *tree {
	if depth == 0 {
		return &tree{}
	}
	return &tree{grow(depth - 1), grow(depth - 1)}
}

func (t *tree) count() uint64 {
	if t.left == nil {
		return 1
	}
	return 1 + t.left.count() + t.right.count()
}

// collecting builds and drops binary trees: allocation and the collector.
func collecting() uint64 {
	long := grow(15)
	var n uint64
	for range 24 {
		n += grow(13).count()
	}
	return n*1000003 + long.count()
}

// channels passes numbers through a pipeline of four goroutines.
func channels() uint64 {
	in := make(chan uint64)
	out := in
	for i := range 4 {
		src, dst := out, make(chan uint64, 8)
		go func() {
			for v := range src {
				dst <- v*3 + uint64(i)
			}
			close(dst)
		}()
		out = dst
	}
	go func() {
		for i := range uint64(20000) {
			in <- i
		}
		close(in)
	}()
	var h uint64
	for v := range out {
		h = h*31 + v
	}
	return h
}
