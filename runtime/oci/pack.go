package oci

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"

	"boxer/runtime/oci/layout"
	"boxer/runtime/oci/spec"
)

// PackOptions describe the image to be written.
type PackOptions struct {
	Config   Config
	Platform Platform // zero: linux/arm64
	// Reference is the image's name in the archive, such as "hello:latest".
	Reference string
	// Plain leaves the layers as they are instead of packing them with gzip.
	Plain bool
}

// Pack writes an oci-archive: one image with a layer for each tree, the
// lowest first. Equal trees and options give equal bytes, and so the same
// digest, which is returned. The archive is what skopeo, podman and Docker
// read as well.
func Pack(w io.Writer, trees []*Tree, opt PackOptions) (Digest, error) {
	if opt.Platform == (Platform{}) {
		opt.Platform = LinuxArm64
	}
	p := &packer{out: tar.NewWriter(w)}
	if err := p.file("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`)); err != nil {
		return "", err
	}
	created := packTime.Format("2006-01-02T15:04:05Z")
	config := imageConfig{Created: created, Platform: opt.Platform, Config: opt.Config}
	config.RootFS.Type = "layers"
	m := manifest{SchemaVersion: 2, MediaType: typeManifest}
	for i, t := range trees {
		d, diffID, err := p.layer(t, opt.Plain)
		if err != nil {
			return "", fmt.Errorf("layer %d: %w", i+1, err)
		}
		m.Layers = append(m.Layers, d)
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, diffID)
		config.History = append(config.History, history{Created: created, CreatedBy: "boxer"})
	}
	var err error
	if m.Config, err = p.document(typeConfig, config); err != nil {
		return "", err
	}
	d, err := p.document(typeManifest, m)
	if err != nil {
		return "", err
	}
	d.Platform = &opt.Platform
	if opt.Reference != "" {
		d.Annotations = map[string]string{layout.AnnotationRef: opt.Reference}
	}
	top, err := json.Marshal(index{SchemaVersion: 2, MediaType: typeIndex, Manifests: []descriptor{d}})
	if err != nil {
		return "", err
	}
	if err := p.file("index.json", top); err != nil {
		return "", err
	}
	return d.Digest, p.out.Close()
}

// A packer writes an OCI layout into a tar.
type packer struct {
	out *tar.Writer
}

func (p *packer) header(name string, size int64) error {
	return p.out.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: size, ModTime: packTime})
}

func (p *packer) file(name string, data []byte) error {
	if err := p.header(name, int64(len(data))); err != nil {
		return err
	}
	_, err := p.out.Write(data)
	return err
}

// document writes v as a JSON blob.
func (p *packer) document(mediaType string, v any) (descriptor, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return descriptor{}, err
	}
	d := descriptor{MediaType: mediaType, Digest: DigestBytes(data), Size: int64(len(data))}
	return d, p.file(blobName(d.Digest), data)
}

// layer writes the tree's tar as a blob. It is collected first: its digest is
// its name.
func (p *packer) layer(t *Tree, plain bool) (d descriptor, diffID Digest, err error) {
	in, err := t.Tar()
	if err != nil {
		return d, "", err
	}
	plainHash, packedHash := sha256.New(), sha256.New()
	packed := &spool{}
	defer packed.discard()
	both := io.MultiWriter(packed, packedHash)
	r := io.TeeReader(io.NewSectionReader(in, 0, in.Size), plainHash)
	d.MediaType = typeLayer
	if plain {
		_, err = io.Copy(both, r)
	} else {
		d.MediaType += "+gzip"
		z, _ := gzip.NewWriterLevel(both, gzip.BestSpeed)
		if _, err = io.Copy(z, r); err == nil {
			err = z.Close()
		}
	}
	if err != nil {
		return d, "", err
	}
	d.Digest, d.Size = spec.DigestOf(packedHash), packed.size
	if err := p.header(blobName(d.Digest), d.Size); err != nil {
		return d, "", err
	}
	_, err = io.Copy(p.out, packed.blob().reader())
	return d, spec.DigestOf(plainHash), err
}
