package lull

import (
	"context"
	"errors"
	"fmt"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/live"
	"github.com/lullwork/lull/internal/policy/platform"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/recording"
	"github.com/lullwork/lull/internal/store"
	"github.com/lullwork/lull/work"
)

// Phone makes an engine follow the rules of a phone's system instead of the host's, in
// real time: a phone app can be tried on a desk. It is what lull run --as does; there is
// no use for it in a program of one's own. The zero value is the host.
type Phone struct {
	// Setup is the phone's system and what the app declares.
	Setup platform.Setup
	// Stored takes whatever the state ran as before, for those who only enqueue and
	// cancel.
	Stored bool
	// Tasks are those that the app has there, by name. The plan's other tasks are held,
	// and the engine enqueues nothing by itself: the app does.
	Tasks map[string]PhoneTask
	// World lays what the phone is said to be like over what was read of the machine.
	// Default: nothing. After it would say otherwise, call Engine.Refresh.
	World func(*record.Facts)
}

// PhoneTask is what an app asks for when it asks for a task.
type PhoneTask struct {
	Request work.Request // without an ID
	Unique  work.Unique
}

// Sense is one thing that happens on a phone.
type Sense = core.Sense

// phoneJobs is how many works a phone's system is let run at the same time: how many it
// does run is its own business.
const phoneJobs = 64

// ErrOtherPlatform says that a state ran as another platform. What waits in it follows
// that one's rules.
var ErrOtherPlatform = errors.New("the state ran as another platform")

// storedPlatform returns what a state ran as; no name: the host, or it is new.
func storedPlatform(snap *record.Snapshot) (platform.Setup, error) {
	for _, c := range snap.Conds {
		if c.Key == core.PlatformKey {
			return platform.Of(c.Text)
		}
	}
	return platform.Setup{}, nil
}

// policy decides under which rules an engine runs on a state. It sets the
// configuration's setup to them.
func (e *Engine) policy(snap *record.Snapshot) (core.Policy, error) {
	stored, err := storedPlatform(snap)
	if err != nil {
		return nil, err
	}
	want := &e.cfg.Phone.Setup
	if e.cfg.Phone.Stored {
		*want = stored
	}
	if ran := snap.Meta.Journal > 0; ran && stored.Name != want.Name {
		return nil, &work.Error{
			Op: "open " + e.cfg.Store.Where(), Err: fmt.Errorf("%w: it is %s's, not %s's", ErrOtherPlatform, owner(stored.Name), owner(want.Name)),
			Hint: asHint(stored.Name) + ", or name another state (lull run --state DIR)",
		}
	}
	return want.Policy()
}

func owner(name string) string {
	if name == "" {
		return "the host"
	}
	return platform.Title(name)
}

func asHint(name string) string {
	if name == "" {
		return "run it without --as"
	}
	return "run it with --as " + name
}

// openRecording begins to record what is stepped. A recording has all that happened to
// a state, from its first moment.
func (e *Engine) openRecording(snap *record.Snapshot) error {
	if e.cfg.Record == "" {
		return nil
	}
	begun, err := recording.Begun(e.cfg.Record)
	if err != nil {
		return err
	}
	switch ran := snap.Meta.Journal > 0; {
	case ran && !begun:
		return &work.Error{
			Op: "record", Err: fmt.Errorf("%w: the state is not new, and a recording begins with it", work.ErrInvalid),
			Hint: "name a new state (lull run --state DIR), or the recording that began with this one",
		}
	case !ran && begun:
		return &work.Error{
			Op: "record", Err: fmt.Errorf("%w: %s is of another state: this one is new", work.ErrInvalid, e.cfg.Record),
			Hint: "name a new file",
		}
	}
	e.recorder, err = recording.Append(e.cfg.Record, e.cfg.Phone.Setup, snap.Meta.Journal, snap.Meta.At)
	return err
}

// recorded writes down an event that is about to be stepped.
func (e *Engine) recorded(at int64, ev core.Event) {
	if e.recorder == nil || e.unrecorded {
		return
	}
	if err := e.recorder.Event(at, ev); err != nil {
		e.unrecorded = true
		e.cfg.Log("the recording ends here: %v", err)
	}
}

// endRecording marks that the engine ended in order: nothing is recorded that the run log
// lacks.
func (e *Engine) endRecording() error {
	if e.recorder == nil || e.unrecorded {
		return nil
	}
	return e.recorder.End()
}

// Sense tells an engine that runs as a phone what happens on it. On the host it returns
// work.ErrUnsupported.
func (e *Engine) Sense(ctx context.Context, s Sense) error {
	_, err := e.live.Ask(ctx, core.Sensed{Sense: s})
	return err
}

// AppAlive reports whether the app's process exists on the phone that an engine runs as.
// Known is false where no system says so: on the host and on Android.
func (e *Engine) AppAlive(ctx context.Context) (alive, known bool, err error) {
	x, phone := e.rules.(*platform.System)
	if !phone {
		return false, false, nil
	}
	err = e.live.Do(ctx, func(*core.Machine, live.Rows) { alive, known = x.AppAlive() })
	return alive, known, err
}

// Now returns the engine's time, in µs.
func (e *Engine) Now() int64 { return e.live.Now() }

// onPhone adds what only a phone's works have: that nobody has asked again, and how the
// request before ended.
func (r *Reader) onPhone(ctx context.Context, v view, y *Why) error {
	w := &y.Work
	if _, phone := v.m.Absent(nil); !phone {
		return nil
	}
	if !w.State.Finished() {
		before, err := r.b.List(ctx, store.Query{States: finishedStates, Task: w.Task, Limit: 1})
		if err == nil {
			err = v.knows(before)
		}
		if err == nil && w.Last == nil && len(before) > 0 {
			i := v.info(before[0])
			y.Previous = &i
		}
		return err
	}
	waits, err := r.b.List(ctx, store.Query{States: unfinishedStates, Task: w.Task, Limit: 1})
	if err != nil || len(waits) > 0 {
		return err
	}
	rows, err := v.works(ctx, []work.ID{w.ID})
	if err == nil && len(rows) > 0 {
		absent, _ := v.m.Absent(rows[0])
		y.Reasons = append(y.Reasons, absent)
	}
	return err
}

var (
	unfinishedStates = []work.State{work.Enqueued, work.Running, work.Blocked}
	finishedStates   = []work.State{work.Succeeded, work.Failed, work.Cancelled}
)

// Platform returns the name of the phone's system that the state ran as: "android", "ios",
// or "" for a host.
func (r *Reader) Platform(ctx context.Context) (string, error) {
	snap, err := r.b.Load(ctx)
	if err != nil {
		return "", err
	}
	setup, err := storedPlatform(snap)
	return setup.Name, err
}

// Absent explains why nothing of a task waits that has had no work at all; false on a
// host, where nothing need.
func (r *Reader) Absent(ctx context.Context) (work.Reason, bool, error) {
	v, _, err := r.view(ctx, true)
	if err != nil {
		return work.Reason{}, false, err
	}
	reason, phone := v.m.Absent(nil)
	return reason, phone, nil
}
