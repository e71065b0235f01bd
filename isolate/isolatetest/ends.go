package isolatetest

import (
	"fmt"
	"time"

	"github.com/lullwork/lull/isolate"
)

// ending is a way in which an isolate ends, and what its record must say.
type ending struct {
	name    string
	order   Order
	hog     bool          // with the memory of the kind
	by      func(i *live) // ends it; nil: it does so itself
	outcome isolate.Outcome
	killed  bool
	reason  string
}

var ends = []ending{
	{name: "success", order: Order{Program: Sum}, outcome: isolate.Success},
	{name: "crash", order: Order{Program: Crash}, by: func(i *live) {}, outcome: isolate.Crashed},
	{name: "memory", order: Order{Program: Hog}, hog: true, outcome: isolate.OutOfMemory},
	{name: "budget", order: Order{Program: Spin, Budget: time.Second}, outcome: isolate.Stopped, killed: true},
	{
		name: "stop", order: Order{Program: Deaf}, outcome: isolate.Stopped, reason: "enough",
		by: func(i *live) { i.Stop("enough", patience) },
	},
	{
		name: "grace", order: Order{Program: Spin}, outcome: isolate.Stopped, killed: true, reason: "enough",
		by: func(i *live) { i.Stop("enough", 20*time.Millisecond) },
	},
	{
		name: "kill", order: Order{Program: Spin}, outcome: isolate.Stopped, killed: true, reason: "killed",
		by: func(i *live) { _ = i.Kill(isolate.Immediate) },
	},
}

// test: the record is right, and its listeners are told once, after all messages.
func (x ending) test(s *suite) {
	heard := isolate.NewReceivePort[isolate.Exit](s.ctx)
	defer heard.Close()
	x.order.OnExit = []isolate.SendPort[isolate.Exit]{heard.SendPort()}
	if x.hog {
		x.order.MemoryBytes = s.Memory
	}
	i := s.launch(x.order)
	var words []string
	switch x.order.Program {
	case Sum:
		words = []string{"1", "2", "3"}
	case Crash:
		s.send(i, []byte("before"))
		words = []string{"before"}
	default:
		s.receive(i) // it runs
	}
	if x.by != nil {
		x.by(i)
	}
	told, err := heard.Receive(s.ctx)
	if err != nil {
		s.Fatal("exit:", err)
	}
	// What comes behind this comes too late.
	if err := i.out.SendPort().Send(s.ctx, nil); err != nil {
		s.Fatal(err)
	}
	for _, word := range words {
		s.hear(i, word)
	}
	e := s.end(i)
	if told.String() != e.String() || !told.Ended.Equal(e.Ended) {
		s.Errorf("told of %v, the record is %v", told, e)
	}
	if e.Outcome != x.outcome || e.Killed != x.killed || x.reason != "" && e.StopReason != x.reason {
		s.Errorf("%v, killed %t, reason %q; want %v, %t, %q", e, e.Killed, e.StopReason, x.outcome, x.killed, x.reason)
	}
	if e.Outcome != isolate.Success && e.Message == "" {
		s.Error("the record does not say what was")
	}
	if again := i.Wait(); again.String() != e.String() {
		s.Error("the record changed:", e, again)
	}
	s.over(i)
	if err := heard.SendPort().Send(s.ctx, isolate.Exit{Message: "the next"}); err != nil {
		s.Fatal(err)
	}
	if next, err := heard.Receive(s.ctx); err != nil || next.Message != "the next" {
		s.Errorf("told again: %v, %v", next, err)
	}
}

// lateListener: who comes after the end is told at once, who comes twice is told once.
func (s *suite) lateListener() {
	heard := isolate.NewReceivePort[isolate.Exit](s.ctx)
	defer heard.Close()
	i := s.start(Echo)
	i.OnExit(heard.SendPort())
	i.OnExit(heard.SendPort())
	s.send(i, nil)
	s.end(i)
	late := isolate.NewReceivePort[isolate.Exit](s.ctx)
	defer late.Close()
	i.OnExit(late.SendPort())
	for _, port := range []*isolate.ReceivePort[isolate.Exit]{heard, late} {
		if e, err := port.Receive(s.ctx); err != nil || e.Outcome != isolate.Success {
			s.Errorf("told of %v, %v", e, err)
		}
		if err := port.SendPort().Send(s.ctx, isolate.Exit{Message: "the next"}); err != nil {
			s.Fatal(err)
		}
		if e, err := port.Receive(s.ctx); err != nil || e.Message != "the next" {
			s.Error("told again:", fmt.Sprint(e), err)
		}
	}
}
