// Package limits_test runs boxes at their limits: more processes than there
// are memories for, and more memory than a box may have. The same tests run
// natively, by turns as in a page, and in Node on the page's engine.
package limits_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"runtime"
	"sync"
	"testing"

	"boxer/e2e/guests"
	"boxer/runtime/box"
	"boxer/runtime/engine"
	"boxer/runtime/kernel"
	"boxer/runtime/oci"
)

// imageVar names the image for tests that cannot make it: those in Node.
const imageVar = "BOXER_TEST_BUSYBOX"

func busybox(t *testing.T) string {
	t.Helper()
	if path := os.Getenv(imageVar); path != "" {
		return path
	}
	return guests.Busybox(t)
}

// A result is what a box did.
type result struct {
	out, err string
	log      []string
	status   kernel.ExitStatus
	stats    map[string]int64
	report   kernel.Report
	engine   *counting
}

// sh runs a shell script in a box of busybox, after change had a say.
func sh(t *testing.T, script string, change func(*box.Config, *counting)) (r result) {
	t.Helper()
	img, err := oci.Open(busybox(t), oci.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	layers, err := img.OpenLayers()
	if err != nil {
		t.Fatal(err)
	}
	eng, profile, err := newEngine()
	if err != nil {
		t.Fatal(err)
	}
	defer eng.Close()
	r.engine = &counting{Engine: eng}
	var stdout, stderr bytes.Buffer
	cfg := box.Config{
		Engine: r.engine, Profile: profile, Image: img.Spec(), Layers: layers,
		Entrypoint: []string{"sh", "-c", script},
		Stdout:     &stdout, Stderr: &stderr,
		Translations: &translations,
		Random:       rand.Reader,
		Serial:       true, Yield: runtime.Gosched,
		Log: func(line string) { r.log = append(r.log, line) },
	}
	change(&cfg, r.engine)
	b, err := box.Create(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	r.status = b.Wait(context.Background())
	if r.status.Err != nil {
		t.Fatal(r.status.Err)
	}
	r.out, r.err, r.stats, r.report = stdout.String(), stderr.String(), b.Stats(), b.Report()
	return r
}

// translations are kept from one box to the next, for speed.
var translations store

type store struct{ m sync.Map }

func (s *store) Get(key [32]byte) ([]byte, bool) {
	v, ok := s.m.Load(key)
	b, _ := v.([]byte)
	return b, ok
}

func (s *store) Put(key [32]byte, data []byte) { s.m.Store(key, data) }

// want fails the test unless the box ended with the code and printed out.
func (r *result) want(t *testing.T, code int, out string) {
	t.Helper()
	if got := r.status.ShellCode(); got != code || r.out != out {
		t.Errorf("exit code %d and output %q, want %d and %q; stderr %q, log %q", got, r.out, code, out, r.err, r.log)
	}
}

// counting counts the memories that live, and can refuse more than some.
type counting struct {
	engine.Engine
	live, most int
	refuse     int // 0: never
}

var errRefused = errors.New("no more memories here")

func (c *counting) NewMemory(min, max uint32) (engine.Memory, error) {
	if c.refuse > 0 && c.live >= c.refuse {
		return nil, errRefused
	}
	m, err := c.Engine.NewMemory(min, max)
	if err != nil {
		return nil, err
	}
	c.live++
	if c.most < c.live {
		c.most = c.live
	}
	return &counted{m, c}, nil
}

func (c *counting) NewBlock() engine.Block {
	if k, ok := c.Engine.(engine.BlockKeeper); ok {
		return &block{k.NewBlock()}
	}
	return nil
}

type block struct{ engine.Block }

func (b *block) Load(m engine.Memory, off, n uint64)  { b.Block.Load(m.(*counted).Memory, off, n) }
func (b *block) Store(m engine.Memory, off, n uint64) { b.Block.Store(m.(*counted).Memory, off, n) }

func (c *counting) Suspends() bool {
	s, ok := c.Engine.(engine.Suspender)
	return ok && s.Suspends()
}

type counted struct {
	engine.Memory
	c *counting
}

func (m *counted) CopyTo(dst engine.Memory, off, n uint64) bool {
	return m.Memory.CopyTo(dst.(*counted).Memory, off, n)
}

func (m *counted) Close() error {
	m.c.live--
	return m.Memory.Close()
}
