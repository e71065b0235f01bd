package trial

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// fake is a system without isolates. Its faults are what a trial must notice.
type fake struct {
	alive, most, started         int
	garbles, garblesFirst, loses bool
}

func (*fake) Ready(context.Context) error { return nil }
func (*fake) Close() error                { return nil }

func (f *fake) Start(ctx context.Context, hello []byte) (Isolate, []byte, error) {
	f.started++
	f.alive++
	f.most = max(f.most, f.alive)
	return FirstTrip(ctx, &fakeIsolate{system: f}, hello)
}

type fakeIsolate struct {
	system *fake
	count  int64
}

func (i *fakeIsolate) RoundTrip(_ context.Context, p []byte) ([]byte, error) {
	p = bytes.Clone(p)
	if i.system.garbles && len(p) > FirstMessage || i.system.garblesFirst {
		p[len(p)/2]++
	}
	return p, nil
}

func (i *fakeIsolate) Push(_ context.Context, p []byte) error {
	if !i.system.loses {
		i.count += int64(len(p))
	}
	return nil
}

func (i *fakeIsolate) Flush(context.Context) (int64, error) { return i.count, nil }

func (i *fakeIsolate) Close() error {
	i.system.alive--
	return nil
}

func runFake(t *testing.T, f *fake, r Request) ([]Line, error) {
	t.Helper()
	var out bytes.Buffer
	runErr := Run(t.Context(), f, r, strings.NewReader("go\ngo\n"), &out)
	var lines []Line
	for d := json.NewDecoder(&out); ; {
		var l Line
		err := d.Decode(&l)
		if errors.Is(err, io.EOF) {
			return lines, runErr
		}
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
}

func TestEveryMeasureAnswers(t *testing.T) {
	for _, measure := range []string{Spawn, Lives, RoundTrip, OneWay, Memory, Leaks} {
		t.Run(measure, func(t *testing.T) {
			f := &fake{}
			r := Request{Measure: measure, Size: 1000, N: 30, WarmUp: 3, Spawners: 1, For: 5 * time.Millisecond}
			lines, err := runFake(t, f, r)
			if err != nil {
				t.Fatal(err)
			}
			if f.alive != 0 {
				t.Errorf("%d isolates were not closed", f.alive)
			}
			last := lines[len(lines)-1]
			switch measure {
			case Spawn, RoundTrip:
				if len(last.NS) < MinSamples || len(last.NS) > 30 {
					t.Errorf("%d samples", len(last.NS))
				}
			case Lives, OneWay:
				if last.Amount <= 0 || last.Seconds <= 0 {
					t.Errorf("answered %+v", last)
				}
			case Memory, Leaks:
				if len(lines) != 2 || lines[0].Barrier != Before || lines[1].Barrier != After {
					t.Errorf("answered %+v", lines)
				}
			}
			if measure == Memory && f.most != 30 || measure == Leaks && (f.most != 1 || f.started != 33) {
				t.Errorf("%d alive at once, %d started", f.most, f.started)
			}
		})
	}
}

func TestFaultsAreNoticed(t *testing.T) {
	ask := Request{Size: 1000, N: 1, For: time.Millisecond}
	for _, c := range []struct {
		measure string
		system  fake
		want    string
	}{
		{RoundTrip, fake{garbles: true}, "not what was sent"},
		{Spawn, fake{garblesFirst: true}, "first reply"},
		{OneWay, fake{loses: true}, "0 bytes arrived"},
		{Transfer, fake{}, ErrNotOffered.Error()},
		{"nonsense", fake{}, "unknown measure"},
	} {
		r := ask
		r.Measure = c.measure
		lines, err := runFake(t, &c.system, r)
		if err == nil || !strings.Contains(err.Error(), c.want) || len(lines) > 0 {
			t.Errorf("%s: %v and %d lines, want an error with %q", c.measure, err, len(lines), c.want)
		}
		if c.system.alive != 0 {
			t.Errorf("%s: %d isolates were not closed", c.measure, c.system.alive)
		}
	}
}

func TestRequestTravelsAsArguments(t *testing.T) {
	want := Request{Measure: OneWay, Size: 1 << 20, N: 7, WarmUp: 3, Spawners: 2, For: 1500 * time.Millisecond}
	if got, err := ParseRequest(want.Args()); err != nil || got != want {
		t.Errorf("%+v became %+v, %v", want, got, err)
	}
	for _, change := range []func(args []string) []string{
		func(args []string) []string { return args[1:] },
		func(args []string) []string { return args[:3] },
		func(args []string) []string { return append(args, "size=1") },
		func(args []string) []string { return append(args, "colour=red") },
		func(args []string) []string { return append(args[:5:5], "ms=fast") },
		func(args []string) []string { return append(args[:5:5], "ms=-1") },
	} {
		if args := change(want.Args()); args != nil {
			if _, err := ParseRequest(args); err == nil {
				t.Errorf("%q was accepted", args)
			}
		}
	}
}
