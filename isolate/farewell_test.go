//go:build linux

package isolate_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

// leaverIn tells a leaver whom its own isolate tells of its end.
type leaverIn struct {
	Exits isolate.SendPort[isolate.Exit]
	// Own: with a spawner of its own.
	Own bool
}

var leaver = isolate.Named[leaverIn, int]("leaver")

// doLeaver returns while an isolate of its own lives.
func doLeaver(ctx context.Context, in leaverIn) (int, error) {
	cfg := isolate.SpawnConfig{OnExit: []isolate.SendPort[isolate.Exit]{in.Exits}}
	if in.Own {
		var err error
		if cfg.Spawner, err = isolate.NewSpawner(isolate.Config{}); err != nil {
			return 0, err
		}
	}
	i, err := isolate.Spawn(ctx, behave, "finish", cfg)
	if err != nil {
		return 0, err
	}
	return i.Pid(), i.Ping(ctx)
}

// TestExitIsToldOverTwoEdges has listeners of an isolate whose parent ends with it.
func TestExitIsToldOverTwoEdges(t *testing.T) {
	times := 15
	if *long {
		times = 200
	}
	for _, own := range []bool{false, true} {
		exits := isolate.NewReceivePort[isolate.Exit](t.Context())
		defer exits.Close()
		for range times {
			if _, err := isolate.Run(t.Context(), leaver, leaverIn{exits.SendPort(), own}); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			e, err := exits.Receive(ctx)
			cancel()
			if err != nil {
				t.Fatalf("spawner of its own %t: %v", own, err)
			}
			if e.Outcome != isolate.Success && e.Outcome != isolate.Stopped || e.Killed {
				t.Errorf("spawner of its own %t: %v, killed %t", own, e, e.Killed)
			}
		}
	}
}

var restless = isolate.Named[int, int]("restless")

// doRestless returns, but a goroutine of it goes on to start isolates.
func doRestless(ctx context.Context, _ int) (int, error) {
	started := make(chan struct{})
	go func() {
		for i := 0; ; i++ {
			if iso, err := isolate.Spawn(ctx, behave, "wait", isolate.SpawnConfig{}); err == nil {
				if i == 0 {
					close(started)
				}
				iso.Wait()
			}
		}
	}()
	<-started
	return 1, nil
}

// TestEndDespiteNewIsolates has an isolate that starts others while it ends. Also those that
// are just being started are asked to stop: else they would have to be killed at the end of
// their grace.
func TestEndDespiteNewIsolates(t *testing.T) {
	t.Parallel()
	iso, err := isolate.Spawn(t.Context(), restless, 0, isolate.SpawnConfig{})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-iso.Done():
	case <-time.After(isolate.DefaultGrace * 8 / 10):
		_ = iso.Kill(isolate.Immediate)
		t.Error("it is not over")
	}
	if e := iso.Wait(); e.Outcome != isolate.Success {
		t.Error(e)
	}
}

var hesitant = isolate.Named[isolate.SendPort[[]byte], string]("hesitant")

// doHesitant fills a port, and tries to end with a message for it.
func doHesitant(ctx context.Context, to isolate.SendPort[[]byte]) (string, error) {
	now, cancel := context.WithCancel(ctx)
	cancel()
	for _, size := range []int{64 << 10, 1} {
		for to.Send(now, make([]byte, size)) == nil {
		}
	}
	soon, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	return fmt.Sprint(isolate.ExitWith(soon, to, []byte("last words"))), nil
}

func TestExitWithHasNoRoom(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	full := isolate.NewReceivePort[[]byte](ctx)
	defer full.Close()
	if said, err := isolate.Run(ctx, hesitant, full.SendPort()); err != nil || said != context.DeadlineExceeded.Error() {
		t.Errorf("%q %v", said, err)
	}
}

var patient = isolate.Named[isolate.SendPort[string], string]("patient")

// doPatient goes on until it is to be killed soon.
func doPatient(ctx context.Context, asked isolate.SendPort[string]) (string, error) {
	<-ctx.Done()
	reason, _, _ := isolate.Stopping(ctx)
	if err := asked.Send(context.Background(), reason); err != nil {
		return "", err
	}
	for {
		reason, deadline, _ := isolate.Stopping(ctx)
		if time.Until(deadline) < time.Minute {
			return reason, nil
		}
		time.Sleep(time.Millisecond)
	}
}

// TestStopBeforeInput asks before the input may be there: the function is called all the same.
func TestStopBeforeInput(t *testing.T) {
	t.Parallel()
	asked := isolate.NewReceivePort[string](t.Context())
	defer asked.Close()
	for range 60 {
		i, err := isolate.Spawn(t.Context(), patient, asked.SendPort(), isolate.SpawnConfig{})
		if err != nil {
			t.Fatal(err)
		}
		i.Stop("at once", 30*time.Second)
		if got, err := i.Result(t.Context()); got != "at once" || err != nil {
			t.Fatalf("%q %v", got, err)
		}
	}
}

// TestEarlierDeadline asks a second time, with less grace.
func TestEarlierDeadline(t *testing.T) {
	asked := isolate.NewReceivePort[string](t.Context())
	defer asked.Close()
	for _, task := range []isolate.Named[isolate.SendPort[string], string]{patient, "patient.inline"} {
		i, err := isolate.Spawn(t.Context(), task, asked.SendPort(), isolate.SpawnConfig{})
		if err != nil {
			t.Fatal(err)
		}
		i.Stop("first", time.Hour)
		soon, cancel := context.WithTimeout(t.Context(), patience)
		_, err = asked.Receive(soon)
		cancel()
		if err != nil {
			t.Fatal(task, err)
		}
		i.Stop("second", 20*time.Second)
		i.Stop("third", time.Hour)
		select {
		case <-i.Done():
		case <-time.After(patience):
			t.Fatal(task, "it is not over")
		}
		if got, err := i.Result(t.Context()); got != "first" || err != nil {
			t.Errorf("%s: %q %v", task, got, err)
		}
	}
}
