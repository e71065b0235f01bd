package frame

import (
	"github.com/fxamacker/cbor/v2"

	"github.com/lullwork/lull/isolate/internal/confine"
)

// Version is the protocol version. A host offers a range, an isolate picks from it. An
// isolate of version 1 would pass over limits and sandbox.
const Version = 2

// Message is one of the types below.
type Message interface{ kind() byte }

// Hello opens the conversation, host to isolate.
type Hello struct {
	Magic       string `cbor:"1,keyasint"`
	MinVersion  int    `cbor:"2,keyasint"`
	MaxVersion  int    `cbor:"3,keyasint"`
	Run         string `cbor:"4,keyasint"`
	Name        string `cbor:"5,keyasint"` // entry point; empty for the init shim
	Attempt     int    `cbor:"6,keyasint"`
	ResultLimit int    `cbor:"7,keyasint"`
}

// Magic guards against a descriptor that is something else.
const Magic = "lull-isolate"

// Ready answers Hello.
type Ready struct {
	Version int  `cbor:"1,keyasint"`
	Found   bool `cbor:"2,keyasint"` // the entry point exists
}

// Run starts the work.
type Run struct {
	Input []byte `cbor:"1,keyasint"` // JSON; not used by the init shim
	// DataLimit is an RLIMIT_DATA that a function's child lays on itself, and the init
	// shim on its program.
	DataLimit int64 `cbor:"2,keyasint,omitempty"`
	// Limits and Sandbox are laid like it; a function with a sandbox gets them in a stage
	// of its own, see Refused.
	Limits  *confine.Limits  `cbor:"3,keyasint,omitempty"`
	Sandbox *confine.Sandbox `cbor:"4,keyasint,omitempty"`
	// Secrets says that a descriptor with secrets is inherited.
	Secrets bool `cbor:"5,keyasint,omitempty"`
	// GraceMS is the time between a soft limit and the kill.
	GraceMS int64 `cbor:"6,keyasint,omitempty"`
}

// Refused ends a run that never began: its limits or its sandbox could not be laid.
type Refused struct {
	Message string `cbor:"1,keyasint"`
}

// Stop asks the run to end within the grace.
type Stop struct {
	Reason  string `cbor:"1,keyasint"`
	GraceMS int64  `cbor:"2,keyasint"`
}

// Progress is a report from within a run.
type Progress struct {
	Value []byte `cbor:"1,keyasint"` // JSON
}

// Complete is the one result of a run, isolate to host.
type Complete struct {
	Outcome string `cbor:"1,keyasint"`
	Message string `cbor:"2,keyasint,omitempty"`
	Result  []byte `cbor:"3,keyasint,omitempty"` // JSON
	Leaked  int    `cbor:"4,keyasint,omitempty"`
	// Explicit is true if the function itself chose retry or failure.
	Explicit bool `cbor:"5,keyasint,omitempty"`
	// Stopped is why the isolate asked itself to stop; empty if it did not.
	Stopped string `cbor:"6,keyasint,omitempty"`
}

// Exited is the one result of the init shim: how its program ended, or the error
// number of starting it.
type Exited struct {
	Status uint32 `cbor:"1,keyasint"`
	Errno  int    `cbor:"2,keyasint,omitempty"`
	Leaked int    `cbor:"3,keyasint,omitempty"`
}

func (Hello) kind() byte    { return 0x01 }
func (Run) kind() byte      { return 0x02 }
func (Stop) kind() byte     { return 0x03 }
func (Ready) kind() byte    { return 0x11 }
func (Progress) kind() byte { return 0x12 }
func (Complete) kind() byte { return 0x13 }
func (Exited) kind() byte   { return 0x14 }
func (Refused) kind() byte  { return 0x15 }

type decoder func(cbor.DecMode, []byte) (any, error)

func kinds(kind byte) decoder {
	switch kind {
	case Hello{}.kind():
		return decode[Hello]
	case Run{}.kind():
		return decode[Run]
	case Stop{}.kind():
		return decode[Stop]
	case Ready{}.kind():
		return decode[Ready]
	case Progress{}.kind():
		return decode[Progress]
	case Complete{}.kind():
		return decode[Complete]
	case Exited{}.kind():
		return decode[Exited]
	case Refused{}.kind():
		return decode[Refused]
	}
	return nil
}

func decode[T any](dec cbor.DecMode, payload []byte) (any, error) {
	var m T
	err := dec.Unmarshal(payload, &m)
	return m, err
}
