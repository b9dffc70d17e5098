package page_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"boxer/e2e/browser"
	"boxer/e2e/site"
)

// TestPageEightBoxes has eight boxes at once, each of which computes.
func TestPageEightBoxes(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		p := boxes(t, kind)
		var got []string
		eval(t, p, &got, `async () => {
			const all = await Promise.all(Array.from({ length: 8 }, () => box()));
			const results = await Promise.all(all.map((b, i) => sh(b, "while [ $((n=n+1)) -le 200 ]; do s=$((s+n)); done; echo $s; echo box " + i + " | cat")));
			await Promise.all(all.map((b) => b.stop()));
			return results.map((r) => r.stdout + r.stderr + r.exitCode);
		}`, nil)
		if len(got) != 8 {
			t.Fatalf("%d results", len(got))
		}
		for i, s := range got {
			if want := fmt.Sprintf("20100\nbox %d\n0", i); s != want {
				t.Errorf("box %d: %q, want %q", i, s, want)
			}
		}
	})
}

// TestPageBoxAfterBox makes boxes one after another. Memory must not grow with
// their number.
func TestPageBoxAfterBox(t *testing.T) {
	s := serve(t, site.Options{}, plain)
	b := start(t, browser.Chromium)
	p := b.Open(t, s.URL+"/", browser.PageOptions{})
	after := func(n int) float64 {
		for range n {
			works(t, p)
		}
		if err := p.CDP(nil, "HeapProfiler.collectGarbage", nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond) // what ended workers held is given back by and by
		return resident(t, b)
	}
	first, rest := scale(10, 5), scale(40, 10)
	before := after(first)
	then := after(rest)
	t.Logf("renderers after %d boxes: %.0f MiB, after %d more: %.0f MiB", first, before, rest, then)
	if then > before*1.1+10 {
		t.Errorf("the renderers grew from %.0f to %.0f MiB", before, then)
	}
}

// TestPageFortyProcesses keeps forty processes alive at once, each with a part
// in the work.
func TestPageFortyProcesses(t *testing.T) {
	browser.Each(t, func(t *testing.T, kind browser.Kind) {
		p := boxes(t, kind)
		var got []string
		eval(t, p, &got, `async () => {
			const b = await box();
			const cats = Array(40).fill("cat").join(" | ");
			const piped = await sh(b, "(until [ $(ls -d /proc/[0-9]* | wc -l) -gt 42 ]; do sleep 0.1; done; echo through forty) | " + cats);
			const forked = await sh(b, "for i in $(seq 40); do (sleep 1; echo $i) & done; wait; echo all");
			await b.stop();
			return [piped.stdout, forked.stdout];
		}`, nil)
		if got[0] != "through forty\n" {
			t.Errorf("forty cats gave %q", got[0])
		}
		if n := strings.Count(got[1], "\n"); n != 41 || !strings.HasSuffix(got[1], "all\n") {
			t.Errorf("forty jobs gave %q", got[1])
		}
	})
}
