package isolate

import (
	"context"
	"fmt"
)

// Priority says when a Kill takes effect.
type Priority int

const (
	// BeforeNextEvent lets the handler that is running finish: the context is cancelled,
	// nothing can be received any more, and after the grace the isolate is killed. The
	// default, as in Dart.
	BeforeNextEvent Priority = iota
	// Immediate kills the whole tree of processes at once.
	Immediate
)

func (p Priority) String() string {
	switch p {
	case BeforeNextEvent:
		return "before the next event"
	case Immediate:
		return "immediate"
	}
	return fmt.Sprintf("priority %d", int(p))
}

// controls returns what obeys; nil if nothing was started.
func (p *Process) controls() controls {
	switch {
	case p.linked != nil && p.linked.inline != nil:
		return inlineControls{p}
	case p.talk != nil:
		return p.talk
	}
	return nil
}

func (p *Process) ping(ctx context.Context) error {
	c := p.controls()
	if c == nil || p.over() {
		return ErrGone
	}
	return c.ping(ctx)
}

func (p *Process) pause(cap Capability, resume bool) error {
	c := p.controls()
	switch {
	case cap == Capability{}:
		return fmt.Errorf("the zero Capability pauses nothing: use NewCapability")
	case c == nil || p.over():
		return ErrGone
	}
	return c.pause(cap, resume)
}

func (p *Process) killBy(how Priority) error {
	switch {
	case how != Immediate && how != BeforeNextEvent:
		return fmt.Errorf("unknown %v", how)
	case how == BeforeNextEvent:
		p.stop(reasonKilled, 0, true)
	case p.inline:
		return ErrInline
	default:
		p.Kill()
	}
	return nil
}

// inlineControls are those of a goroutine.
type inlineControls struct{ p *Process }

func (c inlineControls) pause(cap Capability, resume bool) error {
	c.p.linked.inline.pause(cap, resume)
	return nil
}

func (c inlineControls) ping(context.Context) error { return nil }
