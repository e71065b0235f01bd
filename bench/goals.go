package main

import "slices"

// subject is the system that the goals are for.
const subject = "lull"

var peers = []string{"goqite", "backlite", "river"}

// A goal is a limit for one of the subject's figures: a factor of another figure of the same run, or a plain figure.
type goal struct {
	title  string
	row    rowID
	limit  float64 // at least, or with atMost at most
	atMost bool

	of    []string // systems; the factor is of the best of them. None: limit is the figure itself
	ofRow rowID    // where their figure stands; "" = row
}

// gates decide: ratios within one run hold on any machine.
func gates() []goal {
	return []goal{
		{title: "drain / raw loop", row: rowDrain, limit: 0.35, of: []string{"raw loop"}},
		{title: "drain / river", row: rowDrain, limit: 8, of: []string{"river"}},
		{title: "drain / goqite", row: rowDrain, limit: 15, of: []string{"goqite"}},
		{title: "drain / backlite", row: rowDrain, limit: 25, of: []string{"backlite"}},
		{title: "drain of 1M / drain", row: rowDrainBig, limit: 0.8, of: []string{subject}, ofRow: rowDrain},
		{title: "end to end, 64 callers / best peer", row: rowEnd64, limit: 10, of: peers},
		{title: "enqueue to start p50 / fdatasync p50", row: rowP50, limit: 2.5, atMost: true, of: []string{"fdatasync"}},
		{title: "enqueue to start p99 / fdatasync p99", row: rowP99, limit: 2, atMost: true, of: []string{"fdatasync"}},
	}
}

// figures to aim at on the machine class that they were set for; they do not decide.
func aims() []goal {
	return []goal{
		{title: "drain, jobs/s", row: rowDrain, limit: 60_000},
		{title: "end to end, 64 callers, jobs/s", row: rowEnd64, limit: 30_000},
		{title: "enqueue to start p50, ms", row: rowP50, limit: 1, atMost: true},
		{title: "enqueue to start p99, ms", row: rowP99, limit: 6, atMost: true},
	}
}

// A verdict is a goal held against the figures of one suite. Unknown parts are absent, not zero.
type verdict struct {
	goal
	got, gotRatio    float64
	need             float64 // the subject's figure at which the goal is just met
	hasGot, hasNeed  bool
	decided, reached bool
}

func (s *suite) judge(g goal) verdict {
	v := verdict{goal: g, need: g.limit, hasNeed: true}
	base := 1.0
	if len(g.of) > 0 {
		base, v.hasNeed = s.best(g)
		v.need = base * g.limit
	}
	v.got, v.hasGot = s.median(g.row, subject)
	if !v.hasGot || !v.hasNeed {
		return v
	}
	v.decided = true
	v.gotRatio = v.got / base
	if g.atMost {
		v.reached = v.got <= v.need
	} else {
		v.reached = v.got >= v.need
	}
	return v
}

// best is the best figure among the systems that g compares with. All of them must have one: a peer that is missing
// might have been the best.
func (s *suite) best(g goal) (float64, bool) {
	id := g.row
	if g.ofRow != "" {
		id = g.ofRow
	}
	var all []float64
	for _, name := range g.of {
		v, ok := s.median(id, name)
		if !ok {
			return 0, false
		}
		all = append(all, v)
	}
	if g.atMost {
		return slices.Min(all), true
	}
	return slices.Max(all), true
}

// missed lists the gates that were not reached, and counts those that could not be decided.
func (s *suite) missed() (titles []string, undecided int) {
	for _, g := range gates() {
		switch v := s.judge(g); {
		case !v.decided:
			undecided++
		case !v.reached:
			titles = append(titles, g.title)
		}
	}
	return titles, undecided
}
