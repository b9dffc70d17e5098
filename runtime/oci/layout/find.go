package layout

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"boxer/runtime/oci/spec"
)

// Name is what the descriptor's image is called, "" where nobody says.
func (d *Descriptor) Name() string {
	if n := d.Annotations[AnnotationName]; n != "" {
		return n
	}
	return d.Annotations[AnnotationRef]
}

// Beside reports whether the descriptor is of something that lies beside an
// image: an attestation, a signature, translations.
func (d Descriptor) Beside() bool {
	return d.ArtifactType != "" || d.Annotations["vnd.docker.reference.type"] != ""
}

// answersTo reports whether ref means the descriptor: its whole name, its
// tag, or its digest.
func (d *Descriptor) answersTo(ref string) bool {
	return ref == d.Annotations[AnnotationName] || ref == d.Annotations[AnnotationRef] || ref == string(d.Digest) ||
		strings.HasSuffix(d.Annotations[AnnotationName], "/"+ref) || strings.HasSuffix(d.Annotations[AnnotationName], ":"+ref)
}

// pickReference returns the descriptors of one image among all of a layout.
func pickReference(all []Descriptor, ref string) ([]Descriptor, error) {
	names := map[string]bool{}
	var found []Descriptor
	for _, d := range all {
		if d.Beside() {
			continue
		}
		names[d.Name()] = true
		if ref != "" && d.answersTo(ref) {
			found = append(found, d)
		}
	}
	if ref == "" {
		found = slices.DeleteFunc(slices.Clone(all), Descriptor.Beside)
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

// Find finds the image in an OCI layout. path is what a person calls the file; ref
// picks one of several images, and want the variant, zero for the best that
// boxer runs.
func Find(docs Docs, path, ref string, want spec.Platform) (*Found, error) {
	var top Index
	if _, err := docs.File("index.json", &top); err != nil {
		return nil, err
	}
	listed, err := pickReference(top.Manifests, ref)
	if err != nil {
		return nil, err
	}
	l := &walker{docs: docs}
	if err := l.expand(listed, 0); err != nil {
		return nil, err
	}
	have := make([]spec.Platform, len(l.variants))
	for i, v := range l.variants {
		have[i] = *v.Platform
	}
	if len(have) == 0 && l.artifact != "" {
		return nil, fmt.Errorf("it holds an artifact of type %q, not a container image", clip(l.artifact))
	}
	name := path
	if len(listed) == 1 && listed[0].Name() != "" {
		name = listed[0].Name()
	}
	i, err := spec.ChoosePlatform(name, want, have)
	if err != nil {
		return nil, err
	}
	f, err := l.found(name, l.variants[i])
	if err == nil {
		f.Beside = slices.DeleteFunc(slices.Clone(top.Manifests), func(d Descriptor) bool { return !d.Beside() })
	}
	return f, err
}

// found reads the manifest d and what it leads to.
func (l *walker) found(name string, d Descriptor) (*Found, error) {
	var m Manifest
	if err := l.docs.Document("manifest", d, &m); err != nil {
		return nil, err
	}
	if !m.IsImage() {
		return nil, fmt.Errorf("it holds an artifact of type %q, not a container image", clip(m.Config.MediaType))
	}
	var c ImageConfig
	if err := l.docs.Document("config", m.Config, &c); err != nil {
		return nil, err
	}
	layers := make([]Layer, len(m.Layers))
	for i, layer := range m.Layers {
		digest, err := spec.ParseDigest(string(layer.Digest))
		if err != nil {
			return nil, fmt.Errorf("layer %d: %w", i+1, err)
		}
		layers[i] = Layer{File: BlobName(digest), Digest: digest, Descriptor: layer}
	}
	layers, err := join(layers, c.RootFS.DiffIDs)
	if err != nil {
		return nil, err
	}
	return &Found{
		Image:      spec.Image{Name: name, Digest: d.Digest, Platform: *d.Platform, Config: c.Config, Layers: c.RootFS.DiffIDs},
		Descriptor: d, ConfigAt: m.Config, Layers: layers,
	}, nil
}

// walker goes from descriptors to the variants of one image.
type walker struct {
	docs     Docs
	variants []Descriptor // manifests, each with its Platform set
	artifact string       // the type of something listed that is no image
	seen     int
}

// expand follows indexes to the manifests below them.
func (l *walker) expand(list []Descriptor, depth int) error {
	if depth > spec.MaxIndexDepth {
		return fmt.Errorf("its indexes nest deeper than %d", spec.MaxIndexDepth)
	}
	for _, d := range list {
		if l.seen++; l.seen > spec.MaxDescriptors {
			return fmt.Errorf("its indexes list more than %d manifests", spec.MaxDescriptors)
		}
		switch d.MediaType {
		case TypeIndex, TypeDockerList:
			var nested Index
			if err := l.docs.Document("index", d, &nested); err != nil {
				return err
			}
			if err := l.expand(nested.Manifests, depth+1); err != nil {
				return err
			}
		case TypeManifest, TypeDockerManifest, "":
			if d.Beside() {
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
func (l *walker) platform(d Descriptor) (*spec.Platform, error) {
	if d.Platform != nil && d.Platform.OS != "" && d.Platform.Architecture != "" {
		return d.Platform, nil
	}
	var m Manifest
	if err := l.docs.Document("manifest", d, &m); err != nil {
		return nil, err
	}
	if !m.IsImage() {
		l.artifact = m.Config.MediaType
		return nil, nil
	}
	var c ImageConfig
	if err := l.docs.Document("config", m.Config, &c); err != nil {
		return nil, err
	}
	return &c.Platform, nil
}
