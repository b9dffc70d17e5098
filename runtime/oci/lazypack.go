package oci

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"runtime"

	"github.com/klauspost/compress/gzip"

	"boxer/runtime/oci/lazy"
	"boxer/runtime/oci/spec"
	"boxer/wasmfs/tarfs"
)

// How long a member's part of the tar is: memberSize, or up to memberSlack
// more or less where a file begins there. Small ones cost ratio and requests,
// long ones what a reader has not asked for.
const (
	memberSize  = 512 << 10
	memberSlack = 128 << 10
)

// A packedLayer is a layer as an export has it.
type packedLayer struct {
	digest Digest
	diffID Digest
	index  *lazy.Index // nil where the layer cannot have one
}

// packLazy writes t to w as gzip with many members, and makes its index.
// prefetch are the parts of the tar that are needed at once, in the order of
// their use; report is told of each part of the tar that is done. Equal tars give equal bytes, however many processors there are.
func packLazy(w io.Writer, t *Tar, prefetch []tarfs.Range, report func(n int64)) (packedLayer, error) {
	var layer *tarfs.Layer
	err := t.Skim(func() (err error) {
		layer, err = tarfs.Index(t, t.Size, tarfs.Limits{})
		return err
	})
	if err != nil {
		return packedLayer{}, err
	}
	x := &lazy.Index{TarSize: t.Size}
	headers := layer.Headers()
	var sum int64
	for _, h := range headers {
		sum += h.Size
	}
	if sum <= lazy.MaxHeaders {
		x.HeaderBytes = make([]byte, 0, sum)
		for _, h := range headers {
			x.Headers = append(x.Headers, lazy.Extent{Start: h.Start, Size: h.Size})
		}
	}
	plainHash, packedHash := sha256.New(), sha256.New()
	cuts := cutMembers(headers, t.Size)
	p := newMemberPacker(len(cuts))
	go p.run(t, cuts)
	header := 0 // the next of x.Headers
	for i := range cuts {
		m := <-p.out[i]
		<-p.slots
		if m.err != nil {
			p.stop()
			return packedLayer{}, m.err
		}
		plainHash.Write(m.plain)
		packedHash.Write(m.packed)
		x.Members = append(x.Members, lazy.Member{
			Offset: x.BlobSize, Size: int64(len(m.packed)),
			Start: m.start, Len: int64(len(m.plain)), Sum: sha256.Sum256(m.packed),
		})
		for ; header < len(x.Headers); header++ { // what of the headers lies in this member
			h := x.Headers[header]
			from, to := max(h.Start, m.start), min(h.Start+h.Size, m.start+int64(len(m.plain)))
			if from < to {
				x.HeaderBytes = append(x.HeaderBytes, m.plain[from-m.start:to-m.start]...)
			}
			if h.Start+h.Size > m.start+int64(len(m.plain)) {
				break // goes on in the next
			}
		}
		x.BlobSize += int64(len(m.packed))
		if _, err := w.Write(m.packed); err != nil {
			p.stop()
			return packedLayer{}, err
		}
		report(int64(len(m.plain)))
	}
	out := packedLayer{digest: spec.DigestOf(packedHash), diffID: spec.DigestOf(plainHash)}
	x.Prefetch = prefetchMembers(x, prefetch)
	if sum <= lazy.MaxHeaders && x.Check() == nil {
		out.index = x
	}
	return out, nil
}

// cutMembers returns where members begin: at a file's header where there is one in
// reach.
func cutMembers(headers []tarfs.Range, size int64) []int64 {
	cuts := []int64{0}
	for at, i := int64(0), 0; size-at > memberSize+memberSlack; {
		want, best := at+memberSize, int64(0)
		for ; i < len(headers) && headers[i].Start <= want+memberSlack; i++ {
			if s := headers[i].Start; s >= want-memberSlack && (best == 0 || max(s-want, want-s) < max(best-want, want-best)) {
				best = s
			}
		}
		if best == 0 {
			best = want
		}
		at = best
		cuts = append(cuts, at)
		for i > 0 && headers[i-1].Start > at {
			i--
		}
	}
	return cuts
}

// prefetchMembers are the members that hold ranges, each once, in the order
// of their first use.
func prefetchMembers(x *lazy.Index, ranges []tarfs.Range) []int {
	var list []int
	seen := map[int]bool{}
	for _, r := range ranges {
		for i, m := range x.Members {
			if m.Start < r.Start+r.Size && r.Start < m.Start+m.Len && !seen[i] {
				seen[i] = true
				list = append(list, i)
			}
		}
	}
	return list
}

// A memberPacker packs members in parallel and hands them out in order.
type memberPacker struct {
	out   []chan packedMember
	slots chan struct{} // bounds what is read and not handed out yet
	quit  chan struct{}
}

type packedMember struct {
	start         int64
	plain, packed []byte
	err           error
}

func newMemberPacker(n int) *memberPacker {
	p := &memberPacker{out: make([]chan packedMember, n), slots: make(chan struct{}, 2*runtime.GOMAXPROCS(0)), quit: make(chan struct{})}
	for i := range p.out {
		p.out[i] = make(chan packedMember, 1)
	}
	return p
}

func (p *memberPacker) stop() { close(p.quit) }

func (p *memberPacker) run(t *Tar, cuts []int64) {
	for i, start := range cuts {
		select {
		case p.slots <- struct{}{}:
		case <-p.quit:
			return
		}
		end := t.Size
		if i+1 < len(cuts) {
			end = cuts[i+1]
		}
		plain := make([]byte, end-start)
		n, err := t.ReadAt(plain, start)
		if n < len(plain) {
			p.out[i] <- packedMember{err: truncated(err)}
			return
		}
		go func() {
			packed, err := packMember(plain)
			p.out[i] <- packedMember{start, plain, packed, err}
		}()
	}
}

// packLevel is gzip's level. 9 would take four times as long, for 0.3% (CPython's
// binary: 2.787 MB after 4.3 s in place of 2.795 after 1.2).
const packLevel = 8

// packMember packs one member. Nothing in its header differs from run to run.
func packMember(plain []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, packLevel)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(plain); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("packing: %w", err)
	}
	return b.Bytes(), nil
}
