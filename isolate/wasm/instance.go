package wasm

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/lullwork/lull/isolate"
)

// Ports bounds the messages on their way to a guest, and those from it, each: a sender
// waits while one more would cross a bound. The zero value is the default.
type Ports struct {
	// Messages is the number of them. Default: 64.
	Messages int
	// Bytes is their length together, and so the largest message. Default: 16 MiB.
	Bytes int
}

// Defaults of Ports.
const (
	DefaultMessages   = 64
	DefaultQueueBytes = 16 << 20
)

// Instance is a guest that lives beside this program and exchanges messages with it,
// by the functions send and recv of the module "lull". Messages are bytes, and are
// copied. Its methods may be called from any goroutine.
type Instance struct {
	r    *run
	done chan struct{}
	exit isolate.Exit // valid when done is closed

	mu      sync.Mutex
	reason  string // of the first Stop
	stopped bool
	killAt  time.Time
	timer   *time.Timer
}

var errKilled = errors.New("killed")

// Spawn starts a run and returns at once. When ctx ends, the guest is killed; Stop is
// the orderly end. An error means that nothing was started, as for [Module.Run].
func (m *Module) Spawn(ctx context.Context, call Call, p Ports) (*Instance, error) {
	if p.Messages < 0 || p.Bytes < 0 {
		return nil, errors.New("wasm ports: bounds must not be negative")
	}
	if p.Messages == 0 {
		p.Messages = DefaultMessages
	}
	if p.Bytes == 0 {
		p.Bytes = DefaultQueueBytes
	}
	r, err := m.admit(ctx, call)
	if err != nil {
		return nil, err
	}
	r.inbox, r.outbox = newQueue(p.Messages, p.Bytes), newQueue(p.Messages, p.Bytes)
	i := &Instance{r: r, done: make(chan struct{})}
	r.asked = i.asked
	go i.live()
	return i, nil
}

func (i *Instance) live() {
	exit := i.r.live()
	i.mu.Lock()
	if i.timer != nil {
		i.timer.Stop()
	}
	i.exit = exit
	i.mu.Unlock()
	i.r.inbox.drop()
	i.r.outbox.close()
	close(i.done)
}

// Send copies a message to the guest, and waits while its queue is full. The error is
// ErrPortClosed if the guest has ended or was asked to stop, ErrTooLarge, or the cause
// of ctx.
func (i *Instance) Send(ctx context.Context, message []byte) error {
	return i.r.inbox.put(ctx, bytes.Clone(message))
}

// CloseSend tells the guest that no more messages come: recv gives out those that are
// on their way, then -1.
func (i *Instance) CloseSend() { i.r.inbox.close() }

// Receive waits for the next message of the guest. The error is ErrPortClosed when the
// guest has ended and all its messages were received, or the cause of ctx.
func (i *Instance) Receive(ctx context.Context) ([]byte, error) {
	return i.r.outbox.take(ctx)
}

// Stop asks the guest to end and returns at once: stopping tells it how long it has,
// and no more messages come in. When the grace is over, it is killed. Of several calls
// the first reason and the earliest end of grace count. Grace 0: isolate.DefaultGrace.
func (i *Instance) Stop(reason string, grace time.Duration) {
	if grace <= 0 {
		grace = isolate.DefaultGrace
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.over() {
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
	i.r.inbox.close()
}

// Kill ends the guest now, without asking. With Config.Unstoppable that is when it next
// waits for the host.
func (i *Instance) Kill() { i.r.cancel(errKilled) }

func (i *Instance) over() bool {
	select {
	case <-i.done:
		return true
	default:
		return false
	}
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
