package app

import (
	"github.com/lullwork/lull/internal/core/calendar"
	"github.com/lullwork/lull/work"
)

// When is the moment at which an app asks for a work.
type When uint8

const (
	AppStart When = iota // its process starts with its screen
	AppOpen              // it comes to the front
	Once                 // it is started for the first time
	Arrival              // something arrives, at random
	Clock                // something arrives, while its process lives
	Foreign              // never: others ask, as what comes again by itself
)

// Again is whether a run asks for the next one.
type Again uint8

const (
	AgainNever Again = iota
	AgainFirst       // as the first thing
	AgainLast        // as the last thing, if it gets there
)

// Task is one task of the app on one platform: what the app asks for, and what a run
// does. Times are µs, shares millionths.
type Task struct {
	Name    string
	Request work.Request // without an ID
	Unique  work.Unique  // no name: none
	When    When
	Mean    int64 // between arrivals
	During  bool  // arrivals come only while the app is in front
	Count   int64 // how many are asked for each time; they are told apart by their names
	Again   Again
	Delay   int64 // of what is asked for again
	At      *calendar.Expr
	Zone    calendar.Zone // of At
	Local   bool          // At is in the time of the phone, wherever it is
	Period  int64         // how often it is meant to run; 0: not by itself

	Takes    int64
	Varies   int64
	Succeeds int64
	Throws   int64 // of those that do not succeed
	Forgets  int64 // never says that it is done
	Hangs    bool  // what does not succeed never says so either
	CPU      int64
	Up, Down int64

	// What the layer between the app and the system makes of a run.
	Unsuccessful work.Outcome // of a run that returns false
	Thrown       work.Outcome // of a run that throws
	Cut          int64        // after which the layer reports success, whatever runs; 0: never
	HandleLost   bool         // runs fail from an update until the app is opened
	Deaf         bool         // runs are not told that their time is up

	// What is expected; 0: nothing.
	Fresh, Within int64
	PerDay        int64 // thousandths
}

// Recurring reports whether something should always wait or run.
func (t *Task) Recurring() bool { return t.Again != AgainNever || t.Period > 0 || t.Request.Every > 0 }
