package promised

import (
	"fmt"
	"strings"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/policy/promise"
)

// State is what can be said of an expectation before anything is simulated.
type State string

const (
	Missed    State = "missed"    // the platform excludes it
	Undecided State = "undecided" // it depends on people and their phones: lull sim decides
)

// Verdict is what becomes of an expectation on one platform.
type Verdict struct {
	Line   int    `json:"line"`
	Expect string `json:"expect"` // in words
	State  State  `json:"state"`
	Why    string `json:"why,omitempty"`
}

// whole is a share of one, in millionths.
const whole = 1_000_000

// judge says whether the platform excludes what is expected, by its floor alone: no
// value that is an assumption of ours counts for more than half of what it is.
func judge(t *plan.Task, p *promise.Promise, a *promise.Ask) *Verdict {
	e := t.Phone.Expect
	if e == nil {
		return nil
	}
	v := &Verdict{Line: e.Line, State: Undecided}
	miss := func(format string, args ...any) {
		if v.State == Undecided {
			v.State, v.Why = Missed, fmt.Sprintf(format, args...)
		}
	}
	f, share := p.Floor, e.Devices
	switch {
	case e.Fresh > 0:
		v.Expect = "data never older than " + words(e.Fresh) + " on " + percent(share) + " of devices"
		if f.Period > e.Fresh {
			miss("it runs every %s at best", words(f.Period))
		}
	case e.Within > 0:
		share = e.Works
		v.Expect = "done within " + words(e.Within) + " for " + percent(share) + " of works"
		if f.Start > e.Within {
			miss("nothing starts within %s of the submit", words(f.Start))
		}
		if most := inTime(f.Spacing, e.Within, a.Mean); most < share && !a.Front {
			miss("with one in %s on average, %s at most come when nothing is held; the others wait until %s after the last one that was delivered",
				words(a.Mean), percent(most), words(f.Spacing))
		}
	default:
		v.Expect = runs(e.PerDay) + " runs a day on " + percent(share) + " of devices"
		if f.Period > 0 && e.PerDay*int64(f.Period) > 1000*int64(24*time.Hour) {
			miss("it runs every %s at best", words(f.Period))
		}
	}
	if p.Class == promise.None && share > 0 {
		v.State, v.Why = Missed, "it never runs there"
	}
	return v
}

// inTime is the greatest share of arrivals, in millionths, that can be delivered within a
// time if for a spacing after each delivery nothing else is: they come at random, so many
// on average, and 1/(1+rate·dead time) of them find it open.
func inTime(spacing, within, mean time.Duration) int64 {
	dead := spacing - within
	if dead <= 0 || mean <= 0 {
		return whole
	}
	// Milliseconds keep the product in range.
	m, d := mean.Milliseconds(), dead.Milliseconds()
	open := whole * m / max(1, m+d)
	return open + (whole-open)*inFront/whole
}

// inFront is a share of the day, in millionths, that is more than an app is in front, where
// nothing is held: an hour.
const inFront = whole / 24

func words(d time.Duration) string { return core.InWords(d.Microseconds()) }

func percent(millionths int64) string {
	s := fmt.Sprintf("%d.%02d", millionths/10_000, millionths%10_000/100)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".") + " %"
}

func runs(thousandths int64) string {
	s := fmt.Sprintf("%d.%03d", thousandths/1000, thousandths%1000)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Missed reports whether the platforms exclude an expectation.
func (r *Report) Missed() bool {
	for i := range r.Tasks {
		for k := range r.Tasks[i].Platforms {
			if v := r.Tasks[i].Platforms[k].Expect; v != nil && v.State == Missed {
				return true
			}
		}
	}
	return false
}
