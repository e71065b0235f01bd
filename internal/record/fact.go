package record

// Signal is one thing that is known about the device.
type Signal uint8

const (
	Charging     Signal = iota // external power is connected; a host without a battery has it
	BatteryLevel               // percent
	BatteryLow                 //
	Connected                  // a connection exists
	Validated                  // the connection reaches the internet
	Metered                    // the connection costs by volume
	Roaming                    //
	Idle                       // nobody uses the machine
	StorageLow                 // on the file system of the state
	LoadHigh                   // processor, memory or disks are under pressure
	LowPower                   // power saver mode is on
	Signals                    // how many there are
)

var signalNames = [Signals]string{
	"charging", "battery-level", "battery-low", "connected", "validated", "metered",
	"roaming", "idle", "storage-low", "load-high", "low-power",
}

// String returns the signal's name.
func (s Signal) String() string { return signalNames[s] }

// SignalByName finds a signal by its name.
func SignalByName(name string) (Signal, bool) {
	for i, n := range signalNames {
		if n == name {
			return Signal(i), true
		}
	}
	return 0, false
}

// Unknown is the value of a fact that cannot be read. It is never replaced by a
// guess.
const Unknown int64 = -1

// Fact is the value of one signal. Yes and no are 1 and 0; BatteryLevel is 0 to
// 100; anything may be Unknown.
type Fact struct {
	Signal Signal `json:"signal"`
	Value  int64  `json:"value"`
	// Next is the value that takes over at Settles, engine time, if it holds until
	// then. Settles 0: the value is settled.
	Next    int64  `json:"next,omitempty"`
	Settles int64  `json:"settles,omitempty"`
	Source  string `json:"source,omitempty"` // where it was read, as "UPower OnBattery"
	Note    string `json:"note,omitempty"`   // for Unknown: how to make it known
	// Pretended is true for a value that the user set for a try, Assumed for one
	// that the plan gives because the signal is unknown.
	Pretended bool  `json:"pretended,omitempty"`
	Assumed   bool  `json:"assumed,omitempty"`
	Since     int64 `json:"since,omitempty"` // engine time
}

// Facts is the whole device. The zero value knows nothing: use NewFacts.
type Facts [Signals]Fact

// NewFacts returns facts that are all unknown.
func NewFacts() Facts {
	var f Facts
	for i := range f {
		f[i] = Fact{Signal: Signal(i), Value: Unknown}
	}
	return f
}
