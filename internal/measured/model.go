package measured

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/runlog"
)

// fewestRuns is how many runs it takes to say how long they take.
const fewestRuns = 5

// Model is how runs of a task went, as a plan's `model` says it.
type Model struct {
	Runs     int     `json:"runs"`     // that came to their own end
	Takes    float64 `json:"takes_s"`  // their mean
	Varies   float64 `json:"varies"`   // their standard deviation, as a share of it
	Succeeds float64 `json:"succeeds"` // share of them
	Cut      int     `json:"cut_short,omitempty"`
}

// modelOf sums up the runs of a task on all devices; nil: there are too few. Those that were
// stopped or killed say only that they would have taken longer.
func modelOf(rows []Row, task string) *Model {
	var m Model
	var took []float64
	good, sum := 0, 0.0
	for i := range rows {
		d := rows[i].device
		for k := range d.Runs {
			r := &d.Runs[k]
			if r.Task != task {
				continue
			}
			switch r.Outcome {
			case runlog.Stopped, runlog.Killed:
				m.Cut++
			case runlog.Success, runlog.Retry, runlog.Failure:
				if r.Outcome == runlog.Success {
					good++
				}
				s := max(r.Ended.Sub(r.Started).Seconds(), 0)
				took, sum = append(took, s), sum+s
			}
		}
	}
	if m.Runs = len(took); m.Runs < fewestRuns {
		return nil
	}
	mean, squares := sum/float64(m.Runs), 0.0
	for _, s := range took {
		squares += (s - mean) * (s - mean)
	}
	const milli = 1000
	m.Takes = max(math.Round(mean*milli), 1) / milli
	m.Varies = min(math.Round(math.Sqrt(squares/float64(m.Runs))/m.Takes*100)/100, 1)
	m.Succeeds = math.Floor(float64(good)/float64(m.Runs)*milli) / milli // 1 only if all do
	return &m
}

// words are a line for a plan.
func (m *Model) words() string {
	takes := time.Duration(m.Takes * float64(time.Second)).Round(time.Millisecond)
	switch { // as exact as it can be
	case takes > time.Minute:
		takes = takes.Round(time.Second)
	case takes > time.Second:
		takes = takes.Round(100 * time.Millisecond)
	}
	return modelText(takes, m.Varies, m.Succeeds)
}

func were(n int) string {
	if n == 1 {
		return "1 more was"
	}
	return strconv.Itoa(n) + " more were"
}

func modelText(takes time.Duration, varies, succeeds float64) string {
	parts := []string{"takes: " + strings.Replace(takes.String(), "m0s", "m", 1)}
	if varies > 0 {
		parts = append(parts, "varies: "+strconv.FormatFloat(varies, 'f', -1, 64))
	}
	if succeeds < 1 {
		parts = append(parts, "succeeds: "+strconv.FormatFloat(succeeds, 'f', -1, 64))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// beside says of how many runs it is, and what a plan has in its place.
func (m *Model) beside(has *plan.Model) string {
	out := "of " + many(m.Runs, "run")
	if m.Cut > 0 {
		out += fmt.Sprintf("; %s cut short, and would have taken longer", were(m.Cut))
	}
	if has != nil {
		const million = 1e6
		if now := modelText(has.Takes, float64(has.Varies)/million, float64(has.Succeeds)/million); now != m.words() {
			out += "; the plan has " + now
		}
	}
	return out
}
