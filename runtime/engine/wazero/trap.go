package wazero

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"boxer/runtime/engine"
)

// trapKinds maps wazero's own words to kinds. Its error values are in an
// internal package; the texts are those of the specification's tests, and
// enginetest provokes each.
var trapKinds = map[string]engine.TrapKind{
	"unreachable":                   engine.TrapUnreachable,
	"out of bounds memory access":   engine.TrapOutOfBounds,
	"invalid table access":          engine.TrapTable,
	"indirect call type mismatch":   engine.TrapTable,
	"integer divide by zero":        engine.TrapDivide,
	"integer overflow":              engine.TrapDivide, // also of a float too large for the integer
	"invalid conversion to integer": engine.TrapConversion,
	"unaligned atomic":              engine.TrapUnaligned,
	"stack overflow":                engine.TrapStackOverflow,
	"expected shared memory":        engine.TrapOther,
	"too many waiters":              engine.TrapOther,
	"null reference":                engine.TrapOther,
	"uncaught exception":            engine.TrapOther,
}

// trapOf makes a Trap of an error of CallWithStack or InstantiateModule, or
// returns nil if it is none. A panic of a host function, which wazero turned
// into an error, goes on as a panic: it is a bug in boxer, not in the guest.
func trapOf(err error) *engine.Trap {
	var bug runtime.Error
	if errors.As(err, &bug) {
		panic(fmt.Sprintf("BUG: host function panicked: %v", err))
	}
	root := err
	for next := errors.Unwrap(root); next != nil; next = errors.Unwrap(root) {
		root = next
	}
	kind, ok := trapKinds[root.Error()]
	if !ok {
		if strings.Contains(err.Error(), "(recovered by wazero)") {
			panic(fmt.Sprintf("BUG: host function panicked: %v", err))
		}
		return nil
	}
	return &engine.Trap{Kind: kind, Detail: err.Error()}
}
