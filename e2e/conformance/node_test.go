//go:build !js

package main

import (
	"testing"

	"boxer/jsbridge/nodetest"
)

// TestRecordedOnV8 replays the recorded set on the page's engine and profile,
// in the fast form. What the code under test is made of is linked into this
// binary, too, but for the files that are for js alone.
func TestRecordedOnV8(t *testing.T) {
	t.Parallel()
	nodetest.Run(t, "../../jsbridge", []string{"engine_js.go"}, "-v", "-run=^TestRecorded$", ".")
}
