package spec

import (
	"encoding/hex"
	"fmt"
	"hash"
	"strings"

	"boxer/runtime/sha2"
)

// A Digest names content by its hash, as "sha256:" or "sha512:" and lower-case
// hexadecimal digits (OCI image-spec, descriptor.md, "Digests"). A Digest made
// by this package is well formed, so it can be part of a path.
type Digest string

// digestSizes are the algorithms that are verified here, with the size of
// their hash in bytes.
var digestSizes = map[string]int{"sha256": sha2.Size256, "sha512": sha2.Size512}

// ParseDigest checks that s is a digest that can be verified.
func ParseDigest(s string) (Digest, error) {
	algorithm, digits, ok := strings.Cut(s, ":")
	if !ok {
		return "", fmt.Errorf("digest %q has no algorithm", clip(s))
	}
	size, known := digestSizes[algorithm]
	if !known {
		return "", fmt.Errorf("digest %q: only sha256 and sha512 can be verified", clip(s))
	}
	if len(digits) != 2*size || strings.Trim(digits, "0123456789abcdef") != "" {
		return "", fmt.Errorf("digest %q is not %d hexadecimal digits", clip(s), 2*size)
	}
	return Digest(s), nil
}

// Algorithm returns what stands before the colon.
func (d Digest) Algorithm() string { a, _, _ := strings.Cut(string(d), ":"); return a }

// Hex returns the hash as hexadecimal digits.
func (d Digest) Hex() string { _, h, _ := strings.Cut(string(d), ":"); return h }

// Short is the digest's beginning, enough to tell a person which one is meant.
func (d Digest) Short() string { return d.Algorithm() + ":" + d.Hex()[:12] }

// NewHash returns a hash of the digest's algorithm.
func (d Digest) NewHash() hash.Hash {
	if d.Algorithm() == "sha512" {
		return sha2.New512()
	}
	return sha2.New256()
}

// DigestBytes is the SHA-256 digest of p.
func DigestBytes(p []byte) Digest {
	sum := sha2.Sum256(p)
	return Digest("sha256:" + hex.EncodeToString(sum[:]))
}

// DigestOf is the digest of what was written to h, a SHA-256 or SHA-512.
func DigestOf(h hash.Hash) Digest {
	algorithm := "sha256"
	if h.Size() == sha2.Size512 {
		algorithm = "sha512"
	}
	return Digest(algorithm + ":" + hex.EncodeToString(h.Sum(nil)))
}

// A DigestError reports content that is not what its name says.
type DigestError struct {
	What      string // "layer", "manifest", "config"
	Want, Got Digest
}

func (e *DigestError) Error() string {
	return fmt.Sprintf("%s does not match its digest: it should be %s and is %s; the image is damaged or was changed: fetch or save it again", e.What, e.Want, e.Got)
}

// clip keeps a hostile string short enough for an error message.
func clip(s string) string {
	if len(s) > 100 {
		return s[:100] + "…"
	}
	return s
}
