package isolatetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/lullwork/lull/isolate"
)

func (s *suite) whole() {
	i := s.start(Echo)
	for _, size := range []int{0, 1, 64, 4096, 65536, 65537, s.Largest} {
		m := bytes.Repeat([]byte{byte(size), 1, 2, 3, 5, 7, 11}, size/7+1)[:size]
		s.send(i, m)
		if got := s.receive(i); !bytes.Equal(got, m) {
			s.Errorf("%d bytes came back as %d, or changed", len(m), len(got))
		}
	}
	s.send(i, nil)
	if e := s.end(i); e.Outcome != isolate.Success {
		s.Error(e)
	}
	s.over(i)
}

func (s *suite) order() {
	i := s.start(Echo)
	go func() {
		for n := range 1000 {
			if i.in.Send(s.ctx, fmt.Append(nil, n)) != nil {
				return
			}
		}
	}()
	for n := range 1000 {
		s.hear(i, fmt.Sprint(n))
	}
}

// manySenders: what one of them sends stays in order, and nothing is lost.
func (s *suite) manySenders() {
	const senders, each = 8, 200
	i := s.start(Echo)
	for sender := range senders {
		go func() {
			for n := range each {
				if i.in.Send(s.ctx, fmt.Appendf(nil, "%d %d", sender, n)) != nil {
					return
				}
			}
		}()
	}
	var seen [senders]int
	for range senders * each {
		var sender, n int
		m := s.receive(i)
		if _, err := fmt.Sscan(string(m), &sender, &n); err != nil || sender < 0 || sender >= senders {
			s.Fatalf("got %.40q", m)
		}
		if n != seen[sender] {
			s.Fatalf("sender %d: got message %d, want %d", sender, n, seen[sender])
		}
		seen[sender]++
	}
}

func (s *suite) manyIsolates() {
	var all []*live
	for range 8 {
		all = append(all, s.start(Echo))
	}
	for n, i := range all {
		s.send(i, fmt.Append(nil, n))
	}
	for n, i := range all {
		s.hear(i, fmt.Sprint(n))
		s.send(i, nil)
	}
	for _, i := range all {
		if e := s.end(i); e.Outcome != isolate.Success {
			s.Error(e)
		}
	}
}

func (s *suite) lastWords() {
	i := s.start(Sum)
	if e := s.end(i); e.Outcome != isolate.Success {
		s.Error(e)
	}
	for n := 1; n <= 3; n++ {
		s.hear(i, fmt.Sprint(n))
	}
	s.over(i)
}

// backPressure measures what a deaf isolate takes, while another one goes on.
func (s *suite) backPressure() {
	i, other := s.start(Deaf), s.start(Echo)
	s.receive(i)
	taken := 0
	for m := make([]byte, 10_000); ; taken += len(m) {
		ctx, cancel := context.WithTimeout(s.ctx, 200*time.Millisecond)
		err := i.in.Send(ctx, m)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			break
		}
		if err != nil {
			s.Fatal(err)
		}
		if taken > s.Bound {
			s.Fatalf("it took more than %d bytes", s.Bound)
		}
	}
	s.Logf("%d bytes on the way", taken)
	s.send(other, []byte("alive"))
	s.hear(other, "alive")
}

// flood measures what an isolate can send to a port that nobody reads.
func (s *suite) flood() {
	i := s.start(Flood)
	s.receive(i)                       // it has begun, and cannot
	time.Sleep(200 * time.Millisecond) // go on for ever
	if i.Kill(isolate.Immediate) != nil {
		i.Stop("enough", patience)
	}
	s.end(i)
	sent := 0
	for ; ; sent += FloodSize {
		m, err := i.next(s.ctx)
		if errors.Is(err, errOver) {
			break
		}
		if err != nil || len(m) != FloodSize {
			s.Fatal(len(m), err)
		}
	}
	if s.Logf("%d bytes on the way", sent); sent > s.Bound+FloodSize {
		s.Errorf("it sent %d bytes, at most %d may be on the way", sent, s.Bound)
	}
}

// stopOfSender: the request reaches one that waits for room.
func (s *suite) stopOfSender() {
	i := s.start(Flood)
	s.receive(i)
	time.Sleep(50 * time.Millisecond) // it waits by now, most likely
	i.Stop("enough", patience)
	if e := s.end(i); e.Outcome != isolate.Stopped || e.Killed || e.StopReason != "enough" {
		s.Errorf("%v, killed %t, reason %q", e, e.Killed, e.StopReason)
	}
}

func (s *suite) receiverCloses() {
	i := s.start(Flood)
	s.receive(i)
	i.out.Close()
	if e := s.end(i); e.Outcome != isolate.Success {
		s.Error(e)
	}
}

// contextEnds: the end of a wait is not the end of the isolate.
func (s *suite) contextEnds() {
	i := s.start(Echo)
	ctx, cancel := context.WithCancelCause(s.ctx)
	cause := errors.New("tired")
	time.AfterFunc(time.Millisecond, func() { cancel(cause) })
	if m, err := i.next(ctx); !errors.Is(err, cause) {
		s.Errorf("%q, %v", m, err)
	}
	s.send(i, []byte("still there"))
	s.hear(i, "still there")
}

// nothingLeft: isolates of each end leave no goroutine.
func (s *suite) nothingLeft() {
	lives := func() {
		i, j := s.start(Echo), s.start(Deaf)
		s.send(i, []byte("x"))
		s.hear(i, "x")
		s.send(i, nil)
		s.receive(j)
		j.Stop("enough", patience)
		s.end(i)
		s.end(j)
		i.out.Close()
		j.out.Close()
	}
	lives() // what is made once is there
	before := runtime.NumGoroutine()
	for range 10 { // with two isolates each
		lives()
	}
	// A pool of two and a spare link have so many when they are full, and may have had none
	// before. One that each isolate left would be more.
	const several = 19
	for until := time.Now().Add(patience); runtime.NumGoroutine() > before+several; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(until) {
			all := make([]byte, 1<<20)
			all = all[:runtime.Stack(all, true)]
			s.Fatalf("%d goroutines, there were %d\n%s", strings.Count(string(all), "\ngoroutine ")+1, before, all)
		}
	}
}
