package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"boxer/runtime/box"
	"boxer/runtime/diskstore"
	"boxer/runtime/engine/wazero"
)

// Sizes of the caches on disk, in bytes.
const (
	codeCache        = 512 << 20
	translationCache = 512 << 20
)

// newEngine makes the engine and opens the store of translations. A cache
// that cannot be used costs time, not the run.
func newEngine(dir string, cfg *box.Config) (close func(), err error) {
	engineConfig := wazero.Config{}
	if dir != "" {
		store, err := diskstore.Open(filepath.Join(dir, "translations"), translationCache)
		if err != nil {
			warn("%v; going on without a cache", err)
		} else {
			cfg.Translations = &ownTranslations{store, buildMark()}
			engineConfig = wazero.Config{CacheDir: filepath.Join(dir, "code"), CacheSize: codeCache}
		}
	}
	eng, err := wazero.New(engineConfig)
	if err != nil && engineConfig.CacheDir != "" {
		warn("%v; going on without a cache", err)
		eng, err = wazero.New(wazero.Config{})
	}
	if err != nil {
		return nil, err
	}
	cfg.Engine = eng
	return func() { eng.Close() }, nil
}

// ownTranslations are the translations that this very build of boxer made. A
// translator that was changed without a new translate.Version must not run
// what an older one made.
type ownTranslations struct {
	store *diskstore.Store
	mark  [sha256.Size]byte
}

func (o *ownTranslations) key(key [32]byte) diskstore.Key {
	return sha256.Sum256(append(o.mark[:], key[:]...))
}

func (o *ownTranslations) Get(key [32]byte) ([]byte, bool) { return o.store.Get(o.key(key)) }
func (o *ownTranslations) Put(key [32]byte, data []byte)   { o.store.Put(o.key(key), data) }

// buildMark tells this executable from others by its size and time of change:
// hashing it would take longer than most boxes run.
func buildMark() [sha256.Size]byte {
	mark := version + runtime.Version()
	if path, err := os.Executable(); err == nil {
		if st, err := os.Stat(path); err == nil {
			mark += fmt.Sprint(st.Size(), st.ModTime().UnixNano())
		}
	}
	return sha256.Sum256([]byte(mark))
}
