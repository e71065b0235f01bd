package frame

import "github.com/lullwork/lull/isolate/internal/confine"

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
	// Warm: Run will name the entry point, some time later.
	Warm bool `cbor:"8,keyasint,omitempty"`
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
	// Input is JSON, or the message of a run with ports, see Whole. Not used by the init shim.
	Input []byte `cbor:"1,keyasint"`
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
	// Link: there is a link for ports, on which the input comes and the result goes.
	Link bool `cbor:"10,keyasint,omitempty"`
	// Whole: it does not come on the link, but is Input.
	Whole bool `cbor:"17,keyasint,omitempty"`
	// KeepAlive: the run is not over before its ports are closed.
	KeepAlive bool `cbor:"11,keyasint,omitempty"`
	// Pause is a capability by which the run is paused from its start.
	Pause []byte `cbor:"12,keyasint,omitempty"`
	// NotFatal: an error of a message handler does not end the run.
	NotFatal bool `cbor:"13,keyasint,omitempty"`
	// Listeners is the number of ports after those of the input that want to hear of errors.
	Listeners int `cbor:"14,keyasint,omitempty"`
	// Name is the entry point and ResultLimit its limit, if Hello did not know them.
	Name        string `cbor:"15,keyasint,omitempty"`
	ResultLimit int    `cbor:"16,keyasint,omitempty"`
}

// Pause holds back the messages for the run's ports until Resume came with the same
// capability.
type Pause struct {
	Capability []byte `cbor:"1,keyasint"`
	Resume     bool   `cbor:"2,keyasint,omitempty"`
}

// Ping is answered by Pong, whatever the run does.
type Ping struct {
	Seq uint64 `cbor:"1,keyasint"`
}

// Pong answers Ping.
type Pong struct {
	Seq uint64 `cbor:"1,keyasint"`
}

// Refused ends a run that never began: its limits or its sandbox could not be laid.
type Refused struct {
	Message string `cbor:"1,keyasint"`
}

// Stop asks the run to end within the grace.
type Stop struct {
	Reason  string `cbor:"1,keyasint"`
	GraceMS int64  `cbor:"2,keyasint"`
	// Deaf: no message is to be received from now on.
	Deaf bool `cbor:"3,keyasint,omitempty"`
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
	// Stack is that of a panic.
	Stack []byte `cbor:"7,keyasint,omitempty"`
	// NoResult: the run ended by itself, with success, before its function returned.
	NoResult bool `cbor:"8,keyasint,omitempty"`
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
func (Pause) kind() byte    { return 0x04 }
func (Ping) kind() byte     { return 0x05 }
func (Ready) kind() byte    { return 0x11 }
func (Progress) kind() byte { return 0x12 }
func (Complete) kind() byte { return 0x13 }
func (Exited) kind() byte   { return 0x14 }
func (Refused) kind() byte  { return 0x15 }
func (Pong) kind() byte     { return 0x16 }

type decoder func(*Reader, []byte) (any, error)

func kinds(kind byte) decoder {
	switch kind {
	case Hello{}.kind():
		return decode[Hello]
	case Run{}.kind():
		return decode[Run]
	case Stop{}.kind():
		return decode[Stop]
	case Pause{}.kind():
		return decode[Pause]
	case Ping{}.kind():
		return decode[Ping]
	case Pong{}.kind():
		return decode[Pong]
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

func decode[T any](r *Reader, payload []byte) (any, error) {
	var m T
	if p, ok := any(&m).(plain); ok {
		if decodePlain(payload, p) {
			return m, nil
		}
		m = *new(T)
	}
	err := r.library(payload, &m)
	return m, err
}
