package promise

import (
	"errors"
	"strconv"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Admit asks a platform whether it takes a request, on a device on which nothing is in
// the way, with the app in front or behind. If keep is set, what it takes is pending from
// then on.
func Admit(p core.Platform, seq int64, a *Ask, front, keep bool) error {
	j, err := Hand(p, seq, a, front)
	if err == nil && keep {
		p.Waiting(0, j)
	}
	return err
}

// Hand hands a request to a platform as its first instant, and returns the work of it.
func Hand(p core.Platform, seq int64, a *Ask, front bool) (j core.Job, err error) {
	q := a.Request
	q.ID = work.ID("promise-" + strconv.FormatInt(seq, 10))
	rules := p.Rules()
	spec, row, err := core.Normalize(&rules, 0, &q)
	if err != nil {
		return j, err
	}
	f := Kind()
	p.Sense(0, core.Sense{Kind: core.SenseAppOpened}, &f)
	if !front {
		p.Sense(0, core.Sense{Kind: core.SenseAppLeft}, &f)
	}
	row.Seq, row.LastEnqueue = seq, 0
	j = core.Job{Work: row, Spec: spec, Due: row.InitialDelay}
	return j, p.Admit(0, j, &f)
}

// Kind returns the facts of a device on which nothing is in the way.
func Kind() record.Facts {
	f := record.NewFacts()
	for s, v := range kind {
		f[s].Value = v
	}
	return f
}

var kind = [record.Signals]int64{record.Charging: 1, record.BatteryLevel: 100, record.Connected: 1, record.Validated: 1, record.Idle: 1}

// Refusal puts the error with which a platform refuses a request into words.
func Refusal(err error) (gets, why string) {
	var r *core.Refusal
	if !errors.As(err, &r) {
		return "it is refused", err.Error()
	}
	gets = "it is refused: "
	if r.Fatal {
		gets = "the app crashes: "
	}
	if r.Domain != "" {
		gets += r.Domain + " "
	}
	if r.Code != 0 {
		gets += strconv.Itoa(r.Code) + " "
	}
	return gets + r.Name, r.Text
}
