package hub

import (
	"runtime"
	"time"
	"unsafe"
)

// One goroutine at a time reads an edge: best the listener of the port for which the next
// message is, since then nobody else has to wake it. When it goes away with its message,
// a waiting listener follows, or, if none comes back soon, a goroutine that keeps the
// edge flowing until somebody listens again.

// vacantTime is how long an edge may be without a reader. A process that was just started says
// nothing before that is over, so it serves for new edges too.
const vacantTime = time.Millisecond

// vacant is true if a listener may become the reader.
func (e *Edge) vacant() bool { return !e.reading && !e.gone && !e.cfg.NoLead }

// lead reads one message as the listener of p; false if it was not for p. The lock is
// released meanwhile.
func (e *Edge) lead(p *Port, buf []byte) (Item, bool) {
	e.reading, p.leads = true, e
	helpers := e.hub.helpers > 0 && e.hub.single
	e.hub.mu.Unlock()
	if helpers { // what they send may be what the peer waits for; with one processor they come first
		runtime.Gosched()
	}
	m, msg, err := e.receive(buf)
	m.lent = sameStart(msg, buf)
	e.hub.mu.Lock()
	p.leads = nil
	q, it := e.take(m, err)
	e.leave()
	switch {
	case q == nil:
		return Item{}, false
	case q == p && !p.closed && len(p.queue) == 0 && !p.scope.paused && p.scope.end == nil:
		p.taken(it)
		return it, true
	}
	if m.lent {
		it.Payload = append(make([]byte, 0, len(it.Payload)), it.Payload...)
	}
	q.near = e
	q.push(it)
	return Item{}, false
}

func sameStart(a, b []byte) bool {
	return cap(a) > 0 && cap(b) > 0 && unsafe.SliceData(a) == unsafe.SliceData(b)
}

// leave hands the edge to a listener that waits, and sets the watch.
func (e *Edge) leave() {
	e.reading = false
	e.epoch++
	if e.gone {
		return
	}
	if !e.watched && !e.cfg.Later {
		e.setWatch(vacantTime)
	}
	for p := range e.parked {
		if !p.scope.paused {
			p.wake() // it may have reasons not to read, so the watch stays
			return
		}
	}
}

func (e *Edge) setWatch(after time.Duration) {
	e.watched, e.seen = true, e.epoch
	if e.watch == nil {
		e.watch = time.AfterFunc(after, e.look)
	} else {
		e.watch.Reset(after)
	}
}

// Watch has the edge read whenever nobody listens for a while.
func (e *Edge) Watch() {
	e.hub.mu.Lock()
	defer e.hub.mu.Unlock()
	if e.cfg.Later = false; !e.watched && !e.gone {
		e.setWatch(vacantTime)
	}
}

// look reads the edge if it had no reader for a while.
func (e *Edge) look() {
	e.hub.mu.Lock()
	defer e.hub.mu.Unlock()
	e.watched = false
	switch {
	case e.reading || e.gone:
	case e.epoch != e.seen:
		e.setWatch(vacantTime)
	default:
		e.needReader()
	}
}

// needReader makes sure that the edge is being read.
func (e *Edge) needReader() {
	if e.reading || e.gone {
		return
	}
	e.reading, e.keeping = true, true
	go e.background()
}

// want takes the edge from the goroutine that keeps it, for a listener that is about to
// park: with its own buffer it spares a large message an allocation.
func (e *Edge) want() {
	if e.keeping && !e.wanted && !e.gone && !e.cfg.NoLead {
		e.wanted = true
		e.link.Interrupt()
	}
}

// background reads until it has woken a listener that can go on reading.
func (e *Edge) background() {
	for {
		m, _, err := e.receive(nil)
		e.hub.mu.Lock()
		p, it := e.take(m, err)
		if p != nil {
			p.near = e
			p.push(it)
		}
		if e.gone {
			e.reading = false
			e.hub.mu.Unlock()
			return
		}
		if e.wanted || p != nil && p.parked && !p.scope.paused && !e.cfg.NoLead {
			e.keeping, e.wanted = false, false
			e.leave()
			e.hub.mu.Unlock()
			return
		}
		e.hub.mu.Unlock()
	}
}
