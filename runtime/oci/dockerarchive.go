package oci

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"boxer/runtime/oci/spec"
)

// A savedImage is an entry of manifest.json, which `docker save` writes.
type savedImage struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// answersTo reports whether ref means the image: one of its names, whole or
// without what stands before the last slash, or a tag.
func (s *savedImage) answersTo(ref string) bool {
	return slices.ContainsFunc(s.RepoTags, func(tag string) bool {
		return tag == ref || tag == ref+":latest" || strings.HasSuffix(tag, "/"+ref) || strings.HasSuffix(tag, ":"+ref)
	})
}

// openDockerArchive reads what `docker save` wrote before it wrote OCI
// layouts. The names of layers there are not digests; their diffIDs vouch for
// them.
func openDockerArchive(from blobs, path string, opt *Options) (*Image, error) {
	raw, err := readAll(from, "manifest.json")
	if err != nil {
		return nil, err
	}
	var saved []savedImage
	if err := json.Unmarshal(raw, &saved); err != nil {
		return nil, fmt.Errorf("manifest.json is not valid JSON: %w", err)
	}
	s, err := pickSaved(saved, opt.Reference)
	if err != nil {
		return nil, err
	}
	raw, err = readAll(from, s.Config)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	digest := DigestBytes(raw)
	if want := savedDigest(s.Config); want != "" && want != digest {
		return nil, &DigestError{What: "config", Want: want, Got: digest}
	}
	var c imageConfig
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, fmt.Errorf("config %s is not valid JSON: %w", digest.Short(), err)
	}
	name := path
	if len(s.RepoTags) > 0 {
		name = s.RepoTags[0]
	}
	if _, err := spec.ChoosePlatform(name, opt.Platform, []Platform{c.Platform}); err != nil {
		return nil, err
	}
	files := make([]layerFile, len(s.Layers))
	for i, layer := range s.Layers {
		files[i] = layerFile{name: layer}
	}
	img := &Image{name: name, digest: digest, platform: c.Platform, config: c.Config, rawConfig: raw}
	img.layers, err = makeLayers(from, files, c.RootFS.DiffIDs, opt)
	return img, err
}

func pickSaved(saved []savedImage, ref string) (savedImage, error) {
	var names []string
	for _, s := range saved {
		if ref != "" && s.answersTo(ref) {
			return s, nil
		}
		names = append(names, s.RepoTags...)
	}
	switch {
	case len(saved) == 0:
		return savedImage{}, fmt.Errorf("its manifest.json lists no image")
	case ref != "":
		return savedImage{}, fmt.Errorf("it holds no image called %q (it has %s)", clip(ref), strings.Join(names, ", "))
	case len(saved) > 1:
		return savedImage{}, fmt.Errorf("it holds several images (%s): name one by adding :NAME to the path", strings.Join(names, ", "))
	}
	return saved[0], nil
}

// savedDigest is the digest that a configuration's file name holds:
// "<hex>.json" or "blobs/sha256/<hex>"; "" where it holds none.
func savedDigest(name string) Digest {
	d, err := ParseDigest("sha256:" + strings.TrimSuffix(path.Base(name), ".json"))
	if err != nil {
		return ""
	}
	return d
}
