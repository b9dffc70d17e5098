//go:build js

package main

import (
	"bytes"
	"errors"
	"syscall/js"

	"boxer/jsbridge/port"
	"boxer/runtime/oci"
	"boxer/runtime/oci/spec"
)

// openImage opens what options.image stands for.
func openImage(v js.Value, base string) (*spec.Image, []*spec.Tar, error) {
	if v.Type() != js.TypeObject {
		return nil, nil, errNoImage
	}
	data, ok := port.Bytes(v.Get("bytes"))
	if !ok {
		return nil, nil, errors.New("the image must be given as bytes")
	}
	image, err := oci.OpenArchive(bytes.NewReader(data), int64(len(data)), "image", oci.Options{})
	if err != nil {
		return nil, nil, err
	}
	layers, err := image.OpenLayers()
	return image.Spec(), layers, err
}
