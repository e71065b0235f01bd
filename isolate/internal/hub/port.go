package hub

import (
	"context"
)

// Port is a buffered queue of messages with one listener at a time.
type Port struct {
	hub   *Hub
	scope *Scope
	ref   *Ref

	queue  []Item
	first  [1]Item // what queue begins with when it was empty: no allocation for a lone message
	closed bool
	// near is the edge from which messages come: while the listener waits, it reads that.
	near     *Edge
	listened bool
	listener Listener
	parked   bool          // the listener waits for wakeup
	leads    *Edge         // or it reads this
	wakeup   chan struct{} // of capacity 1
}

// NewPort opens a port in a scope. Print is the fingerprint of its message type.
func (s *Scope) NewPort(print uint64) *Port {
	h := s.hub
	p := &Port{hub: h, scope: s, wakeup: make(chan struct{}, 1)}
	p.ref = &Ref{hub: h, print: print, port: p}
	h.mu.Lock()
	defer h.mu.Unlock()
	p.near = h.home
	s.ports[p] = struct{}{}
	return p
}

// Ref is the right to send to the port.
func (p *Port) Ref() *Ref { return p.ref }

// Close drops what is queued. Senders get ErrClosed, now or when they hear of it.
func (p *Port) Close() {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	p.close()
}

func (p *Port) close() {
	if p.closed {
		return
	}
	for _, it := range p.queue {
		it.drop()
	}
	p.closed, p.queue, p.first = true, nil, [1]Item{}
	p.ref.kill()
	p.scope.remove(p)
	p.wake()
}

func (p *Port) push(it Item) {
	if p.closed {
		it.drop()
		return
	}
	p.queue = append(p.queue, it)
	p.wake()
}

// wake makes the listener look again.
func (p *Port) wake() {
	switch {
	case p.leads != nil:
		p.leads.link.Interrupt()
	case p.parked:
		select {
		case p.wakeup <- struct{}{}:
		default:
		}
	}
}

// Listener is the one that takes messages.
type Listener struct {
	port *Port
	ctx  context.Context
	stop func() bool // of the context's watch; nil if there is none
}

// Listen makes the caller the listener until Close.
func (p *Port) Listen(ctx context.Context) (*Listener, error) {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	if p.listened {
		return nil, ErrListened
	}
	p.listened = true
	p.listener = Listener{port: p, ctx: ctx} // in the port: an allocation less for each message
	return &p.listener, nil
}

// Close lets another listener come.
func (l *Listener) Close() {
	if l.stop != nil {
		l.stop()
	}
	l.port.hub.mu.Lock()
	defer l.port.hub.mu.Unlock()
	l.port.listened = false
}

// Next waits for a message. Its payload is in buf if that is large enough and the
// message came directly.
func (l *Listener) Next(buf []byte) (Item, error) {
	p := l.port
	h := p.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case p.closed:
			return Item{}, ErrClosed
		case p.scope.end != nil:
			return Item{}, p.scope.end
		case l.ctx.Err() != nil:
			return Item{}, context.Cause(l.ctx)
		case len(p.queue) > 0 && !p.scope.paused:
			return p.pop(), nil
		}
		e := p.near
		if e == nil || !e.vacant() || p.scope.paused {
			p.park(l.ctx, e)
			continue
		}
		l.watch()
		if it, ok := e.lead(p, buf); ok {
			return it, nil
		}
	}
}

func (p *Port) pop() Item {
	it := p.queue[0]
	p.queue[0] = Item{}
	if p.queue = p.queue[1:]; len(p.queue) == 0 {
		p.queue = p.first[:0]
	}
	p.taken(it)
	return it
}

// taken makes room for the sender of a message.
func (p *Port) taken(it Item) {
	if it.from != nil {
		it.from.taken(it.size)
		return
	}
	p.ref.out.sub(window{it.size, 1})
	p.ref.grant()
}

// watch lets the end of the context wake the listener from its reading.
func (l *Listener) watch() {
	if l.stop != nil || l.ctx.Done() == nil {
		return
	}
	p := l.port // l is the next listener's by the time that this runs, maybe
	l.stop = context.AfterFunc(l.ctx, func() {
		p.hub.mu.Lock()
		defer p.hub.mu.Unlock()
		p.wake()
	})
}

// park waits until somebody calls wake, or the context is over. The lock is released
// meanwhile.
func (p *Port) park(ctx context.Context, e *Edge) {
	p.parked = true
	if e != nil {
		e.parked[p] = struct{}{}
		e.needReader()
		if !p.scope.paused {
			e.want()
		}
	}
	p.hub.mu.Unlock()
	select {
	case <-p.wakeup:
	case <-ctx.Done():
	}
	p.hub.mu.Lock()
	p.parked = false
	if e != nil {
		delete(e.parked, p)
	}
	select { // a second wake that came meanwhile
	case <-p.wakeup:
	default:
	}
}

// Pop returns a message that is there already.
func (p *Port) Pop() (Item, bool) {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	if len(p.queue) == 0 {
		return Item{}, false
	}
	return p.pop(), true
}

// Waiting counts the messages that wait for a listener.
func (p *Port) Waiting() int {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	return len(p.queue)
}
