package oci

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"boxer/runtime/oci/layout"
	"boxer/runtime/oci/lazy"
	"boxer/wasmfs/tarfs"
)

// A Sink takes the files of an OCI layout, by their slash-separated names.
type Sink interface {
	Put(name string, size int64, r io.Reader) error
}

// DirSink writes the files below a directory, each whole or not at all.
type DirSink string

// Put implements Sink.
func (d DirSink) Put(name string, size int64, r io.Reader) error {
	path := filepath.Join(string(d), filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return ReplaceFile(path, func(f *os.File) error {
		n, err := io.Copy(f, r)
		if err == nil && n != size {
			err = fmt.Errorf("%s: %d bytes instead of %d", name, n, size)
		}
		return err
	})
}

// ReplaceFile writes the file at path, whole or not at all. What was there stays until then.
func ReplaceFile(path string, write func(f *os.File) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// TarSink writes the files into an archive. The caller closes it.
type TarSink struct{ *tar.Writer }

// Put implements Sink.
func (t TarSink) Put(name string, size int64, r io.Reader) error {
	if err := t.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: size, ModTime: packTime}); err != nil {
		return err
	}
	_, err := io.Copy(t, r)
	return err
}

// A LayoutWriter writes an OCI layout for a page: layers that can be read lazily
// (package lazy), and artifacts beside the image. Every other tool sees an
// ordinary image with the same configuration and the same diffIDs.
type LayoutWriter struct {
	sink  Sink
	have  map[string]bool
	image descriptor
}

// NewLayoutWriter makes a writer of one image.
func NewLayoutWriter(s Sink) *LayoutWriter {
	return &LayoutWriter{sink: s, have: map[string]bool{}}
}

// maxData is how long a manifest may be, in bytes, that is part of index.json.
const maxData = 16 << 10

// ExportOptions say how an image is written.
type ExportOptions struct {
	// Reference is the image's name in the layout, such as "hello:latest".
	Reference string
	// Prefetch has for each layer what its readers need at once.
	Prefetch [][]tarfs.Range
	// Progress is told how many bytes of all layers are packed.
	Progress func(done, total int64)
}

func (w *LayoutWriter) put(name string, data []byte) error {
	return w.copy(name, int64(len(data)), bytes.NewReader(data))
}

func (w *LayoutWriter) copy(name string, size int64, r io.Reader) error {
	if w.have[name] {
		return nil
	}
	w.have[name] = true
	return w.sink.Put(name, size, r)
}

func (w *LayoutWriter) blob(mediaType string, data []byte) (descriptor, error) {
	d := descriptor{MediaType: mediaType, Digest: DigestBytes(data), Size: int64(len(data))}
	return d, w.put(blobName(d.Digest), data)
}

func (w *LayoutWriter) document(mediaType string, v any) (descriptor, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return descriptor{}, err
	}
	return w.blob(mediaType, data)
}

// Image writes m, whose layers were opened as tars. It returns the digest of the
// manifest, which is not m's: its layers are packed in another way.
func (w *LayoutWriter) Image(m *Image, tars []*Tar, opt ExportOptions) (Digest, error) {
	man := manifest{SchemaVersion: 2, MediaType: typeManifest}
	var err error
	if man.Config, err = w.blob(typeConfig, m.rawConfig); err != nil {
		return "", err
	}
	var done, total int64
	for _, t := range tars {
		total += t.Size
	}
	for i, t := range tars {
		var prefetch []tarfs.Range
		if i < len(opt.Prefetch) {
			prefetch = opt.Prefetch[i]
		}
		report := func(n int64) {
			if done += n; opt.Progress != nil {
				opt.Progress(done, total)
			}
		}
		d, err := w.layer(t, m.layers[i].diffID, prefetch, report)
		if err != nil {
			return "", fmt.Errorf("layer %d: %w", i+1, err)
		}
		man.Layers = append(man.Layers, d)
	}
	d, err := w.document(typeManifest, man)
	if err != nil {
		return "", err
	}
	if data, err := json.Marshal(man); err == nil && len(data) <= maxData {
		d.Data = data // a page has one trip less to make
	}
	p := m.platform
	d.Platform = &p
	if opt.Reference != "" {
		d.Annotations = map[string]string{layout.AnnotationRef: opt.Reference}
	}
	w.image = d
	return d.Digest, nil
}

func (w *LayoutWriter) layer(t *Tar, diffID Digest, prefetch []tarfs.Range, report func(int64)) (descriptor, error) {
	packed := &spool{}
	defer packed.discard()
	p, err := packLazy(packed, t, prefetch, report)
	if err != nil {
		return descriptor{}, err
	}
	if p.diffID != diffID && diffID.Algorithm() == "sha256" {
		return descriptor{}, &DigestError{What: "unpacked layer", Want: diffID, Got: p.diffID}
	}
	d := descriptor{MediaType: typeLayer + "+gzip", Digest: p.digest, Size: packed.size}
	if p.index != nil {
		x, err := w.blob("", p.index.Encode())
		if err != nil {
			return descriptor{}, err
		}
		d.Annotations = map[string]string{lazy.AnnotationDigest: string(x.Digest), lazy.AnnotationSize: strconv.FormatInt(x.Size, 10)}
	}
	return d, w.copy(blobName(d.Digest), d.Size, packed.blob().reader())
}

// An ArtifactFile is a file of an artifact.
type ArtifactFile struct {
	Name, MediaType string
	Data            []byte
}

// Translations writes files as the artifact of translations of the image that was
// written before. If dir is not "", the files lie there under their own names, so
// that a server gives them the type that their name says; else they are
// blobs.
func (w *LayoutWriter) Translations(files []ArtifactFile, dir string) error {
	subject := w.image
	subject.Platform, subject.Annotations, subject.Data = nil, nil, nil
	man := manifest{SchemaVersion: 2, MediaType: typeManifest, ArtifactType: layout.TypeTranslations, Subject: &subject}
	var err error
	if man.Config, err = w.blob(layout.TypeEmpty, []byte("{}")); err != nil {
		return err
	}
	for _, f := range files {
		d := descriptor{MediaType: f.MediaType, Digest: DigestBytes(f.Data), Size: int64(len(f.Data)), Annotations: map[string]string{layout.AnnotationTitle: f.Name}}
		name := blobName(d.Digest)
		if dir != "" {
			name = dir + "/" + f.Name
			d.Annotations[layout.AnnotationPath] = name
		}
		if err := w.put(name, f.Data); err != nil {
			return err
		}
		man.Layers = append(man.Layers, d)
	}
	d, err := w.document(typeManifest, man)
	if err != nil {
		return err
	}
	if w.image.Annotations == nil {
		w.image.Annotations = map[string]string{}
	}
	w.image.Annotations[layout.AnnotationTranslations] = string(d.Digest)
	return nil
}

// Close writes what makes the files a layout.
func (w *LayoutWriter) Close() error {
	if err := w.put("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`)); err != nil {
		return err
	}
	top, err := json.Marshal(index{SchemaVersion: 2, MediaType: typeIndex, Manifests: []descriptor{w.image}})
	if err != nil {
		return err
	}
	return w.put("index.json", top)
}
