//go:build !js

package sha2

import (
	"crypto/sha256"
	"crypto/sha512"
	"hash"
)

// New256 starts a SHA-256.
func New256() hash.Hash { return sha256.New() }

// New512 starts a SHA-512.
func New512() hash.Hash { return sha512.New() }

// Sum256 is the SHA-256 of p.
func Sum256(p []byte) [Size256]byte { return sha256.Sum256(p) }
