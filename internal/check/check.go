// Package check looks for the mistakes that make background work silently not run: it
// reads a folder, lets every rule look at every project in it, and says what was found
// and what could not be looked at. Nothing of the folder is run or changed.
package check

import (
	"github.com/lullwork/lull/internal/check/finding"
)

// Config says what to look for.
type Config struct {
	Rules     []string // only these, by name or catalogue id; default: all
	Skip      []string // not these
	Platforms []string // only rules that matter on one of these; default: all
	Baseline  string   // file of findings that are known, "": none
	Since     string   // revision of git: only what lies in lines changed since; "": all
}

// Report is what was found.
type Report struct {
	Dir       string
	Projects  []string // folders of the projects
	Rules     int      // how many rules looked
	Findings  []finding.Finding
	Hidden    []finding.Finding // suppressed by a comment or known by the baseline
	Unchecked []finding.Unchecked
}
