package promise

import (
	"time"

	"github.com/lullwork/lull/work"
)

// Ask is what a task asks of a phone's system: what was meant, and what the layer between
// the app and its system hands on.
type Ask struct {
	Task    string
	Via     string       // name of the layer
	Request work.Request // as it is handed on

	// What was meant.
	Needs   work.Constraints
	Every   time.Duration // 0: not by itself
	Clock   bool          // at times of day
	Backoff work.Backoff
	Flex    time.Duration
	Haste   bool          // expedited
	Front   bool          // it is only asked for while the app is in front
	Count   int64         // how many are asked for each time
	Mean    time.Duration // between arrivals; 0: nothing arrives
	Within  time.Duration // it is expected so soon; 0: nothing is said

	// What a run does.
	Takes time.Duration
	CPU   int64 // share of a core, millionths

	// iOS.
	Late      bool // its launch handler is registered when launch is over
	Again     bool // a run asks for the next one
	Completes bool // a run that succeeds says so
	Repeats   bool // of a notification
	Entries   int  // of a timeline; 0: one
	Reload    string
	Views     time.Duration // between views of a widget; 0: not known
	Started   string        // of a transfer: foreground or background
}

// Period is how often it is asked to run: a timeline lasts for all of its entries.
func (a *Ask) Period() time.Duration {
	if a.Request.Phone.Kind == work.KindWidget {
		return a.Every * time.Duration(max(1, a.Entries))
	}
	return a.Every
}
