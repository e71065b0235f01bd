package work

import "time"

// Kind is the way in which an app on a phone asks its system for a work. The zero
// value is ordinary work, which is all that a host has.
type Kind string

const (
	KindWork          Kind = ""               // WorkManager's one-time and periodic work
	KindUserInitiated Kind = "user-initiated" // Android: a data transfer that the user began
	KindAlarm         Kind = "alarm"          // Android: code that an alarm starts
	KindService       Kind = "service"        // Android: a foreground service
	KindRefresh       Kind = "refresh"        // iOS: BGAppRefreshTask
	KindProcessing    Kind = "processing"     // iOS: BGProcessingTask
	KindHealth        Kind = "health"         // iOS: BGHealthResearchTask
	KindContinued     Kind = "continued"      // iOS: BGContinuedProcessingTask
	KindTransfer      Kind = "transfer"       // iOS: a task of a background URLSession
	KindAssertion     Kind = "assertion"      // iOS: beginBackgroundTask
	KindTimer         Kind = "timer"          // a timer inside the app's process
	KindPush          Kind = "push"           // both: code that a message starts
	KindNotification  Kind = "notification"   // both: a local notification, shown without code of the app
	KindWidget        Kind = "widget"         // both: a new timeline for a widget
)

// Traits are what a kind of work on a phone has besides what all works have.
type Traits struct {
	Kind Kind `json:"kind,omitempty"`
	// Priority is of a push: Android: high or normal; iOS: 10 or 5.
	Priority string `json:"priority,omitempty"`
	// Visible is true for a push that leads to something that the user sees.
	Visible bool `json:"visible,omitempty"`
	// Mode is of an alarm or a notification on Android: exact, inexact, alarm-clock,
	// each of the first two with -idle for those that may ring in Doze. Of a service on
	// Android it is its type: data-sync (default), media-processing or other.
	Mode string `json:"mode,omitempty"`
	// Rearm is true for an alarm or a notification on Android that the app sets again when
	// it is told of a boot; else a boot ends it.
	Rearm bool `json:"rearm,omitempty"`
	// TTL is for how long a push on Android is kept while it cannot be delivered; default:
	// 4 weeks; negative: it is delivered at once or never.
	TTL time.Duration `json:"ttl,omitempty"`
	// Foreground is true for a transfer that was started while the app was in front.
	Foreground bool `json:"foreground,omitempty"`
	// Fail is true for continued work that is refused rather than queued.
	Fail bool `json:"fail,omitempty"`
	// Bytes are how much the run moves over the network, as far as it is known.
	Bytes int64 `json:"bytes,omitempty"`
	// Identifier is what the system knows the request by; default: the unique name.
	Identifier string `json:"identifier,omitempty"`
}
