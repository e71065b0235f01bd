package hub

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/lullwork/lull/isolate/internal/link"
)

// mainID is the number of the one port that each side of an edge has from the start.
const mainID = 1

// Link is what an edge needs of a link.
type Link interface {
	link.Taker
	link.Transferrer
}

// EdgeConfig configures an edge.
type EdgeConfig struct {
	// Home: this is the edge to the parent.
	Home bool
	// NoLead: the link cannot be interrupted, so only a goroutine of its own reads it.
	NoLead bool
	// Main gets the messages to this side's main port; nil drops them.
	Main *Port
	// Later: before Watch the edge is read by who listens, and else by nobody.
	Later bool
	// PeerPrint is the fingerprint of the peer's main port.
	PeerPrint uint64
	// Broken is called, in a goroutine of its own, if the peer broke the protocol; nil: it
	// is in Err.
	Broken func(error)
}

// Edge is a link to a neighbour, with the tables of what was handed out over it.
type Edge struct {
	hub  *Hub
	link Link
	cfg  EdgeConfig
	peer *Ref

	// Guarded by the hub's lock.
	exports map[uint64]*export
	imports map[uint64]*Ref
	next    uint64 // the last number given

	reading bool               // somebody is in Recv, or about to be
	keeping bool               // by a goroutine of its own
	wanted  bool               // that is to leave
	parked  map[*Port]struct{} // listeners that wait for what comes here
	epoch   uint64             // counts how often the reader left
	seen    uint64             // the epoch in which the watch was set
	watch   *time.Timer        // nil: not set yet
	watched bool

	closing   []uint64
	owing     []*export
	noting    bool // a goroutine sends notes
	ready     []*export
	routing   bool // a goroutine forwards
	answers   []answer
	answering bool // a goroutine sends them
	gone      bool
	err       error
	ended     chan struct{}
}

// export is a port that was handed out over an edge.
type export struct {
	edge *Edge
	id   uint64
	ref  *Ref
	in   window // came over the edge and was not given back
	owed window // of it: taken by now
	// Of a port that is behind another edge: what is to be forwarded.
	queue []Item
	asked bool // the first one has, or waits for, its place in the window there
}

// Join starts to use a link. The edge closes it.
func (h *Hub) Join(l Link, cfg EdgeConfig) *Edge {
	e := &Edge{
		hub: h, link: l, cfg: cfg, next: mainID,
		exports: map[uint64]*export{}, imports: map[uint64]*Ref{}, parked: map[*Port]struct{}{},
		ended: make(chan struct{}),
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if cfg.Home {
		h.home = e
	}
	if cfg.Main != nil {
		e.setMain(cfg.Main)
	}
	e.peer = &Ref{hub: h, print: cfg.PeerPrint, edge: e, id: mainID}
	e.imports[mainID] = e.peer
	switch { // whoever joined listens soon
	case cfg.NoLead:
		e.needReader()
	case cfg.Later:
	default:
		e.setWatch(vacantTime)
	}
	return e
}

func (e *Edge) setMain(p *Port) {
	x := &export{edge: e, id: mainID, ref: p.ref}
	e.exports[mainID] = x
	p.ref.handOut(x)
	p.near = e
}

// Begin gives an edge its main port. Call Watch soon.
func (e *Edge) Begin(p *Port) {
	e.hub.mu.Lock()
	defer e.hub.mu.Unlock()
	e.setMain(p)
}

func (r *Ref) handOut(x *export) {
	if r.named == nil {
		r.named = map[*Edge]*export{}
	}
	r.named[x.edge] = x
	if r.port != nil && r.port.near == nil { // answers come from there
		r.port.near = x.edge
	}
}

// Peer is the main port of the other side.
func (e *Edge) Peer() *Ref { return e.peer }

// Ended is closed when the other side is gone and all that it sent has been read.
func (e *Edge) Ended() <-chan struct{} { return e.ended }

// Keep has the edge read although nobody listens.
func (e *Edge) Keep() {
	e.hub.mu.Lock()
	defer e.hub.mu.Unlock()
	e.needReader()
}

// Err is why the edge ended, if the other side broke the protocol. Valid after Ended.
func (e *Edge) Err() error {
	e.hub.mu.Lock()
	defer e.hub.mu.Unlock()
	return e.err
}

// Close ends the edge. What was sent before can still be read by the other side.
func (e *Edge) Close() error { return e.link.Close() }

// PostAfter posts behind all that came over this edge to the same port.
func (e *Edge) PostAfter(r *Ref, m Message) {
	if r == nil {
		return
	}
	h := e.hub
	h.mu.Lock()
	for _, x := range e.exports {
		if x.ref == r && r.edge != nil && !r.dead && len(x.queue) > 0 {
			x.keep(Item{Payload: m.Payload, Refs: m.Refs, Nil: m.Nil, size: m.size()})
			h.mu.Unlock()
			return
		}
	}
	h.mu.Unlock()
	r.Post(m)
}

// names hands out the ports of a message.
func (e *Edge) names(refs []*Ref) ([]byte, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	list := make([]byte, 0, len(refs)*refSize)
	for _, r := range refs {
		n, err := e.name(r)
		if err != nil {
			return nil, err
		}
		list = appendRef(list, n)
	}
	return list, nil
}

// send sends a message to a port of the peer, and its buffers before it. The lock is not held.
func (e *Edge) send(id uint64, names []byte, m Message) error {
	tail := names
	for _, b := range m.Buffers {
		n, err := e.link.Export(b)
		switch {
		case errors.Is(err, link.ErrTransferred) || errors.Is(err, link.ErrNoRoom) || errors.Is(err, link.ErrTooLong):
			return err
		case err != nil:
			return fmt.Errorf("%w: %v", ErrClosed, err)
		}
		tail = binary.LittleEndian.AppendUint64(tail, n)
	}
	tail = appendTail(tail, id, len(m.Buffers), len(m.Refs), dataKind(m.Nil))
	if err := e.link.Send(m.Payload, tail); err != nil {
		return fmt.Errorf("%w: %v", ErrClosed, err)
	}
	return nil
}

// arrived is a message with the buffers that came before it.
type arrived struct {
	parsed
	buffers []*link.Buffer
	refs    int
	lent    bool // the payload is in memory of a listener, whose message it may not be
}

// receive returns the next message. The lock is not held.
func (e *Edge) receive(buf []byte) (m arrived, msg []byte, err error) {
	if msg, err = e.link.RecvInto(buf); err != nil {
		return m, msg, err
	}
	if m.parsed, err = parse(msg); err != nil {
		return m, msg, err
	}
	m.refs = len(m.parsed.refs) / refSize
	for b := m.parsed.buffers; len(b) > 0; b = b[bufferSize:] {
		got, err := e.link.Import(binary.LittleEndian.Uint64(b))
		if err != nil {
			return m, msg, fmt.Errorf("%w: %v", ErrPeer, err)
		}
		m.buffers = append(m.buffers, got)
	}
	return m, msg, nil
}

// name gives a port a number on this edge.
func (e *Edge) name(r *Ref) (named, error) {
	switch {
	case r == nil:
		return named{}, nil
	case r.dead:
		return named{0, r.print}, nil
	case r.edge == e:
		return named{r.id<<1 | theirs, r.print}, nil
	}
	x := r.named[e]
	if x == nil {
		if len(e.exports) >= MaxNamed {
			return named{}, fmt.Errorf("%w: %d", ErrTooMany, len(e.exports))
		}
		e.next++
		x = &export{edge: e, id: e.next, ref: r}
		e.exports[x.id] = x
		r.handOut(x)
	}
	return named{x.id << 1, r.print}, nil
}

// resolve finds the port that a word of the peer means.
func (e *Edge) resolve(n named) (*Ref, error) {
	id := n.word >> 1
	if n.word&theirs != 0 {
		x := e.exports[id]
		switch {
		case x != nil:
			return x.ref, nil
		case id == 0 || id > e.next:
			return nil, fmt.Errorf("%w: port %d was never handed out", ErrPeer, id)
		}
		return &Ref{hub: e.hub, print: n.print, dead: true}, nil
	}
	if id == 0 {
		if n.print == 0 {
			return nil, nil
		}
		return &Ref{hub: e.hub, print: n.print, dead: true}, nil
	}
	r := e.imports[id]
	if r == nil {
		if len(e.imports) >= MaxNamed {
			return nil, fmt.Errorf("%w: more than %d ports", ErrPeer, MaxNamed)
		}
		r = &Ref{hub: e.hub, print: n.print, edge: e, id: id}
		e.imports[id] = r
	}
	if r.print != n.print {
		return nil, fmt.Errorf("%w: port %d changed its type", ErrPeer, id)
	}
	return r, nil
}

// take handles what Recv returned. A data message for a port of this process is returned
// with it.
func (e *Edge) take(m arrived, err error) (*Port, Item) {
	if errors.Is(err, link.ErrInterrupted) || e.gone {
		return nil, Item{}
	}
	var p *Port
	var it Item
	if err == nil {
		p, it, err = e.handle(m)
	}
	if err != nil {
		e.end(err)
	}
	return p, it
}

func (e *Edge) handle(m arrived) (*Port, Item, error) {
	switch m.kind {
	case kindCredit:
		for i := 0; i < len(m.payload)/8; i += 3 {
			if r := e.imports[m.number(i)]; r != nil {
				back := window{int(m.number(i + 1)), int(m.number(i + 2))}
				if back.bytes < 0 || back.messages < 0 || back.bytes > r.out.bytes || back.messages > r.out.messages {
					return nil, Item{}, fmt.Errorf("%w: more room given back than was taken", ErrPeer)
				}
				r.out.sub(back)
				r.grant()
			}
		}
	case kindClosed:
		for i := range len(m.payload) / 8 {
			if r := e.imports[m.number(i)]; r != nil {
				r.kill()
			}
		}
	default:
		return e.data(m)
	}
	return nil, Item{}, nil
}

func (e *Edge) data(m arrived) (*Port, Item, error) {
	it := Item{Payload: m.payload, Buffers: m.buffers, Nil: m.kind == kindNil, size: cost(len(m.payload), m.refs, m.buffers)}
	x := e.exports[m.id]
	if x == nil {
		if m.id == 0 || m.id > e.next {
			return nil, Item{}, fmt.Errorf("%w: port %d was never handed out", ErrPeer, m.id)
		}
		if len(e.closing) > MaxNamed {
			return nil, Item{}, fmt.Errorf("%w: a flood to closed ports", ErrPeer)
		}
		it.drop()
		e.tellClosed(m.id) // again: a port may be closed while it is handed out
		return nil, Item{}, nil
	}
	it.from = x
	if !x.in.fits(it.size) {
		return nil, Item{}, fmt.Errorf("%w: more than the window of port %d", ErrPeer, m.id)
	}
	x.in.add(it.size)
	for i := range m.refs {
		r, err := e.resolve(m.ref(i))
		if err != nil {
			return nil, Item{}, err
		}
		it.Refs = append(it.Refs, r)
	}
	if x.ref.port != nil {
		return x.ref.port, it, nil
	}
	if m.lent {
		it.Payload = bytes.Clone(it.Payload)
	}
	x.keep(it)
	x.ask()
	return nil, Item{}, nil
}

// end is called by the reader when nothing more comes.
func (e *Edge) end(err error) {
	if e.gone {
		return
	}
	e.gone = true
	if !errors.Is(err, io.EOF) && !errors.Is(err, link.ErrClosed) {
		e.err = err
		if e.cfg.Broken != nil {
			go e.cfg.Broken(err)
		}
		_ = e.link.Close()
	}
	for _, r := range e.imports {
		r.kill()
	}
	for _, x := range e.exports { // what it keeps still goes on
		delete(x.ref.named, e)
	}
	for p := range e.parked {
		p.wake()
	}
	if e.watch != nil {
		e.watch.Stop()
	}
	close(e.ended)
}
