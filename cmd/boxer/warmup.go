package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"boxer/cmd/boxer/site"
	"boxer/runtime/box"
	"boxer/runtime/box/warmup"
	"boxer/runtime/oci"
	"boxer/wasmfs/tarfs"
)

// warmupTime bounds the run that finds out what a program needs.
const warmupTime = 2 * time.Minute

// typed is what somebody at the keyboard types during that run, whatever the
// program is: most that wait for input are shells. See runtime/RATIONALE.md.
var typed = []string{"echo\n", "exit\n"}

// warmUp runs the program for a moment and gives the export what the run left:
// translations, and which parts of the layers were read. A program that fails has still
// been run; the error is of one that cannot be.
func warmUp(ctx context.Context, cfg *site.Config, dir string, quiet bool) error {
	if !quiet {
		p := newProgress()
		p.say("running the program once")
		defer p.clear()
	}
	var c box.Config
	closeEngine, err := newEngine(dir, &c)
	if err != nil {
		return err
	}
	defer closeEngine()
	ctx, cancel := context.WithTimeout(ctx, warmupTime)
	defer cancel()
	res, err := warmup.Run(ctx, warmup.Config{
		Engine: c.Engine, Image: cfg.Image.Spec(), Layers: cfg.Layers,
		Args: cfg.Command, Env: cfg.Env, WorkDir: cfg.WorkDir, User: cfg.User, TTY: cfg.TTY, Input: typed,
	})
	if err != nil {
		return fmt.Errorf("the program could not be run here: %w", err)
	}
	if res.Status.Err != nil {
		return errors.Join(errors.New("the program could not be run here"), res.Status.Err)
	}
	for _, f := range res.Files {
		mediaType := "application/wasm"
		if !strings.HasSuffix(f.Name, ".wasm") {
			mediaType = "text/plain"
		}
		cfg.Translations = append(cfg.Translations, oci.ArtifactFile{Name: f.Name, MediaType: mediaType, Data: f.Data})
	}
	for _, reads := range res.Reads {
		var ranges []tarfs.Range
		for _, r := range reads {
			ranges = append(ranges, tarfs.Range{Start: r.Off, Size: r.Len})
		}
		cfg.Prefetch = append(cfg.Prefetch, ranges)
	}
	return nil
}
