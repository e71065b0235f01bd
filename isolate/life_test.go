//go:build linux

package isolate_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

type familyIn struct {
	Depth int
	Born  isolate.SendPort[string]
	Dies  isolate.SendPort[string]
	// Leaves: the eldest returns without being asked.
	Leaves bool
	// Stubborn ignores the request to stop, at this depth.
	Stubborn int
}

var (
	family       = isolate.Named[familyIn, string]("family")
	familyInline = isolate.Named[familyIn, string]("family.inline")
)

// doFamily starts a descendant, and says when it is born and when it dies.
func doFamily(ctx context.Context, in familyIn) (string, error) {
	if in.Depth > 1 {
		child := in
		child.Depth--
		child.Leaves = false
		if in.Leaves { // when the next one is there
			born := isolate.NewReceivePort[string](ctx)
			defer func() {
				s, _ := born.Receive(ctx)
				_ = in.Born.Send(ctx, s)
				born.Close()
			}()
			child.Born = born.SendPort()
		}
		if _, err := isolate.Spawn(ctx, family, child, isolate.SpawnConfig{}); err != nil {
			return "", err
		}
	}
	if err := in.Born.Send(ctx, strconv.Itoa(in.Depth)); err != nil {
		return "", err
	}
	if in.Leaves {
		return "gone", nil
	}
	<-ctx.Done()
	if in.Depth == in.Stubborn {
		select {}
	}
	// A dying isolate may send.
	_ = in.Dies.Send(context.Background(), strconv.Itoa(in.Depth))
	return "", context.Cause(ctx)
}

func newFamily(t *testing.T, ctx context.Context, s *isolate.Spawner, in familyIn, grace time.Duration) (*isolate.Isolate[string], *isolate.ReceivePort[string]) {
	t.Helper()
	born, dies := isolate.NewReceivePort[string](ctx), isolate.NewReceivePort[string](ctx)
	t.Cleanup(born.Close)
	t.Cleanup(dies.Close)
	in.Born, in.Dies = born.SendPort(), dies.SendPort()
	iso, err := isolate.Spawn(ctx, family, in, isolate.SpawnConfig{Spawner: s, Spec: isolate.Spec{Grace: grace, ID: "fam" + strconv.FormatInt(time.Now().UnixNano(), 36)}})
	if err != nil {
		t.Fatal(err)
	}
	for range in.Depth {
		if _, err := born.Receive(t.Context()); err != nil {
			t.Fatal(err, iso.Wait())
		}
	}
	return iso, dies
}

func TestTreeEndsInOrder(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	iso, dies := newFamily(t, ctx, nil, familyIn{Depth: 3}, 10*time.Second)
	cancel()
	e := iso.Wait()
	if e.Outcome != isolate.Stopped || e.Killed || e.StopReason != "cancelled" {
		t.Error(e, e.Killed)
	}
	// All of them were asked, and had their say, before the eldest was over.
	var said []string
	for range 3 {
		s, err := dies.Receive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, s)
	}
	if len(said) != 3 {
		t.Error(said)
	}
}

// TestTreeEndsByForce has a leaf that ignores the request to stop.
func TestTreeEndsByForce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := newSpawner(t, isolate.Config{Instance: fmt.Sprintf("tree%d", os.Getpid())})
	iso, _ := newFamily(t, ctx, s, familyIn{Depth: 3, Stubborn: 1}, 300*time.Millisecond)
	cancel()
	if e := iso.Wait(); e.Outcome != isolate.Stopped {
		t.Error(e)
	}
	if left := marked(fmt.Sprintf("LULL_ISOLATE=tree%d", os.Getpid())); len(left) > 0 {
		t.Error("left:", left)
	}
}

func TestSpawnerCloseEndsAll(t *testing.T) {
	instance := fmt.Sprintf("closing%d", os.Getpid())
	s, err := isolate.NewSpawner(isolate.Config{Instance: instance})
	if err != nil {
		t.Fatal(err)
	}
	iso, _ := newFamily(t, t.Context(), s, familyIn{Depth: 2}, 0)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if e := iso.Wait(); !e.Killed {
		t.Error(e)
	}
	if left := marked("LULL_ISOLATE=" + instance); len(left) > 0 {
		t.Error("left:", left)
	}
	if _, err := isolate.Spawn(t.Context(), family, familyIn{}, isolate.SpawnConfig{Spawner: s}); !errors.Is(err, isolate.ErrClosed) {
		t.Error(err)
	}
}

// TestInlineTree has an inline isolate at the root.
func TestInlineTree(t *testing.T) {
	for _, cancelled := range []bool{true, false} {
		ctx, cancel := context.WithCancel(t.Context())
		born := isolate.NewReceivePort[string](ctx)
		defer born.Close()
		dies := isolate.NewReceivePort[string](ctx)
		defer dies.Close()
		iso, err := isolate.Spawn(ctx, familyInline, familyIn{Depth: 2, Born: born.SendPort(), Dies: dies.SendPort(), Leaves: !cancelled}, isolate.SpawnConfig{})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := born.Receive(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if cancelled {
			cancel()
		}
		iso.Wait()
		_ = dies.SendPort().Send(t.Context(), "the end")
		heard := map[string]bool{}
		for {
			s, err := dies.Receive(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if s == "the end" {
				break
			}
			heard[s] = true
		}
		if !heard["1"] {
			t.Error("the root was over before its leaf", heard)
		}
		cancel()
	}
}

// familyMain is a process with a family, which a test kills.
func familyMain() int {
	s, err := isolate.NewSpawner(isolate.Config{Instance: os.Getenv("ISOLATE_TEST_INSTANCE")})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	ctx := context.Background()
	born := isolate.NewReceivePort[string](ctx)
	_, err = isolate.Spawn(ctx, family, familyIn{Depth: 3, Born: born.SendPort()}, isolate.SpawnConfig{Spawner: s})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	for range 3 {
		if _, err := born.Receive(ctx); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	fmt.Println("born")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

func TestParentKilled(t *testing.T) {
	instance := fmt.Sprintf("orphans%d", os.Getpid())
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), "ISOLATE_TEST_PARENT=family", "ISOLATE_TEST_INSTANCE="+instance)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	if n, _ := out.Read(buf); string(buf[:n]) != "born\n" {
		t.Fatalf("%q", buf[:n])
	}
	if got := marked("LULL_ISOLATE=" + instance); len(got) != 3 {
		t.Error(got)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	var left []string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if left = marked("LULL_ISOLATE=" + instance); len(left) == 0 {
			return
		}
	}
	t.Error("left:", left)
}

func TestSpawnRefuses(t *testing.T) {
	ctx := t.Context()
	_, err := isolate.Spawn(ctx, isolate.Named[int, int]("nobody"), 1, isolate.SpawnConfig{})
	if !errors.Is(err, isolate.ErrNoEntry) {
		t.Error(err)
	}
	var u *isolate.UnsendableError
	if _, err = isolate.Spawn(ctx, isolate.Named[chan int, int]("double"), nil, isolate.SpawnConfig{}); !errors.As(err, &u) {
		t.Error(err)
	}
	for _, spec := range []isolate.Spec{{Func: "double"}, {Shell: "true"}, {Argv: []string{"true"}}, {Input: []byte("1")}} {
		if _, err = isolate.Spawn(ctx, double, 1, isolate.SpawnConfig{Spec: spec}); err == nil || !strings.Contains(err.Error(), "must be empty") {
			t.Error(err)
		}
	}
	over, cancel := context.WithCancelCause(ctx)
	cause := errors.New("too late")
	cancel(cause)
	if _, err = isolate.Spawn(over, double, 1, isolate.SpawnConfig{}); !errors.Is(err, cause) {
		t.Error(err)
	}
	// A start that fails is the record of the isolate.
	i, err := isolate.Spawn(ctx, double, 1, isolate.SpawnConfig{Name: "calc", Spec: isolate.Spec{Dir: "/nowhere"}})
	if err != nil {
		t.Fatal(err)
	}
	var exit *isolate.ExitError
	if _, err := i.Result(ctx); !errors.As(err, &exit) || exit.Exit.Outcome != isolate.NotStarted || !strings.HasPrefix(err.Error(), "isolate calc: ") {
		t.Error(err)
	}
	if err := i.Ping(ctx); !errors.Is(err, isolate.ErrGone) {
		t.Error(err)
	}
}

// TestNoTrace starts and ends isolates of all kinds and looks for what they leave once the
// spawner is closed: an open one keeps plumbing for its next start, when it comes to make it.
func TestNoTrace(t *testing.T) {
	rounds := func(n int) {
		s := newSpawner(t, isolate.Config{})
		for range n {
			for _, end := range []string{"close", "panic", "exit", "kill", "error"} {
				c := hire(t, kind{worker, s}, isolate.SpawnConfig{})
				if end == "kill" {
					_ = c.Kill(isolate.Immediate)
				} else {
					c.order(order{Do: end})
				}
				<-c.Done()
				c.reply.Close()
				c.hello.Close()
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	rounds(1)
	fds, goroutines := openFiles(t), goroutineCount()
	rounds(20)
	// What was being made when the spawner closed is dropped a moment later.
	left := openFiles(t)
	for end := time.Now().Add(patience); left > fds && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
		left = openFiles(t)
	}
	if left > fds {
		t.Errorf("%d open files, before %d", left, fds)
	}
	n := goroutineCount()
	for end := time.Now().Add(patience); n > goroutines+2 && time.Now().Before(end); {
		n = goroutineCount()
	}
	if n > goroutines+2 {
		buf := make([]byte, 1<<20)
		t.Errorf("%d goroutines, before %d\n%s", n, goroutines, buf[:runtime.Stack(buf, true)])
	}
}
