package isolate

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/lullwork/lull/isolate/internal/hub"
	"github.com/lullwork/lull/isolate/internal/link"
	"github.com/lullwork/lull/isolate/internal/wire"
)

// UnsendableError says which part of a value cannot travel to another isolate, and why.
// Its Path reads like Job.Frames[].Decoder.mu.
type UnsendableError = wire.UnsendableError

// reference is a value that travels as the right to use a port.
type reference interface {
	wire.Handle
	wireRef() *hub.Ref
}

// settable is the pointer to a reference.
type settable interface {
	setRef(*hub.Ref) error
}

// luggage is the ports and buffers that one message carries: in its encoding stand their
// positions.
type luggage struct {
	refs    []*hub.Ref
	buffers []*link.Buffer
}

// Export implements wire.Handles.
func (l *luggage) Export(v any) (uint64, error) {
	switch v := v.(type) {
	case Transfer:
		if !v.b.Live() {
			return 0, ErrTransferred
		}
		if slices.Contains(l.buffers, v.b) {
			return 0, errors.New("the same Transfer is twice in one message")
		}
		l.buffers = append(l.buffers, v.b)
		return uint64(len(l.buffers) - 1), nil
	case reference:
		l.refs = append(l.refs, v.wireRef())
		return uint64(len(l.refs) - 1), nil
	}
	return 0, fmt.Errorf("a %T cannot travel over a port", v)
}

// Import implements wire.Handles.
func (l *luggage) Import(kind string, id uint64, into reflect.Value) error {
	switch v := into.Addr().Interface().(type) {
	case *Transfer:
		if id >= uint64(len(l.buffers)) || l.buffers[id] == nil {
			return fmt.Errorf("the message has no buffer number %d", id)
		}
		v.b, l.buffers[id] = l.buffers[id], nil
		return nil
	case settable:
		if id >= uint64(len(l.refs)) {
			return fmt.Errorf("the message has no port number %d", id)
		}
		return v.setRef(l.refs[id])
	}
	return fmt.Errorf("a %s needs a field of its type, not %v", kind, into.Type())
}

// pack encodes a value after dst. Bytes are the message themselves.
func pack[T any](dst []byte, v T) (hub.Message, error) {
	if b, ok := any(v).([]byte); ok {
		return hub.Message{Payload: b, Nil: b == nil}, nil
	}
	var l luggage
	payload, err := wire.Encode(dst, v, &l)
	if err != nil {
		return hub.Message{}, err
	}
	return hub.Message{Payload: payload, Refs: l.refs, Buffers: l.buffers, Owned: true}, nil
}

// unpack decodes a message into v, whose memory it may reuse.
func unpack[T any](it hub.Item, v *T) error {
	if b, ok := any(v).(*[]byte); ok {
		for _, b := range it.Buffers { // nothing stands for them
			_ = b.Release()
		}
		if *b = it.Payload; it.Nil {
			*b = nil
		} else if *b == nil {
			*b = []byte{}
		}
		return nil
	}
	c, err := wire.For(reflect.TypeFor[T]())
	if err != nil {
		return err
	}
	l := luggage{it.Refs, slices.Clone(it.Buffers)}
	err = c.Decode(it.Payload, reflect.ValueOf(v).Elem(), &l)
	for i, b := range it.Buffers {
		if err != nil || l.buffers[i] != nil { // nothing stands for it
			_ = b.Release()
		}
	}
	return err
}

// fingerprint is that of a message type; 0 if it cannot travel.
func fingerprint[T any]() (uint64, error) {
	c, err := wire.For(reflect.TypeFor[T]())
	if err != nil {
		return 0, err
	}
	return c.Fingerprint(), nil
}
