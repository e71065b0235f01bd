package hub

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate/internal/link"
)

// joined is two hubs with an edge between them, and a main port on each side.
type joined struct {
	hub  [2]*Hub
	edge [2]*Edge
	main [2]*Port
}

func join(t testing.TB) *joined {
	t.Helper()
	a, b := net.Pipe()
	j := &joined{}
	for i, c := range []net.Conn{a, b} {
		j.hub[i] = New()
		j.main[i] = j.hub[i].NewScope().NewPort(0)
		j.edge[i] = j.hub[i].Join(link.NewPipe(c, c, link.PipeConfig{}), EdgeConfig{Home: i == 1, Main: j.main[i]})
	}
	t.Cleanup(func() {
		for _, e := range j.edge {
			_ = e.Close()
			<-e.Ended()
		}
	})
	return j
}

func next(t testing.TB, p *Port) Item {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	l, err := p.Listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	it, err := l.Next(nil)
	if err != nil {
		t.Fatal(err)
	}
	return it
}

func send(t testing.TB, r *Ref, m Message) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := r.Send(ctx, m); err != nil {
		t.Fatal(err)
	}
}

func TestRefsKeepTheirIdentity(t *testing.T) {
	j := join(t)
	mine := j.hub[0].NewScope().NewPort(7)
	other := j.hub[0].NewScope().NewPort(8)
	send(t, j.edge[0].Peer(), Message{Refs: []*Ref{mine.Ref(), nil, mine.Ref(), other.Ref()}})
	got := next(t, j.main[1]).Refs
	if len(got) != 4 || got[0] != got[2] || got[1] != nil || got[0].Print() != 7 || got[3].Print() != 8 {
		t.Fatal(got)
	}
	send(t, j.edge[1].Peer(), Message{Refs: got})
	if back := next(t, j.main[0]).Refs; back[0] != mine.Ref() || back[1] != nil || back[3] != other.Ref() {
		t.Error(back)
	}
	// A closed port is closed for whoever has it, and arrives closed.
	mine.Close()
	<-got[0].Died()
	send(t, j.edge[1].Peer(), Message{Refs: got})
	if back := next(t, j.main[0]).Refs; !back[0].Dead() || back[3] != other.Ref() {
		t.Error(back)
	}
	if err := got[0].Send(t.Context(), Message{}); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

func TestTablesAreFreed(t *testing.T) {
	j := join(t)
	for range 1000 {
		p := j.hub[0].NewScope().NewPort(0)
		send(t, j.edge[0].Peer(), Message{Refs: []*Ref{p.Ref()}})
		r := next(t, j.main[1]).Refs[0]
		p.Close()
		<-r.Died()
	}
	for i, e := range j.edge {
		j.hub[i].mu.Lock()
		if len(e.exports) > 1 || len(e.imports) > 1 {
			t.Errorf("side %d: %d ports handed out, %d known", i, len(e.exports), len(e.imports))
		}
		j.hub[i].mu.Unlock()
	}
}

func TestTooManyPorts(t *testing.T) {
	j := join(t)
	s := j.hub[0].NewScope()
	refs := make([]*Ref, maxRefs)
	for i := range refs {
		refs[i] = s.NewPort(0).Ref()
	}
	send(t, j.edge[0].Peer(), Message{Refs: refs})
	if err := j.edge[0].Peer().Send(t.Context(), Message{Refs: []*Ref{s.NewPort(0).Ref()}}); !errors.Is(err, ErrTooMany) {
		t.Error(err)
	}
	if err := j.edge[0].Peer().Send(t.Context(), Message{Refs: append(refs, nil)}); !errors.Is(err, ErrTooMany) {
		t.Error(err)
	}
	s.Close()
	send(t, j.edge[0].Peer(), Message{Refs: []*Ref{j.hub[0].NewScope().NewPort(0).Ref()}})
}

// TestManySenders checks order per sender, and that nothing is lost or doubled, with
// listeners that come and go.
func TestManySenders(t *testing.T) {
	j := join(t)
	const senders, each = 8, 500
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for i := range each {
				send(t, j.edge[0].Peer(), Message{Payload: []byte{byte(s), byte(i), byte(i >> 8)}})
			}
		})
	}
	last := make([]int, senders)
	for range senders * each {
		m := next(t, j.main[1]).Payload
		if n := int(m[1]) + int(m[2])<<8; n != last[m[0]] {
			t.Fatalf("sender %d: %d, want %d", m[0], n, last[m[0]])
		}
		last[m[0]]++
	}
	wg.Wait()
}

// hostile is a peer that says what it likes.
func hostile(t testing.TB) (e *Edge, main *Port, peer *link.Pipe) {
	t.Helper()
	a, b := net.Pipe()
	h := New()
	main = h.NewScope().NewPort(0)
	e = h.Join(link.NewPipe(a, a, link.PipeConfig{}), EdgeConfig{Main: main})
	peer = link.NewPipe(b, b, link.PipeConfig{})
	go func() {
		for {
			if _, err := peer.Recv(); err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = e.Close()
		_ = peer.Close()
		<-e.Ended()
	})
	return e, main, peer
}

func u64(list ...uint64) (b []byte) {
	for _, n := range list {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	return b
}

func message(payload []byte, refs []byte, id uint64, kind byte) []byte {
	return appendTail(append(bytes.Clone(payload), refs...), id, 0, len(refs)/refSize, kind)
}

func TestHostilePeer(t *testing.T) {
	for name, list := range map[string][][]byte{
		"too short":                     {make([]byte, tailSize-1)},
		"more ports than bytes":         {appendTail(nil, mainID, 0, 1, kindData)},
		"more buffers than bytes":       {appendTail(nil, mainID, 1, 0, kindData)},
		"unknown kind":                  {message(nil, nil, mainID, 99)},
		"nil of some bytes":             {message([]byte{1}, nil, mainID, kindNil)},
		"credit of odd length":          {message([]byte{1}, nil, 0, kindCredit)},
		"credit with ports":             {message(nil, u64(2, 0), 0, kindCredit)},
		"closed without end":            {message(make([]byte, 64<<20), nil, 0, kindClosed)},
		"closed of odd length":          {message([]byte{1}, nil, 0, kindClosed)},
		"port that was not handed out":  {message(nil, nil, 2, kindData)},
		"port 0":                        {message(nil, nil, 0, kindData)},
		"its port, not handed out":      {message(nil, u64(9<<1|theirs, 0), mainID, kindData)},
		"port that changes its type":    {message(nil, u64(4, 1, 4, 2), mainID, kindData)},
		"more room than was taken":      {message(u64(mainID, 1, 0), nil, 0, kindCredit)},
		"room of a negative size":       {message(u64(mainID, 1<<63, 0), nil, 0, kindCredit)},
		"buffer that was never sent":    {append(u64(7), appendTail(nil, mainID, 1, 0, kindData)...)},
		"more than the window":          repeat(message(nil, nil, mainID, kindData), WindowMessages+1),
		"more bytes than in the window": repeat(message(make([]byte, WindowBytes/4), nil, mainID, kindData), 5),
	} {
		t.Run(name, func(t *testing.T) {
			e, _, peer := hostile(t)
			for _, m := range list {
				if peer.Send(m) != nil {
					break
				}
			}
			<-e.Ended()
			if err := e.Err(); !errors.Is(err, ErrPeer) {
				t.Error(err)
			}
		})
	}
	t.Run("too many ports", func(t *testing.T) {
		e, main, peer := hostile(t)
		go func() {
			l, _ := main.Listen(context.Background())
			for {
				if _, err := l.Next(nil); err != nil {
					return
				}
			}
		}()
		for id := uint64(2); ; {
			var refs []byte
			for range 60_000 {
				refs = appendRef(refs, named{id << 1, 0})
				id++
			}
			if peer.Send(message(nil, refs, mainID, kindData)) != nil {
				break
			}
		}
		<-e.Ended()
		if err := e.Err(); !errors.Is(err, ErrPeer) {
			t.Error(err)
		}
		main.Close()
	})
}

func repeat(m []byte, n int) (list [][]byte) {
	for range n {
		list = append(list, m)
	}
	return list
}

// FuzzPeer feeds an edge with messages of a hostile peer: none makes it panic, hang or
// keep more than the windows allow.
func FuzzPeer(f *testing.F) {
	f.Add(message([]byte("data"), u64(4, 1), mainID, kindData), message(u64(mainID, 0, 0), nil, 0, kindCredit))
	f.Add(message(nil, nil, mainID, kindNil), message(u64(2, 3), nil, 0, kindClosed))
	f.Add(message(nil, u64(mainID<<1|theirs, 0), mainID, kindData), []byte{})
	f.Add(message(nil, u64(0, 5, 0, 0), mainID, kindData), message(nil, nil, 2, kindData))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		e, main, peer := hostile(t)
		for range 3 {
			for _, m := range [][]byte{first, second} {
				if peer.Send(m) != nil {
					break
				}
			}
		}
		_ = peer.Close()
		<-e.Ended()
		kept := 0
		for {
			it, ok := main.Pop()
			if !ok {
				break
			}
			kept += it.size
			for _, r := range it.Refs {
				if r != nil && r.edge == e && !r.Dead() {
					t.Error("a port behind an edge that ended is alive")
				}
			}
		}
		if kept > WindowBytes+len(first)+len(second) {
			t.Errorf("%d bytes kept", kept)
		}
	})
}

func TestParse(t *testing.T) {
	m, err := parse(append([]byte("data"), append(u64(4, 1, 8), appendTail(nil, 3, 1, 1, kindData)...)...))
	if err != nil || string(m.payload) != "data" || m.ref(0) != (named{4, 1}) || len(m.buffers) != 8 || m.id != 3 {
		t.Error(m, err)
	}
}

// TestWindow checks what the documents say about it.
func TestWindow(t *testing.T) {
	var w window
	n := 0
	for w.fits(1) {
		w.add(1)
		n++
	}
	if n != WindowMessages {
		t.Error(n)
	}
	w = window{bytes: WindowBytes / 2}
	if !w.fits(MaxMessage) {
		t.Error("a large message does not fit a window that is half full")
	}
	w.bytes++
	if w.fits(WindowBytes/2) || !w.fits(WindowBytes/2-1) {
		t.Error("beyond the window")
	}
	// What need not be said to the sender keeps no message from fitting.
	owed := window{bytes: WindowBytes/2 - 1, messages: WindowMessages/2 - 1}
	if owed.half() || !owed.fits(MaxMessage) {
		t.Error(owed)
	}
}
