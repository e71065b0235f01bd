package work

import "fmt"

// Network is what a work needs of the network.
type Network uint8

const (
	NoNetwork            Network = iota // default: the network does not matter
	Connected                           // any working connection
	Unmetered                           // a connection that costs nothing by volume
	NotRoaming                          // a connection that is not roaming
	Metered                             // a connection that is metered
	TemporarilyUnmetered                // as Unmetered; Android tells the two apart
)

var networkNames = [...]string{"none", "connected", "unmetered", "not-roaming", "metered", "temporarily-unmetered"}

// String returns the name as plans write it.
func (n Network) String() string {
	if int(n) < len(networkNames) {
		return networkNames[n]
	}
	return fmt.Sprintf("Network(%d)", uint8(n))
}

// MarshalText writes the name as plans write it.
func (n Network) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads a name as plans write it.
func (n *Network) UnmarshalText(b []byte) error {
	for i, s := range networkNames {
		if s == string(b) {
			*n = Network(i)
			return nil
		}
	}
	return fmt.Errorf("unknown network %q: use connected, unmetered, not-roaming, metered or temporarily-unmetered", b)
}

// Constraints are the conditions of the device under which a work may run. The
// zero value asks for nothing. Each one holds the work while it is unmet or
// unknown, and stops a run when it is lost.
type Constraints struct {
	Network        Network `json:"network,omitzero"`          // default: none
	Charging       bool    `json:"charging,omitempty"`        // external power is connected
	BatteryNotLow  bool    `json:"battery_not_low,omitempty"` // no battery counts as not low
	StorageNotLow  bool    `json:"storage_not_low,omitempty"` // on the file system of the state
	Idle           bool    `json:"idle,omitempty"`            // nobody uses the machine
	LoadLow        bool    `json:"load_low,omitempty"`        // processor, memory and disks are not under pressure
	LowPowerOff    bool    `json:"low_power_off,omitempty"`   // no power saver mode
	Between        string  `json:"between,omitempty"`         // hours of the day, as "22:00-06:00"
	Zone           string  `json:"zone,omitempty"`            // time zone of Between; default: the machine's
	ContentURIs    int     `json:"content_uris,omitempty"`    // Android only: number of content URI triggers
	NetworkRequest string  `json:"network_request,omitempty"` // Android only: capabilities of a custom network request
}
