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
// later and that cannot be had are an error of that program, and the page is told, of the same
// only once.
func openImage(v js.Value, base string) (*remote.Image, error) {
	told := ""
	return pageimage.Open(context.Background(), v, pageimage.Options{
		Base: base,
		Progress: func(done, total int64) {
			port.Post(map[string]any{"t": "progress", "what": "image", "done": done, "total": total})
		},
		Failed: func(err error) {
			message := "A part of the image cannot be had, and what a program read of it failed: " + err.Error()
			if message == told {
				return // the program reads it again
			}
			told = message
			port.Post(map[string]any{"t": "notice", "kind": "image", "message": message})
		},
	})
}
