package isolate

import (
	"context"
	"errors"
	"fmt"

	"github.com/lullwork/lull/isolate/internal/hub"
)

// ErrNotAllowed is returned to who has a Controller without the right to what was asked.
var ErrNotAllowed = errors.New("the controller has no right to do that")

// Rights are what a [Controller] may do besides Ping.
type Rights uint8

const (
	// MayPause allows Pause and Resume.
	MayPause Rights = 1 << iota
	// MayKill allows Kill.
	MayKill
)

// Controller is a part of the rights on an isolate that may be given away: it can be
// sent. Its rights cannot be changed, and it does not keep the isolate alive.
type Controller struct{ port SendPort[controlQuestion] }

type controlQuestion struct {
	Op         controlOp
	Capability Capability
	Kill       Priority
	Reply      SendPort[controlAnswer]
}

type controlOp uint8

const (
	opPing controlOp = iota
	opPause
	opResume
	opKill
)

type controlAnswer struct {
	Gone, Inline, NotAllowed bool
	Text                     string // of another error
}

func (a controlAnswer) err() error {
	switch {
	case a.Gone:
		return ErrGone
	case a.Inline:
		return ErrInline
	case a.NotAllowed:
		return ErrNotAllowed
	case a.Text != "":
		return errors.New(a.Text)
	}
	return nil
}

// Controller makes a controller with some rights. The requests of its holders go through
// this process.
func (i *Isolate[Out]) Controller(rights Rights) Controller {
	port := newQuietPort[controlQuestion]()
	pings := make(chan struct{}, maxPings)
	pauses := make(chan controlQuestion, maxPings)
	go func() {
		for {
			select {
			case q := <-pauses:
				reply(q.Reply, i.p.obey(q, rights))
			case <-i.Done():
				return
			}
		}
	}()
	tooMany := controlAnswer{Text: "too many requests wait for an answer"}
	answerAll(port, i.Done(), func(q controlQuestion) {
		switch q.Op { // what may take its time must not keep a kill waiting
		case opPing:
			select {
			case pings <- struct{}{}:
				go func() {
					reply(q.Reply, i.p.obey(q, rights))
					<-pings
				}()
			default:
				reply(q.Reply, tooMany)
			}
		case opPause, opResume: // in their order
			select {
			case pauses <- q:
			default:
				reply(q.Reply, tooMany)
			}
		default:
			reply(q.Reply, i.p.obey(q, rights))
		}
	})
	return Controller{port.SendPort()}
}

// maxPings is how many pings of an isolate, and of the holders of one controller, may wait
// for their turn, and as many pauses.
const maxPings = 64

func (p *Process) obey(q controlQuestion, rights Rights) controlAnswer {
	var err error
	need := Rights(0)
	switch q.Op {
	case opPause, opResume:
		need = MayPause
	case opKill:
		need = MayKill
	}
	switch {
	case rights&need != need:
		err = ErrNotAllowed
	case q.Op == opPing:
		err = p.ping(context.Background())
	case q.Op == opKill:
		err = p.killBy(q.Kill)
	case q.Op == opPause || q.Op == opResume:
		err = p.pause(q.Capability, q.Op == opResume)
	default:
		err = fmt.Errorf("unknown request %d", q.Op)
	}
	if err == nil {
		return controlAnswer{}
	}
	a := controlAnswer{Gone: errors.Is(err, ErrGone), Inline: errors.Is(err, ErrInline), NotAllowed: errors.Is(err, ErrNotAllowed)}
	if a == (controlAnswer{}) {
		a.Text = err.Error()
	}
	return a
}

// Ping is [Isolate.Ping].
func (c Controller) Ping(ctx context.Context) error { return c.ask(ctx, controlQuestion{Op: opPing}) }

// Pause is [Isolate.Pause]. It returns when the request was passed on.
func (c Controller) Pause(ctx context.Context, by Capability) error {
	return c.ask(ctx, controlQuestion{Op: opPause, Capability: by})
}

// Resume is [Isolate.Resume].
func (c Controller) Resume(ctx context.Context, by Capability) error {
	return c.ask(ctx, controlQuestion{Op: opResume, Capability: by})
}

// Kill is [Isolate.Kill].
func (c Controller) Kill(ctx context.Context, how Priority) error {
	return c.ask(ctx, controlQuestion{Op: opKill, Kill: how})
}

func (c Controller) ask(ctx context.Context, q controlQuestion) error {
	a, err := ask(ctx, c.port, func(to SendPort[controlAnswer]) controlQuestion {
		q.Reply = to
		return q
	})
	switch {
	case errors.Is(err, ErrPortClosed):
		return ErrGone
	case err != nil:
		return err
	}
	return a.err()
}

// WireKind marks a Controller as one that travels by reference.
func (Controller) WireKind() string { return "controller" }

func (c Controller) wireRef() *hub.Ref { return c.port.ref }

func (c *Controller) setRef(r *hub.Ref) error { return c.port.setRef(r) }
