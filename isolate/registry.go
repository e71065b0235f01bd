package isolate

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/lullwork/lull/isolate/internal/hub"
)

// Errors of a Registry.
var (
	// ErrNameTaken: the name stands for a port that is open.
	ErrNameTaken = errors.New("the name is taken")
	// ErrNoName: the name stands for no port, or for one that was closed.
	ErrNoName = errors.New("no port of that name")
	// ErrNoNames: the registry has as many names as it may have, or this one is too long.
	ErrNoNames = errors.New("the registry has no room for the name: it takes 65,536 of 1,024 bytes; remove names, or close their ports")
)

// Bounds of a registry: of names, and of the bytes of each.
const (
	maxNames = 1 << 16
	maxName  = 1 << 10
)

// Registry maps names to SendPorts, for isolates that do not know each other. It is a
// value, not a global: who is given it, in an input or a message, can use it. The table
// itself is in the process that made it.
//
// It is best for a first message, that brings a port for two.
type Registry struct{ port SendPort[registryQuestion] }

type registryQuestion struct {
	Op    registryOp
	Name  string
	Port  anyPort
	Reply SendPort[registryAnswer]
}

type registryOp uint8

const (
	opLookup registryOp = iota
	opRegister
	opRemove
)

type registryAnswer struct {
	Taken, Missing, Full bool
	Port                 anyPort
}

// names is the table of a registry. Names of closed ports go when it has grown.
type names struct {
	ports map[string]*hub.Ref
	swept int // how many were left the last time
}

// leastNames is with how many a table is not swept.
const leastNames = 1024

func (n *names) answer(q registryQuestion) (a registryAnswer) {
	known := n.ports[q.Name]
	if known != nil && known.Dead() {
		delete(n.ports, q.Name)
		known = nil
	}
	switch {
	case q.Op == opRegister && known != nil:
		a.Taken = true
	case q.Op == opRegister:
		a.Full = !n.add(q.Name, q.Port.ref)
	case known == nil:
		a.Missing = true
	case q.Op == opRemove:
		delete(n.ports, q.Name)
	default:
		a.Port = anyPort{known}
	}
	return a
}

// add is false if there is no room.
func (n *names) add(name string, port *hub.Ref) bool {
	if port == nil {
		return true // it is closed already
	}
	if len(n.ports) >= min(2*max(n.swept, leastNames), maxNames) {
		maps.DeleteFunc(n.ports, func(_ string, r *hub.Ref) bool { return r.Dead() })
		n.swept = len(n.ports)
	}
	if len(n.ports) >= maxNames || len(name) > maxName {
		return false
	}
	if n.ports == nil {
		n.ports = map[string]*hub.Ref{}
	}
	n.ports[name] = port
	return true
}

// NewRegistry makes an empty registry, which lives as long as ctx.
func NewRegistry(ctx context.Context) Registry {
	table := names{}
	port := newQuietPort[registryQuestion]()
	answerAll(port, ctx.Done(), func(q registryQuestion) { reply(q.Reply, table.answer(q)) })
	return Registry{port.SendPort()}
}

// Register gives a port a name; ErrNameTaken if another one has it, ErrNoNames if there is
// no room for more.
func Register[T any](ctx context.Context, r Registry, name string, port SendPort[T]) error {
	if port.ref == nil {
		return fmt.Errorf("register %q: %w", name, ErrPortClosed)
	}
	_, err := r.ask(ctx, registryQuestion{Op: opRegister, Name: name, Port: anyPort(port)})
	return err
}

// Lookup finds a port; ErrNoName if there is none. It is an error too if the port takes
// messages of another type.
func Lookup[T any](ctx context.Context, r Registry, name string) (port SendPort[T], err error) {
	a, err := r.ask(ctx, registryQuestion{Op: opLookup, Name: name})
	if err != nil {
		return port, err
	}
	if err := port.setRef(a.Port.ref); err != nil {
		return port, fmt.Errorf("registry: %q: %w", name, err)
	}
	return port, nil
}

// Remove frees a name; ErrNoName if it was free.
func (r Registry) Remove(ctx context.Context, name string) error {
	_, err := r.ask(ctx, registryQuestion{Op: opRemove, Name: name})
	return err
}

func (r Registry) ask(ctx context.Context, q registryQuestion) (registryAnswer, error) {
	a, err := ask(ctx, r.port, func(to SendPort[registryAnswer]) registryQuestion {
		q.Reply = to
		return q
	})
	switch {
	case err != nil:
	case a.Taken:
		err = ErrNameTaken
	case a.Missing:
		err = ErrNoName
	case a.Full:
		err = ErrNoNames
	}
	if err != nil {
		return a, fmt.Errorf("registry: %.80q: %w", q.Name, err)
	}
	return a, nil
}

// WireKind marks a Registry as one that travels by reference.
func (Registry) WireKind() string { return "registry" }

func (r Registry) wireRef() *hub.Ref { return r.port.ref }

func (r *Registry) setRef(ref *hub.Ref) error { return r.port.setRef(ref) }
