package wasm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/lullwork/lull/isolate"
)

// SpawnConfig configures [Module.Spawn]. The zero value works, for a guest that has nothing
// to say.
type SpawnConfig struct {
	// Name is for people: it is in errors and in Exit records. Default: that of the export.
	Name string
	// Out is where the messages go that the guest sends. Default: nowhere, send returns -1.
	Out isolate.SendPort[[]byte]
	// OnExit are told once how the guest ended, after every message it sent to them and
	// before Done is closed; a port without room gets it when there is some.
	OnExit []isolate.SendPort[isolate.Exit]
}

// Instance is a guest that lives beside this program and exchanges messages with it, by
// the functions send and recv of the module "lull". Its methods may be called by many
// goroutines, also when it is over.
//
// Messages are bytes, bounded as those of every port (see isolate.PortWindow). There is
// no Ping: a guest has no event loop, and nothing can answer for it while it computes.
type Instance struct {
	r    *run
	ctx  context.Context // that of Spawn
	name string
	shut context.CancelFunc // of ports.open
	done chan struct{}
	exit isolate.Exit // valid when over

	mu      sync.Mutex
	over    bool
	exits   []isolate.SendPort[isolate.Exit]
	stopped bool
	reason  string // of the first Stop
	killAt  time.Time
	timer   *time.Timer
}

// reasonKilled is the StopReason of a guest that was killed without being asked.
const reasonKilled = "killed"

var errKilled = errors.New(reasonKilled)

// Spawn starts a run and returns at once. When ctx ends, the guest is killed; Stop is
// the orderly end. The guest's port is opened in the isolate whose context ctx is, see
// [isolate.NewReceivePort]. An error means that nothing was started, as for [Module.Run].
func (m *Module) Spawn(ctx context.Context, call Call, cfg SpawnConfig) (*Instance, error) {
	r, err := m.admit(ctx, call)
	if err != nil {
		return nil, err
	}
	i := &Instance{r: r, ctx: ctx, name: cfg.Name, exits: slices.Clone(cfg.OnExit), done: make(chan struct{})}
	if i.name == "" {
		i.name = r.call.Export
	}
	r.asked = i.asked
	r.from, r.to = isolate.NewReceivePort[[]byte](ctx), cfg.Out
	r.open, i.shut = context.WithCancel(r.ctx)
	go i.live()
	return i, nil
}

func (i *Instance) live() {
	exit := i.r.live()
	exit.Name = i.name
	i.shut()
	i.r.from.Close()
	i.mu.Lock()
	i.over, i.exit = true, exit
	if i.timer != nil {
		i.timer.Stop()
	}
	exits := i.exits
	i.mu.Unlock()
	for _, port := range exits {
		post(port, exit)
	}
	close(i.done)
}

// post sends now if there is room, else when there is some.
func post(port isolate.SendPort[isolate.Exit], e isolate.Exit) {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	if errors.Is(port.Send(now, e), context.Canceled) {
		go func() { _ = port.Send(context.Background(), e) }()
	}
}

// Name is the name for people.
func (i *Instance) Name() string { return i.name }

// SendPort is the right to send to the guest. It may be given to anybody. A nil message
// (an empty one is something else) tells the guest that no more come: recv gives out
// those before it, then -1, and the port is closed.
func (i *Instance) SendPort() isolate.SendPort[[]byte] { return i.r.from.SendPort() }

// OnExit adds a listener to SpawnConfig.OnExit. If the guest is over it is told at once;
// the same port twice is told once.
func (i *Instance) OnExit(port isolate.SendPort[isolate.Exit]) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case i.over:
		go post(port, i.exit)
	case !slices.Contains(i.exits, port):
		i.exits = append(i.exits, port)
	}
}

// Pause holds back the messages for the guest until Resume with the same capability.
// Pauses by different capabilities need a resume each, two by the same one need one. The
// guest is not interrupted: it stops at its next recv.
func (i *Instance) Pause(c isolate.Capability) { i.r.pauses.add(c) }

// Resume ends the pause by a capability. With another one nothing happens.
func (i *Instance) Resume(c isolate.Capability) { i.r.pauses.remove(c) }

// Stop asks the guest to end and returns at once: stopping tells it how long it has, no
// more messages come in, and those that it sends go only where there is room. When the grace is over, it is killed. Of several calls
// the first reason and the earliest end of grace count. Grace 0: isolate.DefaultGrace.
func (i *Instance) Stop(reason string, grace time.Duration) {
	if grace <= 0 {
		grace = isolate.DefaultGrace
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.over {
		return
	}
	if !i.stopped {
		i.stopped, i.reason = true, reason
	}
	if at := time.Now().Add(grace); i.timer == nil {
		i.killAt = at
		i.timer = time.AfterFunc(grace, func() { i.r.cancel(errors.New(i.reason)) })
	} else if at.Before(i.killAt) {
		i.killAt = at
		i.timer.Reset(grace)
	}
	i.shut()
}

// Kill ends the guest: Immediate without asking (with Config.Unstoppable, when it next
// waits for the host), BeforeNextEvent like Stop with the default grace.
func (i *Instance) Kill(how isolate.Priority) error {
	switch how {
	case isolate.Immediate:
		i.r.cancel(errKilled)
	case isolate.BeforeNextEvent:
		i.Stop(reasonKilled, 0)
	default:
		return fmt.Errorf("unknown %v", how)
	}
	return nil
}

// asked is what stopping tells the guest.
func (i *Instance) asked() (string, time.Duration, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.stopped {
		return "", 0, false
	}
	return i.reason, time.Until(i.killAt), true
}

// Done is closed when the guest is gone.
func (i *Instance) Done() <-chan struct{} { return i.done }

// Wait waits for Done and returns the record.
func (i *Instance) Wait() isolate.Exit {
	<-i.done
	return i.exit
}

// Result waits for Done and returns the guest's result, nil if it has none. The error is
// an [*isolate.ExitError] if it ended in any way but success, or the cause of ctx.
func (i *Instance) Result(ctx context.Context) (json.RawMessage, error) {
	select {
	case <-i.done:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if i.exit.Outcome == isolate.Success {
		return i.exit.Result, nil
	}
	e := &isolate.ExitError{Name: i.name, Exit: i.exit}
	if i.exit.StopReason != "" { // else ctx ended later
		e.Cause = context.Cause(i.ctx)
	}
	return nil, e
}
