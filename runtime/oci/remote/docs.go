package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"boxer/runtime/oci/layout"
	"boxer/runtime/oci/lazy"
	"boxer/runtime/oci/spec"
)

// docs reads an image's documents.
type docs struct{ o *opener }

// Document implements layout.Docs.
func (d docs) Document(what string, at layout.Descriptor, v any) error {
	p, err := d.o.document(what, at, spec.MaxDocument)
	if err != nil {
		return err
	}
	err = d.o.decode(fmt.Sprintf("%s %s", what, at.Digest.Short()), p, v)
	if m, ok := v.(*layout.Manifest); ok && err == nil && m.IsImage() {
		d.o.askEarly("config", m.Config, spec.MaxDocument)
		for _, l := range m.Layers {
			if x, ok := lazyIndex(l); ok {
				d.o.askEarly("index", x, lazy.MaxIndex)
			}
		}
	}
	return err
}

// File implements layout.Docs. No digest is the file's name, so a cache must
// not answer with an older one.
func (d docs) File(name string, v any) (spec.Digest, error) {
	p, err := d.o.readFile(name, -1, spec.MaxDocument, Revalidated)
	if err != nil {
		return "", err
	}
	err = d.o.decode(name, p, v)
	if x, ok := v.(*layout.Index); ok && err == nil && len(x.Manifests) == 1 {
		if at := x.Manifests[0].Annotations[layout.AnnotationTranslations]; at != "" {
			d.o.askEarly("translations", layout.Descriptor{Digest: spec.Digest(at), Size: -1}, spec.MaxDocument)
		}
	}
	return spec.DigestBytes(p), err
}

func (o *opener) decode(name string, p []byte, v any) error {
	doc, err := o.opt.ParseJSON(p)
	if err != nil {
		return fmt.Errorf("%s is not valid JSON: %w", name, err)
	}
	if err := layout.Decode(doc, v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// document reads the small blob that d points to, at most max bytes long, and
// checks that it is that.
func (o *opener) document(what string, d layout.Descriptor, max int64) ([]byte, error) {
	digest, err := spec.ParseDigest(string(d.Digest))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if e := o.early[digest]; e != nil {
		<-e.done
		if e.err == nil {
			return e.data, nil
		}
	}
	return o.fetchDocument(what, digest, d, max)
}

// fetchDocument is document for what was not asked for early, or failed then.
func (o *opener) fetchDocument(what string, digest spec.Digest, d layout.Descriptor, max int64) ([]byte, error) {
	var got spec.Digest
	for _, c := range []Caching{Cached, Reloaded} {
		p, err := d.Data, error(nil)
		if len(p) == 0 || c != Cached {
			p, err = o.readFile(layout.BlobName(digest), d.Size, max, c)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s %s is not in the image: %w", what, digest.Short(), err)
		}
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", what, digest.Short(), err)
		}
		h := digest.NewHash()
		h.Write(p)
		if got = spec.DigestOf(h); got == digest {
			return p, nil
		}
	}
	return nil, &spec.DigestError{What: what, Want: digest, Got: got}
}

// An early document is on its way before anybody needs it.
type early struct {
	done chan struct{}
	data []byte
	err  error
}

// maxEarly bounds the documents that are asked for early.
const maxEarly = spec.MaxLayers + 8

// askEarly starts to fetch a document that will be needed, so that those which do not
// need each other come together. Preconditions: no other goroutine uses o.early.
func (o *opener) askEarly(what string, d layout.Descriptor, max int64) {
	digest, err := spec.ParseDigest(string(d.Digest))
	if _, far := o.src.(directory); !far || err != nil || o.early[digest] != nil || len(o.early) == maxEarly {
		return
	}
	if o.early == nil {
		o.early = map[spec.Digest]*early{}
	}
	e := &early{done: make(chan struct{})}
	o.early[digest] = e
	go func() {
		e.data, e.err = o.fetchDocument(what, digest, d, max)
		close(e.done)
	}()
}

// readFile reads a small file whole. size is what it should have, where that is
// known.
func (o *opener) readFile(name string, size, max int64, c Caching) ([]byte, error) {
	if size > max {
		return nil, fmt.Errorf("%s is %d bytes long; the limit is %d", name, size, max)
	}
	f, err := o.src.open(name, size)
	if err != nil {
		return nil, err
	}
	r, err := f.stream(o.ctx, c)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	p, err := io.ReadAll(io.LimitReader(r, max+1))
	if err == nil && int64(len(p)) > max {
		err = fmt.Errorf("%s is longer than %d bytes, the limit", name, max)
	}
	return p, err
}

// An ArtifactFile is a file of an artifact beside an image.
type ArtifactFile struct {
	Name, MediaType string
	Digest          spec.Digest
	Size            int64
	// URL is where the file itself can be fetched, for whoever wants to do it
	// himself; "" where it is part of an archive.
	URL string

	file func() (file, error)
}

// Read returns the file, verified.
func (f *ArtifactFile) Read(ctx context.Context) ([]byte, error) {
	in, err := f.file()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	p, err := in.read(ctx, 0, f.Size, Cached)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	h := f.Digest.NewHash()
	h.Write(p)
	if got := spec.DigestOf(h); got != f.Digest {
		return nil, &spec.DigestError{What: f.Name, Want: f.Digest, Got: got}
	}
	return p, nil
}

// maxArtifactFile bounds a file of an artifact, in bytes.
const maxArtifactFile = 64 << 20

// Translations are the files of WebAssembly made ahead of time that came with the
// image; none where none came.
func (m *Image) Translations() ([]ArtifactFile, error) {
	at := m.found.Descriptor.Annotations[layout.AnnotationTranslations]
	for _, d := range m.found.Beside {
		if at == "" && d.ArtifactType == layout.TypeTranslations {
			at = string(d.Digest)
		}
	}
	if at == "" {
		return nil, nil
	}
	o := m.opener
	var man layout.Manifest
	err := docs{o}.Document("the translations' manifest", layout.Descriptor{Digest: spec.Digest(at), Size: -1}, &man)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // not copied with the image
	}
	if err != nil {
		return nil, err
	}
	if man.ArtifactType != layout.TypeTranslations || man.Subject == nil || man.Subject.Digest != m.Spec.Digest {
		return nil, nil // of another image
	}
	files := make([]ArtifactFile, 0, len(man.Layers))
	for _, l := range man.Layers {
		digest, err := spec.ParseDigest(string(l.Digest))
		if err != nil {
			return nil, fmt.Errorf("translations: %w", err)
		}
		if l.Size < 0 || l.Size > maxArtifactFile {
			return nil, fmt.Errorf("translations: a file of %d bytes; the limit is %d", l.Size, maxArtifactFile)
		}
		name := layout.BlobName(digest)
		if p := l.Annotations[layout.AnnotationPath]; p != "" {
			if !plainPath(p) {
				return nil, fmt.Errorf("translations: a file at %q", p)
			}
			name = p
		}
		f := ArtifactFile{Name: l.Annotations[layout.AnnotationTitle], MediaType: l.MediaType, Digest: digest, Size: l.Size}
		f.file = func() (file, error) { return o.src.open(name, l.Size) }
		if d, ok := o.src.(directory); ok {
			f.URL = d.url(name)
		}
		files = append(files, f)
	}
	return files, nil
}
