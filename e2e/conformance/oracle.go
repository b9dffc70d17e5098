package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// oracleCPU is the core that qemu plays: ARMv8.2 with the extensions that
// boxer lifts and 64-byte cache lines and DC ZVA blocks, as boxer reports.
const oracleCPU = "neoverse-n1"

// An oracle is a program that runs batches: guest/oracle.c under qemu-aarch64, or
// this one in another engine (serve).
type oracle struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	errs bytes.Buffer
}

// buildOracle compiles guest/oracle.c with the cross compiler into dir.
func buildOracle(source, dir string) (string, error) {
	bin := filepath.Join(dir, "oracle")
	out, err := exec.Command("aarch64-linux-gnu-gcc", "-O2", "-static", "-o", bin, source).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("compile %s: %w\n%s", source, err, out)
	}
	return bin, nil
}

func startQemu(bin string) (*oracle, error) {
	return startOracle(exec.Command("qemu-aarch64", "-cpu", oracleCPU, bin))
}

func startOracle(cmd *exec.Cmd) (*oracle, error) {
	o := &oracle{cmd: cmd}
	var err error
	if o.in, err = o.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := o.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	o.out = bufio.NewReaderSize(out, 1<<20)
	o.cmd.Stderr = io.MultiWriter(&o.errs, os.Stderr)
	return o, o.cmd.Start()
}

func (o *oracle) close() error {
	o.in.Close()
	return o.cmd.Wait()
}

// run implements judge.
func (o *oracle) run(b *Batch) ([]State, error) {
	sent := make(chan error, 1)
	go func() { sent <- o.send(b) }()
	after := make([]State, len(b.Cases))
	buf := make([]byte, stateBytes)
	for i := range after {
		if _, err := io.ReadFull(o.out, buf); err != nil {
			return nil, fmt.Errorf("oracle: answer %d of %d (%s): %w %s", i, len(after), b.Slots[b.Cases[i].Slot].text(), err, &o.errs)
		}
		after[i].decode(buf)
	}
	return after, <-sent
}

func (o *oracle) send(b *Batch) error {
	le := binary.LittleEndian
	w := bufio.NewWriterSize(o.in, 1<<20)
	p := le.AppendUint32(le.AppendUint32(nil, uint32(len(b.Slots))), uint32(len(b.Cases)))
	w.Write(le.AppendUint32(p, uint32(b.Mode)))
	for _, s := range b.Slots {
		var code [slotBytes]byte
		for i, word := range s.Words {
			le.PutUint32(code[4*(slotStart+i):], word)
		}
		w.Write(code[:])
	}
	for _, c := range b.Cases {
		p = le.AppendUint64(p[:0], uint64(c.Slot))
		w.Write(c.Start.encode(p))
	}
	return w.Flush()
}
