// Package isolatetest is what every kind of isolate must pass: child processes with each
// kind of link, inline ones, and those of other packages, such as wasm modules.
//
//	isolatetest.Run(t, isolatetest.Kind{Name: "mine", Start: start})
package isolatetest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

// Isolate is a live isolate, such as an *isolate.Isolate and a *wasm.Instance.
type Isolate interface {
	Stop(reason string, grace time.Duration)
	Kill(how isolate.Priority) error
	OnExit(isolate.SendPort[isolate.Exit])
	Done() <-chan struct{}
	Wait() isolate.Exit
}

// Program is what an isolate of the suite does.
type Program string

const (
	// Echo sends back every message, until it gets a nil one, or the other side is closed;
	// then it ends with success.
	Echo Program = "echo"
	// Sum sends three messages, "1", "2" and "3", and ends with success.
	Sum Program = "sum"
	// Crash receives one message, sends it back, and breaks: a panic, a trap.
	Crash Program = "crash"
	// Spin sends one message and never does anything again that could be interrupted.
	Spin Program = "spin"
	// Deaf sends one message and receives none. It ends when it is asked to.
	Deaf Program = "deaf"
	// Flood sends messages of FloodSize bytes until the port that it sends to is closed,
	// then it ends with success, or until it is asked to end.
	Flood Program = "flood"
	// Hog sends one message and takes memory until there is none.
	Hog Program = "hog"
)

// FloodSize is the length of a message of Flood.
const FloodSize = 10_000

// Order is what to start.
type Order struct {
	Program Program
	// Out is where the program sends to.
	Out isolate.SendPort[[]byte]
	// OnExit are told of its end.
	OnExit []isolate.SendPort[isolate.Exit]
	// Budget is the time after which it is ended. 0: none.
	Budget time.Duration
	// MemoryBytes is the memory that it may have. 0: any.
	MemoryBytes int64
}

// Kind is a kind of isolate.
type Kind struct {
	Name string
	// Start starts a program, and returns the port that it receives from.
	Start func(t testing.TB, o Order) (Isolate, isolate.SendPort[[]byte])
	// Cannot says what the kind cannot do, by the name of the test, and why. The test is
	// skipped, and the reason logged.
	Cannot map[string]string
	// Bound is the most, in bytes, that may be on the way to one port. Default:
	// isolate.PortWindow.
	Bound int
	// Largest is the largest message to try. Default: 1 MiB.
	Largest int
	// Memory is Order.MemoryBytes of Hog. Default: 128 MiB.
	Memory int64
}

// patience is how long anything may take before the test gives up.
const patience = 20 * time.Second

type suite struct {
	Kind
	*testing.T
	ctx context.Context
}

// Run runs the suite. The name of each test is that of a promise.
func Run(t *testing.T, k Kind) {
	if k.Bound == 0 {
		k.Bound = isolate.PortWindow
	}
	if k.Largest == 0 {
		k.Largest = 1 << 20
	}
	if k.Memory == 0 {
		k.Memory = 128 << 20
	}
	tests := map[string]func(*suite){
		"whole messages":  (*suite).whole,
		"order":           (*suite).order,
		"many senders":    (*suite).manySenders,
		"many isolates":   (*suite).manyIsolates,
		"last words":      (*suite).lastWords,
		"back-pressure":   (*suite).backPressure,
		"flood":           (*suite).flood,
		"receiver closes": (*suite).receiverCloses,
		"stop of sender":  (*suite).stopOfSender,
		"context":         (*suite).contextEnds,
		"late listener":   (*suite).lateListener,
		"nothing left":    (*suite).nothingLeft,
	}
	for _, e := range ends {
		tests["end by "+e.name] = e.test
	}
	for name := range k.Cannot {
		if tests[name] == nil {
			t.Errorf("%s cannot do %q, which is no test", k.Name, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		t.Run(k.Name+"/"+name, func(t *testing.T) {
			if why, ok := k.Cannot[name]; ok {
				t.Skip("this kind cannot: " + why)
			}
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			tests[name](&suite{k, t, ctx})
		})
	}
}

// live is an isolate and what the test has of it.
type live struct {
	Isolate
	in  isolate.SendPort[[]byte]
	out *isolate.ReceivePort[[]byte]
}

// errOver: there is no message, and will be none.
var errOver = errors.New("the isolate is over")

func (s *suite) start(p Program) *live { return s.launch(Order{Program: p}) }

// launch starts one isolate, that ends with the test.
func (s *suite) launch(o Order) *live {
	s.Helper()
	i := &live{out: isolate.NewReceivePort[[]byte](s.ctx)}
	o.Out = i.out.SendPort()
	i.Isolate, i.in = s.Start(s.T, o)
	go func() {
		<-i.Done()
		_ = o.Out.Send(context.Background(), nil) // behind its last message
	}()
	s.Cleanup(func() {
		_ = i.Kill(isolate.Immediate)
		i.Stop("the test is over", time.Millisecond) // of what cannot be killed
		s.end(i)
		i.out.Close()
	})
	return i
}

func (s *suite) send(i *live, m []byte) {
	s.Helper()
	if err := i.in.Send(s.ctx, m); err != nil {
		s.Fatal("send:", err)
	}
}

// next returns the next message of the isolate, also after its end.
func (i *live) next(ctx context.Context) ([]byte, error) {
	m, err := i.out.Receive(ctx)
	if err == nil && m == nil {
		return nil, errOver
	}
	return m, err
}

func (s *suite) receive(i *live) []byte {
	s.Helper()
	m, err := i.next(s.ctx)
	if err != nil {
		s.Fatal("receive:", err)
	}
	return m
}

func (s *suite) hear(i *live, wanted string) {
	s.Helper()
	if m := s.receive(i); string(m) != wanted {
		s.Fatalf("got %.40q, want %q", m, wanted)
	}
}

func (s *suite) end(i *live) isolate.Exit {
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
func (s *suite) over(i *live) {
	s.Helper()
	if m, err := i.next(s.ctx); !errors.Is(err, errOver) {
		s.Errorf("after the end: received %.40q, %v", m, err)
	}
	if err := i.in.Send(s.ctx, []byte("x")); !errors.Is(err, isolate.ErrPortClosed) {
		s.Error("after the end: sent,", err)
	}
}
