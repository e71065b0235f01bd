package core

// SenseKind is one kind of thing that happens on a phone. Facts of the device, as its
// charger, battery and network, come as facts.
type SenseKind uint8

// What Value means is in the comment; without one it has no meaning.
const (
	SenseFacts         SenseKind = iota // facts changed
	SenseScreen                         // 1: on, 0: off
	SenseUnlocked                       // the user unlocked the phone
	SenseMotion                         // 1: the phone is moved, 0: it lies still
	SenseAppOpened                      // the app comes to the front; its process is started if need be
	SenseAppLeft                        // the app goes to the background, its process goes on
	SenseAppSwiped                      // the user removed the app from the recent ones
	SenseAppDied                        // the system ended the process to get its memory
	SenseAppCrashed                     // the process ended by itself
	SenseForceStop                      // the user stopped the app in the settings
	SenseInstalled                      // the app is new on the device: no history
	SenseUpdated                        // a new version of the app was installed
	SenseShutdown                       // the phone goes off
	SenseBooted                         // the phone was booted; nobody has unlocked it
	SenseLocalTime                      // local time is engine time plus Value, µs
	SenseRefresh                        // Background App Refresh, or background use, of the app: 1 allowed, 0 not
	SenseRefreshAll                     // the same switch for all apps; OnWiFi: allowed there only
	SenseRestricted                     // 1: the user restricts the app's battery use, 0: no longer
	SenseExempt                         // 1: the user exempts the app from battery optimisation, 0: no longer
	SenseNotified                       // a notification of the app was seen
	SenseInteracted                     // the user touched a notification or a widget of the app
	SenseWidgetSeen                     // a widget of the app was looked at
	SenseMedia                          // 1: the app plays audio or navigates, 0: no longer
	SenseAlarmClock                     // the next alarm clock of the user rings at Value, engine time; 0: none
	SenseThermal                        // 1: the phone is hot, 0: no longer
	SenseCPUBusy                        // 1: other apps use the processor, 0: no longer
	SenseBucket                         // the system's predictor puts the app into the standby bucket Value
	SenseSystemUpdated                  // the system was updated
	SenseUserCancels                    // the user cancels the run of the task Task in the system's own display
	SenseStalled                        // the run of the task Task makes no progress
	SenseDebugLaunch                    // a debugger launches the task Task
	SenseDebugExpire                    // a debugger expires the run of the task Task
	SenseDebugger                       // 1: a debugger is attached, 0: no longer
	SenseKinds                          // how many there are
)

// OnWiFi is the value of SenseRefreshAll by which apps are refreshed on Wi-Fi only.
const OnWiFi = 2

var senseNames = [SenseKinds]string{
	"facts", "screen", "unlocked", "motion", "app-opened", "app-left", "app-swiped", "app-died", "app-crashed", "force-stop",
	"installed", "updated", "shutdown", "booted", "local-time", "refresh", "refresh-all", "restricted", "exempt", "notified",
	"interacted", "widget-seen", "media", "alarm-clock", "thermal", "cpu-busy", "bucket", "system-updated", "user-cancels",
	"stalled", "debug-launch", "debug-expire", "debugger",
}

// String returns the name of the kind.
func (k SenseKind) String() string { return senseNames[k] }

// SenseByName finds a kind by its name.
func SenseByName(name string) (SenseKind, bool) {
	for i, n := range senseNames {
		if n == name {
			return SenseKind(i), true
		}
	}
	return 0, false
}

// Sense is one thing that happens on a phone.
type Sense struct {
	Kind  SenseKind `json:"kind"`
	Value int64     `json:"value,omitempty"`
	Task  string    `json:"task,omitempty"`
}
