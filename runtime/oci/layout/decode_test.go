package layout

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// documents are as other tools write them.
var documents = []struct {
	into func() any
	text string
}{
	{func() any { return &Index{} }, `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:aa","size":7,"platform":{"architecture":"arm64","os":"linux","variant":"v8","os.features":["x"]},"annotations":{"org.opencontainers.image.ref.name":"1"}},{"mediaType":"m","digest":"sha256:bb","size":0,"artifactType":"t","data":"e30="}]}`},
	{func() any { return &Manifest{} }, `{"schemaVersion":2,"config":{"mediaType":"c","digest":"sha256:cc","size":1234567},"layers":[{"mediaType":"l","digest":"sha256:dd","size":2,"urls":["http://x"]}],"subject":{"mediaType":"m","digest":"sha256:ee","size":3},"artifactType":"a","annotations":{"k":"v"}}`},
	{func() any { return &ImageConfig{} }, `{"created":"2024-01-01T00:00:00Z","author":"me","architecture":"arm64","os":"linux","config":{"User":"1:2","Env":["A=1","B="],"Entrypoint":["/e"],"Cmd":null,"Volumes":{"/v":{}},"ExposedPorts":{"80/tcp":{}},"WorkingDir":"/w","Labels":{"l":"m"},"StopSignal":"SIGINT","OnBuild":[]},"rootfs":{"type":"layers","diff_ids":["sha256:ff"]}}`},
	{func() any { return &ImageConfig{} }, `{"config":null,"rootfs":null}`},
	{func() any { return &[]SavedImage{} }, `[{"Config":"c.json","RepoTags":["a:1"],"Layers":["l/layer.tar"]},{"Config":"d.json","RepoTags":null,"Layers":[]}]`},
}

// TestDecode compares with encoding/json.
func TestDecode(t *testing.T) {
	for _, c := range documents {
		var doc any
		if err := json.Unmarshal([]byte(c.text), &doc); err != nil {
			t.Fatal(err)
		}
		got, want := c.into(), c.into()
		if err := json.Unmarshal([]byte(c.text), want); err != nil {
			t.Fatal(err)
		}
		if err := Decode(doc, got); err != nil {
			t.Errorf("%T: %v", got, err)
		}
		if c, ok := want.(*ImageConfig); ok {
			c.History = nil // nothing runs by it
		}
		// An empty list is as good as none.
		equalEmpty := cmp.FilterValues(func(a, b []string) bool { return len(a)+len(b) == 0 }, cmp.Ignore())
		if diff := cmp.Diff(want, got, equalEmpty); diff != "" {
			t.Errorf("%T:\n%s", got, diff)
		}
	}
}

func TestDecodeWrong(t *testing.T) {
	for _, c := range []struct {
		into any
		text string
		want string
	}{
		{&Index{}, `[]`, "index should be an object and is an array"},
		{&Index{}, `{"manifests":{}}`, "manifests should be an array"},
		{&Index{}, `{"manifests":[{"digest":1}]}`, "digest should be a string and is a number"},
		{&Index{}, `{"manifests":[{"size":1.5}]}`, "size should be a whole number"},
		{&Index{}, `{"manifests":[{"size":1e300}]}`, "size should be a whole number"},
		{&Index{}, `{"manifests":[{"annotations":{"a":true}}]}`, "a should be a string and is true or false"},
		{&Index{}, `{"manifests":[{"data":"?"}]}`, "data should be base64"},
		{&ImageConfig{}, `{"config":{"Env":["A=1",2]}}`, "Env should be strings"},
		{&[]SavedImage{}, `{}`, "manifest.json should be an array and is an object"},
	} {
		var doc any
		if err := json.Unmarshal([]byte(c.text), &doc); err != nil {
			t.Fatal(err)
		}
		if err := Decode(doc, c.into); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.text, err, c.want)
		}
	}
}

// FuzzDecode: whatever is JSON gives an error or a document.
func FuzzDecode(f *testing.F) {
	for _, c := range documents {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var doc any
		if json.Unmarshal([]byte(text), &doc) != nil {
			return
		}
		for _, c := range documents {
			v := c.into()
			if Decode(doc, v) == nil && reflect.ValueOf(v).IsNil() {
				t.Error("nothing came of it")
			}
		}
	})
}
