package sheet

import (
	"fmt"
	"io"
	"slices"
)

// A Goal is a limit for one figure of one system: a factor of another figure of the same runs, or a plain figure.
type Goal struct {
	Title  string
	System string
	Row    ID
	Limit  float64 // at least, or with AtMost at most
	AtMost bool

	Of    []string // systems; the factor is of the best of them. None: Limit is the figure itself
	OfRow ID       // where their figure stands; "" = Row
}

// A Verdict is a goal held against the figures of a sheet. Unknown parts are absent, not zero.
type Verdict struct {
	Got, GotRatio    float64
	Need             float64 // the figure at which the goal is just met
	HasGot, HasNeed  bool
	Decided, Reached bool
}

// Judge holds g against the figures.
func (s *Sheet) Judge(g Goal) Verdict {
	v := Verdict{Need: g.Limit, HasNeed: true}
	base := 1.0
	if len(g.Of) > 0 {
		base, v.HasNeed = s.best(g)
		v.Need = base * g.Limit
	}
	v.Got, v.HasGot = s.Median(g.Row, g.System)
	if !v.HasGot || !v.HasNeed {
		return v
	}
	v.Decided = true
	v.GotRatio = v.Got / base
	if g.AtMost {
		v.Reached = v.Got <= v.Need
	} else {
		v.Reached = v.Got >= v.Need
	}
	return v
}

// best is the best figure among the systems that g compares with. All of them must have one: a peer that is missing
// might have been the best.
func (s *Sheet) best(g Goal) (float64, bool) {
	id := g.Row
	if g.OfRow != "" {
		id = g.OfRow
	}
	var all []float64
	for _, name := range g.Of {
		v, ok := s.Median(id, name)
		if !ok {
			return 0, false
		}
		all = append(all, v)
	}
	if g.AtMost {
		return slices.Min(all), true
	}
	return slices.Max(all), true
}

// Missed lists the goals that were not reached, and counts those that could not be decided.
func (s *Sheet) Missed(goals []Goal) (titles []string, undecided int) {
	for _, g := range goals {
		switch v := s.Judge(g); {
		case !v.Decided:
			undecided++
		case !v.Reached:
			titles = append(titles, g.Title)
		}
	}
	return titles, undecided
}

// ExitCode is 1 if a trial failed, or if a gate is missed or cannot be decided, which is
// then told on w; else 0. Without gates only trials count.
func (s *Sheet) ExitCode(w io.Writer, gates []Goal) int {
	if s.AnyFailed() {
		return 1
	}
	missed, undecided := s.Missed(gates)
	if len(missed) == 0 && undecided == 0 {
		return 0
	}
	fmt.Fprintf(w, "gates missed: %d %q, not decided: %d\n", len(missed), missed, undecided)
	return 1
}
