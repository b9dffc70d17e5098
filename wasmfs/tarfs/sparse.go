package tarfs

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// paxSparse is what the GNU.sparse records say, GNU tar's manual, "Storing
// Sparse Files", PAX formats 0.0, 0.1 and 1.0.
type paxSparse struct {
	major, minor string
	size         int64
	haveSize     bool
	numbers      []int64 // formats 0.0 and 0.1: offset, length, offset, length…
	haveMap      bool
}

func (s *paxSparse) present() bool { return s.haveMap || s.major == "1" }

// set takes one record. The file's true name replaces path.
func (s *paxSparse) set(key, value string, path *string) (err error) {
	switch key {
	case "major":
		s.major = value
	case "minor":
		s.minor = value
	case "name":
		*path = value
	case "size", "realsize":
		s.size, err = decimal(value)
		s.haveSize = true
	case "numblocks":
		s.haveMap = true
	case "offset", "numbytes":
		if (key == "offset") != (len(s.numbers)%2 == 0) {
			return ErrSparse
		}
		var n int64
		n, err = decimal(value)
		s.numbers, s.haveMap = append(s.numbers, n), true
	case "map":
		s.haveMap = true
		s.numbers = s.numbers[:0]
		if value == "" {
			return nil
		}
		for f := range strings.SplitSeq(value, ",") {
			var n int64
			if n, err = decimal(f); err != nil {
				return err
			}
			s.numbers = append(s.numbers, n)
		}
	}
	return err
}

// paxMap makes the map of a PAX sparse file. Format 1.0 has it before the contents,
// as lines of decimal numbers padded to whole blocks, which stored loses.
func (x *indexer) paxMap(s paxSparse, stored *int64) ([]extent, error) {
	if !s.haveSize {
		return nil, fmt.Errorf("%w: no size", ErrSparse)
	}
	switch s.major {
	case "", "0":
		return pairs(s.numbers)
	case "1":
		if s.minor != "0" {
			return nil, fmt.Errorf("%w: format 1.%s", ErrSparse, clip(s.minor))
		}
	default:
		return nil, fmt.Errorf("%w: format %s", ErrSparse, clip(s.major))
	}
	start := x.pos
	lines := &lineReader{x: x, end: start + *stored}
	count, err := lines.number()
	if err != nil {
		return nil, err
	}
	if count < 0 || count > *stored {
		return nil, fmt.Errorf("%w: %d pieces", ErrSparse, count)
	}
	var numbers []int64
	for range 2 * count {
		n, err := lines.number()
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, n)
	}
	*stored -= x.pos - start
	return pairs(numbers)
}

// lineReader reads lines from blocks of the archive.
type lineReader struct {
	x   *indexer
	end int64
	buf string
}

// number reads a line with a decimal number.
func (l *lineReader) number() (int64, error) {
	for {
		if line, rest, ok := strings.Cut(l.buf, "\n"); ok {
			l.buf = rest
			n, err := strconv.ParseUint(line, 10, 63)
			if err != nil {
				return 0, fmt.Errorf("%w: number %q", ErrSparse, clip(line))
			}
			return int64(n), nil
		}
		if len(l.buf) > 20 || l.end-l.x.pos < blockSize {
			return 0, fmt.Errorf("%w: map is cut off", ErrSparse)
		}
		var b header
		err := l.x.block(&b)
		if err == io.EOF {
			return 0, ErrTruncated
		}
		if err != nil {
			return 0, err
		}
		l.buf += string(b[:])
	}
}

// gnuMap reads the map of an old GNU sparse file: four pieces in the header
// and 21 in each block that follows it.
func (x *indexer) gnuMap(h *header) ([]extent, error) {
	var numbers []int64
	fields, more := h.gnuSparse(), h.gnuExtended()
	for {
		for len(fields) >= 24 {
			if fields[0] != 0 {
				start, err := number(fields[:12])
				if err != nil {
					return nil, err
				}
				n, err := number(fields[12:24])
				if err != nil {
					return nil, err
				}
				numbers = append(numbers, start, n)
			}
			fields = fields[24:]
		}
		if !more {
			return pairs(numbers)
		}
		var b header
		err := x.block(&b)
		if err == io.EOF {
			return nil, ErrTruncated
		}
		if err != nil {
			return nil, err
		}
		fields, more = b[:504], b[504] != 0
	}
}

// pairs makes extents of offset, length, offset, length…
func pairs(numbers []int64) ([]extent, error) {
	if len(numbers)%2 != 0 {
		return nil, fmt.Errorf("%w: odd number of fields", ErrSparse)
	}
	list := make([]extent, 0, len(numbers)/2)
	for ; len(numbers) > 0; numbers = numbers[2:] {
		list = append(list, extent{start: numbers[0], n: numbers[1]})
	}
	return list, nil
}

// checkMap checks that extents ascend without overlap within size bytes and
// are stored in exactly so many bytes. Empty ones, which mark the end, are dropped.
func checkMap(list []extent, size, stored int64) ([]extent, error) {
	if size < 0 {
		return nil, ErrSparse
	}
	checked := make([]extent, 0, len(list))
	var end, at int64
	for _, x := range list {
		if x.start < end || x.n < 0 || x.start > size || x.n > size-x.start {
			return nil, fmt.Errorf("%w: piece at %d of %d bytes", ErrSparse, x.start, x.n)
		}
		x.at = at
		end, at = x.start+x.n, at+x.n
		if x.n > 0 {
			checked = append(checked, x)
		}
	}
	if at != stored {
		return nil, fmt.Errorf("%w: %d bytes in pieces, %d stored", ErrSparse, at, stored)
	}
	return checked, nil
}
