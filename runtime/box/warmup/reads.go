package warmup

import (
	"cmp"
	"slices"
	"sync"

	"boxer/runtime/oci/spec"
)

// reader notes what is read of a layer.
type reader struct {
	tar *spec.Tar

	mu    sync.Mutex
	skims bool
	reads []Range
}

// ReadAt implements io.ReaderAt.
func (r *reader) ReadAt(p []byte, off int64) (int, error) {
	r.mu.Lock()
	if !r.skims && len(p) > 0 {
		if n := len(r.reads); n > 0 && r.reads[n-1].Off+r.reads[n-1].Len == off {
			r.reads[n-1].Len += int64(len(p))
		} else {
			r.reads = append(r.reads, Range{off, int64(len(p))})
		}
	}
	r.mu.Unlock()
	return r.tar.ReadAt(p, off)
}

// Skim implements spec.Skimmer: what only looks for headers is not noted. They
// are had without the layer.
func (r *reader) Skim(on bool) {
	r.mu.Lock()
	r.skims = on
	r.mu.Unlock()
	if s, ok := r.tar.ReaderAt.(spec.Skimmer); ok {
		s.Skim(on)
	}
}

// ranges merges what was read.
func (r *reader) ranges() []Range {
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.SortFunc(r.reads, func(a, b Range) int { return cmp.Or(cmp.Compare(a.Off, b.Off), cmp.Compare(a.Len, b.Len)) })
	var out []Range
	for _, x := range r.reads {
		x.Len = min(x.Len, r.tar.Size-x.Off)
		if x.Len <= 0 {
			continue
		}
		if n := len(out); n > 0 && x.Off <= out[n-1].Off+out[n-1].Len {
			out[n-1].Len = max(out[n-1].Len, x.Off+x.Len-out[n-1].Off)
		} else {
			out = append(out, x)
		}
	}
	return out
}
