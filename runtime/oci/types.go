package oci

import "boxer/runtime/oci/spec"

// The plain types of images are package spec's, which boxes use without this
// package; here they go by the same names.
type (
	Config         = spec.Config
	Platform       = spec.Platform
	Digest         = spec.Digest
	DigestError    = spec.DigestError
	NoVariantError = spec.NoVariantError
	Tar            = spec.Tar
)

// The platforms that boxer runs, best first.
var (
	LinuxArm64 = spec.LinuxArm64
	WasiWasm   = spec.WasiWasm
	Wasip1Wasm = spec.Wasip1Wasm
)

// ParsePlatform is spec.ParsePlatform.
func ParsePlatform(s string) (Platform, error) { return spec.ParsePlatform(s) }

// ParseDigest is spec.ParseDigest.
func ParseDigest(s string) (Digest, error) { return spec.ParseDigest(s) }

// DigestBytes is spec.DigestBytes.
func DigestBytes(p []byte) Digest { return spec.DigestBytes(p) }
