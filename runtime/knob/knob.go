// Package knob is the registry of debug switches. A package declares one
// where it is used, the command line or the page turns it on by name, and
// off it costs one atomic load:
//
//	var strace = knob.New("strace", "print each system call")
//
//	if strace.Enabled() { … }
//
// BOXER_DEBUG=strace,jit on the command line and ?debug=strace,jit in the page
// end in Set; `boxer help debug` prints All.
package knob

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// A Knob is one switch, off until Set names it.
type Knob struct {
	name, purpose string
	on            atomic.Bool
}

var (
	mu  sync.Mutex
	all = map[string]*Knob{}
)

// New registers a switch. name is what users type; purpose says in one line
// what turning it on does. It is called from package variables: a name that
// is empty, holds a comma or space, or is taken is a bug.
func New(name, purpose string) *Knob {
	mu.Lock()
	defer mu.Unlock()
	if name == "" || strings.ContainsAny(name, ", ") {
		panic(fmt.Sprintf("BUG: knob name %q", name))
	}
	if _, taken := all[name]; taken {
		panic(fmt.Sprintf("BUG: two knobs named %q", name))
	}
	k := &Knob{name: name, purpose: purpose}
	all[name] = k
	return k
}

// Name is what users type.
func (k *Knob) Name() string { return k.name }

// Purpose says in one line what turning it on does.
func (k *Knob) Purpose() string { return k.purpose }

// Enabled reports whether the switch is on.
func (k *Knob) Enabled() bool { return k.on.Load() }

// Set turns on the switches in a comma-separated list. Spaces and empty items
// are ignored. The error names every item that is no switch; the others are
// turned on all the same.
func Set(list string) error {
	mu.Lock()
	defer mu.Unlock()
	var unknown []string
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimSpace(item)
		if k := all[item]; k != nil {
			k.on.Store(true)
		} else if item != "" {
			unknown = append(unknown, fmt.Sprintf("%q", item))
		}
	}
	if unknown != nil {
		return fmt.Errorf("no such debug switch: %s (boxer help debug lists them)", strings.Join(unknown, ", "))
	}
	return nil
}

// All returns every switch that is linked in, by name.
func All() []*Knob {
	mu.Lock()
	defer mu.Unlock()
	ks := make([]*Knob, 0, len(all))
	for _, k := range all {
		ks = append(ks, k)
	}
	slices.SortFunc(ks, func(a, b *Knob) int { return strings.Compare(a.name, b.name) })
	return ks
}
