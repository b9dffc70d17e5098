package softfloat

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"boxer/runtime/softfloat/fpvectors"
)

var update = flag.Bool("update", false, "record the oracle's results in testdata")

const recorded = "testdata/recorded.txt"

// perBlock is the number of recorded vectors of a case under one FPCR.
const perBlock = 300

// flagMask is the bits of FPSR that are compared.
const flagMask = IOC | DZC | OFC | UFC | IXC | IDC

type result struct{ value, fpsr uint64 }

// run computes a block.
func (tc testCase) run(fpcr uint32, tuples []fpvectors.Tuple) []result {
	rs := make([]result, len(tuples))
	for i, t := range tuples {
		e := Env{FPCR: fpcr}
		rs[i].value = e.Do(tc.op, t[0], t[1], tc.third(t))
		rs[i].fpsr = uint64(e.FPSR)
	}
	return rs
}

// sum identifies the results of a block.
func sum(rs []result) string {
	h := fnv.New64a()
	for _, r := range rs {
		var b [9]byte
		binary.LittleEndian.PutUint64(b[:], r.value)
		b[8] = byte(r.fpsr)
		h.Write(b[:])
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// TestRecorded replays what the oracle said: for each case a line with a sum
// for each FPCR.
func TestRecorded(t *testing.T) {
	data, err := os.ReadFile(recorded)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{}
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) > 0 && f[0] != "#" {
			want[f[0]] = f[1:]
		}
	}
	if len(want) != len(cases) {
		t.Errorf("%d cases are recorded, %d exist", len(want), len(cases))
	}
	vectors := 0
	for _, tc := range cases {
		sums, fpcrs := want[tc.String()], tc.fpcrs()
		if len(sums) != len(fpcrs) {
			t.Errorf("%v: %d sums recorded for %d FPCR values", tc, len(sums), len(fpcrs))
			continue
		}
		for i, fpcr := range fpcrs {
			if sum(tc.run(fpcr, tc.tuples(fpcr, perBlock, 0))) != sums[i] {
				t.Errorf("%v under FPCR %#08x differs from the record (TestOracle shows where)", tc, fpcr)
			}
			vectors += perBlock
		}
	}
	if vectors < 500_000 {
		t.Errorf("only %d vectors", vectors)
	}
}

// oracleSource is the C program that asks the instructions themselves. Its
// input is blocks: four words (case, FPCR, number of tuples, 0), then the
// tuples; its output is value and FPSR for each tuple.
const oracleSource = `
#include <stdint.h>
#include <stdio.h>
#define DO(insn, out) __asm__ volatile( \
	"msr fpcr, %[cr]\n msr fpsr, xzr\n" \
	"fmov d0, %[a]\n fmov d1, %[b]\n fmov d2, %[c]\n mov x3, %[a]\n" \
	insn "\n mov %[r], " out "\n mrs %[sr], fpsr\n msr fpcr, xzr\n" \
	: [r] "=&r"(res[0]), [sr] "=&r"(res[1]) \
	: [a] "r"(t[0]), [b] "r"(t[1]), [c] "r"(t[2]), [cr] "r"(fpcr) \
	: "v0", "v1", "v2", "x3", "cc")
static int one(uint64_t n, uint64_t fpcr, uint64_t *t, uint64_t *res) {
	switch (n) {
	CASES
	}
	return 1;
}
int main(void) {
	uint64_t head[4], t[3], res[2];
	while (fread(head, sizeof head, 1, stdin) == 1)
		for (uint64_t i = 0; i < head[2]; i++)
			if (fread(t, sizeof t, 1, stdin) != 1 || !one(head[0], head[1], t, res) || fwrite(res, sizeof res, 1, stdout) != 1)
				return 1;
	return 0;
}
`

// buildOracle compiles the oracle, or skips the test.
func buildOracle(t *testing.T) (qemu, bin string) {
	t.Helper()
	qemu, err := exec.LookPath("qemu-aarch64")
	if err != nil {
		t.Skip("qemu-aarch64 is missing: only recorded vectors are compared")
	}
	cc, err := exec.LookPath("aarch64-linux-gnu-gcc")
	if err != nil {
		t.Skip("aarch64-linux-gnu-gcc is missing: only recorded vectors are compared")
	}
	var arms strings.Builder
	for i, tc := range cases {
		out := "v0.d[0]"
		if tc.outX {
			out = "x3"
		}
		fmt.Fprintf(&arms, "\tcase %d: DO(%q, %q); break;\n", i, tc.asm, out)
	}
	arms.WriteString("\tdefault: return 0;\n")
	dir := t.TempDir()
	src, bin := filepath.Join(dir, "oracle.c"), filepath.Join(dir, "oracle")
	if err := os.WriteFile(src, []byte(strings.Replace(oracleSource, "CASES", arms.String(), 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(cc, "-static", "-O1", "-o", bin, src).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return qemu, bin
}

// TestOracle compares with an Arm processor, as qemu-aarch64 plays it, on the
// recorded vectors.
func TestOracle(t *testing.T) { testOracle(t, perBlock, 0, *update) }

// TestConformance is TestOracle on N vectors a block of another SEED.
func TestConformance(t *testing.T) {
	if os.Getenv("BOXER_CONFORMANCE") == "" {
		t.Skip("BOXER_CONFORMANCE is not set: a few minutes")
	}
	n, seed := 3000, uint64(1)
	if v, err := strconv.Atoi(os.Getenv("N")); err == nil {
		n = v
	}
	if v, err := strconv.ParseUint(os.Getenv("SEED"), 0, 64); err == nil {
		seed = v
	}
	t.Logf("N=%d SEED=%d", n, seed)
	testOracle(t, n, seed, false)
}

func testOracle(t *testing.T, n int, seed uint64, record bool) {
	qemu, bin := buildOracle(t)
	cmd := exec.Command(qemu, bin)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { // ends when all is written or the oracle is gone
		defer in.Close()
		w := bufio.NewWriter(in)
		for i, tc := range cases {
			for _, fpcr := range tc.fpcrs() {
				tuples := tc.tuples(fpcr, n, seed)
				binary.Write(w, binary.LittleEndian, []uint64{uint64(i), uint64(fpcr), uint64(len(tuples)), 0})
				binary.Write(w, binary.LittleEndian, tuples)
			}
		}
		w.Flush()
	}()
	defer cmd.Wait()

	var lines bytes.Buffer
	fmt.Fprintf(&lines, "# For each case the sums of %d results of qemu-aarch64, for each FPCR. Written by go test -run Oracle -update.\n", n)
	r := bufio.NewReaderSize(out, 1<<16)
	buf := make([]byte, 16*n)
	for _, tc := range cases {
		fmt.Fprintf(&lines, "%v", tc)
		bad := 0
		for _, fpcr := range tc.fpcrs() {
			if _, err := io.ReadFull(r, buf); err != nil {
				t.Fatalf("%v: the oracle stopped: %v", tc, err)
			}
			tuples := tc.tuples(fpcr, n, seed)
			got := tc.run(fpcr, tuples)
			want := make([]result, n)
			for i := range want {
				want[i] = result{binary.LittleEndian.Uint64(buf[16*i:]), binary.LittleEndian.Uint64(buf[16*i+8:]) & uint64(flagMask)}
				if got[i] == want[i] {
					continue
				}
				if bad++; bad <= 5 {
					t.Errorf("%v FPCR %#08x of %x: %#x FPSR %#02x, the oracle says %#x FPSR %#02x",
						tc, fpcr, tuples[i], got[i].value, got[i].fpsr, want[i].value, want[i].fpsr)
				}
			}
			lines.WriteString(" " + sum(want))
		}
		if bad > 5 {
			t.Errorf("%v: %d differ", tc, bad)
		}
		lines.WriteString("\n")
	}
	if record {
		if err := os.WriteFile(recorded, lines.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
