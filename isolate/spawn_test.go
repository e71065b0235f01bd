//go:build linux

package isolate_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

// order is what a worker is told to do.
type order struct {
	Do    string
	Data  []byte
	N     int
	Reply isolate.SendPort[string]
	To    isolate.SendPort[[]byte]
	Loop  isolate.SendPort[order]
	Big   isolate.Transfer
	Back  isolate.SendPort[isolate.Transfer]
	Names isolate.Registry
	Boss  isolate.Controller
	Exits isolate.SendPort[isolate.SendPort[isolate.Exit]]
	Texts isolate.SendPort[isolate.SendPort[string]]
}

type workerIn struct {
	Orders isolate.SendPort[isolate.SendPort[order]]
	Do     string // before the loop
	Reply  isolate.SendPort[string]
}

var (
	worker       = isolate.Named[workerIn, string]("worker")
	workerInline = isolate.Named[workerIn, string]("worker.inline")
)

func doWorker(ctx context.Context, in workerIn) (string, error) {
	rp := isolate.NewReceivePort[order](ctx)
	defer fmt.Println("deferred call of the worker")
	if in.Do != "" {
		if err := obey(ctx, order{Do: in.Do, Reply: in.Reply}); err != nil {
			return "", err
		}
	}
	if err := in.Orders.Send(ctx, rp.SendPort()); err != nil {
		return "", err
	}
	err := isolate.Serve(ctx, rp, func(ctx context.Context, o order) error {
		if o.Do == "close" {
			rp.Close()
			return nil
		}
		return obey(ctx, o)
	})
	return "served", err
}

var orders int // a global: each isolate has its own

func obey(ctx context.Context, o order) error {
	switch o.Do {
	case "say":
		return o.Reply.Send(ctx, string(o.Data))
	case "count":
		orders++
		return o.Reply.Send(ctx, fmt.Sprint(orders))
	case "error":
		return errors.New("order refused")
	case "panic":
		panic("order of panic")
	case "exit":
		defer func() { _ = o.Reply.Send(ctx, "a deferred call ran") }()
		if err := isolate.ExitWith(ctx, o.Reply, "last words"); err != nil {
			return o.Reply.Send(ctx, err.Error())
		}
	case "os.Exit":
		os.Exit(3)
	case "spin":
		for ctx != nil { // without end, and without a wait
			orders++
		}
	case "hang":
		if err := o.Reply.Send(ctx, "hanging"); err != nil {
			return err
		}
		for {
			time.Sleep(time.Hour)
		}
	case "flood":
		for i := range o.N {
			b := make([]byte, len(o.Data))
			copy(b, fmt.Sprint(i))
			if err := o.To.Send(ctx, b); err != nil {
				return err
			}
		}
		if o.Reply != (isolate.SendPort[string]{}) {
			return o.Reply.Send(ctx, "flooded")
		}
	case "nest":
		// A worker of the worker, whose port goes to the grandparent.
		in := isolate.NewReceivePort[isolate.SendPort[order]](ctx)
		defer in.Close()
		if _, err := isolate.Spawn(ctx, worker, workerIn{Orders: in.SendPort()}, isolate.SpawnConfig{}); err != nil {
			return err
		}
		sp, err := in.Receive(ctx)
		if err != nil {
			return err
		}
		return sp.Send(ctx, order{Do: "say", Data: []byte("nested"), Reply: o.Reply})
	case "transfer":
		if b := o.Big.Bytes(); len(b) > 0 {
			b[len(b)-1] = ^b[len(b)-1]
		}
		return o.Back.Send(ctx, o.Big)
	case "hand back":
		return o.Back.Send(ctx, o.Big)
	case "pass on":
		return o.Loop.Send(ctx, order{Do: "transfer", Big: o.Big, Back: o.Back})
	case "register":
		return o.Reply.Send(ctx, fmt.Sprint(isolate.Register(ctx, o.Names, "reply", o.Reply)))
	case "lookup":
		p, err := isolate.Lookup[string](ctx, o.Names, "reply")
		if err != nil {
			return o.Reply.Send(ctx, err.Error())
		}
		return p.Send(ctx, "found")
	case "boss":
		c := isolate.NewCapability()
		return o.Reply.Send(ctx, fmt.Sprint(o.Boss.Ping(ctx), o.Boss.Pause(ctx, c), o.Boss.Resume(ctx, c), o.Boss.Kill(ctx, isolate.Immediate)))
	case "mourn":
		// What another isolate says, and how it ends, in the order in which it comes.
		exits := isolate.NewReceivePort[isolate.Exit](ctx)
		texts := isolate.NewReceivePort[string](ctx)
		if err := errors.Join(o.Exits.Send(ctx, exits.SendPort()), o.Texts.Send(ctx, texts.SendPort())); err != nil {
			return err
		}
		go func() {
			defer exits.Close()
			defer texts.Close()
			e, err := exits.Receive(ctx)
			heard := 0
			for ; err == nil && heard < o.N; heard++ {
				_, err = texts.Receive(ctx)
			}
			_ = o.Reply.Send(ctx, fmt.Sprintln(e.Outcome, heard, err))
		}()
	case "secret":
		value, ok := isolate.Secret(ctx, "KEY")
		return o.Reply.Send(ctx, fmt.Sprint(string(value), ok))
	case "read":
		_, err := os.ReadFile(string(o.Data))
		return o.Reply.Send(ctx, fmt.Sprint(errors.Is(err, os.ErrPermission)))
	case "forward":
		return o.Loop.Send(ctx, order{Do: "say", Data: o.Data, Reply: o.Reply})
	case "wait":
		if err := o.Reply.Send(ctx, "waiting"); err != nil {
			return err
		}
		<-ctx.Done()
		return context.Cause(ctx)
	default:
		return fmt.Errorf("unknown order %q", o.Do)
	}
	return nil
}

// crew is a live worker and the ports to talk with it.
type crew struct {
	*isolate.Isolate[string]
	t      testing.TB
	ctx    context.Context
	orders isolate.SendPort[order]
	reply  *isolate.ReceivePort[string]
	hello  *isolate.ReceivePort[isolate.SendPort[order]]
}

func hire(t testing.TB, k kind, cfg isolate.SpawnConfig) *crew {
	t.Helper()
	c := recruit(t, k, cfg, "")
	c.meet()
	return c
}

// recruit does not wait for the worker.
func recruit(t testing.TB, k kind, cfg isolate.SpawnConfig, do string) *crew {
	t.Helper()
	cfg.Spawner = k.spawner
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience)
	c := &crew{
		t: t, ctx: ctx, reply: isolate.NewReceivePort[string](ctx),
		hello: isolate.NewReceivePort[isolate.SendPort[order]](ctx),
	}
	var err error
	c.Isolate, err = isolate.Spawn(ctx, k.task, workerIn{c.hello.SendPort(), do, c.reply.SendPort()}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		c.hello.Close()
		c.reply.Close()
		select {
		case <-c.Done():
		case <-time.After(patience):
			t.Error("the worker did not end")
		}
	})
	return c
}

func (c *crew) meet() {
	c.t.Helper()
	sp, err := c.hello.Receive(c.ctx)
	if err != nil {
		c.t.Fatal("no hello:", err)
	}
	c.orders = sp
}

func (c *crew) order(o order) {
	c.t.Helper()
	if o.Reply == (isolate.SendPort[string]{}) {
		o.Reply = c.reply.SendPort()
	}
	if err := c.orders.Send(c.ctx, o); err != nil {
		c.t.Fatal(err)
	}
}

func (c *crew) expect(want string) {
	c.t.Helper()
	if got, err := c.reply.Receive(c.ctx); got != want || err != nil {
		c.t.Fatalf("got %q, %v, want %q", got, err, want)
	}
}

func (c *crew) outcome(want isolate.Outcome) isolate.Exit {
	c.t.Helper()
	select {
	case <-c.Done():
	case <-time.After(patience):
		c.t.Fatal("the worker does not end")
	}
	e := c.Wait()
	if e.Outcome != want {
		c.t.Errorf("outcome %s, want %s\n%s", e, want, e.Tail)
	}
	return e
}

// kind is a kind of isolate.
type kind struct {
	task    isolate.Named[workerIn, string]
	spawner *isolate.Spawner
}

// child is a process with the best link that the host has.
var child = kind{task: worker}

// eachKind runs a test with each kind of isolate.
func eachKind(t *testing.T, test func(t *testing.T, k kind)) {
	pipes := kind{worker, newSpawner(t, isolate.Config{})}
	isolate.PipesOnly(pipes.spawner)
	t.Run("process", func(t *testing.T) { test(t, child) })
	t.Run("process with pipes", func(t *testing.T) { test(t, pipes) })
	t.Run("inline", func(t *testing.T) { test(t, kind{task: workerInline}) })
}

func TestPortsBothWays(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		c := hire(t, k, isolate.SpawnConfig{})
		for i := range 100 {
			c.order(order{Do: "say", Data: []byte(fmt.Sprint(i))})
		}
		for i := range 100 {
			c.expect(fmt.Sprint(i))
		}
		c.order(order{Do: "close"})
		if out, err := c.Result(c.ctx); out != "served" || err != nil {
			t.Error(out, err)
		}
		if err := c.orders.Send(c.ctx, order{Do: "say"}); !errors.Is(err, isolate.ErrPortClosed) {
			t.Error(err)
		}
	})
}

func TestOwnGlobals(t *testing.T) {
	for range 2 {
		c := hire(t, child, isolate.SpawnConfig{})
		c.order(order{Do: "count"})
		c.expect("1")
	}
	if orders != 0 {
		t.Error(orders)
	}
}

func TestPortsTravel(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		a, b := hire(t, k, isolate.SpawnConfig{}), hire(t, child, isolate.SpawnConfig{})
		// a gets the port of b, its sibling, and a reply port of this process.
		a.order(order{Do: "forward", Loop: b.orders, Data: []byte("between siblings")})
		a.expect("between siblings")
		// And back to its owner: a sends to itself by way of nobody.
		a.order(order{Do: "forward", Loop: a.orders, Data: []byte("to itself")})
		a.expect("to itself")
		a.order(order{Do: "nest"})
		a.expect("nested")
	})
}

func TestPortClosedWithItsIsolate(t *testing.T) {
	a, b := hire(t, child, isolate.SpawnConfig{}), hire(t, child, isolate.SpawnConfig{})
	if err := b.Kill(isolate.Immediate); err != nil {
		t.Fatal(err)
	}
	b.outcome(isolate.Stopped)
	if err := b.orders.Send(b.ctx, order{Do: "say"}); !errors.Is(err, isolate.ErrPortClosed) {
		t.Error(err)
	}
	// a hears that the port is closed, too: the order fails, which ends it.
	a.order(order{Do: "forward", Loop: b.orders})
	if e := a.outcome(isolate.Error); !strings.Contains(e.Message, "port is closed") {
		t.Error(e)
	}
}

func TestKill(t *testing.T) {
	t.Run("immediate", func(t *testing.T) {
		c := hire(t, child, isolate.SpawnConfig{})
		c.order(order{Do: "hang"})
		c.expect("hanging")
		if err := c.Kill(isolate.Immediate); err != nil {
			t.Error(err)
		}
		if e := c.outcome(isolate.Stopped); !e.Killed {
			t.Error(e)
		}
	})
	t.Run("before next event", func(t *testing.T) {
		eachKind(t, func(t *testing.T, k kind) {
			c := hire(t, k, isolate.SpawnConfig{})
			c.order(order{Do: "wait"})
			c.order(order{Do: "say", Data: []byte("never")})
			c.expect("waiting")
			if err := c.Kill(isolate.BeforeNextEvent); err != nil {
				t.Error(err)
			}
			if e := c.outcome(isolate.Stopped); e.Killed {
				t.Error(e)
			}
		})
	})
	t.Run("before next event of one that hangs", func(t *testing.T) {
		c := hire(t, child, isolate.SpawnConfig{Spec: isolate.Spec{Grace: 50 * time.Millisecond}})
		c.order(order{Do: "hang"})
		c.expect("hanging")
		if err := c.Kill(isolate.BeforeNextEvent); err != nil {
			t.Error(err)
		}
		if e := c.outcome(isolate.Stopped); !e.Killed {
			t.Error(e)
		}
	})
	t.Run("inline", func(t *testing.T) {
		c := hire(t, kind{task: workerInline}, isolate.SpawnConfig{})
		if err := c.Kill(isolate.Immediate); !errors.Is(err, isolate.ErrInline) {
			t.Error(err)
		}
	})
}

func TestExitListeners(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		for _, test := range []struct {
			do   string
			want isolate.Outcome
			text string // of the error listener
		}{
			{"close", isolate.Success, ""},
			{"error", isolate.Error, "error: order refused"},
			{"panic", isolate.Crashed, "crashed: panic: order of panic"},
			{"os.Exit", isolate.Crashed, "crashed: exit status 3 without a result"},
			{"SIGKILL", isolate.Signalled, "signalled: ended by SIGKILL, sent by somebody else; perhaps the host was out of memory"},
			{"exit", isolate.Success, ""},
		} {
			if k.task == workerInline && (test.do == "os.Exit" || test.do == "SIGKILL" || test.do == "exit") {
				continue
			}
			t.Run(test.do, func(t *testing.T) {
				ctx := t.Context()
				exits := isolate.NewReceivePort[isolate.Exit](ctx)
				defer exits.Close()
				errs := isolate.NewReceivePort[isolate.Uncaught](ctx)
				defer errs.Close()
				c := hire(t, k, isolate.SpawnConfig{
					Name:    "clerk",
					OnExit:  []isolate.SendPort[isolate.Exit]{exits.SendPort(), exits.SendPort()},
					OnError: []isolate.SendPort[isolate.Uncaught]{errs.SendPort(), errs.SendPort()},
				})
				c.OnExit(exits.SendPort()) // the same port twice is told once
				if test.do == "SIGKILL" {
					p, err := os.FindProcess(c.Pid())
					if err != nil {
						t.Fatal(err)
					}
					_ = p.Kill()
				} else {
					c.order(order{Do: test.do})
				}
				c.outcome(test.want)
				// All was told before Done was closed: what follows is ours.
				_ = exits.SendPort().Send(ctx, isolate.Exit{Outcome: "the end"})
				_ = errs.SendPort().Send(ctx, isolate.Uncaught{Text: "the end"})
				if e, err := exits.Receive(ctx); err != nil || e.Outcome != test.want || e.Name != "clerk" {
					t.Error(e, e.Name, err)
				}
				if e, err := exits.Receive(ctx); err != nil || e.Outcome != "the end" {
					t.Error(e, err)
				}
				u, err := errs.Receive(ctx)
				if test.text == "" {
					if u.Text != "the end" {
						t.Error(u)
					}
				} else if err != nil || u.Text != test.text || strings.Contains(u.Text, "panic") != (u.Stack != "") {
					t.Error(u, err)
				}
				// One that comes after the end is told at once.
				c.OnExit(exits.SendPort())
				if e, err := exits.Receive(ctx); err != nil || e.Outcome != test.want {
					t.Error(e, err)
				}
				if test.do == "exit" {
					c.expect("last words")
					if _, err := c.Result(ctx); !errors.Is(err, isolate.ErrNoResult) {
						t.Error(err)
					}
					if e := c.Wait(); strings.Contains(string(e.Tail), "deferred call") {
						t.Errorf("%s", e.Tail)
					}
					_ = c.reply.SendPort().Send(ctx, "and no more")
					c.expect("and no more")
				}
			})
		}
	})
}

// TestExitListenerElsewhere has a listener in a third isolate, and one that never
// listens.
func TestExitListenerElsewhere(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		ctx := t.Context()
		exits := isolate.NewReceivePort[isolate.SendPort[isolate.Exit]](ctx)
		defer exits.Close()
		texts := isolate.NewReceivePort[isolate.SendPort[string]](ctx)
		defer texts.Close()
		mourner := hire(t, k, isolate.SpawnConfig{})
		mourner.order(order{Do: "mourn", Exits: exits.SendPort(), Texts: texts.SendPort(), N: 100})
		exit, err := exits.Receive(ctx)
		if err != nil {
			t.Fatal(err)
		}
		text, err := texts.Receive(ctx)
		if err != nil {
			t.Fatal(err)
		}
		deaf := isolate.NewReceivePort[isolate.Exit](ctx)
		for deaf.SendPort().Send(ctx, isolate.Exit{}) == nil && isolate.Room(deaf) {
		}
		c := hire(t, k, isolate.SpawnConfig{OnExit: []isolate.SendPort[isolate.Exit]{exit, deaf.SendPort()}})
		for range 100 {
			c.order(order{Do: "say", Reply: text})
		}
		c.order(order{Do: "error"})
		c.outcome(isolate.Error) // a listener without room holds up nobody
		mourner.expect("error 100 <nil>\n")
		var last isolate.Exit
		for last.Outcome == "" {
			if last, err = deaf.Receive(ctx); err != nil {
				t.Fatal(err)
			}
		}
		deaf.Close()
		if last.Outcome != isolate.Error {
			t.Error(last)
		}
	})
}

// TestSpawnConfined has ports behind a sandbox, limits and secrets.
func TestSpawnConfined(t *testing.T) {
	file := t.TempDir() + "/outside"
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	pipes := newSpawner(t, isolate.Config{})
	isolate.PipesOnly(pipes)
	closesFiles := slices.ContainsFunc(pipes.Layers(), func(l isolate.Layer) bool {
		return l.Name == isolate.LayerFiles && l.Given != isolate.No
	})
	for _, s := range []*isolate.Spawner{nil, pipes} {
		for _, spec := range []isolate.Spec{
			{Secrets: map[string][]byte{"KEY": []byte("value")}},
			{Sandbox: &isolate.Sandbox{NoNetwork: true}, OpenFiles: 100},
			{Sandbox: &isolate.Sandbox{}, Secrets: map[string][]byte{"KEY": []byte("value")}, FileSize: 1 << 20},
		} {
			c := hire(t, kind{worker, s}, isolate.SpawnConfig{Spec: spec})
			c.order(order{Do: "secret"})
			c.expect(fmt.Sprint(string(spec.Secrets["KEY"]), len(spec.Secrets) > 0))
			c.order(order{Do: "read", Data: []byte(file)})
			c.expect(fmt.Sprint(spec.Sandbox != nil && closesFiles))
			c.order(order{Do: "close"})
			<-c.Done()
		}
	}
}
