package main

import (
	"context"
	"errors"

	"github.com/lullwork/lull/isolate"
)

// work is what an isolate is given.
type work struct {
	Hello []byte
	News  isolate.SendPort[news]
	Back  isolate.SendPort[[]byte]
}

// news is what an isolate tells besides the messages that it sends back.
type news struct {
	Hello []byte                   // at its start
	To    isolate.SendPort[[]byte] // for messages to be sent back, or to be counted
	Lends isolate.SendPort[loan]
	Count int64 // bytes that have arrived
}

type loan struct{ Buffer isolate.Transfer }

// An isolate listens to one port at a time, as most do. A message of one byte tells it to listen to another one.
const (
	beginPushes = 'p'
	beginLends  = 'l'
)

// mark is what a lent buffer begins and ends with.
const mark = 0x5a

var (
	child  = isolate.Named[work, bool]("child")
	inline = isolate.Named[work, bool]("inline")
)

func entries() []isolate.Declaration {
	return []isolate.Declaration{child.Do(serve), inline.Do(serve, isolate.Inline)}
}

// serve sends each message back until an empty one comes.
func serve(ctx context.Context, in work) (bool, error) {
	port := isolate.NewReceivePort[[]byte](ctx)
	defer port.Close()
	if err := in.News.Send(ctx, news{Hello: in.Hello, To: port.SendPort()}); err != nil {
		return false, err
	}
	var buf []byte
	for {
		if err := port.ReceiveInto(ctx, &buf); err != nil {
			return false, err
		}
		switch {
		case len(buf) == 0:
			return true, nil
		case len(buf) == 1 && buf[0] == beginPushes:
			return false, servePushes(ctx, in)
		case len(buf) == 1 && buf[0] == beginLends:
			return false, serveLends(ctx, in)
		}
		if err := in.Back.Send(ctx, buf); err != nil {
			return false, err
		}
	}
}

// servePushes counts bytes and tells the count at each empty message, until it is stopped.
func servePushes(ctx context.Context, in work) error {
	port := isolate.NewReceivePort[[]byte](ctx)
	defer port.Close()
	if err := in.News.Send(ctx, news{To: port.SendPort()}); err != nil {
		return err
	}
	var buf []byte
	var count int64
	for {
		if err := port.ReceiveInto(ctx, &buf); err != nil {
			return err
		}
		if count += int64(len(buf)); len(buf) > 0 {
			continue
		}
		if err := in.News.Send(ctx, news{Count: count}); err != nil {
			return err
		}
	}
}

// serveLends looks at each buffer, says so and gives it back, until it is stopped.
func serveLends(ctx context.Context, in work) error {
	port := isolate.NewReceivePort[loan](ctx)
	defer port.Close()
	if err := in.News.Send(ctx, news{Lends: port.SendPort()}); err != nil {
		return err
	}
	for {
		l, err := port.Receive(ctx)
		if err != nil {
			return err
		}
		b := l.Buffer.Bytes()
		if len(b) == 0 || b[0] != mark || b[len(b)-1] != mark {
			return errors.New("the buffer is not the one that was filled")
		}
		if err := errors.Join(in.News.Send(ctx, news{Count: int64(len(b))}), l.Buffer.Release()); err != nil {
			return err
		}
	}
}
