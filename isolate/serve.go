package isolate

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
)

// Serve is an event loop: it calls handle for each message of a port, one after another,
// until the port is closed or the context is over, which are both no error.
//
// An error of handle ends the loop and is returned; a panic ends the isolate. With
// SpawnConfig.ErrorsNotFatal both are told to OnError instead, and the loop goes on.
func Serve[T any](ctx context.Context, port *ReceivePort[T], handle func(context.Context, T) error) error {
	in, _ := ctx.Value(insideKey{}).(*inside)
	for m := range port.All(ctx) {
		var err error
		if in != nil && in.notFatal {
			err = in.guard(ctx, func() error { return handle(ctx, m) })
		} else {
			err = handle(ctx, m)
		}
		if err != nil {
			return err
		}
	}
	var stop *StopError
	err := port.Err()
	if errors.As(err, &stop) || ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
		return nil
	}
	return err
}

// guard calls f and tells the listeners of its error or panic. The error is that of
// telling them.
func (in *inside) guard(ctx context.Context, f func() error) (err error) {
	var caught *Uncaught
	func() {
		returned := false
		defer func() {
			if !returned {
				if v := recover(); v != nil {
					caught = &Uncaught{Text: "panic: " + fmt.Sprint(v), Stack: string(debug.Stack())}
				}
			}
		}()
		if err := f(); err != nil {
			caught = &Uncaught{Text: err.Error()}
		}
		returned = true
	}()
	if caught == nil {
		return nil
	}
	for _, port := range in.listeners {
		// Waiting for room is what keeps a loop of errors in check. When the context is over
		// so is the loop.
		if err := port.Send(ctx, *caught); err != nil && !errors.Is(err, ErrPortClosed) && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// ExitWith sends v and ends the isolate's process, with success and without a result. It
// does not return: deferred calls do not run, other goroutines end where they are,
// and what they have not sent is lost. OnExit listeners are told.
//
// It returns an error, and nothing ends, if v was not sent (it waits for room as Send does,
// until ctx is over), or if ctx is not that of an isolate with a process of its own.
func ExitWith[T any](ctx context.Context, port SendPort[T], v T) error {
	in, ok := ctx.Value(insideKey{}).(*inside)
	if !ok || in.exit == nil {
		return errors.New("isolate.ExitWith: the context is not that of an isolate with a process of its own")
	}
	m, err := pack(nil, v)
	if err != nil {
		return err
	}
	return in.exit(ctx, m, port.ref)
}
