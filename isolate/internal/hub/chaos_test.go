//go:build linux

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

// TestChaos sends between all hubs of a row while listeners come and go and isolates are
// paused: each message arrives once, and those of one sender in their order.
func TestChaos(t *testing.T) {
	for _, ring := range []bool{false, true} {
		const row, ports, each = 3, 2, 150
		var hubs [row]*Hub
		var scopes [row]*Scope
		for i := range hubs {
			hubs[i] = New()
			scopes[i] = hubs[i].NewScope()
		}
		var edges []*Edge
		up, down := [row]*Edge{}, [row]*Edge{} // to the parent, to the child
		mains := [2][row]*Port{}
		for i := range row - 1 {
			a, b := ends(t, ring)
			mains[0][i], mains[1][i+1] = hubs[i].NewScope().NewPort(0), hubs[i+1].NewScope().NewPort(0)
			down[i] = hubs[i].Join(a, EdgeConfig{Main: mains[0][i]})
			up[i+1] = hubs[i+1].Join(b, EdgeConfig{Home: true, Main: mains[1][i+1]})
			edges = append(edges, down[i], up[i+1])
		}
		// Every hub learns of every port, over those between.
		var all [row * ports]*Port
		var known [row][row * ports]*Ref
		for n := range all {
			i := n / ports
			all[n] = scopes[i].NewPort(7)
			known[i][n] = all[n].Ref()
			for j := i + 1; j < row; j++ {
				send(t, down[j-1].Peer(), Message{Refs: []*Ref{known[j-1][n]}})
				known[j][n] = next(t, mains[1][j]).Refs[0]
			}
			for j := i - 1; j >= 0; j-- {
				send(t, up[j+1].Peer(), Message{Refs: []*Ref{known[j+1][n]}})
				known[j][n] = next(t, mains[0][j]).Refs[0]
			}
		}
		over, stop := context.WithTimeout(t.Context(), 60*time.Second)
		var wg, pausing sync.WaitGroup
		for j := range row {
			for n := range all {
				wg.Go(func() {
					for k := range each {
						p := make([]byte, 8+rand.IntN(1<<rand.IntN(18)))
						binary.LittleEndian.PutUint32(p, uint32(j))
						binary.LittleEndian.PutUint32(p[4:], uint32(k))
						m := Message{Payload: p}
						if k%8 == 0 {
							b, err := known[j][n].NewBuffer(1 + rand.IntN(1<<20))
							if err != nil {
								t.Error(err)
								return
							}
							b.Bytes()[len(b.Bytes())-1] = byte(k)
							m.Buffers = []*link.Buffer{b}
						}
						if err := known[j][n].Send(over, m); err != nil {
							t.Errorf("ring %t, %d to %d: message %d: %v", ring, j, n, k, err)
							return
						}
					}
				})
			}
		}
		quiet, calm := context.WithCancel(over)
		for i := range scopes {
			pausing.Go(func() {
				for quiet.Err() == nil {
					scopes[i].Pause(true)
					time.Sleep(time.Duration(rand.IntN(300)) * time.Microsecond)
					scopes[i].Pause(false)
					time.Sleep(time.Duration(rand.IntN(2000)) * time.Microsecond)
				}
			})
		}
		for n, p := range all {
			wg.Go(func() {
				var last [row]uint32
				buf := make([]byte, 100<<10)
				for got := 0; got < row*each; {
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
						t.Errorf("ring %t, port %d: %d messages of %d", ring, n, got, row*each)
						return
					}
				}
			})
		}
		wg.Wait()
		calm()
		pausing.Wait()
		stop()
		for i := range hubs {
			if k := hubs[i].Kept(); k != 0 {
				t.Errorf("hub %d keeps %d bytes", i, k)
			}
		}
		for _, e := range edges {
			_ = e.Close()
			<-e.Ended()
		}
	}
}
