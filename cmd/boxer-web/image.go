//go:build js

package main

import (
	"context"
	"syscall/js"

	"boxer/jsbridge/pageimage"
	"boxer/jsbridge/port"
	"boxer/runtime/oci/remote"
)

// openImage opens what options.image stands for. Parts of it that a program reads
// later and that cannot be had are an error of that program and a line of the
// log.
func openImage(v js.Value, base string) (*remote.Image, error) {
	return pageimage.Open(context.Background(), v, pageimage.Options{
		Base: base,
		Progress: func(done, total int64) {
			port.Post(map[string]any{"t": "progress", "what": "image", "done": done, "total": total})
		},
		Failed: func(err error) { logLine("a part of the image is missing: " + err.Error()) },
	})
}
