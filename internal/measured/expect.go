package measured

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/runlog"
	"github.com/lullwork/lull/internal/sim/report"
)

// Verdict is what became of an expectation of the plan. Shares are millionths.
type Verdict struct {
	Line    int      `json:"line"`   // in the plan
	Expect  string   `json:"expect"` // in words
	Share   string   `json:"share"`  // of what: devices or works
	Want    int64    `json:"want"`   // share
	Met     int      `json:"met"`
	Unknown int      `json:"unknown"` // where the logs do not say it
	Of      int      `json:"of"`
	Among   []string `json:"among,omitempty"` // it is expected of these people only; a log does not say whose it is
	State   State    `json:"state"`
}

// State is an answer.
type State string

// The answers.
const (
	Met     State = "met"
	Missed  State = "missed"
	Unknown State = "unknown" // it depends on what the logs do not say
)

const million = 1_000_000

func judge(e *plan.Expect, rows []Row, task string) []Verdict {
	v := Verdict{Line: e.Line, Share: "devices", Want: e.Devices, Among: e.Among, Of: len(rows)}
	of := func(state func(*Row) State) {
		for i := range rows {
			switch state(&rows[i]) {
			case Met:
				v.Met++
			case Unknown:
				v.Unknown++
			case Missed:
			}
		}
	}
	switch {
	case e.Fresh > 0:
		v.Expect = "data never older than " + report.Span(seconds(e.Fresh))
		of(func(r *Row) State { return fresh(r, task, e.Fresh) })
	case e.Within > 0:
		v.Expect = "done within " + report.Span(seconds(e.Within))
		v.Share, v.Want, v.Of = "works", e.Works, 0
		v.within(e.Within, rows, task)
	default:
		v.Expect = strconv.FormatFloat(float64(e.PerDay)/1000, 'f', -1, 64) + " runs a day"
		of(func(r *Row) State { return often(r, float64(e.PerDay)/1000) })
	}
	v.State = Unknown
	switch all := int64(v.Of) * v.Want; {
	case v.Of == 0:
	case int64(v.Met)*million >= all:
		v.State = Met
	case int64(v.Met+v.Unknown)*million < all:
		v.State = Missed
	}
	return []Verdict{v}
}

// fresh tells whether a task's data was never older than a span. The age is that of the
// last run that succeeded.
func fresh(r *Row, task string, most time.Duration) State {
	if r.device.Span() < most {
		return Unknown // too short to show it
	}
	state := Met
	for _, g := range r.device.SuccessGaps(task) {
		switch {
		case g.Length() <= most:
		case g.Kind == runlog.NoRecord, g.Kind == runlog.Partly && g.Length()-g.Silent <= most:
			state = Unknown
		default:
			return Missed
		}
	}
	return state
}

// often tells whether a task ran so often a day. Runs that are missed may be in a time
// without a record.
func often(r *Row, want float64) State {
	if r.tally.PerDay < 0 {
		return Unknown
	}
	if r.tally.PerDay >= want {
		return Met
	}
	var silent time.Duration
	for _, g := range r.tally.Gaps {
		if g.Kind == runlog.NoRecord && g.Length() > time.Duration(float64(day)/want) {
			silent += g.Length()
		}
	}
	days := float64(r.Days)
	if r.tally.PerDay*days+silent.Hours()/24*want >= days*want {
		return Unknown
	}
	return Missed
}

const day = 24 * time.Hour

// within counts the works that were done in time, of those of which it is known when they
// were asked for.
func (v *Verdict) within(most time.Duration, rows []Row, task string) {
	for i := range rows {
		asked := map[time.Time]State{}
		for _, r := range rows[i].device.RunsOf(task) {
			if r.Scheduled.IsZero() {
				v.Of++
				v.Unknown++
				continue
			}
			if state, ok := asked[r.Scheduled]; !ok || state != Met { // retries are of the same work
				asked[r.Scheduled] = Missed
				if r.Outcome == runlog.Success && r.Ended.Sub(r.Scheduled) <= most {
					asked[r.Scheduled] = Met
				}
			}
		}
		for _, state := range asked {
			v.Of++
			if state == Met {
				v.Met++
			}
		}
	}
}

// words tells a verdict.
func (v *Verdict) words() string {
	s := fmt.Sprintf("%s: %s; met by %d of %s", v.Expect, v.State, v.Met, many(v.Of, strings.TrimSuffix(v.Share, "s")))
	if v.Unknown > 0 {
		s += fmt.Sprintf(", unknown of %d", v.Unknown)
	}
	return s + fmt.Sprintf("; %s wanted", report.Percent(v.Want))
}
