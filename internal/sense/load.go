package sense

import (
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lullwork/lull/internal/record"
)

// The load is high while some task was stalled for at least a tenth of the time,
// over 10 s or in the 2 s window of a trigger.
const (
	pressureHundredths = 1000
	triggerHolds       = 2 * 2 * time.Second // two windows without an event end it
	recheckPressure    = 5 * time.Second     // later: as long as it has been high
)

var pressures = [...]string{"cpu", "io", "memory"}

// triggered holds when each pressure's trigger fired last, in nanoseconds since
// start. While the load is known to be high, more events only cost wake-ups.
type triggered struct {
	start time.Time
	at    [len(pressures)]atomic.Int64
	high  atomic.Bool
	since time.Duration // of high, if it is
	// heeded is whether somebody waits for the load. Else the poll's readings will do.
	heeded atomic.Bool
	look   func() // called when muted may have changed
}

func newTriggered() *triggered { return &triggered{start: time.Now(), look: func() {}} }

// muted tells whether events are of no interest now.
func (t *triggered) muted() bool { return t.high.Load() || !t.heeded.Load() }

// heed makes changes between two polls count from now on.
func (t *triggered) heed() (first bool) {
	first = !t.heeded.Swap(true)
	if first {
		t.look()
	}
	return first
}

func (t *triggered) fire(i int) {
	t.at[i].Store(int64(time.Since(t.start)) + 1)
	t.high.Store(true)
}

// set keeps whether the load is high and returns when to look again.
func (t *triggered) set(high bool) (again time.Duration) {
	before := t.high.Swap(high)
	switch {
	case !high:
		t.since = 0
		if before {
			t.look()
		}
		return 0
	case t.since == 0:
		t.since = time.Since(t.start)
	}
	if !t.heeded.Load() {
		return 0
	}
	return max(recheckPressure, time.Since(t.start)-t.since)
}

func (t *triggered) holds(i int) bool {
	at := t.at[i].Load()
	return at != 0 && time.Since(t.start)-time.Duration(at) < triggerHolds
}

// readLoad reads pressure stall information, else the load average: high then
// means as many tasks as processors.
func readLoad(procRoot string, fired *triggered) (out readings, again time.Duration) {
	defer func() { out[record.LoadHigh].rare = !fired.heeded.Load() }()
	seen := ""
	for i, name := range pressures {
		s, err := readFile(filepath.Join(procRoot, "proc/pressure", name))
		if err != nil {
			continue
		}
		avg10, ok := parsePressure(s)
		if !ok {
			continue
		}
		if avg10 >= pressureHundredths || fired.holds(i) {
			out[record.LoadHigh] = yes(true, "PSI "+name)
			return out, fired.set(true)
		}
		if seen != "" {
			seen += ", "
		}
		seen += name
	}
	if seen != "" {
		out[record.LoadHigh] = yes(false, "PSI "+seen)
		return out, fired.set(false)
	}
	load, ok := parseHundredths(firstField(attr(filepath.Join(procRoot, "proc/loadavg"))))
	if !ok {
		out[record.LoadHigh] = unknown("", "neither /proc/pressure nor /proc/loadavg can be read: mount procfs, or "+assume(record.LoadHigh, "no"))
		return out, 0
	}
	out[record.LoadHigh] = yes(load >= 100*processors(procRoot), "load average")
	return out, 0
}

func firstField(s string) string {
	f, _, _ := strings.Cut(s, " ")
	return f
}

// parsePressure returns avg10 of the line "some", in hundredths of a percent.
func parsePressure(s string) (int64, bool) {
	for line := range strings.Lines(s) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] != "some" {
			continue
		}
		if v, ok := strings.CutPrefix(f[1], "avg10="); ok {
			return parseHundredths(v)
		}
	}
	return 0, false
}

// parseHundredths reads a number as the kernel writes it, with two decimals.
func parseHundredths(s string) (int64, bool) {
	whole, frac, ok := strings.Cut(s, ".")
	if !ok || len(frac) != 2 {
		return 0, false
	}
	w, err1 := strconv.ParseUint(whole, 10, 32)
	f, err2 := strconv.ParseUint(frac, 10, 8)
	return int64(w*100 + f), err1 == nil && err2 == nil
}

// processors counts those online, which a limit on this process does not change.
func processors(procRoot string) int64 {
	stat, _ := readFile(filepath.Join(procRoot, "proc/stat"))
	var n int64
	for line := range strings.Lines(stat) {
		if rest, ok := strings.CutPrefix(line, "cpu"); ok && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
			n++
		}
	}
	if n == 0 {
		return int64(runtime.NumCPU())
	}
	return n
}
