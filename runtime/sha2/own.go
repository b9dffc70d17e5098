//go:build js

package sha2

import "hash"

// New256 starts a SHA-256.
func New256() hash.Hash { return newDigest(false) }

// New512 starts a SHA-512.
func New512() hash.Hash { return newDigest(true) }

// Sum256 is the SHA-256 of p.
func Sum256(p []byte) (sum [Size256]byte) {
	d := digest{}
	d.Reset()
	d.Write(p)
	d.Sum(sum[:0])
	return sum
}
