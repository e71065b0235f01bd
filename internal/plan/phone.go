package plan

import (
	"time"

	"github.com/lullwork/lull/internal/core/calendar"
	"github.com/lullwork/lull/work"
)

// App is what a plan says of the phone app whose tasks it holds.
type App struct {
	Via     Via // default: native
	Android AndroidApp
	IOS     IOSApp
}

// AndroidApp is what decides on Android what the app may do.
type AndroidApp struct {
	Target      int      // API level that it is built for; 0: the newest
	Permissions []string // as post-notifications
}

// IOSApp is what decides on iOS what the app may do: keys of its Info.plist, and its
// entitlements.
type IOSApp struct {
	Modes        []string // UIBackgroundModes; nil: those that its tasks need. An empty list is none at all
	Permitted    []string // BGTaskSchedulerPermittedIdentifiers; likewise
	Entitlements []string
}

// Via is the layer through which an app talks to the system.
type Via string

// The layers.
const (
	ViaNative        Via = "native"
	ViaWorkmanager9  Via = "workmanager@0.9"
	ViaWorkmanager10 Via = "workmanager@0.10"
	ViaFirebase      Via = "firebase"
)

// Phone is what a plan says of a task of a phone app.
type Phone struct {
	Via     Via // default: the app's
	Submit  Submit
	IOS     *IOS     // nil: the task does not exist there
	Android *Android // likewise
	Model   Model
	Expect  *Expect // nil: nothing is expected
	At      *At     // nil: no times of day
}

// When is the moment at which an app asks for a work.
type When string

// The moments.
const (
	AppStart When = "app-start" // each time its process starts with its screen
	AppOpen  When = "app-open"  // each time it comes to the front
	Once     When = "once"      // when it is started for the first time
	Arrival  When = "arrival"   // when something arrives: a photo, a message
	Clock    When = "clock"     // at times of its own, while its process lives
)

// Submit is how the app behaves: when it asks, and with which policy.
type Submit struct {
	When   When
	Policy work.Policy // "": the layer's default
	Rate   Rate        // of Arrival and Clock
	During string      // of Arrival: app-open, or anytime
	Count  int         // how many it asks for each time; default 1
}

// Rate is how often something happens on average.
type Rate struct {
	Times int64
	Per   time.Duration
}

// IOS is what a task is on iOS.
type IOS struct {
	As        work.Kind
	ID        string         // identifier of the request; default: the task's name
	Via       Via            // default: the task's
	Power     bool           // requiresExternalPower
	Network   bool           // requiresNetworkConnectivity
	Earliest  *time.Duration // earliestBeginDate after the submit; nil: as the layer does it
	Resubmit  string         // first, last or never: whether a run asks for the next one, and when
	Completes string         // always, on-success or never: whether setTaskCompleted is called
	Registers string         // launch or late: when the launch handler is registered
	Started   string         // of a transfer: foreground or background
	Strategy  string         // of continued: queue or fail
	Priority  int            // of a push: 5 or 10
	Visible   bool           // of a push: it shows something, and a notification service extension may change that
	Entries   int            // of a widget's timeline
	Reload    string         // of a widget: at-end, after or never
	Views     Rate           // of a widget
	Repeats   bool           // of a notification
}

// Android is what a task is on Android.
type Android struct {
	As        work.Kind
	Periodic  bool // of KindWork: periodic rather than one-off
	Via       Via  // default: the task's
	Flex      time.Duration
	Expedited bool
	Priority  string        // of a push: high or normal
	Visible   bool          // of a push: it leads to a notification
	Mode      string        // of an alarm or a notification: exact, exact-idle, inexact, inexact-idle or alarm-clock
	Reboot    string        // of an alarm or a notification: rearm or lost
	TTL       time.Duration // of a push; default 4 weeks; negative: now or never
	Service   string        // type of a foreground service, as data-sync
}

// Model is what a run does. Shares are millionths.
type Model struct {
	Takes    time.Duration // default 5 s
	Varies   int64         // share of Takes by which it spreads
	Succeeds int64         // share of runs that succeed; default all
	Throws   int64         // share of runs that end with an exception, of those that do not succeed
	Forgets  int64         // share of runs that never say that they are done
	Up, Down int64         // bytes
	CPU      int64         // share of one core while it runs
}

// Expect is what the team expects of a task. Shares are millionths.
type Expect struct {
	Line    int
	Fresh   time.Duration // the data is never older, on Devices of the devices
	Within  time.Duration // each work has run so long after it was asked for, for Works of the works
	PerDay  int64         // runs a day, in thousandths, on Devices of the devices
	Devices int64
	Works   int64
	Among   []string // archetypes; none: all
}

// At is at which times of day something happens.
type At struct {
	Cron   string
	Device bool   // in the zone of the device
	Zone   string // else
}

// Table returns the zone for the hundred years from an instant; UTC if there is none.
func (a *At) Table(from time.Time) calendar.Zone {
	loc, err := time.LoadLocation(a.Zone)
	if err != nil {
		return calendar.Zone{} // the plan has been checked: this machine lost its zones since
	}
	return calendar.ZoneOf(loc, from.Unix(), from.AddDate(100, 0, 0).Unix())
}

// HasPhone reports whether the task is one of a phone app.
func (t *Task) HasPhone() bool { return t.Phone.IOS != nil || t.Phone.Android != nil }
