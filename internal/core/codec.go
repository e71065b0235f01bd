package core

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// ErrEvent is the answer to what is not an encoded event.
var ErrEvent = errors.New("not an event")

// EncodeEvent writes an event as one line of JSON, so that what happened can be
// stepped again. Follow-ups are not encoded: the events that they follow from bring
// them. Raw JSON is kept byte by byte; text that is not UTF-8 is not.
func EncodeEvent(ev Event) ([]byte, error) {
	for _, c := range codecs() {
		if b, err := c.encode(ev); b != nil || err != nil {
			return b, err
		}
	}
	return nil, fmt.Errorf("%w: %T is none that comes from outside", ErrEvent, ev)
}

// DecodeEvent reads what EncodeEvent has written.
func DecodeEvent(b []byte) (Event, error) {
	var one map[string]json.RawMessage
	if err := json.Unmarshal(b, &one); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEvent, err)
	}
	if len(one) != 1 {
		return nil, fmt.Errorf("%w: an object with %d keys, not with one", ErrEvent, len(one))
	}
	for _, c := range codecs() {
		body, ok := one[c.name]
		if !ok {
			continue
		}
		ev, err := c.decode(body)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrEvent, c.name, err)
		}
		return ev, nil
	}
	return nil, fmt.Errorf("%w: no event has this name", ErrEvent)
}

// codec writes and reads one type of event: {name: event}.
type codec struct {
	name   string
	encode func(Event) ([]byte, error) // nil, nil: of another type
	decode func([]byte) (Event, error)
}

func codecs() []codec {
	return []codec{
		plain[Recover]("recover"),
		codecOf("enqueue", func(e *Enqueue, f rawFunc) { e.Nodes = f.nodes(e.Nodes) }),
		codecOf("change", func(e *Change, f rawFunc) { e.Request = f.request(e.Request) }),
		plain[Cancel]("cancel"),
		plain[FactsRead]("facts"),
		plain[Sensed]("sensed"),
		plain[ClockSet]("clock"),
		plain[ZoneRead]("zone"),
		plain[JobsSet]("jobs"),
		codecOf("tasks", func(e *TasksKnown, f rawFunc) { e.Tasks = f.tasks(e.Tasks) }),
		plain[LayersKnown]("layers"),
		codecOf("plan", func(e *PlanRead, f rawFunc) { e.Roots = f.roots(e.Roots) }),
		plain[Tick]("tick"),
		plain[Suspend]("suspend"),
		plain[Woke]("woke"),
		plain[Offer]("offer"),
		codecOf("progressed", func(e *Progressed, f rawFunc) { e.Data = f(e.Data) }),
		plain[BudgetSpent]("budget-spent"),
		plain[StopRun]("stop"),
		codecOf("ended", func(e *Ended, f rawFunc) { e.Output = f(e.Output) }),
		plain[Reaped]("reaped"),
		plain[Shutdown]("shutdown"),
		plain[Prune]("prune"),
	}
}

func plain[E Event](name string) codec { return codecOf(name, func(*E, rawFunc) {}) }

// codecOf makes a codec for events that hold raw JSON; walk applies a function to all
// of it.
func codecOf[E Event](name string, walk func(*E, rawFunc)) codec {
	return codec{
		name: name,
		encode: func(ev Event) ([]byte, error) {
			e, ok := ev.(E)
			if !ok {
				return nil, nil
			}
			walk(&e, seal)
			return json.Marshal(map[string]E{name: e})
		},
		decode: func(b []byte) (Event, error) {
			var e E
			err := json.Unmarshal(b, &e)
			walk(&e, func(raw json.RawMessage) json.RawMessage {
				opened, bad := open(raw)
				err = errors.Join(err, bad)
				return opened
			})
			return e, err
		},
	}
}

// seal turns raw JSON into a JSON string of its bytes in base64. Written as it is, it
// would lose its blanks, and what is not JSON, which the core refuses, could not be
// written at all.
func seal(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return nil
	}
	b, _ := json.Marshal([]byte(raw)) // bytes can be marshalled
	return b
}

func open(sealed json.RawMessage) (raw json.RawMessage, err error) {
	if sealed == nil {
		return nil, nil
	}
	var b []byte
	err = json.Unmarshal(sealed, &b)
	return b, err
}

// rawFunc is applied to raw JSON wherever it is in an event. What holds it is copied.
type rawFunc func(json.RawMessage) json.RawMessage

func (f rawFunc) request(q work.Request) work.Request {
	q.Input, q.Chain = f(q.Input), f.nodes(q.Chain)
	return q
}

func (f rawFunc) nodes(in []work.Node) []work.Node {
	return copied(in, func(n *work.Node) { n.Request = f.request(n.Request) })
}

func (f rawFunc) roots(in []record.PlanRoot) []record.PlanRoot {
	return copied(in, func(r *record.PlanRoot) { r.Nodes = f.nodes(r.Nodes) })
}

func (f rawFunc) tasks(in []record.TaskRow) []record.TaskRow {
	return copied(in, func(t *record.TaskRow) {
		if t.Request != nil {
			q := f.request(*t.Request)
			t.Request = &q
		}
	})
}

func copied[T any](in []T, change func(*T)) []T {
	if in == nil {
		return nil
	}
	out := make([]T, len(in))
	for i := range in {
		out[i] = in[i]
		change(&out[i])
	}
	return out
}
