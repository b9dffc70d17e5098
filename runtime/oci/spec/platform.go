package spec

import (
	"fmt"
	"slices"
	"strings"
)

// Platform says what a variant of an image was built for (OCI image-spec,
// image-index.md, "platform").
type Platform struct {
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
	Variant      string `json:"variant,omitempty"`
}

// The platforms that boxer runs, best first. Both spellings of WASI preview 1
// are in use.
var (
	LinuxArm64 = Platform{OS: "linux", Architecture: "arm64"}
	WasiWasm   = Platform{OS: "wasi", Architecture: "wasm"}
	Wasip1Wasm = Platform{OS: "wasip1", Architecture: "wasm"}
	supported  = []Platform{LinuxArm64, WasiWasm, Wasip1Wasm}
)

// ParsePlatform reads "os/arch", "os/arch/variant" or "arch", the forms that
// --platform takes.
func ParsePlatform(s string) (Platform, error) {
	parts := strings.Split(strings.ToLower(s), "/")
	if slices.Contains(parts, "") || len(parts) > 3 {
		return Platform{}, fmt.Errorf("%q is not a platform: write it as linux/arm64", clip(s))
	}
	var p Platform
	switch len(parts) {
	case 1:
		p = Platform{OS: "linux", Architecture: parts[0]}
		if parts[0] == "wasm" {
			p.OS = "wasi"
		}
	case 2:
		p = Platform{OS: parts[0], Architecture: parts[1]}
	case 3:
		p = Platform{OS: parts[0], Architecture: parts[1], Variant: parts[2]}
	}
	return p.normal(), nil
}

// normal maps other tools' spellings to those of the specification.
func (p Platform) normal() Platform {
	switch p.Architecture {
	case "aarch64":
		p.Architecture = "arm64"
	case "x86_64", "x86-64":
		p.Architecture = "amd64"
	case "wasm32":
		p.Architecture = "wasm"
	}
	if p.Architecture == "arm64" && (p.Variant == "v8" || p.Variant == "8") {
		p.Variant = "" // every arm64 is v8
	}
	return p
}

func (p Platform) String() string {
	if p == (Platform{}) {
		return "an unknown platform"
	}
	s := p.OS + "/" + p.Architecture
	if p.Variant != "" {
		s += "/" + p.Variant
	}
	return s
}

// Supported reports whether boxer can run programs of p. Variants such as
// arm64/v9 name a newer baseline: their programs may not run, but may be
// asked for.
func (p Platform) Supported() bool {
	q := p.normal()
	q.Variant = ""
	return slices.Contains(supported, q)
}

// satisfies reports whether an image built for p is what want asks for.
func (p Platform) satisfies(want Platform) bool {
	p, want = p.normal(), want.normal()
	return p.OS == want.OS && p.Architecture == want.Architecture && p.Variant == want.Variant
}

// A NoVariantError reports an image that exists only for other platforms.
type NoVariantError struct {
	Image string
	Want  Platform // zero: any that boxer runs
	Have  []Platform
}

func (e *NoVariantError) Error() string {
	have := make([]string, len(e.Have))
	for i, p := range e.Have {
		have[i] = p.String()
	}
	want, hint := e.Want, ""
	if want == (Platform{}) {
		want = LinuxArm64
		hint = "; boxer runs linux/arm64 and wasi/wasm programs: save the image's arm64 variant (docker pull --platform linux/arm64 …, then docker save)"
	} else if slices.ContainsFunc(e.Have, Platform.Supported) {
		hint = "; leave --platform out to use the variant that boxer can run"
	}
	return fmt.Sprintf("image %s has no %s variant (it has %s)%s", e.Image, want, strings.Join(have, ", "), hint)
}

// ChoosePlatform picks the variant to run: the one asked for, else the best that
// boxer runs. It returns the index into have. image is the name for the error,
// a *NoVariantError where nothing fits.
func ChoosePlatform(image string, want Platform, have []Platform) (int, error) {
	wants := supported
	if want != (Platform{}) {
		wants = []Platform{want}
	}
	for _, w := range wants {
		if i := slices.IndexFunc(have, func(p Platform) bool { return p.satisfies(w) }); i >= 0 {
			return i, nil
		}
	}
	if len(have) == 0 {
		return 0, fmt.Errorf("image %s lists no variant at all", image)
	}
	return 0, &NoVariantError{image, want, have}
}
