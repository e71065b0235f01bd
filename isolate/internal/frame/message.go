package frame

import "github.com/lullwork/lull/isolate/internal/confine"

// Version is the protocol version. A host offers a range, an isolate picks from it. An
// isolate of version 1 would pass over limits and sandbox.
const Version = 2

// Message is one of the types below.
type Message interface{ kind() byte }

// Hello opens the conversation, host to isolate.
type Hello struct {
	Magic       string
	MinVersion  int
	MaxVersion  int
	Run         string
	Name        string // entry point; empty for the init shim
	Attempt     int
	ResultLimit int
	// Warm: Run will name the entry point, some time later.
	Warm bool
}

// Magic guards against a descriptor that is something else.
const Magic = "lull-isolate"

// Ready answers Hello.
type Ready struct {
	Version int
	Found   bool // the entry point exists
}

// Run starts the work.
type Run struct {
	// Input is JSON, or the message of a run with ports, see Whole. Not used by the init shim.
	Input []byte
	// DataLimit is an RLIMIT_DATA that a function's child lays on itself, and the init
	// shim on its program.
	DataLimit int64
	// Limits and Sandbox are laid like it; a function with a sandbox gets them in a stage
	// of its own, see Refused.
	Limits  *confine.Limits
	Sandbox *confine.Sandbox
	// Secrets says that a descriptor with secrets is inherited.
	Secrets bool
	// GraceMS is the time between a soft limit and the kill.
	GraceMS int64
	// Link: there is a link for ports, on which the input comes and the result goes.
	Link bool
	// Whole: it does not come on the link, but is Input.
	Whole bool
	// KeepAlive: the run is not over before its ports are closed.
	KeepAlive bool
	// Pause is a capability by which the run is paused from its start.
	Pause []byte
	// NotFatal: an error of a message handler does not end the run.
	NotFatal bool
	// Listeners is the number of ports after those of the input that want to hear of errors.
	Listeners int
	// Name is the entry point and ResultLimit its limit, if Hello did not know them.
	Name        string
	ResultLimit int
}

// Pause holds back the messages for the run's ports until Resume came with the same
// capability.
type Pause struct {
	Capability []byte
	Resume     bool
}

// Ping is answered by Pong, whatever the run does.
type Ping struct {
	Seq uint64
}

// Pong answers Ping.
type Pong struct {
	Seq uint64
}

// Refused ends a run that never began: its limits or its sandbox could not be laid.
type Refused struct {
	Message string
}

// Stop asks the run to end within the grace.
type Stop struct {
	Reason  string
	GraceMS int64
	// Deaf: no message is to be received from now on.
	Deaf bool
}

// Progress is a report from within a run.
type Progress struct {
	Value []byte // JSON
}

// Complete is the one result of a run, isolate to host.
type Complete struct {
	Outcome string
	Message string
	Result  []byte // JSON
	Leaked  int
	// Explicit is true if the function itself chose retry or failure.
	Explicit bool
	// Stopped is why the isolate asked itself to stop; empty if it did not.
	Stopped string
	// Stack is that of a panic.
	Stack []byte
	// NoResult: the run ended by itself, with success, before its function returned.
	NoResult bool
}

// Exited is the one result of the init shim: how its program ended, or the error
// number of starting it.
type Exited struct {
	Status uint32
	Errno  int
	Leaked int
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

type decoder func([]byte) (any, error)

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

func decode[T any, P interface {
	*T
	record
}](payload []byte) (any, error) {
	var m T
	err := decodeMap(payload, P(&m).fields())
	return m, err
}

func fieldsOf(m Message) []field {
	switch m := m.(type) {
	case Hello:
		return m.fields()
	case Ready:
		return m.fields()
	case Run:
		return m.fields()
	case Stop:
		return m.fields()
	case Pause:
		return m.fields()
	case Ping:
		return m.fields()
	case Pong:
		return m.fields()
	case Progress:
		return m.fields()
	case Complete:
		return m.fields()
	case Exited:
		return m.fields()
	case Refused:
		return m.fields()
	}
	return nil
}
