package isolate

import (
	"bytes"
	"context"
	"reflect"
	"runtime"

	"github.com/lullwork/lull/isolate/internal/frame"
	"github.com/lullwork/lull/isolate/internal/hub"
	"github.com/lullwork/lull/isolate/internal/wire"
)

// roomForRun is for the message that starts a run, so that no memory has to be found for it then.
const roomForRun = 2 << 10

// awaitUse is the time of a process that was started before anybody wanted it: it rehearses
// and waits for its run, which comes on the link.
func awaitUse(ctx context.Context, in *inside, out *outbox, r inbox) (*childLink, *frame.Run, error) {
	begun := make(chan struct{})
	l, err := linkToHost(ctx, in, out, false, rehearse)
	if err != nil {
		return nil, nil, err
	}
	go attend(l, r, in, out, begun)
	room := make([]byte, roomForRun)
	copy(room, warmName) // its page is there
	run, err := l.receiveRun(room)
	if err != nil {
		return nil, nil, err
	}
	if c, ok := capabilityOf(run.Pause); ok {
		in.pause(c, false)
	}
	close(begun)
	return l, run, nil
}

// rehearse goes through the motions of a run, so that a warm process does not meet them
// first when it is used: tables are made, code and stacks are in memory, threads exist.
// Nothing of the program itself is called. The host waits for the message at its end,
// which has been both ways through the link.
func rehearse(ends hub.Link) error {
	known := map[reflect.Type]bool{}
	for _, e := range Entries() {
		for _, t := range e.types {
			makeCodecs(t, known)
		}
	}
	rehearseFrames()
	rehearseCall(func(call func() ([]byte, error)) { callEntry(call, DefaultResultLimit) })
	collect()
	rehearseFrames()
	rehearseCall(func(call func() ([]byte, error)) { _, _ = call() }) // so this stack is large enough too
	echo, err := ends.RecvInto(nil)
	if err != nil {
		return err
	}
	if sleeper, ok := ends.(interface{ Doze() }); ok {
		sleeper.Doze()
	}
	return ends.Send(echo)
}

// collect brings memory into place that the run will take: pages that were used once are
// used again.
func collect() {
	used := make([]byte, 128<<10)
	for i := 0; i < len(used); i += 1 << 12 {
		used[i] = 1
	}
	runtime.KeepAlive(used)
	runtime.GC()
}

// makeCodecs makes those of a type, and of the messages of the ports in it.
func makeCodecs(t reflect.Type, known map[reflect.Type]bool) {
	if known[t] {
		return
	}
	known[t] = true
	_, _ = wire.For(t)
	if port, ok := reflect.Zero(t).Interface().(interface{ messages() reflect.Type }); ok {
		_, _ = reflect.New(t).Interface().(settable) // the runtime keeps what it finds out here
		makeCodecs(port.messages(), known)
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			makeCodecs(t.Field(i).Type, known)
		}
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		makeCodecs(t.Elem(), known)
	}
}

func rehearseFrames() {
	run := frame.Run{Input: []byte("null"), Link: true, Name: warmName, Pause: make([]byte, len(Capability{}))}
	if encoded, err := frame.Encode(run); err == nil {
		_, _ = frame.Decode(encoded)
	}
	var stream bytes.Buffer
	w := frame.NewWriter(&stream)
	for _, m := range []frame.Message{
		run,
		frame.Stop{Reason: warmName},
		frame.Complete{Outcome: string(Success)},
	} {
		_ = w.Send(m)
	}
	for r, err := frame.NewReader(&stream), error(nil); err == nil; {
		_, err = r.Next()
	}
}

// script is an input of many kinds of values.
type script struct {
	Text  string
	Bytes []byte
	List  []string
	Table map[string]int
	To    SendPort[prompt]
}

type prompt struct {
	Text string
	Back SendPort[[]byte]
}

func rehearseCall(enact func(call func() ([]byte, error))) {
	ctx, in := enter(context.Background(), DefaultResultLimit, nil)
	done := make(chan struct{})
	port := NewReceivePort[prompt](ctx)
	go func() { // parks, and is woken
		defer close(done)
		_, _ = port.Receive(ctx)
		port.Close()
	}()
	e := Do("rehearsal", rehearsal)
	m, err := pack(nil, script{warmName, []byte(warmName), []string{warmName}, map[string]int{warmName: 1}, port.SendPort()})
	if err == nil {
		enact(func() ([]byte, error) {
			_, err := in.runLinked(ctx, &e, hub.Item{Payload: m.Payload, Refs: m.Refs})
			return nil, err
		})
		<-done
	}
	in.cancel(nil)
}

func rehearsal(ctx context.Context, in script) (int, error) {
	port := NewReceivePort[[]byte](ctx)
	defer port.Close()
	return 0, in.To.Send(ctx, prompt{in.Text, port.SendPort()})
}
