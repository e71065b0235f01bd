package hub

import (
	"encoding/binary"
	"errors"
)

// taken gives room back to the peer, in portions.
func (x *export) taken(size int) {
	owedBefore := x.owed.half()
	x.owed.add(size)
	if !owedBefore && x.owed.half() {
		x.edge.owing = append(x.edge.owing, x)
		x.edge.note()
	}
}

// tellClosed lets the peer know that a port is no more.
func (e *Edge) tellClosed(id uint64) {
	e.closing = append(e.closing, id)
	e.note()
}

// note sends notes from a goroutine, since the reader, who often causes them, must not wait.
func (e *Edge) note() {
	if e.noting || e.gone {
		return
	}
	e.noting = true
	e.hub.helpers++
	go func() {
		e.hub.mu.Lock()
		defer e.hub.mu.Unlock()
		for !e.gone && len(e.owing)+len(e.closing) > 0 {
			credit, closed := e.notes()
			e.hub.mu.Unlock()
			for _, n := range [][]byte{credit, closed} {
				if n != nil {
					_ = e.link.Send(n) // an error: the reader sees the end
				}
			}
			e.hub.mu.Lock()
		}
		e.noting, e.owing, e.closing = false, nil, nil
		e.hub.helpers--
	}()
}

// notes makes the messages of what is to be noted.
func (e *Edge) notes() (credit, closed []byte) {
	for _, id := range e.closing {
		closed = binary.LittleEndian.AppendUint64(closed, id)
	}
	e.closing = nil
	if closed != nil {
		closed = appendTail(closed, 0, 0, 0, kindClosed)
	}
	return e.credit(), closed
}

// credit makes the message that gives room back; nil if there is none to give.
func (e *Edge) credit() (credit []byte) {
	for _, x := range e.owing {
		if e.exports[x.id] != x {
			continue // closed meanwhile
		}
		credit = binary.LittleEndian.AppendUint64(credit, x.id)
		credit = binary.LittleEndian.AppendUint64(credit, uint64(x.owed.bytes))
		credit = binary.LittleEndian.AppendUint64(credit, uint64(x.owed.messages))
		x.in.sub(x.owed)
		x.owed = window{}
	}
	e.owing = nil
	if credit != nil {
		credit = appendTail(credit, 0, 0, 0, kindCredit)
	}
	return credit
}

func (x *export) keep(it Item) {
	x.queue = append(x.queue, it)
	x.edge.hub.kept += it.size
}

// drop forgets what cannot be forwarded any more.
func (x *export) drop() {
	for _, it := range x.queue {
		x.edge.hub.forwarded(it.size)
		it.drop()
	}
	x.queue = nil
}

// ask gets in line for a place in the window of a port behind another edge.
func (x *export) ask() {
	if x.ref.dead { // which this one may be out of reach for: see end
		x.drop()
	}
	if x.asked || len(x.queue) == 0 {
		return
	}
	x.asked = true
	r, size := x.ref, x.queue[0].size
	if len(r.waiting) == 0 && r.out.fits(size) {
		r.out.add(size)
		x.forward()
		return
	}
	r.waiting = append(r.waiting, &turn{size: size, via: x})
}

// forward sends on the first message, which has its place.
func (x *export) forward() {
	to := x.ref.edge
	to.ready = append(to.ready, x)
	if !to.routing && !to.gone {
		to.routing = true
		to.hub.helpers++
		go to.route()
	}
}

// route sends on what came over other edges, each in its turn.
func (e *Edge) route() {
	h := e.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(e.ready) > 0 && !e.gone {
		x := e.ready[0]
		e.ready = e.ready[1:]
		if x.ref.dead {
			x.drop()
		}
		if len(x.queue) == 0 {
			continue
		}
		it := x.queue[0]
		names, err := e.names(it.Refs)
		if err != nil { // too many ports: the message goes without them
			names, _ = e.names(make([]*Ref, len(it.Refs)))
		}
		h.mu.Unlock()
		err = e.send(x.ref.id, names, Message{it.Payload, it.Refs, it.Buffers, it.Nil, true})
		if err != nil {
			it.drop()
		}
		h.mu.Lock()
		if err != nil && !errors.Is(err, ErrClosed) { // lost: its buffers have no room there
			x.ref.giveBack(it.size)
		}
		if len(x.queue) > 0 { // else closed meanwhile
			h.forwarded(it.size)
			x.queue[0] = Item{}
			if x.queue = x.queue[1:]; len(x.queue) == 0 {
				x.queue = nil
			}
		}
		if it.from != nil {
			it.from.taken(it.size)
		}
		x.asked = false
		x.ask()
	}
	for _, x := range e.ready {
		x.drop()
	}
	e.routing, e.ready = false, nil
	h.helpers--
}
