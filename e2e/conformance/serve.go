package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// startNode builds this program for GOOS=js into dir and starts it in Node as
// a judge: boxer with the page's engine and profile.
func startNode(c config, dir string) (*oracle, error) {
	wasm := filepath.Join(dir, "conformance.wasm")
	build := exec.Command("go", "build", "-o", wasm, "boxer/e2e/conformance")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build for js: %w\n%s", err, out)
	}
	loader, err := sourceFile("../../jsbridge/nodeexec")
	if err != nil {
		return nil, err
	}
	return startOracle(exec.Command(loader, wasm, "-serve", "-form", c.form))
}

// serve runs the batches that come in, in the protocol of guest/oracle.c, on
// this platform's machine.
func serve(c config, r io.Reader, w io.Writer) error {
	m, err := newMachine(c.form == "precise")
	if err != nil {
		return err
	}
	in, out := bufio.NewReaderSize(r, 1<<20), bufio.NewWriterSize(w, 1<<20)
	var p []byte
	for {
		b, err := readBatch(in)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		after, err := m.run(b)
		if err != nil {
			return err
		}
		for i := range after {
			p = after[i].encode(p[:0])
			out.Write(p)
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
}

// readBatch reads a batch as oracle.send writes it. Its slots know their code,
// not their row.
func readBatch(r io.Reader) (*Batch, error) {
	var head struct{ Slots, Cases, Mode uint32 }
	if err := binary.Read(r, binary.LittleEndian, &head); err != nil {
		return nil, err
	}
	if head.Slots > maxSlots || head.Mode >= uint32(modeCount) {
		return nil, fmt.Errorf("a batch of %d slots, mode %d", head.Slots, head.Mode)
	}
	b := &Batch{Mode: mode(head.Mode)}
	for i := range int(head.Slots) {
		var words [slotWords]uint32
		if err := binary.Read(r, binary.LittleEndian, &words); err != nil {
			return nil, err
		}
		s := &Slot{Addr: slotAddr(i)}
		for _, w := range words[slotStart:] {
			if w == 0 {
				break
			}
			s.Words = append(s.Words, w)
		}
		b.Slots = append(b.Slots, s)
	}
	buf := make([]byte, 8+stateBytes)
	for range head.Cases {
		if _, err := io.ReadFull(r, buf); err != nil {
			return nil, err
		}
		c := Case{Slot: int(binary.LittleEndian.Uint64(buf)), Start: &State{}}
		if c.Slot >= len(b.Slots) {
			return nil, fmt.Errorf("slot %d of %d", c.Slot, len(b.Slots))
		}
		c.Start.decode(buf[8:])
		b.Cases = append(b.Cases, c)
	}
	return b, nil
}
