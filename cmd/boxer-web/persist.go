//go:build js

package main

import (
	"errors"
	"fmt"
	"syscall/js"

	"boxer/jsbridge/idb"
	"boxer/jsbridge/port"
	"boxer/runtime/box"
	"boxer/wasmfs/persist"
)

// openKept opens what options.persist names, nil where it names nothing. The page
// holds the lock that keeps two tabs apart: with options.readonly it has none.
func openKept(o js.Value) (*box.Persist, error) {
	name := port.Text(o.Get("persist"))
	if name == "" {
		return nil, nil
	}
	store, err := idb.Open(name)
	if err != nil {
		return nil, fmt.Errorf("persist=%q: %w", name, err)
	}
	return &box.Persist{
		Name:     name,
		Store:    store,
		ReadOnly: o.Get("readonly").Truthy(),
		Salvage:  o.Get("salvage").Truthy(),
		Failed:   notKept,
	}, nil
}

// notKept tells the page that what was written could not be kept, and nil that it is now.
func notKept(err error) {
	m := map[string]any{"t": "notice", "kind": "storage"}
	var q *persist.QuotaError
	switch {
	case err == nil:
		m["message"] = "What the box wrote is kept again."
	case errors.As(err, &q):
		m["message"] = "The browser gives this site no more room, so what the box writes now is not kept. Nothing that was synced is lost. " +
			"Remove files in the box, or export them: it tries again by itself. (" + q.Error() + ")"
		m["used"], m["quota"] = q.Used, q.Quota
	default:
		m["message"] = "What the box writes now is not kept: " + err.Error()
	}
	port.Post(m)
}

// aboutStorage reports whether a box could not start for what it was to keep.
func aboutStorage(err error) bool {
	var damaged *persist.DamagedError
	var image *persist.ImageError
	return errors.Is(err, persist.ErrRefused) || errors.As(err, &damaged) || errors.As(err, &image)
}
