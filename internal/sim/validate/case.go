package validate

import (
	"fmt"
	"slices"
)

// State is what became of a case.
type State string

// The states.
const (
	Met           State = "met"
	Missed        State = "missed"
	NotApplicable State = "not applicable"
)

// Case is one published measurement, and how the simulator is held against it.
type Case struct {
	ID       string
	Platform string
	Kind     string // documented, measured (a log or a dump that somebody published) or reported (by hand)
	Source   string
	Link     string // without https://; "": it is none of the web's
	World    string // conditions that are stated, and the profile
	Observed string
	Assert   string
	// Remark is what a reader of the result has to know.
	Remark string
	// Expect is what is known to become of it with the default parameters.
	Expect State

	try func() (finding, error)
}

// finding is what a simulation came to.
type finding struct {
	simulated string
	causes    []string // of a miss
	none      string   // why it cannot be tried; "": it was
}

func (f *finding) say(format string, args ...any) { f.simulated = fmt.Sprintf(format, args...) }

// must notes a cause if something does not hold.
func (f *finding) must(holds bool, format string, args ...any) {
	if !holds {
		f.causes = append(f.causes, fmt.Sprintf(format, args...))
	}
}

// Result is what became of a case.
type Result struct {
	*Case
	State     State
	Simulated string
	Causes    []string
}

// Cases returns all cases, in their order.
func Cases() []Case { return slices.Concat(androidCases(), iosCases(), otherCases()) }

// Run tries a case.
func (c *Case) Run() (Result, error) {
	f, err := c.try()
	r := Result{Case: c, Simulated: f.simulated, Causes: f.causes, State: Met}
	switch {
	case err != nil:
		return r, fmt.Errorf("case %s: %w", c.ID, err)
	case f.none != "":
		r.State, r.Causes = NotApplicable, []string{f.none}
	case len(f.causes) > 0:
		r.State = Missed
	}
	return r, nil
}

// Run tries all cases.
func Run() ([]Result, error) {
	cases := Cases()
	out := make([]Result, len(cases))
	for i := range cases {
		var err error
		if out[i], err = cases[i].Run(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Lost returns the cases that were met once, and are met no longer.
func Lost(all []Result) []string {
	var out []string
	for i := range all {
		if all[i].Expect == Met && all[i].State != Met {
			out = append(out, all[i].ID)
		}
	}
	return out
}
