package browser

import (
	"os"
	"testing"
)

// Each runs a test in Chromium, and in Firefox and WebKit under `make
// browsers` (BOXER_BROWSERS=1), which is too long for every change.
func Each(t *testing.T, test func(t *testing.T, kind Kind)) {
	t.Helper()
	for _, kind := range []Kind{Chromium, Firefox, WebKit} {
		t.Run(string(kind), func(t *testing.T) {
			if kind != Chromium && os.Getenv("BOXER_BROWSERS") == "" {
				t.Skip("runs in make browsers")
			}
			test(t, kind)
		})
	}
}
