package limits_test

import (
	"strings"
	"testing"

	"boxer/runtime/box"
)

// live is a shell with forty processes at a time, half of them at the two ends of pipes.
const live = `
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 1000 & done
for i in 1 2 3 4 5 6 7 8 9 10; do
	( read x; read y; echo "$i:$x$y" ) < /tmp/f$i > /tmp/o$i &
	pipes="$pipes $!"
	( echo a; until [ -e /tmp/go ]; do sleep 0.2; done; echo b ) > /tmp/f$i &
	pipes="$pipes $!"
done
ls -d /proc/[0-9]* | wc -l
touch /tmp/go
wait $pipes
cat /tmp/o*
kill $(jobs -p) 2> /dev/null
exit 0
`

func liveScript() string {
	mk := "cd /tmp; for i in 1 2 3 4 5 6 7 8 9 10; do mkfifo f$i; done\n"
	return mk + live
}

const liveOut = "1:ab\n10:ab\n2:ab\n3:ab\n4:ab\n5:ab\n6:ab\n7:ab\n8:ab\n9:ab\n"

// TestManyProcesses: forty live processes share few memories; also where the
// engine gives fewer than the box could have.
func TestManyProcesses(t *testing.T) {
	for _, c := range []struct{ slots, refuse int }{{2, 0}, {8, 0}, {8, 3}} {
		r := sh(t, liveScript(), func(cfg *box.Config, e *counting) { cfg.Slots, e.refuse = c.slots, c.refuse })
		n, rest, _ := strings.Cut(r.out, "\n")
		if len(n) != 2 || n < "40" || rest != liveOut || r.status.ShellCode() != 0 {
			t.Errorf("%v: %s processes, output %q, stderr %q, status %d, log %q", c, n, rest, r.err, r.status.ShellCode(), r.log)
		}
		if r.engine.most > c.slots {
			t.Errorf("%v: %d memories lived at a time", c, r.engine.most)
		}
	}
}

// TestRunnable: more processes compute and talk than there are memories.
func TestRunnable(t *testing.T) {
	r := sh(t, `
cd /tmp
for i in 1 2 3 4 5 6; do ( n=0; while [ $n -lt 3000 ]; do n=$((n+1)); done; echo $n > c$i ) & done
seq 1 500 | while read x; do echo $((x*2)); done | tail -n 1
wait
cat c?
`, func(cfg *box.Config, _ *counting) { cfg.Slots = 3 })
	r.want(t, 0, "1000\n"+strings.Repeat("3000\n", 6))
}
