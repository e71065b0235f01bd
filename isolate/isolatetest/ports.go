package isolatetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
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
	say := func(m []byte) error { return in.Out.Send(ctx, m) }
	switch in.Program {
	case Echo:
		return 0, echo(ctx, port, say)
	case Sum:
		for n := 1; n <= 3; n++ {
			if err := say(fmt.Append(nil, n)); err != nil {
				return 0, err
			}
		}
		return 0, nil
	case Crash:
		m, err := port.Receive(ctx)
		if err == nil {
			err = say(m)
		}
		if err != nil {
			return 0, err
		}
		panic("as ordered")
	case Spin:
		if err := say([]byte("spinning")); err != nil {
			return 0, err
		}
		for {
			time.Sleep(time.Hour)
		}
	case Deaf:
		if err := say([]byte("deaf")); err != nil {
			return 0, err
		}
		<-ctx.Done()
		return 0, context.Cause(ctx)
	case Flood:
		for m := make([]byte, FloodSize); ctx.Err() == nil; {
			if err := say(m); err != nil {
				return 0, unlessClosed(err)
			}
		}
		return 0, context.Cause(ctx)
	case Hog:
		if err := say([]byte("hungry")); err != nil {
			return 0, err
		}
		var all [][]byte
		for {
			all = append(all, bytes.Repeat([]byte{1}, 1<<20))
			runtime.KeepAlive(all)
		}
	}
	return 0, isolate.Permanent(fmt.Errorf("unknown program %q", in.Program))
}

func echo(ctx context.Context, port *isolate.ReceivePort[[]byte], say func([]byte) error) error {
	for m := range port.All(ctx) {
		if m == nil {
			return nil
		}
		if err := say(m); err != nil {
			return unlessClosed(err)
		}
	}
	return port.Err()
}

func unlessClosed(err error) error {
	if errors.Is(err, isolate.ErrPortClosed) {
		return nil
	}
	return err
}

// Ports is the kind of isolates that isolate.Spawn makes. The default spawner is that of
// the process.
func Ports(name string, mode isolate.Mode, s *isolate.Spawner) Kind {
	k := Kind{Name: name, Largest: 20 << 20, Cannot: map[string]string{}}
	task := child
	if mode == isolate.Inline {
		task = inline
		for _, end := range []string{"kill", "grace", "budget"} {
			k.Cannot["end by "+end] = "a goroutine cannot be killed"
		}
		k.Cannot["end by memory"] = "a goroutine has no memory of its own"
	} else if why := noMemoryLimit(s); why != "" {
		k.Cannot["end by memory"] = why
	}
	k.Start = func(t testing.TB, o Order) (Isolate, isolate.SendPort[[]byte]) {
		t.Helper()
		ctx := context.Background()
		hello := isolate.NewReceivePort[isolate.SendPort[[]byte]](ctx)
		defer hello.Close()
		i, err := isolate.Spawn(ctx, task, input{o.Program, hello.SendPort(), o.Out}, isolate.SpawnConfig{
			Spawner: s, OnExit: o.OnExit,
			Spec: isolate.Spec{Wall: o.Budget, MemoryBytes: o.MemoryBytes, Grace: 100 * time.Millisecond},
		})
		if err != nil {
			t.Fatal(err)
		}
		wait, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		in, err := hello.Receive(wait)
		if err != nil {
			t.Fatal(err, i.Wait())
		}
		return i, in
	}
	return k
}

// noMemoryLimit says why this host cannot limit the memory of a process; empty if it can.
func noMemoryLimit(s *isolate.Spawner) string {
	if s == nil {
		own, err := isolate.NewSpawner(isolate.Config{})
		if err != nil {
			return err.Error()
		}
		defer func() { _ = own.Close() }()
		s = own
	}
	for _, l := range s.Layers() {
		if l.Name == isolate.LayerMemory && l.Given != isolate.Yes {
			return "the host does not limit memory: " + l.Why
		}
	}
	return ""
}
