package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"

	"boxer/e2e/browser"
	"boxer/e2e/guests"
	"boxer/e2e/pagerun"
	"boxer/e2e/site"
	"boxer/runtime/oci"
)

// A page is the runner "chromium": each program runs in a box of a page. This
// binary, run with -page, stands for boxer there.
type page struct {
	browser *browser.Browser
	server  *pagerun.Server
	image   string
	self    string
}

func startPage(p *programs, work string) (*page, error) {
	dist, err := site.Files()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	tree := oci.NewTree()
	defer tree.Close()
	if err := tree.AddDir(p.rootfs); err != nil {
		return nil, err
	}
	image := filepath.Join(work, "rootfs.tar")
	if err := guests.WriteImage(image, tree, oci.PackOptions{}); err != nil {
		return nil, err
	}
	b, err := browser.Launch(browser.Chromium, browser.Options{})
	if err != nil {
		return nil, err
	}
	return &page{b, pagerun.Start(b, dist, limit), image, self}, nil
}

func (p *page) command(ctx context.Context, prog string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, p.self, append([]string{"-page", p.server.URL, "run", p.image, prog}, args...)...)
}

func (p *page) close() {
	p.server.Close()
	p.browser.Close()
}

// measurePage fills Rows with what only a page has. What cannot be had is a
// note.
func (rep *report) measurePage(o options, p *programs) {
	if p.page == nil {
		return
	}
	boxer, _ := filepath.Abs(o.boxer)
	for _, err := range []error{rep.measureFrames(p.page), rep.measureSite(boxer, o.work)} {
		if err != nil {
			rep.Notes = append(rep.Notes, firstLine(err))
		}
	}
}
