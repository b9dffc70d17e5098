package box

import (
	"errors"

	"boxer/wasmfs"
	"boxer/wasmfs/chunk"
	"boxer/wasmfs/inode"
	"boxer/wasmfs/persist"
)

// Persist says where what is written in a box is kept, so that the next box of
// that name starts with it.
type Persist struct {
	// Name is what the user calls it.
	Name string
	// Store holds it. It belongs to the box, also when Create fails.
	Store persist.Store
	// ReadOnly starts with what is kept, and keeps nothing.
	ReadOnly bool
	// Salvage is ReadOnly for what is damaged: it takes what can be read.
	Salvage bool
	// Failed is told when what was written could not be kept, and nil when it
	// can be again. It is called in a goroutine of its own.
	Failed func(error)

	opened bool // persist.Open has taken the store over
}

// errNoIdentity: what is kept stands on the files below, and must find the same ones again.
var errNoIdentity = errors.New("only a box of an image can be kept: a bare root file system has no digest to know it by")

// keep is how newFiles opens what is kept, nil where nothing is.
func (p *Persist) keep(b *Box, cfg Config) keeper {
	if p == nil {
		return nil
	}
	if cfg.Image == nil {
		return func(wasmfs.FS, chunk.Options) (*persist.FS, error) { return nil, errNoIdentity }
	}
	var layers []string
	for _, d := range cfg.Image.Layers {
		layers = append(layers, string(d))
	}
	opt := persist.Options{Name: p.Name, Layers: layers, ReadOnly: p.ReadOnly, Salvage: p.Salvage, Failed: p.Failed}
	return func(lower wasmfs.FS, contents chunk.Options) (*persist.FS, error) {
		p.opened = true
		opt.Chunk = contents
		if cfg.Serial {
			// A call that is served from inside guest code must not wait for the store.
			opt.Chunk.MayWait = func() bool { return b.kernel == nil || !b.kernel.FastCall() }
		}
		opt.Inode = inode.Options{Lower: lower}
		return persist.Open(p.Store, opt)
	}
}

// close gives the store back that no file system has taken over.
func (p *Persist) close() {
	if !p.opened {
		p.Store.Close()
	}
}
