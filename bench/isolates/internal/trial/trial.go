package trial

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"
)

// A System starts isolates of one kind.
type System interface {
	// Ready returns when the next Start is as fast as it gets; it is not timed. Only a pool has something to wait for.
	Ready(ctx context.Context) error
	// Start starts one, lets it send hello back, and returns what came.
	Start(ctx context.Context, hello []byte) (Isolate, []byte, error)
	Close() error
}

// An Isolate is one that runs. It is used by one goroutine at a time.
type Isolate interface {
	// RoundTrip sends p and returns the copy that came back. The copy may be overwritten by the next call.
	RoundTrip(ctx context.Context, p []byte) ([]byte, error)
	// Push sends p one way. It returns when p may be changed.
	Push(ctx context.Context, p []byte) error
	// Flush returns when the isolate has received all that was pushed, and says how many bytes it has received in all.
	Flush(ctx context.Context) (int64, error)
	// Close ends the isolate and returns when it is gone.
	Close() error
}

// A Lender is an isolate that can take a buffer over without a copy.
type Lender interface {
	// Lend makes ready to hand over buffers of size bytes. Each call of lend hands one over and returns when the isolate
	// has said that it has it.
	Lend(ctx context.Context, size int) (lend func() error, err error)
}

// ErrNotOffered says that a kind of isolate has no such thing.
var ErrNotOffered = errors.New("not offered by this system")

// Run does one trial of s and writes the answer. At barriers it waits for a line from in.
func Run(ctx context.Context, s System, r Request, in io.Reader, out io.Writer) error {
	t := &trial{system: s, request: r, in: bufio.NewReader(in), out: json.NewEncoder(out)}
	switch r.Measure {
	case Spawn:
		return t.spawn(ctx)
	case Lives:
		return t.lives(ctx)
	case RoundTrip:
		return t.withOne(ctx, t.roundTrip)
	case OneWay:
		return t.withOne(ctx, t.oneWay)
	case Transfer:
		return t.withOne(ctx, t.transfer)
	case Memory:
		return t.memory(ctx)
	case Leaks:
		return t.leaks(ctx)
	}
	return fmt.Errorf("unknown measure %q", r.Measure)
}

type trial struct {
	system  System
	request Request
	in      *bufio.Reader
	out     *json.Encoder
}

// FirstTrip is the end of a Start that sends hello as it sends any message.
func FirstTrip(ctx context.Context, iso Isolate, hello []byte) (Isolate, []byte, error) {
	got, err := iso.RoundTrip(ctx, hello)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("first message: %w", err), iso.Close())
	}
	return iso, got, nil
}

func (t *trial) start(ctx context.Context, hello []byte) (Isolate, error) {
	iso, got, err := t.system.Start(ctx, hello)
	if err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	if !bytes.Equal(got, hello) {
		return nil, errors.Join(errors.New("the first reply is not what was sent"), iso.Close())
	}
	return iso, nil
}

func (t *trial) spawn(ctx context.Context) error {
	hello := Payload(FirstMessage)
	return t.sample(ctx, func() (time.Duration, error) {
		if err := t.system.Ready(ctx); err != nil {
			return 0, err
		}
		began := time.Now()
		iso, err := t.start(ctx, hello)
		took := time.Since(began)
		if err != nil {
			return 0, err
		}
		return took, iso.Close()
	})
}

// sample takes the samples that the request asks for, after the warm-up.
func (t *trial) sample(ctx context.Context, one func() (time.Duration, error)) error {
	for range t.request.WarmUp {
		if _, err := one(); err != nil {
			return err
		}
	}
	ns := make([]int64, 0, t.request.N)
	deadline := time.Now().Add(t.request.For)
	for len(ns) < t.request.N && (len(ns) < MinSamples || time.Now().Before(deadline)) {
		took, err := one()
		if err != nil {
			return err
		}
		ns = append(ns, took.Nanoseconds())
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return t.out.Encode(Line{NS: ns})
}

func (t *trial) lives(ctx context.Context) error {
	if err := t.rounds(ctx, t.request.WarmUp); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	lived := make([]int, max(1, t.request.Spawners))
	began := time.Now()
	for i := range lived {
		group.Go(func() error {
			for time.Since(began) < t.request.For {
				if err := t.rounds(ctx, 1); err != nil {
					return err
				}
				lived[i]++
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	sum := 0
	for _, n := range lived {
		sum += n
	}
	return t.out.Encode(Line{Amount: float64(sum), Seconds: time.Since(began).Seconds()})
}

// rounds starts and ends n isolates, one after the other.
func (t *trial) rounds(ctx context.Context, n int) error {
	hello := Payload(FirstMessage)
	for range n {
		iso, err := t.start(ctx, hello)
		if err != nil {
			return err
		}
		if err := iso.Close(); err != nil {
			return fmt.Errorf("end: %w", err)
		}
	}
	return nil
}

func (t *trial) withOne(ctx context.Context, do func(context.Context, Isolate) error) error {
	iso, err := t.start(ctx, Payload(FirstMessage))
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, iso), iso.Close())
}

func (t *trial) roundTrip(ctx context.Context, iso Isolate) error {
	p := Payload(t.request.Size)
	got, err := iso.RoundTrip(ctx, p)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, p) {
		return errors.New("what came back is not what was sent")
	}
	return t.sample(ctx, func() (time.Duration, error) {
		began := time.Now()
		got, err := iso.RoundTrip(ctx, p)
		took := time.Since(began)
		if err == nil && len(got) != len(p) {
			err = fmt.Errorf("%d bytes came back, %d were sent", len(got), len(p))
		}
		return took, err
	})
}

func (t *trial) oneWay(ctx context.Context, iso Isolate) error {
	p := Payload(t.request.Size)
	for range t.request.WarmUp {
		if err := iso.Push(ctx, p); err != nil {
			return err
		}
	}
	before, err := iso.Flush(ctx)
	if err != nil {
		return err
	}
	var sent int64
	began := time.Now()
	for sent == 0 || time.Since(began) < t.request.For {
		if err := iso.Push(ctx, p); err != nil {
			return err
		}
		sent += int64(len(p))
	}
	after, err := iso.Flush(ctx)
	took := time.Since(began)
	if err != nil {
		return err
	}
	if after-before != sent {
		return fmt.Errorf("%d bytes arrived, %d were sent", after-before, sent)
	}
	return t.out.Encode(Line{Amount: float64(sent), Seconds: took.Seconds()})
}

func (t *trial) transfer(ctx context.Context, iso Isolate) error {
	lender, ok := iso.(Lender)
	if !ok {
		return ErrNotOffered
	}
	lend, err := lender.Lend(ctx, t.request.Size)
	if err != nil {
		return err
	}
	return t.sample(ctx, func() (time.Duration, error) {
		began := time.Now()
		err := lend()
		return time.Since(began), err
	})
}

func (t *trial) memory(ctx context.Context) (err error) {
	if err := t.barrier(Before); err != nil {
		return err
	}
	hello := Payload(FirstMessage)
	all := make([]Isolate, 0, t.request.N)
	defer func() {
		for _, iso := range all {
			err = errors.Join(err, iso.Close())
		}
	}()
	for range t.request.N {
		iso, err := t.start(ctx, hello)
		if err != nil {
			return err
		}
		all = append(all, iso)
	}
	return t.barrier(After)
}

func (t *trial) leaks(ctx context.Context) error {
	if err := t.rounds(ctx, t.request.WarmUp); err != nil {
		return err
	}
	settle(0)
	if err := t.barrier(Before); err != nil {
		return err
	}
	goroutines := runtime.NumGoroutine()
	if err := t.rounds(ctx, t.request.N); err != nil {
		return err
	}
	settle(goroutines)
	return t.barrier(After)
}

// settle gives what has been told to end (goroutines, finalizers) two seconds to do so.
func settle(goroutines int) {
	for range 20 {
		runtime.GC()
		if time.Sleep(100 * time.Millisecond); goroutines > 0 && runtime.NumGoroutine() <= goroutines {
			return
		}
	}
}

func (t *trial) barrier(name string) error {
	if err := t.out.Encode(Line{Barrier: name, Goroutines: runtime.NumGoroutine()}); err != nil {
		return err
	}
	if _, err := t.in.ReadString('\n'); err != nil {
		return fmt.Errorf("wait at barrier %s: %w", name, err)
	}
	return nil
}

// Payload is size bytes that are neither zero nor all alike.
func Payload(size int) []byte {
	p := make([]byte, size)
	for i := range p {
		p[i] = byte(i*7 + i>>8 + 1)
	}
	return p
}
