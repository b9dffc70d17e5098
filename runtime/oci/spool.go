package oci

import (
	"bytes"
	"io"
	"os"
)

// spoolMemory is how much of a stream a spool keeps in memory before it turns
// to a temporary file.
const spoolMemory = 8 << 20

// A spool collects a stream so that it can be read at random afterwards: in
// memory while it is small, else in a file that no name leads to.
type spool struct {
	mem  bytes.Buffer
	file *os.File
	size int64
}

func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && s.mem.Len()+len(p) > spoolMemory {
		f, err := os.CreateTemp("", "boxer-*")
		if err != nil {
			return 0, err
		}
		os.Remove(f.Name()) // the open file stays; where that fails (Windows), close removes it
		s.file = f
		if _, err := f.Write(s.mem.Bytes()); err != nil {
			return 0, err
		}
		s.mem = bytes.Buffer{}
	}
	var n int
	var err error
	if s.file != nil {
		n, err = s.file.Write(p)
	} else {
		n, err = s.mem.Write(p)
	}
	s.size += int64(n)
	return n, err
}

// blob is what was written. The spool must not be written to any more.
func (s *spool) blob() *blob {
	if s.file == nil {
		return &blob{ReaderAt: bytes.NewReader(s.mem.Bytes()), size: s.size}
	}
	return &blob{ReaderAt: s.file, size: s.size, close: s.discard}
}

func (s *spool) discard() error {
	s.mem = bytes.Buffer{}
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	os.Remove(s.file.Name())
	return err
}

// spoolAll collects r whole.
func spoolAll(r io.Reader) (*blob, error) {
	s := &spool{}
	if _, err := io.Copy(s, r); err != nil {
		s.discard()
		return nil, err
	}
	return s.blob(), nil
}
