// Package oci reads and writes container images: OCI layout directories,
// oci-archive and docker-archive tars, and file trees to be packed into them.
//
// An Image is an immutable view: a configuration and layers, each of which is
// a tar that can be read at random. Nothing is ever unpacked onto the host's
// file system as files; what a layer's tar means is for its reader to say.
// Every byte handed out was compared with its digest, now or, for cached
// layers, when it entered the cache. Images are hostile input: all reading is
// bounded in memory, in output and in depth, and what is wrong is named.
//
// Source: OCI image-spec v1.1 (image-layout.md, image-index.md, manifest.md,
// config.md, layer.md) and the files that `docker save` writes.
package oci

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"boxer/runtime/oci/spec"
)

// An Image is one platform's variant of an image. Its methods are safe for
// concurrent use.
type Image struct {
	name     string
	digest   Digest
	platform Platform
	config   Config
	// rawConfig is the configuration document, byte for byte.
	rawConfig []byte
	layers    []*Layer
	close     func() error
}

// Name is what a person calls the image: its reference, or its path.
func (m *Image) Name() string { return m.name }

// Digest is the manifest's digest; for a docker-archive, which has no
// manifest of its own, the configuration's.
func (m *Image) Digest() Digest { return m.digest }

// Platform is what the image was built for.
func (m *Image) Platform() Platform { return m.platform }

// Config is how to run the image. The caller must not change what it refers
// to.
func (m *Image) Config() Config { return m.config }

// Layers are the image's layers, the lowest first.
func (m *Image) Layers() []*Layer { return m.layers }

// Close closes the files the image is read from. Layers opened before stay
// readable where they are cached, and not otherwise.
func (m *Image) Close() error { return m.close() }

// Spec describes the image to whoever runs it.
func (m *Image) Spec() *spec.Image {
	s := &spec.Image{Name: m.name, Digest: m.digest, Platform: m.platform, Config: m.config}
	for _, l := range m.layers {
		s.Layers = append(s.Layers, l.diffID)
	}
	return s
}

// OpenLayers opens all layers, the lowest first, unpacking those that no
// cache holds, all at once.
func (m *Image) OpenLayers() ([]*Tar, error) {
	tars, errs := make([]*Tar, len(m.layers)), make([]error, len(m.layers))
	var wg sync.WaitGroup
	for i, l := range m.layers {
		wg.Go(func() { tars[i], errs[i] = l.Open() })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		for _, t := range tars {
			if t != nil {
				t.Close()
			}
		}
		return nil, fmt.Errorf("image %s: %w", m.name, err)
	}
	return tars, nil
}

// A Layer is one layer of an image.
type Layer struct {
	from   blobs
	name   string // the file in from
	digest Digest // of the file; "" where only the diffID vouches for it
	diffID Digest
	opt    *Options
}

// DiffID is the digest of the layer's plain tar. Equal layers of different
// images have the same.
func (l *Layer) DiffID() Digest { return l.diffID }

func tarOf(b *blob) *Tar { return spec.NewTar(b.ReaderAt, b.size, b.close) }

// Open returns the layer's plain tar, unpacking it first where the cache does
// not hold it.
func (l *Layer) Open() (*Tar, error) {
	if b := l.opt.Cache.layer(l.diffID); b != nil {
		return tarOf(b), nil
	}
	packed, err := l.from.open(l.name)
	if err != nil {
		return nil, fmt.Errorf("layer %s is not in the image (was the archive cut short?): %w", l.diffID.Short(), err)
	}
	t, err := l.unpack(packed)
	if err != nil {
		packed.Close()
		var wrong *DigestError
		if errors.As(err, &wrong) {
			return nil, err
		}
		return nil, fmt.Errorf("layer %s: %w", l.diffID.Short(), err)
	}
	return t, nil
}

// unpack verifies packed and makes its plain tar. On success packed is closed
// or belongs to the result.
func (l *Layer) unpack(packed *blob) (*Tar, error) {
	kind, err := sniffBlob(packed)
	if err != nil {
		return nil, err
	}
	if kind == plain {
		return l.plainTar(packed)
	}
	b, err := l.decompressed(packed, kind)
	if err != nil {
		return nil, err
	}
	packed.Close()
	return tarOf(b), nil
}

// plainTar is the layer that lies unpacked in the image: it is used in place.
func (l *Layer) plainTar(packed *blob) (*Tar, error) {
	if l.opt.Cache.verified(packed, l.diffID) {
		return tarOf(packed), nil
	}
	if err := verify("layer", l.diffID, l.progress(packed)); err != nil {
		return nil, err
	}
	if l.digest != "" && l.digest != l.diffID {
		if err := verify("layer", l.digest, packed.reader()); err != nil {
			return nil, err
		}
	}
	l.opt.Cache.stamp(packed, l.diffID)
	return tarOf(packed), nil
}

// decompressed unpacks the layer into the cache, or a temporary place, and
// checks both digests on the way.
func (l *Layer) decompressed(packed *blob, kind compression) (*blob, error) {
	packedHash := l.diffID.NewHash()
	if l.digest != "" {
		packedHash = l.digest.NewHash()
	}
	in := io.TeeReader(l.progress(packed), packedHash)
	plainHash := l.diffID.NewHash()
	check := func() error {
		// The decompressor may stop before the end: what follows is part of
		// the digest.
		if _, err := io.Copy(io.Discard, in); err != nil {
			return err
		}
		if got := spec.DigestOf(packedHash); l.digest != "" && got != l.digest {
			return &DigestError{What: "layer", Want: l.digest, Got: got}
		}
		if got := spec.DigestOf(plainHash); got != l.diffID {
			return &DigestError{What: "unpacked layer", Want: l.diffID, Got: got}
		}
		return nil
	}
	d, err := decompress(in, kind)
	if err != nil {
		return nil, worse(check, err)
	}
	defer d.Close()
	plainTar := io.TeeReader(d, plainHash)

	if l.opt.Cache != nil {
		pending, err := l.opt.Cache.create()
		if err != nil {
			return nil, fmt.Errorf("layer cache: %w", err)
		}
		size, err := io.Copy(pending.File, plainTar)
		if err = worse(check, err); err != nil {
			pending.discard()
			return nil, err
		}
		return pending.commit(l.diffID, size)
	}
	b, err := spoolAll(plainTar)
	if err = worse(check, err); err != nil {
		if b != nil {
			b.Close()
		}
		return nil, err
	}
	return b, nil
}

// worse prefers the digest's word over the decompressor's: content that is
// not what its digest says explains every other error. A bomb is not read on.
func worse(check func() error, err error) error {
	if err == nil {
		return check()
	}
	var wrong *DigestError
	if errors.Is(err, errBomb) {
		return err
	}
	if checked := check(); errors.As(checked, &wrong) && wrong.What == "layer" {
		return checked
	}
	return err
}

// progress reads b and tells the caller's Progress how far it is.
func (l *Layer) progress(b *blob) io.Reader {
	if l.opt.Progress == nil {
		return b.reader()
	}
	return &progressReader{r: b.reader(), id: l.diffID, total: b.size, report: l.opt.Progress}
}

type progressReader struct {
	r           io.Reader
	id          Digest
	done, total int64
	report      func(layer Digest, done, total int64)
}

func (p *progressReader) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.done += int64(n)
	p.report(p.id, p.done, p.total)
	return n, err
}
