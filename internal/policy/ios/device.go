package ios

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/work"
)

// AppKind is what a process is as far as its calls are concerned.
type AppKind string

const (
	KindApp       AppKind = ""          // an app on a phone or tablet
	KindExtension AppKind = "extension" // an app extension
	KindSimulator AppKind = "simulator" // an app in Apple's Simulator
	// KindShutExtension is an extension that may not schedule: a keyboard without open
	// access, or one of a type that cannot.
	KindShutExtension AppKind = "shut-extension"
)

// extension reports whether there is no app that could have handlers.
func (k AppKind) extension() bool { return k == KindExtension || k == KindShutExtension }

// Names of UIBackgroundModes and of entitlements that requests need.
const (
	ModeFetch         = "fetch"
	ModeProcessing    = "processing"
	ModePush          = "remote-notification" // for silent pushes
	HealthEntitlement = "healthresearch"
)

// App is what an app declares.
type App struct {
	Kind         AppKind
	Permitted    []string // BGTaskSchedulerPermittedIdentifiers; "x.*" permits continued work
	Modes        []string // UIBackgroundModes
	Entitlements []string
	Late         []string // identifiers whose launch handler is not registered before launch ends
	Apple        bool     // one of Apple's own, which may use identifiers with com.apple.
}

// Permits reports whether the app declares an identifier for a kind of request. Entries
// that end in a wildcard count for continued work only.
func (a *App) Permits(kind work.Kind, id string) bool {
	for _, p := range a.Permitted {
		if p == id {
			return true
		}
		prefix, wild := strings.CutSuffix(p, "*")
		if wild && kind == work.KindContinued && strings.HasSuffix(prefix, ".") && len(id) > len(prefix) && strings.HasPrefix(id, prefix) {
			return true
		}
	}
	return false
}

// hasMode reports whether the app declares the background mode that a kind needs.
func (a *App) hasMode(kind work.Kind) bool {
	switch kind {
	case work.KindRefresh:
		return slices.Contains(a.Modes, ModeFetch)
	case work.KindProcessing, work.KindHealth:
		return slices.Contains(a.Modes, ModeProcessing)
	}
	return true
}

// Network is what the device is connected by.
type Network uint8

const (
	NetworkNone Network = iota
	NetworkCell
	NetworkWiFi
)

// Device is what counts of a device and of one app's standing on it. DefaultDevice
// returns one on which nothing is in the way.
type Device struct {
	Pad           bool  // an iPad
	Battery       int64 // percent
	Charging      bool
	LowPower      bool // Low Power Mode
	RefreshAll    bool // Background App Refresh as a whole
	RefreshApp    bool // Background App Refresh of the app
	Network       Network
	InUse         bool  // somebody uses the device
	Focal         bool  // the app is in front
	Quit          bool  // the user swiped the app away and has not opened it since
	DaysSinceUse  int64 // whole days since the user opened the app
	ContinuedBusy bool  // there is no room for continued work
	Debugger      bool  // Xcode's debugger is attached to the app
}

// DefaultDevice returns a phone at 80 % on Wi-Fi that nobody uses.
func DefaultDevice() Device {
	return Device{Battery: 80, RefreshAll: true, RefreshApp: true, Network: NetworkWiFi}
}

// refreshes reports whether the user allows the app to refresh in the background.
func (d *Device) refreshes() bool { return d.RefreshAll && d.RefreshApp }
