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
)

// Config is what an image says about running it (OCI image-spec, config.md).
type Config struct {
	User         string              `json:"User,omitempty"`
	ExposedPorts map[string]struct{} `json:"ExposedPorts,omitempty"`
	Env          []string            `json:"Env,omitempty"`
	Entrypoint   []string            `json:"Entrypoint,omitempty"`
	Cmd          []string            `json:"Cmd,omitempty"`
	Volumes      map[string]struct{} `json:"Volumes,omitempty"`
	WorkingDir   string              `json:"WorkingDir,omitempty"`
	Labels       map[string]string   `json:"Labels,omitempty"`
	StopSignal   string              `json:"StopSignal,omitempty"`
}

// An Image is one platform's variant of an image. Its methods are safe for
// concurrent use.
type Image struct {
	name     string
	digest   Digest
	platform Platform
	config   Config
	layers   []*Layer
	close    func() error
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

// maxLayers bounds an image's layers, as other tools do.
const maxLayers = 128

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

// A Tar is a plain tar that can be read at random.
type Tar struct {
	io.ReaderAt
	Size  int64
	close func() error
}

// Skim calls f, during which the contents of a directory's files read as
// zeros. Whoever makes an index needs only the headers, and reading ahead
// must not open every file.
func (t *Tar) Skim(f func() error) error {
	if v, ok := t.ReaderAt.(*virtualTar); ok {
		v.skim.Store(true)
		defer v.skim.Store(false)
	}
	return f()
}

// Close frees the tar. Nothing may read from it afterwards.
func (t *Tar) Close() error {
	if t.close == nil {
		return nil
	}
	return t.close()
}

func tarOf(b *blob) *Tar { return &Tar{ReaderAt: b.ReaderAt, Size: b.size, close: b.close} }

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
	packedHash := l.diffID.newHash()
	if l.digest != "" {
		packedHash = l.digest.newHash()
	}
	in := io.TeeReader(l.progress(packed), packedHash)
	plainHash := l.diffID.newHash()
	check := func() error {
		// The decompressor may stop before the end: what follows is part of
		// the digest.
		if _, err := io.Copy(io.Discard, in); err != nil {
			return err
		}
		if got := digestOf(packedHash); l.digest != "" && got != l.digest {
			return &DigestError{"layer", l.digest, got}
		}
		if got := digestOf(plainHash); got != l.diffID {
			return &DigestError{"unpacked layer", l.diffID, got}
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
