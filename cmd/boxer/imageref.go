package main

import (
	"fmt"
	"os"
	"strings"
)

// An imageRef is what IMAGE on the command line means: a file or directory,
// and which of its images.
type imageRef struct {
	path      string
	reference string
}

// transports are the prefixes that skopeo and podman give to images in
// files.
var transports = []string{"oci:", "oci-archive:", "docker-archive:", "dir:"}

// parseImageRef finds the file that arg means. A name as registries have them
// is refused with what to do instead.
func parseImageRef(arg string) (imageRef, error) {
	for _, t := range transports {
		if rest, ok := strings.CutPrefix(arg, t); ok {
			if t == "dir:" {
				return imageRef{}, fmt.Errorf("%s: not supported yet: make it an OCI layout (skopeo copy %s oci:…)", arg, arg)
			}
			return splitReference(rest, true)
		}
	}
	if exists(arg) || looksLikePath(arg) {
		return splitReference(arg, true)
	}
	if ref, err := splitReference(arg, false); err == nil {
		return ref, nil
	}
	file := nameToFile(arg)
	return imageRef{}, fmt.Errorf(`%s: there is no such file, and pulling from registries is not supported yet.
Save the image's arm64 variant to a file and run that:

    docker pull --platform linux/arm64 %s
    docker save -o %s %s
    boxer run ./%s`, arg, arg, file, arg, file)
}

// splitReference takes PATH or PATH:NAME apart: the longest path that exists
// counts.
func splitReference(arg string, must bool) (imageRef, error) {
	if exists(arg) {
		return imageRef{path: arg}, nil
	}
	for i := len(arg) - 1; i > 0; i-- {
		if arg[i] == ':' && exists(arg[:i]) {
			return imageRef{arg[:i], arg[i+1:]}, nil
		}
	}
	if must {
		return imageRef{}, fmt.Errorf("%s: no such file or directory", arg)
	}
	return imageRef{}, os.ErrNotExist
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// looksLikePath tells "./x", "../x", "/x" and "x.tar" from image names.
func looksLikePath(arg string) bool {
	return strings.HasPrefix(arg, ".") || strings.HasPrefix(arg, "/") || strings.HasPrefix(arg, "~") ||
		strings.HasSuffix(arg, ".tar") || strings.HasSuffix(arg, ".tar.gz") || strings.HasSuffix(arg, ".tgz")
}

// nameToFile makes a file name of an image's: "org/app:1" gives "app.tar".
func nameToFile(name string) string {
	name = name[strings.LastIndex(name, "/")+1:]
	name, _, _ = strings.Cut(name, "@")
	name, _, _ = strings.Cut(name, ":")
	if name == "" {
		name = "image"
	}
	return name + ".tar"
}
