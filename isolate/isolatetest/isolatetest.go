// Package isolatetest is what every kind of isolate must pass: child processes with each
// kind of link, inline ones, and those of other packages, such as wasm modules.
//
//	isolatetest.Run(t, isolatetest.Kind{Name: "mine", Start: start, Bound: 1 << 20})
package isolatetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

// Instance is a live isolate that exchanges messages with the test.
type Instance interface {
	// Send sends a message to the isolate. It waits while the isolate takes none.
	Send(ctx context.Context, message []byte) error
	// CloseSend says that no more follow.
	CloseSend()
	// Receive returns the next message of the isolate, also after its end, and an error
	// when there is none and will be none.
	Receive(ctx context.Context) ([]byte, error)
	// Stop asks the isolate to end, and kills it after the grace.
	Stop(reason string, grace time.Duration)
	// Kill ends it now.
	Kill()
	// Done is closed when nothing of it is left; Wait waits for that.
	Done() <-chan struct{}
	Wait() isolate.Exit
}

// Program is what an isolate of the suite does.
type Program string

const (
	// Echo sends back every message, until there are no more; then it ends with success.
	Echo Program = "echo"
	// Sum sends three messages, "1", "2" and "3", and ends with success.
	Sum Program = "sum"
	// Crash receives one message, sends it back, and breaks: a panic, a trap.
	Crash Program = "crash"
	// Spin sends one message and never does anything again that could be interrupted.
	Spin Program = "spin"
	// Deaf sends one message and receives none. It ends when it is asked to.
	Deaf Program = "deaf"
)

// Kind is a kind of isolate.
type Kind struct {
	Name string
	// Start starts a program.
	Start func(t testing.TB, p Program) Instance
	// Bound is the most that it takes, in bytes, before a Send to Deaf has to wait.
	Bound int
	// NoKill: what does not end by itself cannot be ended.
	NoKill bool
	// NoStop: a program cannot hear that it is asked to end.
	NoStop bool
	// Largest is the largest message to try. Default: 1 MiB.
	Largest int
}

// patience is how long anything may take before the test gives up.
const patience = 20 * time.Second

type suite struct {
	Kind
	*testing.T
	ctx context.Context
}

// Run runs the suite.
func Run(t *testing.T, k Kind) {
	if k.Largest == 0 {
		k.Largest = 1 << 20
	}
	for name, test := range map[string]func(*suite){
		"echo":          (*suite).echo,
		"order":         (*suite).order,
		"last words":    (*suite).lastWords,
		"crash":         (*suite).crash,
		"kill":          (*suite).kill,
		"stop":          (*suite).stop,
		"back-pressure": (*suite).backPressure,
		"context":       (*suite).contextEnds,
		"many":          (*suite).many,
	} {
		t.Run(k.Name+"/"+name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			test(&suite{k, t, ctx})
		})
	}
}

func (s *suite) start(p Program) Instance {
	s.Helper()
	i := s.Start(s.T, p)
	s.Cleanup(func() {
		i.CloseSend()
		if i.Kill(); s.NoKill {
			i.Stop("the test is over", time.Millisecond)
		}
		s.end(i)
	})
	return i
}

func (s *suite) send(i Instance, m []byte) {
	s.Helper()
	if err := i.Send(s.ctx, m); err != nil {
		s.Fatal("send:", err)
	}
}

func (s *suite) receive(i Instance) []byte {
	s.Helper()
	m, err := i.Receive(s.ctx)
	if err != nil {
		s.Fatal("receive:", err)
	}
	return m
}

func (s *suite) end(i Instance) isolate.Exit {
	s.Helper()
	select {
	case <-i.Done():
		return i.Wait()
	case <-time.After(patience):
		s.Fatal("it does not end")
		panic("unreachable")
	}
}

// over checks that there are no more messages, and no way to send one.
func (s *suite) over(i Instance) {
	s.Helper()
	if m, err := i.Receive(s.ctx); err == nil || s.ctx.Err() != nil {
		s.Errorf("after the end: received %q, %v", m, err)
	}
	if err := i.Send(s.ctx, []byte("x")); err == nil || s.ctx.Err() != nil {
		s.Error("after the end: sent,", err)
	}
}

func (s *suite) echo() {
	i := s.start(Echo)
	for _, size := range []int{1, 64, 4096, 65536, 65537, s.Largest} {
		m := bytes.Repeat([]byte{byte(size), 1, 2, 3, 5, 7, 11}, size/7+1)[:size]
		s.send(i, m)
		if got := s.receive(i); !bytes.Equal(got, m) {
			s.Errorf("%d bytes came back as %d, or changed", len(m), len(got))
		}
	}
	i.CloseSend()
	if e := s.end(i); e.Outcome != isolate.Success {
		s.Error(e)
	}
	s.over(i)
}

func (s *suite) order() {
	i := s.start(Echo)
	go func() {
		for n := range 1000 {
			if i.Send(s.ctx, fmt.Append(nil, n)) != nil {
				return
			}
		}
	}()
	for n := range 1000 {
		if m := s.receive(i); string(m) != fmt.Sprint(n) {
			s.Fatalf("got %q, want %d", m, n)
		}
	}
}

func (s *suite) lastWords() {
	i := s.start(Sum)
	if e := s.end(i); e.Outcome != isolate.Success {
		s.Error(e)
	}
	for n := 1; n <= 3; n++ {
		if m := s.receive(i); string(m) != fmt.Sprint(n) {
			s.Errorf("got %q, want %d", m, n)
		}
	}
	s.over(i)
}

func (s *suite) crash() {
	i := s.start(Crash)
	s.send(i, []byte("before"))
	if m := s.receive(i); string(m) != "before" {
		s.Errorf("got %q", m)
	}
	if e := s.end(i); e.Outcome != isolate.Crashed || e.Message == "" {
		s.Error(e)
	}
	if a, b := i.Wait(), i.Wait(); a.String() != b.String() {
		s.Error("the record changed:", a, b)
	}
	s.over(i)
}

func (s *suite) kill() {
	if s.NoKill {
		s.Skip("this kind cannot be killed, and says so")
	}
	i := s.start(Spin)
	s.receive(i)
	i.Kill()
	if e := s.end(i); e.Outcome != isolate.Stopped || !e.Killed {
		s.Error(e, e.Killed)
	}
	s.over(i)
	j := s.start(Spin)
	s.receive(j)
	j.Stop("enough", 20*time.Millisecond)
	if e := s.end(j); e.Outcome != isolate.Stopped || !e.Killed || e.StopReason != "enough" {
		s.Error(e, e.Killed, e.StopReason)
	}
}

func (s *suite) stop() {
	if s.NoStop {
		s.Skip("programs of this kind do not hear that they are asked to end")
	}
	i := s.start(Deaf)
	s.receive(i)
	i.Stop("enough", patience)
	if e := s.end(i); e.Outcome != isolate.Stopped || e.Killed || e.StopReason != "enough" {
		s.Error(e, e.Killed, e.StopReason)
	}
}

// backPressure measures what a deaf isolate takes, while another one goes on.
func (s *suite) backPressure() {
	i, other := s.start(Deaf), s.start(Echo)
	s.receive(i)
	taken := 0
	for m := make([]byte, 10_000); ; taken += len(m) {
		ctx, cancel := context.WithTimeout(s.ctx, 200*time.Millisecond)
		err := i.Send(ctx, m)
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
	s.send(other, []byte("alive"))
	if m := s.receive(other); string(m) != "alive" {
		s.Errorf("got %q", m)
	}
}

func (s *suite) contextEnds() {
	i := s.start(Echo)
	ctx, cancel := context.WithCancelCause(s.ctx)
	cause := errors.New("tired")
	time.AfterFunc(time.Millisecond, func() { cancel(cause) })
	if m, err := i.Receive(ctx); !errors.Is(err, cause) && !errors.Is(err, context.Canceled) {
		s.Errorf("%q, %v", m, err)
	}
	s.send(i, []byte("still there")) // the end of a wait is not the end of the isolate
	if m := s.receive(i); string(m) != "still there" {
		s.Errorf("got %q", m)
	}
}

func (s *suite) many() {
	var all []Instance
	for range 8 {
		all = append(all, s.start(Echo))
	}
	for n, i := range all {
		s.send(i, fmt.Append(nil, n))
	}
	for n, i := range all {
		if m := s.receive(i); string(m) != fmt.Sprint(n) {
			s.Errorf("isolate %d said %q", n, m)
		}
		i.CloseSend()
	}
	for _, i := range all {
		if e := s.end(i); e.Outcome != isolate.Success {
			s.Error(e)
		}
	}
}
