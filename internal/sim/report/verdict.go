package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/sim/phone"
	"github.com/lullwork/lull/internal/sim/population"
	"github.com/lullwork/lull/work"
)

// State is what became of an expectation.
type State string

// The states.
const (
	Met       State = "met"
	Missed    State = "missed"
	Undecided State = "undecided" // another value of an assumption changes the answer, or chance may have made it
	Unseen    State = "unseen"    // nothing happened that could show it
)

// Verdict is what became of one expectation on one platform for one archetype.
type Verdict struct {
	Task      string `json:"task"`
	Platform  string `json:"platform"`
	Archetype string `json:"archetype"`
	Line      int    `json:"line"`   // in the plan
	Expect    string `json:"expect"` // in words
	Share     string `json:"share"`  // of what: phones or works
	Want      int64  `json:"want"`   // share, millionths
	Got       int64  `json:"got"`
	Of        int64  `json:"of"` // devices or works that it is a share of
	State     State  `json:"state"`
	// Hinges are the assumptions on which the answer hangs.
	Hinges []string `json:"hinges,omitempty"`
	// Few is set if so few phones may have missed it by chance.
	Few bool `json:"few,omitempty"`
	// Reason is what held the works most, and Change what would help.
	Reason work.Code `json:"reason,omitempty"`
	Change string    `json:"change,omitempty"`
}

// worksShare is [Verdict.Share] of works.
const worksShare = "works"

// Judge compares what a plan expects with what came of a population.
func Judge(r *population.Result) []Verdict {
	var out []Verdict
	p := r.Config.Plan
	for i := range p.Tasks {
		t := &p.Tasks[i]
		if t.Phone.Expect == nil {
			continue
		}
		for k := range r.Groups {
			g := &r.Groups[k]
			if among := t.Phone.Expect.Among; len(among) > 0 && !slices.Contains(among, g.Archetype) {
				continue
			}
			if x := taskOf(&g.Tally, t.Name); x != nil {
				v := judge(t, x)
				v.Platform, v.Archetype = g.Platform, g.Archetype
				out = append(out, v)
			}
		}
	}
	return out
}

func judge(t *plan.Task, x *phone.TaskTally) Verdict {
	e := t.Phone.Expect
	v := Verdict{Task: t.Name, Line: e.Line, Share: "phones", Want: e.Devices}
	got := int64(0)
	switch {
	case e.Fresh > 0:
		v.Expect = "data never older than " + Span(int64(e.Fresh.Seconds()))
		got, v.Of = x.Fresh, x.FreshOf
	case e.Within > 0:
		v.Expect, v.Share, v.Want = "done within "+Span(int64(e.Within.Seconds())), worksShare, e.Works
		got, v.Of = x.InTime, x.InTimeOf
	default:
		v.Expect = fmt.Sprintf("%s runs a day", decimal(e.PerDay))
		got, v.Of = x.Often, x.Devices
	}
	v.Got = share(got, v.Of)
	switch {
	case v.Of == 0:
		v.State = Unseen
	case v.Got >= v.Want:
		v.State = Met
	default:
		v.State = Missed
		v.Reason, v.Change = blame(t, x)
		if v.Share != worksShare && byChance(got, v.Of, v.Want) { // works of one phone are no draws of their own
			v.State, v.Few = Undecided, true
		}
	}
	return v
}

// byChance reports whether of so many phones so few may get what a share of all do: in
// one draw of twenty or more they do, by the normal approximation with its correction for
// whole numbers (within a hundredth of the binomial distribution from three phones on,
// for shares of 50 % to 95 %). None of several is taken for what it looks like.
func byChance(got, of, want int64) bool {
	if got == 0 && of > 1 {
		return false // what never works is seldom chance
	}
	const (
		half    = million / 2
		squared = 2_706 // of 1.645, the 95th percentile, thousandths
	)
	short := want*of - got*million - half
	// short² > z² · of · want · (1 - want), in thousandths of a share so that it fits. A
	// square root is the same on every processor.
	const milli = million / 1000
	most := math.Sqrt(float64(squared * of * (want / milli) * (1000 - want/milli) / 1000))
	return short <= int64(most)*milli
}

func decimal(thousandths int64) string {
	if thousandths%1000 == 0 {
		return fmt.Sprint(thousandths / 1000)
	}
	return strings.TrimRight(fmt.Sprintf("%d.%03d", thousandths/1000, thousandths%1000), "0")
}

// blame names what held a task most, and the smallest change that helps.
func blame(t *plan.Task, x *phone.TaskTally) (work.Code, string) {
	if x.Refused > 0 && x.Runs == 0 {
		return phone.NotPending, "every request was refused (" + x.Refusals[0].Name + "): see lull promise"
	}
	var most phone.Wait
	for _, w := range x.Waits {
		if w.First > most.First {
			most = w
		}
	}
	failed := x.Runs - x.Succeeded - x.Cut
	if late := x.InTimeOf - x.InTime; most.Code == "" || late > 0 && failed*2 >= late {
		return "", "it ran, and did not succeed in time: look at model.succeeds and at how long runs take"
	}
	return most.Code, helps(most.Code)
}

// Missed reports whether some expectation is missed.
func (r *Report) Missed() bool {
	return slices.ContainsFunc(r.Expect, func(v Verdict) bool { return v.State == Missed })
}
