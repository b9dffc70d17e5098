package oci

import (
	"encoding/json"
	"fmt"

	"boxer/runtime/oci/layout"
)

// The documents of layouts are package layout's.
type (
	descriptor  = layout.Descriptor
	index       = layout.Index
	manifest    = layout.Manifest
	imageConfig = layout.ImageConfig
	history     = layout.History
	savedImage  = layout.SavedImage
)

const (
	typeIndex    = layout.TypeIndex
	typeManifest = layout.TypeManifest
	typeConfig   = layout.TypeConfig
	typeLayer    = layout.TypeLayer
)

// docs reads the documents of an image, and keeps the configuration as it is.
type docs struct {
	blobs
	config []byte // the last that was read
}

// Document implements layout.Docs.
func (d *docs) Document(what string, at descriptor, v any) error {
	p, digest, err := readDocument(d.blobs, what, at)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(p, v); err != nil {
		return fmt.Errorf("%s %s is not valid JSON: %w", what, digest.Short(), err)
	}
	if _, ok := v.(*imageConfig); ok {
		d.config = p
	}
	return nil
}

// File implements layout.Docs.
func (d *docs) File(name string, v any) (Digest, error) {
	p, err := readAll(d.blobs, name)
	if err != nil {
		return "", err
	}
	if err := json.Unmarshal(p, v); err != nil {
		return "", fmt.Errorf("%s is not valid JSON: %w", clip(name), err)
	}
	if _, ok := v.(*imageConfig); ok {
		d.config = p
	}
	return DigestBytes(p), nil
}

// openImage finds the image in from: by find, layout.Find or layout.FindSaved.
func openImage(from blobs, path string, opt *Options,
	find func(d layout.Docs, path, ref string, want Platform) (*layout.Found, error)) (*Image, error) {
	d := &docs{blobs: from}
	f, err := find(d, path, opt.Reference, opt.Platform)
	if err != nil {
		return nil, err
	}
	m := &Image{name: f.Name, digest: f.Digest, platform: f.Platform, config: f.Config, rawConfig: d.config}
	for _, l := range f.Layers {
		m.layers = append(m.layers, &Layer{from: from, name: l.File, digest: l.Digest, diffID: l.DiffID, opt: opt})
	}
	return m, nil
}
