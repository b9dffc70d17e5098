// Package spec has the plain types of container images: what an image says
// about running it, platforms, digests, users, and a layer's tar. They are all
// that a box needs to know of images, so that whatever reads the image, a
// server's files or a page's fetches, hands over the same. It imports nothing
// that a page could not afford: no JSON, no packers, no files.
//
// Source: OCI image-spec v1.1 (image-index.md, manifest.md, config.md).
package spec

import "io"

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

// An Image describes one platform's variant of an image.
type Image struct {
	// Name is what a person calls it: its reference, or where it came from.
	Name string
	// Digest is the manifest's digest; for a docker-archive, which has no
	// manifest of its own, the configuration's.
	Digest   Digest
	Platform Platform
	Config   Config
	// Layers are the digests of the layers' plain tars, the lowest first:
	// equal files have equal Layers, however they are packed.
	Layers []Digest
}

// Limits on images, as other tools have them and DESIGN §12 asks.
const (
	// MaxDocument bounds manifests, indexes and configurations in bytes.
	MaxDocument = 4 << 20
	// MaxLayers bounds an image's layers.
	MaxLayers = 128
	// MaxIndexDepth and MaxDescriptors bound how deep indexes nest and how
	// much they list in all.
	MaxIndexDepth  = 4
	MaxDescriptors = 1000
	// A decompression bomb is a stream that grows by more than BombRatio;
	// streams up to BombFree bytes may do so, since small files of zeros are
	// common.
	BombRatio = 200
	BombFree  = 100 << 20
	// MaxLayer bounds one layer's tar in bytes, whatever its ratio.
	MaxLayer = 64 << 30
)

// A Tar is a plain tar that can be read at random.
type Tar struct {
	io.ReaderAt
	Size  int64
	close func() error
}

// NewTar makes the Tar of size bytes in r. close, if not nil, frees r.
func NewTar(r io.ReaderAt, size int64, close func() error) *Tar { return &Tar{r, size, close} }

// A Skimmer is a Tar's ReaderAt for which files' contents are dear: while it
// skims, they may read as zeros.
type Skimmer interface{ Skim(on bool) }

// Skim calls f, during which contents may read as zeros. Whoever makes an
// index needs only the headers, and reading ahead must not open every file.
func (t *Tar) Skim(f func() error) error {
	if s, ok := t.ReaderAt.(Skimmer); ok {
		s.Skim(true)
		defer s.Skim(false)
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
