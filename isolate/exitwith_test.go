//go:build linux

package isolate_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lullwork/lull/isolate"
)

// parting is how a leaver ends, and whom it tells.
type parting struct {
	How   string
	Text  isolate.SendPort[string]
	Frame isolate.SendPort[isolate.Transfer]
	Any   isolate.SendPort[any]
}

var (
	parter       = isolate.Named[parting, string]("parter")
	parterInline = isolate.Named[parting, string]("parter.inline")
)

func doParting(ctx context.Context, in parting) (string, error) {
	switch in.How {
	case "transfer":
		t, err := isolate.NewTransfer(in.Frame, 1<<20)
		if err != nil {
			return "", err
		}
		t.Bytes()[1<<20-1] = 7
		return "", isolate.ExitWith(ctx, in.Frame, t)
	case "used transfer":
		t, err := isolate.NewTransfer(in.Frame, 1)
		if err != nil {
			return "", err
		}
		return fmt.Sprint(t.Release(), isolate.ExitWith(ctx, in.Frame, t)), nil
	case "unsendable":
		return fmt.Sprint(isolate.ExitWith(ctx, in.Any, any(func() {}))), nil
	case "no port":
		return fmt.Sprint(isolate.ExitWith(ctx, isolate.SendPort[string]{}, "x")), nil
	case "another context":
		return fmt.Sprint(isolate.ExitWith(context.Background(), in.Text, "x")), nil
	case "text":
		return fmt.Sprint(isolate.ExitWith(ctx, in.Text, "x")), nil
	}
	return "", fmt.Errorf("unknown way %q", in.How)
}

// part runs one, and gives the port for its buffer.
func part(t *testing.T, task isolate.Named[parting, string], how string) (out string, frame *isolate.ReceivePort[isolate.Transfer], err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	text, anything := isolate.NewReceivePort[string](ctx), isolate.NewReceivePort[any](ctx)
	frame = isolate.NewReceivePort[isolate.Transfer](ctx)
	t.Cleanup(text.Close)
	t.Cleanup(frame.Close)
	t.Cleanup(anything.Close)
	out, err = isolate.Run(ctx, task, parting{how, text.SendPort(), frame.SendPort(), anything.SendPort()})
	return out, frame, err
}

func TestExitWithMovesABuffer(t *testing.T) {
	_, frame, err := part(t, parter, "transfer")
	if !errors.Is(err, isolate.ErrNoResult) {
		t.Fatal(err)
	}
	got, err := frame.Receive(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if b := got.Bytes(); len(b) != 1<<20 || b[1<<20-1] != 7 {
		t.Errorf("%d bytes", len(b))
	}
	if err := got.Release(); err != nil {
		t.Error(err)
	}
}

// TestExitWithThatFails goes on: nothing has ended, and it says why.
func TestExitWithThatFails(t *testing.T) {
	const elsewhere = "isolate.ExitWith: the context is not that of an isolate with a process of its own"
	for _, test := range []struct {
		task      isolate.Named[parting, string]
		how, want string
	}{
		{parter, "unsendable", "func()"},
		{parter, "used transfer", isolate.ErrTransferred.Error()},
		{parter, "no port", isolate.ErrPortClosed.Error()},
		{parter, "another context", elsewhere},
		{parterInline, "text", elsewhere},
	} {
		if out, _, err := part(t, test.task, test.how); err != nil || !strings.Contains(out, test.want) {
			t.Errorf("%s: %q, %v, want %q in it", test.how, out, err, test.want)
		}
	}
	if err := isolate.ExitWith(t.Context(), isolate.SendPort[int]{}, 1); err == nil || err.Error() != elsewhere {
		t.Error(err)
	}
}
