// Package promise holds the words in which a platform says what it guarantees for a
// task, and what was asked of it that it will not do.
package promise

import (
	"encoding/json"
	"time"

	"github.com/lullwork/lull/work"
)

// Class is how much a platform guarantees.
type Class string

const (
	Guaranteed    Class = "guaranteed"    // runs at its time
	Deferred      Class = "deferred"      // runs once its conditions hold, however long that takes
	Opportunistic Class = "opportunistic" // may run when it suits the platform
	None          Class = "none"          // never runs
)

// Classes returns the classes from the most that is promised to nothing.
func Classes() []Class { return []Class{Guaranteed, Deferred, Opportunistic, None} }

// Means says what a class means.
func (c Class) Means() string {
	switch c {
	case Guaranteed:
		return "runs at its time, as soon as an engine or the system is there to start it"
	case Deferred:
		return "runs once its conditions hold, however long that takes"
	case Opportunistic:
		return "may run when it suits the platform"
	}
	return "never runs"
}

// Platforms that promise something.
const (
	Host    = "host"
	Android = "android"
	IOS     = "ios"
)

// Promise is what a platform guarantees for a task.
type Promise struct {
	Task     string `json:"task"`
	Platform string `json:"platform"`
	As       string `json:"as,omitempty"` // what the task is there
	Via      string `json:"via,omitempty"`
	Class    Class  `json:"class"`
	Period   string `json:"period,omitempty"` // when it runs, in words
	// Shortest is the shortest period that the platform allows in reality; 0: it is not
	// repeated, or there is no such limit.
	Shortest time.Duration `json:"-"`
	Longest  time.Duration `json:"-"`                 // run; 0: no limit
	But      string        `json:"but,omitempty"`     // what it depends on
	Assumed  bool          `json:"assumed,omitempty"` // Shortest or Longest is, in part, an assumption of ours
	Denied   []Denial      `json:"denied,omitempty"`  // what was asked that the platform will not do
	Vendors  []Vendor      `json:"vendors,omitempty"` // what phones of some vendors do to it that others do not
	Lesser   []Lesser      `json:"lesser,omitempty"`  // where vendors leave another class of it
	Floor    Floor         `json:"-"`
}

// Floor is what no device of the platform goes below, whatever assumptions are made: what
// expectations can be judged by before anything is simulated. 0: nothing is known.
type Floor struct {
	Start  time.Duration // from the request to the start of its run
	Period time.Duration // from one run to the next
	// Spacing is for how long nothing else is delivered after a delivery.
	Spacing time.Duration
}

// Denial is one thing that was asked of a platform and that it will not do.
type Denial struct {
	Rule    string `json:"rule"`    // a name that stays
	Asked   string `json:"asked"`   // as the plan says it
	Gets    string `json:"gets"`    // what happens instead
	Why     string `json:"why"`     //
	Source  string `json:"source"`  // of the platform's rule
	Instead string `json:"instead"` // what to use
	Ends    bool   `json:"ends,omitempty"`
}

// Deny adds denials. One that ends it leaves nothing of the promise.
func (p *Promise) Deny(list ...Denial) {
	for _, d := range list {
		p.Denied = append(p.Denied, d)
		if d.Ends {
			p.Class, p.Longest, p.Shortest, p.Floor = None, 0, 0, Floor{}
			p.Assumed = false
		}
	}
}

// Vendor is what phones of some vendors do to a task that others do not.
type Vendor struct {
	Effect string `json:"effect"` // a name that stays
	When   string `json:"when"`
	Gets   string `json:"gets"`             // what becomes of the task
	Clears string `json:"clears,omitempty"` // what ends that
	Source string `json:"source"`
	By     []By   `json:"by"`
}

// By is a vendor whose phones do something.
type By struct {
	Vendor  string
	After   time.Duration // how long it takes; 0: none
	Assumed bool
}

// MarshalJSON has spans in seconds, as everything that lull promise prints.
func (b By) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Vendor  string `json:"vendor"`
		After   int64  `json:"after_s,omitempty"`
		Assumed bool   `json:"assumed,omitempty"`
	}{b.Vendor, int64(b.After / time.Second), b.Assumed})
}

// Lesser is what vendors leave of a promise.
type Lesser struct {
	Class   Class    `json:"class"`
	Vendors []string `json:"vendors"`
}

// Reason is one thing by which a platform keeps a work from starting.
type Reason struct {
	Code    work.Code
	Clears  string // what clears it
	Android int    // JobScheduler's pending reason
}
