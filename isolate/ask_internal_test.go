package isolate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate/internal/hub"
	"github.com/lullwork/lull/isolate/internal/link"
)

// TestQuestionThatIsNone sends a registry what no sound isolate sends.
func TestQuestionThatIsNone(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	registry := NewRegistry(ctx)
	if err := registry.port.ref.Send(ctx, hub.Message{Payload: []byte("nonsense")}); err != nil {
		t.Fatal(err)
	}
	if err := registry.Remove(ctx, "x"); !errors.Is(err, ErrNoName) {
		t.Error(err)
	}
}

// TestNamesOfClosedPorts registers ports that are closed soon, each by a new name.
func TestNamesOfClosedPorts(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	table := names{}
	for i := range 3 * leastNames {
		p := NewReceivePort[int](ctx)
		if a := table.answer(registryQuestion{Op: opRegister, Name: fmt.Sprint(i), Port: anyPort(p.SendPort())}); a != (registryAnswer{}) {
			t.Fatal(a)
		}
		p.Close()
	}
	if len(table.ports) > 2*leastNames {
		t.Errorf("%d names of closed ports are kept", len(table.ports))
	}
}

// TestTooManyNames fills a registry.
func TestTooManyNames(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p := NewReceivePort[int](ctx)
	defer p.Close()
	table := names{}
	ask := registryQuestion{Op: opRegister, Port: anyPort(p.SendPort())}
	for i := range maxNames {
		ask.Name = fmt.Sprint(i)
		if a := table.answer(ask); a.Full {
			t.Fatal(i)
		}
	}
	if ask.Name = "one more"; !table.answer(ask).Full {
		t.Error("it has no end")
	}
	if a := table.answer(registryQuestion{Op: opRemove, Name: "7"}); a.Missing {
		t.Error(a)
	}
	if table.answer(ask).Full {
		t.Error("a name that was freed makes no room")
	}
	ask.Name = string(make([]byte, maxName+1))
	if !table.answer(ask).Full {
		t.Error("a name of any length")
	}
}

// TestAnswersThatNobodyTakes has an isolate that asks, and does not read what it is told.
func TestAnswersThatNobodyTakes(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	registry := NewRegistry(ctx)
	here, there := net.Pipe()
	defer func() { _, _ = here.Close(), there.Close() }()
	edge := theTable.ports().Join(link.NewPipe(here, here, link.PipeConfig{}), hub.EdgeConfig{})
	defer func() {
		_ = edge.Close()
		<-edge.Ended()
	}()
	before := runtime.NumGoroutine()
	for range 10_000 {
		// The port of a peer that has room for no answer: all of them go to its main port.
		reply(SendPort[registryAnswer]{edge.Peer()}, registryAnswer{Missing: true})
	}
	if n := runtime.NumGoroutine(); n > before+100 {
		t.Errorf("%d goroutines wait to answer", n-before)
	}
	if err := registry.Remove(ctx, "x"); !errors.Is(err, ErrNoName) {
		t.Error(err)
	}
}

// TestAnswerBeforeTheEnd asks somebody who answers and ends.
func TestAnswerBeforeTheEnd(t *testing.T) {
	for i := range 2000 {
		port := newQuietPort[controlQuestion]()
		go func() {
			q, _ := port.Receive(context.Background())
			reply(q.Reply, controlAnswer{})
			port.Close()
		}()
		if err := (Controller{port.SendPort()}).Ping(t.Context()); err != nil {
			t.Fatal(i, err)
		}
	}
}
