package isolatetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

type input struct {
	Program Program
	Hello   isolate.SendPort[isolate.SendPort[[]byte]]
	Out     isolate.SendPort[[]byte]
}

var (
	child  = isolate.Named[input, int]("isolatetest.child")
	inline = isolate.Named[input, int]("isolatetest.inline")
)

// Entries are the programs of the suite, for isolate.Main of a test that uses Ports.
func Entries() []isolate.Declaration {
	return []isolate.Declaration{child.Do(run), inline.Do(run, isolate.Inline)}
}

func run(ctx context.Context, in input) (int, error) {
	port := isolate.NewReceivePort[[]byte](ctx)
	defer port.Close()
	if err := in.Hello.Send(ctx, port.SendPort()); err != nil {
		return 0, err
	}
	switch in.Program {
	case Echo:
		for m := range port.All(ctx) {
			if len(m) == 0 { // of CloseSend
				return 0, nil
			}
			if err := in.Out.Send(ctx, m); err != nil {
				return 0, err
			}
		}
		return 0, port.Err()
	case Sum:
		for n := 1; n <= 3; n++ {
			if err := in.Out.Send(ctx, fmt.Append(nil, n)); err != nil {
				return 0, err
			}
		}
		return 0, nil
	case Crash:
		m, err := port.Receive(ctx)
		if err == nil {
			err = in.Out.Send(ctx, m)
		}
		if err != nil {
			return 0, err
		}
		panic("as ordered")
	case Spin:
		if err := in.Out.Send(ctx, []byte("spinning")); err != nil {
			return 0, err
		}
		for {
			time.Sleep(time.Hour)
		}
	case Deaf:
		if err := in.Out.Send(ctx, []byte("deaf")); err != nil {
			return 0, err
		}
		<-ctx.Done()
		return 0, context.Cause(ctx)
	}
	return 0, isolate.Permanent(fmt.Errorf("unknown program %q", in.Program))
}

// Ports is the kind of isolates that isolate.Spawn makes, with ports.
func Ports(name string, mode isolate.Mode, s *isolate.Spawner) Kind {
	k := Kind{Name: name, Bound: isolate.PortWindow, Largest: 20 << 20, NoKill: mode == isolate.Inline}
	k.Start = func(t testing.TB, p Program) Instance {
		t.Helper()
		ctx := context.Background()
		hello := isolate.NewReceivePort[isolate.SendPort[[]byte]](ctx)
		defer hello.Close()
		i := &withPorts{out: isolate.NewReceivePort[[]byte](ctx)}
		t.Cleanup(i.out.Close)
		task := child
		if mode == isolate.Inline {
			task = inline
		}
		var err error
		i.Isolate, err = isolate.Spawn(ctx, task, input{p, hello.SendPort(), i.out.SendPort()}, isolate.SpawnConfig{Spawner: s})
		if err != nil {
			t.Fatal(err)
		}
		wait, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		if i.in, err = hello.Receive(wait); err != nil {
			t.Fatal(err)
		}
		return i
	}
	return k
}

// withPorts makes an Instance of an isolate with a port on each side.
type withPorts struct {
	*isolate.Isolate[int]
	in  isolate.SendPort[[]byte]
	out *isolate.ReceivePort[[]byte]
}

func (i *withPorts) Send(ctx context.Context, m []byte) error { return i.in.Send(ctx, m) }

func (i *withPorts) CloseSend() {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_ = i.in.Send(ctx, nil) // an error: it does not listen, or has gone
}

// Receive ends with the isolate: a port of this process would wait for others.
func (i *withPorts) Receive(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	errOver := errors.New("the isolate is over")
	go func() {
		select {
		case <-i.Done():
			_ = i.out.SendPort().Send(ctx, nil) // behind its last message
		case <-ctx.Done():
		}
	}()
	m, err := i.out.Receive(ctx)
	if err == nil && m == nil {
		return nil, errOver
	}
	return m, err
}

func (i *withPorts) Kill() { _ = i.Isolate.Kill(isolate.Immediate) }
