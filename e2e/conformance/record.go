package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"boxer/runtime/arch/arm64/decode"
)

// The recorded set is what `go test` replays without qemu: for each row some
// instructions, for each of them the digests of the states that qemu came to
// from a number of start states. The words are in it, so that it outlives changes
// of the decode table; the start states are made again (Slot.start). When the
// generator changes, the set is recorded anew.
//
// The file is a gzip stream of: recordMagic; then until its end, for each row and
// mode: the row's name behind its length (a byte), the mode (a byte), the
// number of slots (u16) and of states (a byte), and the sum of the start states'
// digests (u64); for each slot the number of words (a byte), the words, and a u64
// digest for each state; numbers little-endian.

const (
	recordFile  = "testdata/recorded.gz"
	recordMagic = "boxer a64 2\n"
	recordSeed  = 20261123
)

// recordSlots is how many instructions of a row are recorded in each mode,
// recordStates from how many states each.
var recordSlots, recordStates = [modeCount]int{plain: 20, precise: 12, vectors: 16, vectorsPrecise: 16},
	[modeCount]int{plain: 4, precise: 4, vectors: 30, vectorsPrecise: 30}

// A recorded is one row of the set in one mode.
type recorded struct {
	row     *decode.Row
	mode    mode
	starts  uint64 // by which a generator that makes other states is told from a wrong result
	slots   [][]uint32
	digests [][]uint64
}

// record asks the oracle for the whole set and writes it.
func record(truth judge, rows []*decode.Row, path string) error {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return err
	}
	z.Write([]byte(recordMagic))
	for m := range modeCount {
		for _, row := range rows {
			if !m.applies(row) {
				continue
			}
			b, rec := recordBatch(row, m, nil)
			after, err := truth.run(b)
			if err != nil {
				return err
			}
			if err := rec.fill(b, after); err != nil {
				return err
			}
			rec.starts = startsDigest(b)
			rec.write(z)
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o644)
}

// recordBatch makes a row's batch: from the given words, or new ones.
func recordBatch(row *decode.Row, m mode, words [][]uint32) (*Batch, *recorded) {
	b := &Batch{Mode: m}
	rec := &recorded{row: row, mode: m}
	for n := range recordSlots[m] {
		var s *Slot
		if words == nil {
			s = newSlot(recordSeed, row, n, n)
		} else if n < len(words) {
			s = &Slot{Row: row, Words: words[n], Addr: slotAddr(n)}
			s.mem, s.hasMem = s.memory()
		} else {
			break
		}
		b.Slots = append(b.Slots, s)
		rec.slots = append(rec.slots, s.Words)
		for k := range recordStates[m] {
			b.Cases = append(b.Cases, Case{n, s.start(recordSeed, n, k, m), n, k})
		}
	}
	return b, rec
}

// startsDigest is the sum of the digests of the states that cases start from.
func startsDigest(b *Batch) (sum uint64) {
	for _, c := range b.Cases {
		sum += c.Start.digest()
	}
	return sum
}

// fill takes the digests of the states that the oracle came to.
func (rec *recorded) fill(b *Batch, after []State) error {
	rec.digests = make([][]uint64, len(rec.slots))
	for i, c := range b.Cases {
		if after[i].Exit >= exitSignal {
			return fmt.Errorf("%s (%s) raises a signal", b.Slots[c.Slot].text(), rec.row.Name)
		}
		notCompared(b.Slots[c.Slot], &after[i], rec.mode)
		rec.digests[c.n] = append(rec.digests[c.n], after[i].digest())
	}
	return nil
}

func (rec *recorded) write(w io.Writer) {
	le := binary.LittleEndian
	p := append([]byte{byte(len(rec.row.Name))}, rec.row.Name...)
	p = append(le.AppendUint16(append(p, byte(rec.mode)), uint16(len(rec.slots))), byte(recordStates[rec.mode]))
	p = le.AppendUint64(p, rec.starts)
	for i, words := range rec.slots {
		p = append(p, byte(len(words)))
		for _, w := range words {
			p = le.AppendUint32(p, w)
		}
		for _, d := range rec.digests[i] {
			p = le.AppendUint64(p, d)
		}
	}
	w.Write(p)
}

// readRecorded calls yield for each row of the set. Rows that the decode table
// no longer has are an error: the set must be recorded anew.
func readRecorded(path string, yield func(*recorded) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return err
	}
	r := bufio.NewReader(z)
	magic := make([]byte, len(recordMagic))
	if _, err := io.ReadFull(r, magic); err != nil || string(magic) != recordMagic {
		return fmt.Errorf("%s is not a recorded set of this version", path)
	}
	byName := map[string]*decode.Row{}
	all := decode.Rows()
	for i := range all {
		byName[all[i].Name] = &all[i]
	}
	for {
		n, err := r.ReadByte()
		if err == io.EOF {
			return nil
		}
		name := make([]byte, n)
		var head struct {
			Mode   mode
			Slots  uint16
			States uint8
			Starts uint64
		}
		if _, err = io.ReadFull(r, name); err == nil {
			err = binary.Read(r, binary.LittleEndian, &head)
		}
		rec := &recorded{row: byName[string(name)], mode: head.Mode, starts: head.Starts}
		if err == nil && (rec.row == nil || head.Mode >= modeCount || int(head.States) != recordStates[head.Mode]) {
			err = fmt.Errorf("row %q, mode %d, %d states: record the set anew", name, head.Mode, head.States)
		}
		for i := 0; err == nil && i < int(head.Slots); i++ {
			var words []uint32
			digests := make([]uint64, head.States)
			if n, err = r.ReadByte(); err == nil && n < slotWords-slotStart {
				words = make([]uint32, n)
				if err = binary.Read(r, binary.LittleEndian, words); err == nil {
					err = binary.Read(r, binary.LittleEndian, digests)
				}
			}
			rec.slots, rec.digests = append(rec.slots, words), append(rec.digests, digests)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := yield(rec); err != nil {
			return err
		}
	}
}
