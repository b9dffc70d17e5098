//go:build js

package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"boxer/jsbridge/port"
	"boxer/jsbridge/translations"
	"boxer/jsbridge/wasmhost"
	"boxer/runtime/oci/remote"
	"boxer/runtime/translate"
	"boxer/runtime/translate/ahead"
)

// patience is how long a box waits for its translations. What has not come by
// then is translated here, until it comes.
const patience = 5 * time.Second

// loadTranslations starts to load the translations that came with the image. The set is
// nil where there are none of use; wait waits until they are there, or not much
// longer. Without them a box is slower at first, and else the same: what is wrong with
// them is a line of the log.
func loadTranslations(image *remote.Image, eng *wasmhost.Engine, p *translate.Profile) (set *ahead.Set, wait func()) {
	wait = func() {}
	files, err := image.Translations()
	if err == nil && len(files) == 0 {
		return nil, wait
	}
	byName := map[string]*remote.ArtifactFile{}
	for i := range files {
		byName[files[i].Name] = &files[i]
	}
	index := byName[ahead.IndexName]
	var text []byte
	switch {
	case err != nil:
	case index == nil:
		err = fmt.Errorf("they have no %s", ahead.IndexName)
	default:
		if text, err = index.Read(context.Background()); err == nil {
			set, err = ahead.Parse(text)
		}
	}
	if err == nil && !set.Fits(p) {
		err = fmt.Errorf("another version of boxer made them (%s)", set.Identity)
	}
	if err != nil {
		logLine("the image's translations cannot be used: " + err.Error())
		return nil, wait
	}
	if base, ok := strings.CutSuffix(index.URL, ahead.IndexName); ok && base != "" {
		return set, fetchTranslations(eng, set, base, p)
	}
	for _, m := range set.Modules { // of an archive
		f := byName[m.Name]
		if f == nil || m.Rest || !m.Fits(p) {
			continue
		}
		bin, err := f.Read(context.Background())
		if err == nil {
			err = set.ProvideBytes(m, bin)
		}
		if err != nil {
			logLine("a translation cannot be used: " + err.Error())
		}
	}
	return set, wait
}

// fetchTranslations has them fetched and compiled from their own addresses.
func fetchTranslations(eng *wasmhost.Engine, set *ahead.Set, base string, p *translate.Profile) (wait func()) {
	done, total := 0, translations.Size(set, p, false)
	loading := translations.Load(eng, set, base, p, false, func(n int) {
		done += n
		port.Post(map[string]any{"t": "progress", "what": "translations", "done": done, "total": total})
	})
	ended := make(chan struct{})
	go func() {
		if err := loading.Wait(); err != nil {
			logLine("a translation cannot be used: " + err.Error())
		}
		close(ended)
	}()
	return func() {
		select {
		case <-ended:
		case <-time.After(patience):
		}
	}
}
