package layout

import (
	"encoding/base64"
	"fmt"
	"math"

	"boxer/runtime/oci/spec"
)

// Decode fills v, a pointer as Docs has them, from what a JSON parser made of a
// document: nil, bool, float64, string, []any and map[string]any. A page has no
// encoding/json. Members of another type than they should have are an error,
// null is as good as nothing, and unknown members are ignored.
func Decode(doc any, v any) error {
	d := &decoder{}
	switch v := v.(type) {
	case *Index:
		m := d.object(doc, "index")
		*v = Index{SchemaVersion: int(d.number(m, "schemaVersion")), MediaType: d.text(m, "mediaType"), Manifests: d.descriptors(m, "manifests")}
	case *Manifest:
		m := d.object(doc, "manifest")
		*v = Manifest{
			SchemaVersion: int(d.number(m, "schemaVersion")), MediaType: d.text(m, "mediaType"), ArtifactType: d.text(m, "artifactType"),
			Config: d.descriptor(m["config"]), Layers: d.descriptors(m, "layers"),
		}
		if m["subject"] != nil {
			s := d.descriptor(m["subject"])
			v.Subject = &s
		}
	case *ImageConfig:
		d.config(doc, v)
	case *[]SavedImage:
		*v = nil
		for _, s := range d.array(doc, "manifest.json") {
			m := d.object(s, "image")
			*v = append(*v, SavedImage{Config: d.text(m, "Config"), RepoTags: d.texts(m, "RepoTags"), Layers: d.texts(m, "Layers")})
		}
	default:
		panic(fmt.Sprintf("BUG: layout.Decode of %T", v))
	}
	return d.err
}

func (d *decoder) config(doc any, v *ImageConfig) {
	m := d.object(doc, "config")
	*v = ImageConfig{Created: d.text(m, "created"), Platform: d.platform(m)}
	c := d.object(m["config"], "config")
	v.Config = spec.Config{
		User: d.text(c, "User"), Env: d.texts(c, "Env"), Entrypoint: d.texts(c, "Entrypoint"), Cmd: d.texts(c, "Cmd"),
		WorkingDir: d.text(c, "WorkingDir"), StopSignal: d.text(c, "StopSignal"), Labels: d.strings(c, "Labels"),
		ExposedPorts: d.set(c, "ExposedPorts"), Volumes: d.set(c, "Volumes"),
	}
	fs := d.object(m["rootfs"], "rootfs")
	v.RootFS.Type = d.text(fs, "type")
	for _, id := range d.texts(fs, "diff_ids") {
		v.RootFS.DiffIDs = append(v.RootFS.DiffIDs, spec.Digest(id))
	}
}

// A decoder keeps the first thing that is wrong.
type decoder struct{ err error }

func (d *decoder) wrong(name, want string, got any) {
	if d.err == nil {
		d.err = fmt.Errorf("%s should be %s and is %s", clip(name), want, kind(got))
	}
}

// kind is what a person calls a value of JSON.
func kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "true or false"
	case float64:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "an array"
	}
	return "an object"
}

// object is v's members; none where it is null.
func (d *decoder) object(v any, name string) map[string]any {
	m, ok := v.(map[string]any)
	if !ok && v != nil {
		d.wrong(name, "an object", v)
	}
	return m
}

func (d *decoder) array(v any, name string) []any {
	a, ok := v.([]any)
	if !ok && v != nil {
		d.wrong(name, "an array", v)
	}
	return a
}

func (d *decoder) text(m map[string]any, name string) string {
	s, ok := m[name].(string)
	if !ok && m[name] != nil {
		d.wrong(name, "a string", m[name])
	}
	return s
}

// number is a whole number that a float64 holds exactly.
func (d *decoder) number(m map[string]any, name string) int64 {
	n, ok := m[name].(float64)
	if !ok && m[name] != nil || n != math.Trunc(n) || math.Abs(n) > 1<<53 {
		d.wrong(name, "a whole number", m[name])
		return 0
	}
	return int64(n)
}

func (d *decoder) texts(m map[string]any, name string) []string {
	var list []string
	for _, v := range d.array(m[name], name) {
		s, ok := v.(string)
		if !ok && v != nil {
			d.wrong(name, "strings", v)
		}
		list = append(list, s)
	}
	return list
}

func (d *decoder) strings(m map[string]any, name string) map[string]string {
	o := d.object(m[name], name)
	if o == nil {
		return nil
	}
	out := make(map[string]string, len(o))
	for k := range o {
		out[k] = d.text(o, k)
	}
	return out
}

// set is an object whose members' values mean nothing.
func (d *decoder) set(m map[string]any, name string) map[string]struct{} {
	o := d.object(m[name], name)
	if o == nil {
		return nil
	}
	out := make(map[string]struct{}, len(o))
	for k := range o {
		out[k] = struct{}{}
	}
	return out
}

func (d *decoder) platform(m map[string]any) spec.Platform {
	return spec.Platform{OS: d.text(m, "os"), Architecture: d.text(m, "architecture"), Variant: d.text(m, "variant")}
}

func (d *decoder) descriptors(m map[string]any, name string) []Descriptor {
	var list []Descriptor
	for _, v := range d.array(m[name], name) {
		list = append(list, d.descriptor(v))
	}
	return list
}

func (d *decoder) descriptor(v any) Descriptor {
	m := d.object(v, "descriptor")
	out := Descriptor{
		MediaType: d.text(m, "mediaType"), Digest: spec.Digest(d.text(m, "digest")), Size: d.number(m, "size"),
		Annotations: d.strings(m, "annotations"), ArtifactType: d.text(m, "artifactType"),
	}
	if text := d.text(m, "data"); text != "" {
		data, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			d.wrong("data", "base64", m["data"])
		}
		out.Data = data
	}
	if m["platform"] != nil {
		p := d.platform(d.object(m["platform"], "platform"))
		out.Platform = &p
	}
	return out
}
