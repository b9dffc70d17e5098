package persist

import (
	"errors"
	"fmt"

	"boxer/runtime/abi"
)

// A Store keeps values by key and changes them in transactions. It is used by
// one FS at a time.
type Store interface {
	// Get reads values as the last transaction left them; nil stands for a
	// key that is not there. It may wait.
	Get(keys ...string) ([][]byte, error)
	// Begin starts a transaction. There is one at a time.
	Begin() (Tx, error)
	// Close gives the store back.
	Close() error
}

// A Tx is a transaction. None of it is visible before Commit.
type Tx interface {
	// Put sets a value, which is not used after Put returns. It does not wait.
	Put(key string, value []byte) error
	// Add is Put for a key that is not there. Where it is after all, Commit
	// fails with ErrBusy: somebody else writes to the store.
	Add(key string, value []byte) error
	// Delete removes a key, which need not be there. It does not wait.
	Delete(key string) error
	// Commit makes it all durable, and waits for that. After an error nothing
	// of it has happened.
	Commit() error
	// Abort gives it up, also after an error of Put or Delete.
	Abort()
}

// Errors of Open and of flushes.
var (
	// ErrRefused: the host gives no storage.
	ErrRefused = errors.New("there is no storage")
	// ErrBusy: another box uses the stored files.
	ErrBusy = errors.New("in use by another box")
	// ErrClosed: the FS was closed.
	ErrClosed = errors.New("the stored files were closed")
)

// QuotaError says that the host gives no more room. The guest gets ENOSPC.
type QuotaError struct {
	Used, Quota int64 // bytes; 0: unknown
	Err         error
}

func (e *QuotaError) Error() string {
	if e.Quota == 0 {
		return fmt.Sprintf("there is no more room: %v", e.Err)
	}
	return fmt.Sprintf("there is no more room: %d of %d bytes are used", e.Used, e.Quota)
}

// Is makes it abi.ENOSPC.
func (e *QuotaError) Is(err error) bool { return err == abi.ENOSPC }

// Unwrap is the host's error.
func (e *QuotaError) Unwrap() error { return e.Err }

// DamagedError says that what is stored cannot be what was saved.
type DamagedError struct {
	Name string // of the stored files
	What string
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("the stored files %q are damaged: %s. Nothing was changed: keep the box's files under another name, "+
		"or open these with salvage to export what can be read", e.Name, e.What)
}

// ImageError says that stored files stand on another image.
type ImageError struct {
	Name         string
	Stored, Here []string // digests of the layers, lowest first
}

func (e *ImageError) Error() string {
	return fmt.Sprintf("the stored files %q belong to another image (layers %s, not %s): start the image that they were made with, "+
		"or keep this one's files under another name", e.Name, short(e.Stored), short(e.Here))
}

// short prints the last digest of a list, which tells images apart best.
func short(digests []string) string {
	if len(digests) == 0 {
		return "none"
	}
	d := digests[len(digests)-1]
	if len(d) > 19 {
		d = d[:19] + "…"
	}
	if len(digests) == 1 {
		return d
	}
	return fmt.Sprintf("%s and %d below", d, len(digests)-1)
}
