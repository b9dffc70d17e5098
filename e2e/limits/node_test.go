//go:build !js

package limits_test

import (
	"os"
	"testing"

	"boxer/jsbridge/nodetest"
)

// TestInNode runs this package's tests on V8.
func TestInNode(t *testing.T) {
	t.Setenv(imageVar, busybox(t))
	nodetest.Run(t, "../../jsbridge", []string{"engine_js_test.go", os.Getenv(imageVar)}, ".")
}
