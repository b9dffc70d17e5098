// Package layout has the documents of image files, OCI layouts and what docker
// save writes, and finds the one image in them that is asked for. It reads nothing
// by itself: a server decodes documents with encoding/json, a page with the
// browser's JSON.parse and Decode.
//
// Documents are a stranger's. What is followed is bounded by package spec's
// limits.
package layout

import (
	"fmt"

	"boxer/runtime/oci/spec"
)

// A Descriptor points to content (OCI image-spec, descriptor.md).
type Descriptor struct {
	MediaType    string            `json:"mediaType"`
	Digest       spec.Digest       `json:"digest"`
	Size         int64             `json:"size"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	Platform     *spec.Platform    `json:"platform,omitempty"`
	ArtifactType string            `json:"artifactType,omitempty"`
	// Data is the content itself, where it is small: who has the descriptor
	// need not fetch it. It is as little to be believed as what is fetched.
	Data []byte `json:"data,omitempty"`
}

// An Index lists manifests (OCI image-spec, image-index.md).
type Index struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType,omitempty"`
	Manifests     []Descriptor `json:"manifests"`
}

// A Manifest is of one image or artifact (OCI image-spec, manifest.md).
type Manifest struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType,omitempty"`
	ArtifactType  string       `json:"artifactType,omitempty"`
	Config        Descriptor   `json:"config"`
	Layers        []Descriptor `json:"layers"`
	Subject       *Descriptor  `json:"subject,omitempty"`
}

// IsImage tells container images from other things that manifests describe.
func (m *Manifest) IsImage() bool {
	return m.Config.MediaType == TypeConfig || m.Config.MediaType == TypeDockerConfig
}

// ImageConfig is the configuration document.
type ImageConfig struct {
	Created string `json:"created,omitempty"`
	spec.Platform
	Config spec.Config `json:"config"`
	RootFS struct {
		Type    string        `json:"type"`
		DiffIDs []spec.Digest `json:"diff_ids"`
	} `json:"rootfs"`
	History []History `json:"history,omitempty"`
}

// History says how a layer came to be.
type History struct {
	Created   string `json:"created,omitempty"`
	CreatedBy string `json:"created_by,omitempty"`
}

// Media types, OCI's and Docker's of the same meaning.
const (
	TypeIndex          = "application/vnd.oci.image.index.v1+json"
	TypeManifest       = "application/vnd.oci.image.manifest.v1+json"
	TypeConfig         = "application/vnd.oci.image.config.v1+json"
	TypeLayer          = "application/vnd.oci.image.layer.v1.tar"
	TypeDockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
	TypeDockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	TypeDockerConfig   = "application/vnd.docker.container.image.v1+json"
)

// Annotations that name an image within a layout: the specification's, and
// the whole name as containerd and `docker save` write it.
const (
	AnnotationRef  = "org.opencontainers.image.ref.name"
	AnnotationName = "io.containerd.image.name"
)

// Media types and annotations of what lies beside an image.
const (
	// TypeTranslations is the artifact of WebAssembly made from an image's
	// programs.
	TypeTranslations = "application/vnd.boxer.translations.v1"
	// AnnotationTranslations, at an image's descriptor in index.json, is the
	// digest of such an artifact's manifest, and AnnotationPath, at a layer of it,
	// where its file lies if not among the blobs.
	//
	// The artifact is not listed in index.json itself: skopeo, and all that
	// is made of the same library, take a layout without a name for it only where
	// one manifest is listed.
	AnnotationTranslations = "vnd.boxer.translations"
	AnnotationPath         = "vnd.boxer.path"
	AnnotationTitle        = "org.opencontainers.image.title"
	TypeEmpty              = "application/vnd.oci.empty.v1+json"
)

// BlobName is where a layout keeps the content called d.
func BlobName(d spec.Digest) string { return "blobs/" + d.Algorithm() + "/" + d.Hex() }

// Docs reads documents, each into a pointer to one of this package's types or
// to a slice of SavedImages.
type Docs interface {
	// Document reads what d points to and checks that it is that. what is its
	// name for errors.
	Document(what string, d Descriptor, v any) error
	// File reads the file called name, which no digest vouches for, and
	// returns its SHA-256.
	File(name string, v any) (spec.Digest, error)
}

// Found is the image that was asked for.
type Found struct {
	spec.Image
	// Descriptor is the manifest's, and Config the configuration's; none of
	// a docker-archive.
	Descriptor, ConfigAt Descriptor
	Layers               []Layer
	// Beside are what the index lists beside images: artifacts, attestations.
	Beside []Descriptor
}

// A Layer is one layer of an image.
type Layer struct {
	// File is where it lies, and Digest what it should be: "" where only the
	// diffID vouches for it.
	File   string
	Digest spec.Digest
	// DiffID is the digest of the layer's plain tar.
	DiffID spec.Digest
	// Descriptor is what the manifest says of it; zero in a docker-archive.
	Descriptor Descriptor
}

// join gives layers the diffIDs of the configuration.
func join(layers []Layer, diffIDs []spec.Digest) ([]Layer, error) {
	if len(layers) > spec.MaxLayers {
		return nil, fmt.Errorf("it has %d layers; the limit is %d", len(layers), spec.MaxLayers)
	}
	if len(layers) != len(diffIDs) {
		return nil, fmt.Errorf("its manifest lists %d layers and its configuration %d: they do not belong together", len(layers), len(diffIDs))
	}
	for i := range layers {
		diffID, err := spec.ParseDigest(string(diffIDs[i]))
		if err != nil {
			return nil, fmt.Errorf("layer %d: %w", i+1, err)
		}
		layers[i].DiffID = diffID
	}
	return layers, nil
}

// clip keeps a hostile string short enough for an error message.
func clip(s string) string {
	if len(s) > 100 {
		return s[:100] + "…"
	}
	return s
}
