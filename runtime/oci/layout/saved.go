package layout

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"boxer/runtime/oci/spec"
)

// A SavedImage is an entry of manifest.json, which `docker save` writes.
type SavedImage struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// answersTo reports whether ref means the image: one of its names, whole or
// without what stands before the last slash, or a tag.
func (s *SavedImage) answersTo(ref string) bool {
	return slices.ContainsFunc(s.RepoTags, func(tag string) bool {
		return tag == ref || tag == ref+":latest" || strings.HasSuffix(tag, "/"+ref) || strings.HasSuffix(tag, ":"+ref)
	})
}

// FindSaved finds the image in what `docker save` wrote before it wrote OCI
// layouts. The names of layers there are not digests; their diffIDs vouch for
// them.
func FindSaved(docs Docs, path, ref string, want spec.Platform) (*Found, error) {
	var saved []SavedImage
	if _, err := docs.File("manifest.json", &saved); err != nil {
		return nil, err
	}
	s, err := pickSaved(saved, ref)
	if err != nil {
		return nil, err
	}
	var c ImageConfig
	digest, err := docs.File(s.Config, &c)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	if want := savedDigest(s.Config); want != "" && want != digest {
		return nil, &spec.DigestError{What: "config", Want: want, Got: digest}
	}
	name := path
	if len(s.RepoTags) > 0 {
		name = s.RepoTags[0]
	}
	if _, err := spec.ChoosePlatform(name, want, []spec.Platform{c.Platform}); err != nil {
		return nil, err
	}
	layers := make([]Layer, len(s.Layers))
	for i, file := range s.Layers {
		layers[i].File = file
	}
	if layers, err = join(layers, c.RootFS.DiffIDs); err != nil {
		return nil, err
	}
	return &Found{
		Image:    spec.Image{Name: name, Digest: digest, Platform: c.Platform, Config: c.Config, Layers: c.RootFS.DiffIDs},
		ConfigAt: Descriptor{Digest: digest, Size: -1}, Layers: layers,
	}, nil
}

// pickSaved finds the image called ref, or the only one.
func pickSaved(saved []SavedImage, ref string) (SavedImage, error) {
	var names []string
	for _, s := range saved {
		if ref != "" && s.answersTo(ref) {
			return s, nil
		}
		names = append(names, s.RepoTags...)
	}
	switch {
	case len(saved) == 0:
		return SavedImage{}, fmt.Errorf("its manifest.json lists no image")
	case ref != "":
		return SavedImage{}, fmt.Errorf("it holds no image called %q (it has %s)", clip(ref), strings.Join(names, ", "))
	case len(saved) > 1:
		return SavedImage{}, fmt.Errorf("it holds several images (%s): name one by adding :NAME to the path", strings.Join(names, ", "))
	}
	return saved[0], nil
}

// savedDigest is the digest that a configuration's file name holds:
// "<hex>.json" or "blobs/sha256/<hex>"; "" where it holds none.
func savedDigest(name string) spec.Digest {
	d, err := spec.ParseDigest("sha256:" + strings.TrimSuffix(path.Base(name), ".json"))
	if err != nil {
		return ""
	}
	return d
}
