package main

import (
	"fmt"
	"slices"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/sim/world"
)

// knownPeople refuses an expectation of people that nobody knows: it would be met by none,
// and so never missed.
func knownPeople(p *plan.Plan) error {
	var wrong plan.Errors
	names := people()
	for i := range p.Tasks {
		e := p.Tasks[i].Phone.Expect
		if e == nil {
			continue
		}
		for _, name := range e.Among {
			if !slices.Contains(names, name) {
				wrong = append(wrong, plan.Error{
					File: p.File, Line: e.Line, Msg: fmt.Sprintf("task %q: expect.among: unknown archetype %q", p.Tasks[i].Name, name), Hint: peopleHint(name),
				})
			}
		}
	}
	if len(wrong) > 0 {
		return wrong
	}
	return nil
}

// people are the names of the archetypes.
func people() []string {
	var names []string
	for _, a := range world.Archetypes() {
		names = append(names, a.Name)
	}
	return names
}

// peopleHint is what to write instead of a name that is not known.
func peopleHint(name string) string {
	if hint := plan.DidYouMean(name, people()); hint != "" {
		return hint
	}
	return "use one as heavy, daily, weekly or dormant: docs/plan.md lists them"
}
