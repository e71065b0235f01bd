//go:build linux && (amd64 || arm64 || riscv64)

package hub

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate/internal/link"
)

// ends makes both ends of a link.
func ends(t *testing.T, ring bool) (a, b Link) {
	t.Helper()
	if !ring {
		x, y := net.Pipe()
		return link.NewPipe(x, x, link.PipeConfig{}), link.NewPipe(y, y, link.PipeConfig{})
	}
	r, memory, sock, err := link.NewRing(link.RingConfig{ToPeer: 64 << 10, FromPeer: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	other, err := link.OpenRing(memory, sock, link.RingConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return r, other
}

const inRow, portsEach = 3, 2

// row is hubs in a row, each of which knows the ports of all.
type row struct {
	hubs   [inRow]*Hub
	scopes [inRow]*Scope
	edges  []*Edge
	ports  [inRow * portsEach]*Port
	known  [inRow][inRow * portsEach]*Ref // of a port, by the hub that has it
}

func newRow(t *testing.T, ring bool) *row {
	t.Helper()
	r := &row{}
	for i := range r.hubs {
		r.hubs[i] = New()
		r.scopes[i] = r.hubs[i].NewScope()
	}
	var up, down [inRow]*Edge // to the parent, to the child
	var below, above [inRow]*Port
	for i := range inRow - 1 {
		a, b := ends(t, ring)
		below[i], above[i+1] = r.hubs[i].NewScope().NewPort(0), r.hubs[i+1].NewScope().NewPort(0)
		down[i] = r.hubs[i].Join(a, EdgeConfig{Main: below[i]})
		up[i+1] = r.hubs[i+1].Join(b, EdgeConfig{Home: true, Main: above[i+1]})
		r.edges = append(r.edges, down[i], up[i+1])
	}
	for n := range r.ports {
		i := n / portsEach
		r.ports[n] = r.scopes[i].NewPort(7)
		r.known[i][n] = r.ports[n].Ref()
		for j := i + 1; j < inRow; j++ {
			send(t, down[j-1].Peer(), Message{Refs: []*Ref{r.known[j-1][n]}})
			r.known[j][n] = next(t, above[j]).Refs[0]
		}
		for j := i - 1; j >= 0; j-- {
			send(t, up[j+1].Peer(), Message{Refs: []*Ref{r.known[j+1][n]}})
			r.known[j][n] = next(t, below[j]).Refs[0]
		}
	}
	return r
}

func (r *row) close() {
	for _, e := range r.edges {
		_ = e.Close()
		<-e.Ended()
	}
}

// TestChaos sends between all hubs of a row while listeners come and go and isolates are
// paused: each message arrives once, and those of one sender in their order.
func TestChaos(t *testing.T) {
	for _, ring := range []bool{false, true} {
		const each = 150
		r := newRow(t, ring)
		over, stop := context.WithTimeout(t.Context(), 60*time.Second)
		var wg, pausing sync.WaitGroup
		for j := range inRow {
			for n := range r.ports {
				wg.Go(func() {
					for k := range each {
						p := make([]byte, 8+rand.IntN(1<<rand.IntN(18)))
						binary.LittleEndian.PutUint32(p, uint32(j))
						binary.LittleEndian.PutUint32(p[4:], uint32(k))
						m := Message{Payload: p}
						if k%8 == 0 {
							b, err := r.known[j][n].NewBuffer(1 + rand.IntN(1<<20))
							if err != nil {
								t.Error(err)
								return
							}
							b.Bytes()[len(b.Bytes())-1] = byte(k)
							m.Buffers = []*link.Buffer{b}
						}
						if err := r.known[j][n].Send(over, m); err != nil {
							t.Errorf("ring %t, %d to %d: message %d: %v", ring, j, n, k, err)
							return
						}
					}
				})
			}
		}
		quiet, calm := context.WithCancel(over)
		for i := range r.scopes {
			pausing.Go(func() {
				for quiet.Err() == nil {
					r.scopes[i].Pause(true)
					time.Sleep(time.Duration(rand.IntN(300)) * time.Microsecond)
					r.scopes[i].Pause(false)
					time.Sleep(time.Duration(rand.IntN(2000)) * time.Microsecond)
				}
			})
		}
		for n, p := range r.ports {
			wg.Go(func() {
				var last [inRow]uint32
				buf := make([]byte, 100<<10)
				for got := 0; got < inRow*each; {
					ctx, cancel := context.WithTimeout(over, time.Duration(rand.IntN(3000))*time.Microsecond)
					l, err := p.Listen(ctx)
					if err != nil {
						t.Error(err)
						cancel()
						return
					}
					for {
						it, err := l.Next(buf)
						if err != nil {
							break
						}
						from, k := binary.LittleEndian.Uint32(it.Payload), binary.LittleEndian.Uint32(it.Payload[4:])
						if k != last[from] {
							t.Errorf("ring %t, port %d: message %d of %d, want %d", ring, n, k, from, last[from])
							l.Close()
							cancel()
							return
						}
						if k%8 == 0 {
							b := it.Buffers[0].Bytes()
							if b[len(b)-1] != byte(k) {
								t.Errorf("ring %t, port %d: the buffer of message %d", ring, n, k)
							}
							_ = it.Buffers[0].Release()
						}
						last[from]++
						got++
					}
					l.Close()
					cancel()
					if errors.Is(over.Err(), context.DeadlineExceeded) {
						t.Errorf("ring %t, port %d: %d messages of %d", ring, n, got, inRow*each)
						return
					}
				}
			})
		}
		wg.Wait()
		calm()
		pausing.Wait()
		stop()
		for i, h := range r.hubs {
			if k := h.Kept(); k != 0 {
				t.Errorf("ring %t, hub %d keeps %d bytes", ring, i, k)
			}
		}
		r.close()
	}
}

// TestChaosEnds ends a link in the midst of it: whoever waits hears of it, and nothing is kept.
func TestChaosEnds(t *testing.T) {
	for round := range 20 {
		ring := round%2 == 0
		r := newRow(t, ring)
		over, stop := context.WithTimeout(t.Context(), 20*time.Second)
		var wg sync.WaitGroup
		for j := range inRow {
			for n := range r.ports {
				wg.Go(func() {
					for over.Err() == nil {
						m := Message{Payload: make([]byte, 8+rand.IntN(1<<rand.IntN(18)))}
						if b, err := r.known[j][n].NewBuffer(1 + rand.IntN(1<<18)); err == nil && rand.IntN(8) == 0 {
							m.Buffers = []*link.Buffer{b}
						} else if err == nil {
							_ = b.Release()
						}
						if err := r.known[j][n].Send(over, m); err != nil {
							if errors.Is(err, context.DeadlineExceeded) {
								t.Errorf("ring %t, %d to %d: %v", ring, j, n, err)
							}
							return
						}
					}
				})
			}
		}
		listening, deaf := context.WithCancel(over)
		for _, p := range r.ports {
			wg.Go(func() {
				for listening.Err() == nil {
					l, err := p.Listen(listening)
					if err != nil {
						t.Error(err)
						return
					}
					if it, err := l.Next(make([]byte, 1000)); err == nil {
						it.drop()
					}
					l.Close()
				}
				p.Close()
			})
		}
		time.Sleep(time.Duration(rand.IntN(8000)) * time.Microsecond)
		_ = r.edges[rand.IntN(len(r.edges))].Close()
		time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
		deaf()
		wg.Wait()
		stop()
		r.close()
		for i, h := range r.hubs {
			flushing, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			h.Flush(flushing)
			cancel()
			h.mu.Lock()
			for end := time.Now().Add(5 * time.Second); h.helpers > 0 && time.Now().Before(end); {
				h.mu.Unlock()
				time.Sleep(time.Millisecond)
				h.mu.Lock()
			}
			if h.kept != 0 || h.helpers != 0 {
				t.Errorf("ring %t, hub %d: %d bytes, %d goroutines", ring, i, h.kept, h.helpers)
			}
			for _, e := range r.edges {
				if e.hub == h && len(e.imports) > 0 {
					t.Errorf("ring %t, hub %d: %d ports are known", ring, i, len(e.imports))
				}
			}
			h.mu.Unlock()
		}
	}
}
