package isolate

import (
	"context"
	"errors"

	"github.com/lullwork/lull/isolate/internal/hub"
)

// newQuietPort opens a port that keeps nobody alive.
func newQuietPort[T any]() *ReceivePort[T] {
	print, err := fingerprint[T]()
	return &ReceivePort[T]{port: theTable.ports().NewScope().NewPort(print), err: err}
}

// ask sends a question and waits for its answer, as long as somebody may give it.
func ask[Q, A any](ctx context.Context, to SendPort[Q], question func(reply SendPort[A]) Q) (answer A, err error) {
	if to.ref == nil {
		return answer, ErrPortClosed
	}
	reply := newQuietPort[A]()
	defer reply.Close()
	if err := to.Send(ctx, question(reply.SendPort())); err != nil {
		return answer, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-to.ref.Died():
			cancel(ErrPortClosed)
		case <-ctx.Done():
		}
	}()
	answer, err = reply.Receive(ctx)
	if err != nil { // it may have answered and ended at once
		if it, ok := reply.port.Pop(); ok {
			err = unpack(it, &answer)
		}
	}
	return answer, err
}

// answerAll answers questions until the port is closed, or done. What is no question is
// passed over: who sends such may not keep others from being answered.
func answerAll[Q any](port *ReceivePort[Q], done <-chan struct{}, answer func(Q)) {
	go func() {
		<-done
		port.Close()
	}()
	go func() {
		for {
			q, err := port.Receive(context.Background())
			switch {
			case errors.Is(err, ErrPortClosed):
				return
			case err == nil:
				answer(q)
			}
		}
	}()
}

// reply answers without waiting: who asks has room for one answer.
func reply[A any](to SendPort[A], v A) {
	if m, err := pack(nil, v); err == nil {
		to.ref.Answer(m)
	}
}

// anyPort is a SendPort whose type is known by its fingerprint only.
type anyPort struct{ ref *hub.Ref }

// WireKind implements wire.Handle.
func (anyPort) WireKind() string { return "any port" }

func (p anyPort) wireRef() *hub.Ref { return p.ref }

func (p *anyPort) setRef(r *hub.Ref) error {
	p.ref = r
	return nil
}
