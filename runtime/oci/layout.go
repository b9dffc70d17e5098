package oci

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"boxer/runtime/oci/spec"
)

// A descriptor points to content (OCI image-spec, descriptor.md).
type descriptor struct {
	MediaType    string            `json:"mediaType"`
	Digest       Digest            `json:"digest"`
	Size         int64             `json:"size"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	Platform     *Platform         `json:"platform,omitempty"`
	ArtifactType string            `json:"artifactType,omitempty"`
}

type index struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType,omitempty"`
	Manifests     []descriptor `json:"manifests"`
}

type manifest struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType,omitempty"`
	ArtifactType  string       `json:"artifactType,omitempty"`
	Config        descriptor   `json:"config"`
	Layers        []descriptor `json:"layers"`
	Subject       *descriptor  `json:"subject,omitempty"`
}

// isImage tells container images from other things that manifests describe.
func (m *manifest) isImage() bool {
	return m.Config.MediaType == typeConfig || m.Config.MediaType == typeDockerConfig
}

// imageConfig is the configuration document.
type imageConfig struct {
	Created string `json:"created,omitempty"`
	Platform
	Config Config `json:"config"`
	RootFS struct {
		Type    string   `json:"type"`
		DiffIDs []Digest `json:"diff_ids"`
	} `json:"rootfs"`
	History []history `json:"history,omitempty"`
}

type history struct {
	Created   string `json:"created,omitempty"`
	CreatedBy string `json:"created_by,omitempty"`
}

// Media types, OCI's and Docker's of the same meaning.
const (
	typeIndex          = "application/vnd.oci.image.index.v1+json"
	typeManifest       = "application/vnd.oci.image.manifest.v1+json"
	typeConfig         = "application/vnd.oci.image.config.v1+json"
	typeLayer          = "application/vnd.oci.image.layer.v1.tar"
	typeDockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
	typeDockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	typeDockerConfig   = "application/vnd.docker.container.image.v1+json"
)

// Annotations that name an image within a layout: the specification's, and
// the whole name as containerd and `docker save` write it.
const (
	annotationRef  = "org.opencontainers.image.ref.name"
	annotationName = "io.containerd.image.name"
)

// openLayout reads an OCI layout: index.json and what it leads to.
func openLayout(from blobs, path string, opt *Options) (*Image, error) {
	raw, err := readAll(from, "index.json")
	if err != nil {
		return nil, err
	}
	var top index
	if err := json.Unmarshal(raw, &top); err != nil {
		return nil, fmt.Errorf("index.json is not valid JSON: %w", err)
	}
	listed, err := pickReference(top.Manifests, opt.Reference)
	if err != nil {
		return nil, err
	}
	l := &layout{from: from}
	if err := l.expand(listed, 0); err != nil {
		return nil, err
	}
	have := make([]Platform, len(l.variants))
	for i, v := range l.variants {
		have[i] = *v.Platform
	}
	if len(have) == 0 && l.artifact != "" {
		return nil, fmt.Errorf("it holds an artifact of type %q, not a container image", clip(l.artifact))
	}
	name := path
	if len(listed) == 1 && listed[0].name() != "" {
		name = listed[0].name()
	}
	i, err := spec.ChoosePlatform(name, opt.Platform, have)
	if err != nil {
		return nil, err
	}
	m, err := l.image(l.variants[i], opt)
	if err != nil {
		return nil, err
	}
	m.name = name
	return m, nil
}

// name is what the descriptor's image is called, "" where nobody says.
func (d *descriptor) name() string {
	if n := d.Annotations[annotationName]; n != "" {
		return n
	}
	return d.Annotations[annotationRef]
}

// beside reports whether the descriptor is of something that lies beside an
// image: an attestation, a signature, translations.
func (d descriptor) beside() bool {
	return d.ArtifactType != "" || d.Annotations["vnd.docker.reference.type"] != ""
}

// answersTo reports whether ref means the descriptor: its whole name, its
// tag, or its digest.
func (d *descriptor) answersTo(ref string) bool {
	return ref == d.Annotations[annotationName] || ref == d.Annotations[annotationRef] || ref == string(d.Digest) ||
		strings.HasSuffix(d.Annotations[annotationName], "/"+ref) || strings.HasSuffix(d.Annotations[annotationName], ":"+ref)
}

// pickReference returns the descriptors of one image among all of a layout.
func pickReference(all []descriptor, ref string) ([]descriptor, error) {
	names := map[string]bool{}
	var found []descriptor
	for _, d := range all {
		if d.beside() {
			continue
		}
		names[d.name()] = true
		if ref != "" && d.answersTo(ref) {
			found = append(found, d)
		}
	}
	if ref == "" {
		found = slices.DeleteFunc(slices.Clone(all), descriptor.beside)
		if len(names) > 1 {
			return nil, fmt.Errorf("it holds several images (%s): name one by adding :NAME to the path", strings.Join(nonEmpty(names), ", "))
		}
	}
	if len(found) == 0 {
		switch {
		case len(all) == 0:
			return nil, fmt.Errorf("its index lists no image")
		case ref == "":
			return nil, fmt.Errorf("it holds an artifact of type %q, not a container image", clip(all[0].ArtifactType))
		}
		return nil, fmt.Errorf("it holds no image called %q (it has %s)", clip(ref), strings.Join(nonEmpty(names), ", "))
	}
	return found, nil
}

func nonEmpty(names map[string]bool) []string {
	delete(names, "")
	if len(names) == 0 {
		return []string{"only images without a name"}
	}
	return slices.Sorted(maps.Keys(names))
}

// layout walks from descriptors to the variants of one image.
type layout struct {
	from     blobs
	variants []descriptor // manifests, each with its Platform set
	artifact string       // the type of something listed that is no image
	seen     int
}

// expand follows indexes to the manifests below them.
func (l *layout) expand(list []descriptor, depth int) error {
	if depth > spec.MaxIndexDepth {
		return fmt.Errorf("its indexes nest deeper than %d", spec.MaxIndexDepth)
	}
	for _, d := range list {
		if l.seen++; l.seen > spec.MaxDescriptors {
			return fmt.Errorf("its indexes list more than %d manifests", spec.MaxDescriptors)
		}
		switch d.MediaType {
		case typeIndex, typeDockerList:
			var nested index
			if err := readJSON(l.from, "index", d, &nested); err != nil {
				return err
			}
			if err := l.expand(nested.Manifests, depth+1); err != nil {
				return err
			}
		case typeManifest, typeDockerManifest, "":
			if d.beside() {
				continue
			}
			p, err := l.platform(d)
			if err != nil {
				return err
			}
			if p != nil {
				d.Platform = p
				l.variants = append(l.variants, d)
			}
		}
	}
	return nil
}

// platform is what the manifest's image is for; nil where it is no image. An
// index says so; where it does not, the configuration does.
func (l *layout) platform(d descriptor) (*Platform, error) {
	if d.Platform != nil && d.Platform.OS != "" && d.Platform.Architecture != "" {
		return d.Platform, nil
	}
	var m manifest
	if err := readJSON(l.from, "manifest", d, &m); err != nil {
		return nil, err
	}
	if !m.isImage() {
		l.artifact = m.Config.MediaType
		return nil, nil
	}
	var c imageConfig
	if err := readJSON(l.from, "config", m.Config, &c); err != nil {
		return nil, err
	}
	return &c.Platform, nil
}

// image reads the manifest d and makes its view.
func (l *layout) image(d descriptor, opt *Options) (*Image, error) {
	var m manifest
	if err := readJSON(l.from, "manifest", d, &m); err != nil {
		return nil, err
	}
	if !m.isImage() {
		return nil, fmt.Errorf("it holds an artifact of type %q, not a container image", clip(m.Config.MediaType))
	}
	raw, digest, err := readDocument(l.from, "config", m.Config)
	if err != nil {
		return nil, err
	}
	var c imageConfig
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, fmt.Errorf("config %s is not valid JSON: %w", digest.Short(), err)
	}
	img := &Image{digest: d.Digest, platform: *d.Platform, config: c.Config, rawConfig: raw}
	files := make([]layerFile, len(m.Layers))
	for i, layer := range m.Layers {
		digest, err := ParseDigest(string(layer.Digest))
		if err != nil {
			return nil, fmt.Errorf("layer %d: %w", i+1, err)
		}
		files[i] = layerFile{blobName(digest), digest}
	}
	img.layers, err = makeLayers(l.from, files, c.RootFS.DiffIDs, opt)
	return img, err
}

// layerFile is where a layer lies, and its digest where it has one.
type layerFile struct {
	name   string
	digest Digest
}

// makeLayers joins the files of layers with the diffIDs of the configuration.
func makeLayers(from blobs, files []layerFile, diffIDs []Digest, opt *Options) ([]*Layer, error) {
	if len(files) > spec.MaxLayers {
		return nil, fmt.Errorf("it has %d layers; the limit is %d", len(files), spec.MaxLayers)
	}
	if len(files) != len(diffIDs) {
		return nil, fmt.Errorf("its manifest lists %d layers and its configuration %d: they do not belong together", len(files), len(diffIDs))
	}
	layers := make([]*Layer, len(files))
	for i, f := range files {
		diffID, err := ParseDigest(string(diffIDs[i]))
		if err != nil {
			return nil, fmt.Errorf("layer %d: %w", i+1, err)
		}
		layers[i] = &Layer{from: from, name: f.name, digest: f.digest, diffID: diffID, opt: opt}
	}
	return layers, nil
}
