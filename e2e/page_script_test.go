package e2e

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"boxer/e2e/browser"
	"boxer/e2e/pagerun"
	"boxer/e2e/site"
)

// pageServerEnv makes this test's binary stand for boxer in a script that
// runs in a page: it takes what `boxer run` takes, and has the server whose
// address this is run it.
const pageServerEnv = "BOXER_E2E_PAGE"

// TestScriptsInPage runs the scripts of TestScripts in a page: each `boxer
// run` makes a box there.
func TestScriptsInPage(t *testing.T) {
	dist := site.Dist(t)
	for _, name := range []string{"boxer.js", "core.wasm"} { // tell Go what the result depends on
		if _, err := os.Stat(filepath.Join(dist, name)); err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		server := pagerun.Start(browser.Start(t, kind), dist, 2*time.Minute)
		t.Cleanup(server.Close)
		params := scriptParams("page")
		setup := params.Setup
		params.Setup = func(env *testscript.Env) error {
			env.Vars = append(env.Vars, pageServerEnv+"="+server.URL)
			return setup(env)
		}
		params.Cmds["boxer"] = func(ts *testscript.TestScript, neg bool, args []string) {
			cmdBoxer(ts, neg, self, args)
		}
		testscript.Run(t, params)
	})
}
