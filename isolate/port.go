package isolate

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"sync"

	"github.com/lullwork/lull/isolate/internal/hub"
)

// Errors of ports.
var (
	// ErrPortClosed: the port is closed, or the isolate in which it was is gone. What
	// was sent before and not received is lost.
	ErrPortClosed = hub.ErrClosed
	// ErrListening: the port has its one listener already.
	ErrListening = hub.ErrListened
	// ErrMessageTooLarge: the message has more than MaxMessage bytes.
	ErrMessageTooLarge = hub.ErrTooLarge
)

// Limits of messages.
const (
	// MaxMessage is the largest message, in bytes of its encoding: 256 MiB.
	MaxMessage = hub.MaxMessage
	// PortWindow and PortMessages bound what is on its way to one port from one process:
	// 4 MiB and 1,024 messages. A message of more than half of it may go if at most half is
	// taken up. Where isolates are not parent and child, each process in between holds as
	// much again.
	PortWindow   = hub.WindowBytes
	PortMessages = hub.WindowMessages
)

// ReceivePort is where messages of type T arrive. They are kept until its one listener
// comes. An open port keeps its isolate alive.
type ReceivePort[T any] struct {
	port *hub.Port
	err  error // T cannot travel

	mu   sync.Mutex
	last error // of All
	buf  []byte
}

// NewReceivePort opens a port in the isolate whose context it is given; any other
// context means this process itself. The end of the context does not close it.
//
// If T cannot travel, Send and Receive say so, with an [*UnsendableError].
func NewReceivePort[T any](ctx context.Context) *ReceivePort[T] {
	print, err := fingerprint[T]()
	return &ReceivePort[T]{port: scopeOf(ctx).NewPort(print), err: err}
}

// SendPort returns the right to send to the port. All of one port are equal (==).
func (p *ReceivePort[T]) SendPort() SendPort[T] { return SendPort[T]{p.port.Ref()} }

// Close closes the port. Messages that wait in it are dropped, those who wait to send
// get ErrPortClosed.
func (p *ReceivePort[T]) Close() { p.port.Close() }

// Receive waits for the next message. It returns ErrPortClosed after Close,
// ErrListening while another call receives, and the cause of the context when that is
// over. While the isolate is paused, it waits.
func (p *ReceivePort[T]) Receive(ctx context.Context) (T, error) {
	var v T
	err := p.ReceiveInto(ctx, &v)
	return v, err
}

// ReceiveInto is Receive that reuses memory: of a []byte that is large enough (it needs
// some bytes more than the message), and of the slices of numbers in other values. For
// large messages that is two to three times as fast.
func (p *ReceivePort[T]) ReceiveInto(ctx context.Context, v *T) error {
	l, err := p.listen(ctx)
	if err != nil {
		return err
	}
	defer l.Close()
	return p.next(l, v)
}

// All ranges over the messages until the port is closed, the context is over, or a
// message cannot be received. Err says which it was.
//
//	for m := range port.All(ctx) {
func (p *ReceivePort[T]) All(ctx context.Context) iter.Seq[T] {
	return func(yield func(T) bool) {
		p.setErr(nil)
		l, err := p.listen(ctx)
		if err != nil {
			p.setErr(err)
			return
		}
		defer l.Close()
		for {
			var v T
			if err := p.next(l, &v); err != nil {
				p.setErr(err)
				return
			}
			if !yield(v) {
				return
			}
		}
	}
}

// Err is why the last All ended by itself: nil if the port was closed.
func (p *ReceivePort[T]) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if errors.Is(p.last, ErrPortClosed) {
		return nil
	}
	return p.last
}

func (p *ReceivePort[T]) setErr(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = err
}

func (p *ReceivePort[T]) listen(ctx context.Context) (*hub.Listener, error) {
	if p.err != nil {
		return nil, p.err
	}
	return p.port.Listen(ctx)
}

// next receives one message. The caller is the one listener.
func (p *ReceivePort[T]) next(l *hub.Listener, v *T) error {
	const keep = 1 << 20
	bytes, raw := any(v).(*[]byte)
	buf := p.buf
	if raw {
		buf = *bytes
	}
	it, err := l.Next(buf)
	if err != nil {
		return err
	}
	if raw {
		return unpack(it, v)
	}
	err = unpack(it, v)
	if cap(it.Payload) <= keep { // the value has copied what it needs
		p.buf = it.Payload[:0]
	}
	if err != nil {
		return fmt.Errorf("port of %T: %w", *v, err)
	}
	return nil
}

// SendPort is the right to send messages of type T to a port, wherever that is. It may
// itself be sent: in messages, in the input and in the result of an isolate. The zero
// SendPort is that of a closed port.
type SendPort[T any] struct{ ref *hub.Ref }

// buffers are reused: a message for another process is copied into the link.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// Send sends a copy of v. It waits while the port has no room (see PortWindow), until
// the context is over; what has room goes in any case, and once it is on its way the
// context does not end it: a message of more than a megabyte waits for an isolate that is
// stopped as a whole (SIGSTOP) until that goes on or is killed. ErrPortClosed comes when
// the port is known to be closed; that a message was sent does not mean that it was
// received. A value that cannot travel is an [*UnsendableError], and nothing was sent.
func (p SendPort[T]) Send(ctx context.Context, v T) error {
	if p.ref == nil {
		return ErrPortClosed
	}
	if p.ref.Local() {
		m, err := pack(nil, v)
		if err != nil {
			return err
		}
		return p.ref.Send(ctx, m)
	}
	const keep = 1 << 20
	buf := buffers.Get().(*[]byte)
	m, err := pack((*buf)[:0], v)
	if err == nil {
		err = p.ref.Send(ctx, m)
	}
	if _, raw := any(v).([]byte); !raw && cap(m.Payload) <= keep {
		*buf = m.Payload
	}
	buffers.Put(buf)
	return err
}

// post sends without waiting, from a goroutine if need be.
func (p SendPort[T]) post(after *hub.Edge, v T) {
	m, err := pack(nil, v)
	switch {
	case err != nil || p.ref == nil:
	case after != nil:
		after.PostAfter(p.ref, m)
	default:
		p.ref.Post(m)
	}
}

// WireKind marks a SendPort as one that travels by reference.
func (SendPort[T]) WireKind() string { return "port" }

// messages is what the port takes.
func (SendPort[T]) messages() reflect.Type { return reflect.TypeFor[T]() }

func (p SendPort[T]) wireRef() *hub.Ref { return p.ref }

func (p *SendPort[T]) setRef(r *hub.Ref) error {
	if r != nil {
		print, err := fingerprint[T]()
		if err != nil {
			return err
		}
		if print != r.Print() {
			return fmt.Errorf("the port takes another type of messages than %T", *new(T))
		}
	}
	p.ref = r
	return nil
}
