package wasm

import (
	"context"
	"errors"
	"sync"

	"github.com/tetratelabs/wazero/api"

	"github.com/lullwork/lull/isolate"
)

// ports is how a guest exchanges messages. The zero value is that of a guest that cannot.
type ports struct {
	from   *isolate.ReceivePort[[]byte] // nil: nobody sends any
	to     isolate.SendPort[[]byte]
	open   context.Context // when it ends, nothing more comes, and nobody waits to send
	pauses pauses

	held bool // the guest was not given the message yet
	next []byte
}

// hostSend is send(pointer, length) -> 0. It waits while the port has no room, until the
// guest is asked to stop.
func (r *run) hostSend(mem api.Memory, stack []uint64) error {
	b, err := guestBytes(mem, stack[0], stack[1])
	if err != nil {
		return err
	}
	if len(b) == 0 {
		b = []byte{} // nil means something else
	}
	err = r.to.Send(r.open, b)
	switch {
	case err == nil:
		stack[0] = 0
	case errors.Is(err, isolate.ErrMessageTooLarge):
		stack[0] = api.EncodeI32(hostTooLarge)
	case r.ctx.Err() != nil:
		end()
	default:
		stack[0] = api.EncodeI32(hostClosed)
	}
	return nil
}

// hostReceive is recv(pointer, room) -> length. It waits for a message. One that is longer
// than the room stays: its length is returned, and the guest asks again.
func (r *run) hostReceive(mem api.Memory, stack []uint64) error {
	room, err := guestBytes(mem, stack[0], stack[1])
	if err != nil {
		return err
	}
	stack[0] = api.EncodeI32(hostClosed)
	if !r.await() {
		if r.ctx.Err() != nil {
			end()
		}
		return nil
	}
	n := len(r.next)
	if copy(room, r.next) == n {
		r.held, r.next = false, nil
	}
	stack[0] = uint64(uint32(n))
	return nil
}

// await waits for the next message; false: there is none, and will be none.
func (p *ports) await() bool {
	if p.from == nil || p.pauses.wait(p.open) != nil {
		return false
	}
	if p.held {
		return p.open.Err() == nil
	}
	m, err := p.from.Receive(p.open)
	if err == nil {
		err = p.pauses.wait(p.open) // one that came meanwhile
	}
	if err != nil {
		return false
	}
	if m == nil {
		p.from.Close()
		return false
	}
	p.held, p.next = true, m
	return true
}

// pauses holds back messages while there is one.
type pauses struct {
	mu      sync.Mutex
	by      map[isolate.Capability]struct{}
	resumed chan struct{} // closed when by is empty; nil if nobody waits
}

func (p *pauses) add(c isolate.Capability) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.by == nil {
		p.by = map[isolate.Capability]struct{}{}
	}
	p.by[c] = struct{}{}
}

func (p *pauses) remove(c isolate.Capability) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.by, c)
	if len(p.by) == 0 && p.resumed != nil {
		close(p.resumed)
		p.resumed = nil
	}
}

func (p *pauses) wait(ctx context.Context) error {
	for {
		p.mu.Lock()
		if len(p.by) == 0 {
			p.mu.Unlock()
			return nil
		}
		if p.resumed == nil {
			p.resumed = make(chan struct{})
		}
		resumed := p.resumed
		p.mu.Unlock()
		select {
		case <-resumed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
