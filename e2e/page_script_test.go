package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"boxer/e2e/browser"
	"boxer/e2e/site"
)

// pageServerEnv makes this test's binary stand for boxer in a script that
// runs in a page: it takes what `boxer run` takes, and has the server whose
// address this is run it.
const pageServerEnv = "BOXER_E2E_PAGE"

// A pageRun is `boxer run` as the page is asked for it, and pageResult what
// came of it.
type pageRun struct {
	Image      string    `json:"image"` // a path of this machine
	Argv       []string  `json:"argv"`  // nil: the image's own
	Env        []string  `json:"env"`
	Entrypoint *[]string `json:"entrypoint,omitempty"` // empty: none
	Workdir    string    `json:"workdir"`
	User       string    `json:"user"`
	Hostname   string    `json:"hostname"`
	Platform   string    `json:"platform"`
	Stdin      *[]byte   `json:"stdin"` // nil without -i
}

type pageResult struct {
	Code           int
	Stdout, Stderr []byte
}

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
		pages := site.Serve(t, site.Options{}, map[string]string{"/dist/": dist})
		pages.Text("/", `<!doctype html><title>scripts</title><script src="/dist/boxer.js"></script>`)
		runner := &pageRunner{t: t, b: browser.Start(t, kind), pages: pages}
		server := httptest.NewServer(runner)
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

// pageRunner answers the programs that stand for boxer. Each has a page of
// its own, which is kept for the next.
type pageRunner struct {
	t     *testing.T
	b     *browser.Browser
	pages *site.Server

	mu    sync.Mutex
	spare []*browser.Page
	dirs  map[string]string // of images, to where they are served
}

func (r *pageRunner) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var run pageRun
	var result pageResult
	err := json.NewDecoder(req.Body).Decode(&run)
	if err == nil {
		result, err = r.run(run)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	json.NewEncoder(w).Encode(result)
}

func (r *pageRunner) run(run pageRun) (pageResult, error) {
	run.Image = r.serve(run.Image)
	page, err := r.page()
	if err != nil {
		return pageResult{}, err
	}
	var got struct {
		Code           int
		Stdout, Stderr []byte // base64 in JSON, as the page encodes them
	}
	if err := page.EvalIn(2*time.Minute, &got, runInBox, run); err != nil {
		return pageResult{}, fmt.Errorf("%w\nthe page: %s", err, strings.Join(page.Console(), "\n"))
	}
	r.mu.Lock()
	r.spare = append(r.spare, page)
	r.mu.Unlock()
	return pageResult(got), nil
}

// serve makes an image's directory part of the site and returns its address.
func (r *pageRunner) serve(file string) string {
	dir, name := filepath.Split(file)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dirs == nil {
		r.dirs = map[string]string{}
	}
	prefix, ok := r.dirs[dir]
	if !ok {
		prefix = "/images/" + strconv.Itoa(len(r.dirs)) + "/"
		r.dirs[dir] = prefix
		r.pages.Mount(prefix, dir)
	}
	return prefix + name
}

func (r *pageRunner) page() (*browser.Page, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.spare); n > 0 {
		page := r.spare[n-1]
		r.spare = r.spare[:n-1]
		return page, nil
	}
	return r.b.OpenPage(r.pages.URL+"/", browser.PageOptions{})
}

// runInBox is `boxer run` in a page.
const runInBox = `async ({ image, argv, env, entrypoint, workdir, user, hostname, platform, stdin }) => {
	const base64 = (bytes) => {
		let s = "";
		for (let i = 0; i < bytes.length; i += 8192) s += String.fromCharCode(...bytes.subarray(i, i + 8192));
		return btoa(s);
	};
	const all = async (stream) => new Uint8Array(await new Response(stream).arrayBuffer());
	const text = (s) => base64(new TextEncoder().encode(s));
	let box;
	try {
		box = await Box.create({ image: new URL(image, location.href).href, ...hostname && { hostname } });
	} catch (e) {
		return { code: e.exitCode ?? 125, stdout: "", stderr: text("boxer: " + e.message + "\n") };
	}
	try {
		const proc = await box.spawn(argv, {
			init: true, env, stdin: stdin !== null,
			...entrypoint && { entrypoint }, ...workdir && { cwd: workdir }, ...user && { user },
		});
		const output = [all(proc.stdout), all(proc.stderr)];
		if (stdin !== null) {
			const writer = proc.stdin.getWriter();
			await writer.write(Uint8Array.from(atob(stdin), (c) => c.charCodeAt(0)));
			await writer.close();
		}
		const end = await proc.exited;
		const [stdout, stderr] = await Promise.all(output);
		const said = [...end.report ?? [], ...end.error ? [end.error] : []].map((line) => "boxer: " + line + "\n").join("");
		const whole = new Uint8Array([...stderr, ...new TextEncoder().encode(said)]);
		return { code: end.exitCode, stdout: base64(stdout), stderr: base64(whole) };
	} catch (e) {
		return { code: e.exitCode ?? 125, stdout: "", stderr: text("boxer: " + e.message + "\n") };
	} finally {
		await box.stop();
	}
}`

// runInPage is the program that stands for boxer. It returns the exit code.
func runInPage(server string, args []string) int {
	run, err := parseRun(args)
	if err == nil {
		var result pageResult
		if result, err = askPage(server, run); err == nil {
			os.Stdout.Write(result.Stdout)
			os.Stderr.Write(result.Stderr)
			return result.Code
		}
	}
	fmt.Fprintln(os.Stderr, "boxer:", err)
	return 125
}

func askPage(server string, run pageRun) (pageResult, error) {
	body, err := json.Marshal(run)
	if err != nil {
		return pageResult{}, err
	}
	answer, err := http.Post(server, "application/json", bytes.NewReader(body))
	if err != nil {
		return pageResult{}, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(answer.Body)
		return pageResult{}, errors.New(string(text))
	}
	var result pageResult
	return result, json.NewDecoder(answer.Body).Decode(&result)
}

// parseRun reads the arguments of `boxer run` that a page has a meaning for.
// What is the command line's own affair scripts mark with [cli].
func parseRun(args []string) (pageRun, error) {
	var run pageRun
	if len(args) == 0 || args[0] != "run" {
		return run, fmt.Errorf("a page has no command %q: mark the line with [cli]", args)
	}
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, name := range []string{"e", "env"} {
		flags.Func(name, "", func(v string) error {
			name, _, given := strings.Cut(v, "=")
			if host, ok := os.LookupEnv(name); !given && ok {
				v, given = name+"="+host, true
			}
			if given {
				run.Env = append(run.Env, v)
			}
			return nil
		})
	}
	text := func(p *string, names ...string) {
		for _, name := range names {
			flags.StringVar(p, name, "", "")
		}
	}
	text(&run.Workdir, "w", "workdir")
	text(&run.User, "u", "user")
	text(&run.Hostname, "h", "hostname")
	text(&run.Platform, "platform")
	flags.Func("entrypoint", "", func(v string) error {
		run.Entrypoint = &[]string{}
		if v != "" {
			run.Entrypoint = &[]string{v}
		}
		return nil
	})
	interactive := flags.Bool("i", false, "")
	flags.Bool("rm", false, "")
	flags.String("name", "", "")
	if err := flags.Parse(args[1:]); err != nil {
		return run, err
	}
	if flags.NArg() == 0 {
		return run, errors.New("requires at least 1 argument")
	}
	image, err := filepath.Abs(strings.TrimPrefix(flags.Arg(0), "oci-archive:"))
	if err != nil {
		return run, err
	}
	run.Image = image
	if rest := flags.Args()[1:]; len(rest) > 0 {
		run.Argv = rest
	}
	if *interactive {
		data, err := io.ReadAll(os.Stdin)
		if err != nil {
			return run, err
		}
		run.Stdin = &data
	}
	return run, nil
}
