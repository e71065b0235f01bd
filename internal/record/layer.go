package record

import "github.com/lullwork/lull/work"

// Layer is what the host gives of one layer.
type Layer struct {
	Name  work.Layer `json:"name"`
	Given Given      `json:"given"`
	Means string     `json:"means,omitempty"` // by what
	Why   string     `json:"why,omitempty"`   // what is missing, or weak
}

// Given is how much of a layer a host gives: "yes", "partial" or "no".
type Given string

// GivenYes is the only one that satisfies a request.
const (
	GivenYes     Given = "yes"
	GivenPartial Given = "partial"
)
