package oci

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// maxArchiveEntries bounds the files of an image archive: a few for each
// layer. (Entries inside layers are not counted here.)
const maxArchiveEntries = 100_000

// An archive is an image archive: a tar whose files are found by name and
// read in place.
type archive struct {
	file    *blob
	entries map[string]archiveEntry
}

type archiveEntry struct {
	offset, size int64
	link         string // a link's target, cleaned, relative to the archive
}

// openArchive lists the tar in file. The archive takes file over.
func openArchive(file *blob) (*archive, error) {
	a := &archive{file, map[string]archiveEntry{}}
	at := io.NewSectionReader(file, 0, file.size)
	r := tar.NewReader(at)
	for {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, tarError(err)
		}
		if len(a.entries) == maxArchiveEntries {
			return nil, fmt.Errorf("the archive has more than %d files", maxArchiveEntries)
		}
		name := cleanName(h.Name)
		switch h.Typeflag {
		case tar.TypeReg:
			// The tar reader does not read ahead: the section stands at the
			// file's first byte.
			offset, err := at.Seek(0, io.SeekCurrent)
			if err != nil {
				return nil, err
			}
			if h.Size > file.size-offset {
				return nil, fmt.Errorf("%s: %w", name, errTruncated)
			}
			a.entries[name] = archiveEntry{offset: offset, size: h.Size}
		case tar.TypeSymlink:
			a.entries[name] = archiveEntry{link: cleanName(path.Join(path.Dir(name), h.Linkname))}
		case tar.TypeLink:
			a.entries[name] = archiveEntry{link: cleanName(h.Linkname)}
		}
	}
	return a, nil
}

// tarError names what the tar reader found.
func tarError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errTruncated
	}
	if errors.Is(err, tar.ErrHeader) {
		return errors.New("it is not a tar archive, or a damaged one (invalid header)")
	}
	return err
}

// cleanName makes "./a//b" and "/a/b" the same as "a/b". No name climbs above
// the archive's root.
func cleanName(name string) string {
	return strings.TrimPrefix(path.Clean("/"+name), "/")
}

// maxArchiveLinks bounds a chain of links inside an archive. Old `docker save`
// wrote one link where two images share a layer.
const maxArchiveLinks = 8

func (a *archive) open(name string) (*blob, error) {
	name = cleanName(name)
	for range maxArchiveLinks {
		e, ok := a.entries[name]
		if !ok {
			return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
		}
		if e.link == "" {
			return a.section(e), nil
		}
		name = e.link
	}
	return nil, fmt.Errorf("%s: too many links", name)
}

func (a *archive) section(e archiveEntry) *blob {
	identity := ""
	if a.file.identity != "" {
		identity = fmt.Sprintf("%s\n%d+%d", a.file.identity, e.offset, e.size)
	}
	return &blob{ReaderAt: io.NewSectionReader(a.file, e.offset, e.size), size: e.size, identity: identity}
}

func (a *archive) has(name string) bool { _, ok := a.entries[name]; return ok }
