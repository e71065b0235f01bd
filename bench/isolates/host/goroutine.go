package main

import (
	"bytes"
	"context"

	"github.com/lullwork/lull/bench/isolates/internal/trial"
)

// goroutines is a yardstick, not isolation: they share a heap. A sender hands over a fresh copy of each message.
type goroutines struct{ trial.Unpooled }

func newGoroutines() (trial.System, error) { return goroutines{}, nil }

type goroutine struct {
	to   chan goMessage
	from chan []byte
	gone chan struct{}
}

type goMessage struct {
	echo, push []byte
	flushed    chan<- int64
}

func (goroutines) Start(ctx context.Context, hello []byte) (trial.Isolate, []byte, error) {
	g := &goroutine{to: make(chan goMessage, 4), from: make(chan []byte), gone: make(chan struct{})}
	go g.serve()
	return trial.FirstTrip(ctx, g, hello)
}

func (g *goroutine) serve() {
	defer close(g.gone)
	var count int64
	for m := range g.to {
		switch {
		case m.echo != nil:
			g.from <- bytes.Clone(m.echo)
		case m.flushed != nil:
			m.flushed <- count
		default:
			count += int64(len(m.push))
		}
	}
}

func (g *goroutine) RoundTrip(_ context.Context, p []byte) ([]byte, error) {
	g.to <- goMessage{echo: bytes.Clone(p)}
	return <-g.from, nil
}

func (g *goroutine) Push(_ context.Context, p []byte) error {
	g.to <- goMessage{push: bytes.Clone(p)}
	return nil
}

func (g *goroutine) Flush(context.Context) (int64, error) {
	flushed := make(chan int64)
	g.to <- goMessage{flushed: flushed}
	return <-flushed, nil
}

func (g *goroutine) Close() error {
	close(g.to)
	<-g.gone
	return nil
}
