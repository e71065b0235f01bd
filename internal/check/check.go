// Package check looks for the mistakes that make background work silently not run: it
// reads a folder, lets every rule look at every project in it, and says what was found
// and what could not be looked at. Nothing of the folder is run or changed.
package check

import (
	"slices"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/rules"
)

// Config says what to look for.
type Config struct {
	Table     rules.Table       // default: all rules
	Rules     []string          // only these, by name or catalogue id; default: all
	Skip      []string          // not these
	Platforms []string          // only rules that matter on one of these; default: all
	Known     *Baseline         // findings that are not reported; nil: none
	Since     string            // revision of git: only what lies in lines changed since, "main..." for since HEAD left main; "": all
	Instead   map[string][]byte // of files, by path: what to read instead of what is there
}

// Report is what was found.
type Report struct {
	Projects  []string           // folders of the projects
	Rules     rules.Table        // those that looked
	Findings  []*finding.Finding // sorted
	Hidden    []*finding.Finding // a comment suppresses them, or the baseline knows them; sorted
	Untouched []*finding.Finding // left out: they are not in what changed since the revision; sorted
	Unchecked []finding.Unchecked
	Texts     map[string][]byte // the files that have findings or edits
	Gone      int               // how many findings of the baseline are not there any more
	Broken    []string          // rules of ours that broke down, and where: their findings are missing
}

// Count counts the findings of a certainty.
func (r *Report) Count(c finding.Certainty) int {
	n := 0
	for _, f := range r.Findings {
		if f.Certainty == c {
			n++
		}
	}
	return n
}

// Worst is the strongest certainty of the findings, 0 without any.
func (r *Report) Worst() finding.Certainty {
	var worst finding.Certainty
	for _, f := range r.Findings {
		worst = max(worst, f.Certainty)
	}
	return worst
}

// Looked tells whether a rule looked.
func (r *Report) Looked(rule string) bool {
	return slices.ContainsFunc(r.Rules, func(x *rules.Rule) bool { return x.Name == rule })
}

// Known are the findings that the baseline has.
func (r *Report) Known() []*finding.Finding {
	var list []*finding.Finding
	for _, f := range r.Hidden {
		if f.Known {
			list = append(list, f)
		}
	}
	return list
}

// Accept makes all findings known ones: a baseline was written of them.
func (r *Report) Accept() {
	for _, f := range r.Findings {
		f.Known = true
	}
	r.Hidden, r.Findings = append(r.Hidden, r.Findings...), nil
	slices.SortStableFunc(r.Hidden, finding.Compare)
}
