//go:build linux

package isolate_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lullwork/lull/isolate"
)

var (
	usesPlugins  = isolate.Named[string, string]("uses-plugins")
	usesInChild  = isolate.Named[string, string]("uses-plugins-in-child")
	listed       = isolate.Named[string, string]("listed")
	unlucky      = isolate.Named[string, string]("unlucky")
	crasher      = isolate.Named[string, string]("crasher")
	sleeper      = isolate.Named[string, string]("sleeper")
	closer       = isolate.Named[string, string]("closer")
	needsNothing = isolate.Named[string, string]("needs-nothing")

	counterPlugin  = isolate.Provide("counter", openCounter)
	pairPlugin     = isolate.Provide("pair", openPair)
	lazyPlugin     = isolate.Provide("lazy", openLazy)
	brokenPlugin   = isolate.Provide("broken", openBroken)
	loopA          = isolate.Provide("loop-a", openLoopA)
	loopB          = isolate.Provide("loop-b", openLoopB)
	loopSelf       = isolate.Provide("loop-self", openLoopSelf)
	crossA         = isolate.Provide("cross-a", openCrossA)
	crossB         = isolate.Provide("cross-b", openCrossB)
	panicPlugin    = isolate.Provide("panic", openPanic)
	goexitPlugin   = isolate.Provide("goexit", openGoexit)
	crashPlugin    = isolate.Provide("crash", openCrash)
	slowPlugin     = isolate.Provide("slow", openSlow)
	badClosePlugin = isolate.Provide("bad-close", openBadClose)
	latePlugin     = isolate.Provide("late", openLate)
	nilPlugin      = isolate.Provide("nil", openNil)
)

// diary is what plugins did, in this process; in a child also on stdout.
var diary struct {
	sync.Mutex
	lines []string
}

func note(line string) {
	fmt.Println(line)
	diary.Lock()
	defer diary.Unlock()
	diary.lines = append(diary.lines, line)
}

// diaryOf returns what was noted while f ran.
func diaryOf(f func()) string {
	diary.Lock()
	diary.lines = nil
	diary.Unlock()
	f()
	diary.Lock()
	defer diary.Unlock()
	return strings.Join(diary.lines, ", ")
}

type counter struct{ n atomic.Int64 }

func (*counter) Close() error { note("close counter"); return nil }

func openCounter(context.Context) (*counter, error) { note("open counter"); return &counter{}, nil }

type pair struct{ counter *counter }

func (pair) Close() error { note("close pair"); return nil }

func openPair(ctx context.Context) (pair, error) {
	c, err := isolate.Use[*counter](ctx, "counter")
	note("open pair")
	return pair{c}, err
}

// lazy keeps its context and uses another plugin when it is there itself.
type lazy struct{ ctx context.Context }

func openLazy(ctx context.Context) (*lazy, error) { return &lazy{ctx}, nil }

var brokenCalls atomic.Int64

func openBroken(context.Context) (int, error) {
	return 0, fmt.Errorf("it does not open (%d)", brokenCalls.Add(1))
}

func openLoopA(ctx context.Context) (int, error)    { return isolate.Use[int](ctx, "loop-b") }
func openLoopB(ctx context.Context) (int, error)    { return isolate.Use[int](ctx, "loop-a") }
func openLoopSelf(ctx context.Context) (int, error) { return isolate.Use[int](ctx, "loop-self") }

// Both are begun before either uses the other.
var crossing sync.WaitGroup

func openCrossA(ctx context.Context) (int, error) { return cross(ctx, "cross-b") }
func openCrossB(ctx context.Context) (int, error) { return cross(ctx, "cross-a") }

func cross(ctx context.Context, other string) (int, error) {
	crossing.Done()
	crossing.Wait()
	return isolate.Use[int](ctx, other)
}

func openPanic(context.Context) (int, error)  { panic("no such driver") }
func openGoexit(context.Context) (int, error) { runtime.Goexit(); return 0, nil }
func openCrash(context.Context) (int, error)  { os.Exit(3); return 0, nil }

var slowOpens = make(chan struct{}, 10)

func openSlow(ctx context.Context) (int, error) {
	note("open slow")
	if file := os.Getenv("ISOLATE_TEST_SLOW"); file != "" {
		if err := os.WriteFile(file, []byte("open slow"), 0o600); err != nil {
			return 0, err
		}
	}
	slowOpens <- struct{}{}
	<-ctx.Done()
	return 0, context.Cause(ctx)
}

// openLate is done only when the function has returned.
func openLate(ctx context.Context) (io.Closer, error) {
	lateOpens <- struct{}{}
	<-ctx.Done()
	return lateCloser{}, nil
}

var lateOpens, lateCloses = make(chan struct{}, 10), make(chan struct{}, 10)

type lateCloser struct{}

func (lateCloser) Close() error { lateCloses <- struct{}{}; return nil }

type badClose struct{}

func (badClose) Close() error { return errors.New("not flushed") }

func openBadClose(context.Context) (io.Closer, error) { return badClose{}, nil }

func openNil(context.Context) (*os.File, error) { return nil, nil }

// doUsePlugins uses plugins as it is told.
func doUsePlugins(ctx context.Context, what string) (string, error) {
	switch what {
	case "nothing":
		return "fine", nil
	case "many at once":
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if p, err := isolate.Use[pair](ctx, "pair"); err == nil {
					p.counter.n.Add(1)
				}
			})
		}
		wg.Wait()
		c, err := counterPlugin.Use(ctx)
		if err != nil {
			return "", err
		}
		return fmt.Sprint(c.n.Load()), nil
	case "broken twice":
		_, err1 := isolate.Use[int](ctx, "broken")
		_, err2 := isolate.Use[int](ctx, "broken")
		return fmt.Sprintf("%v|%v", err1, err2), nil
	case "cross":
		crossing.Add(2)
		errs := make([]error, 2)
		var wg sync.WaitGroup
		wg.Go(func() { _, errs[0] = crossA.Use(ctx) })
		wg.Go(func() { _, errs[1] = crossB.Use(ctx) })
		wg.Wait()
		return fmt.Sprint(errs), nil
	case "lazy":
		l, err := lazyPlugin.Use(ctx)
		if err != nil {
			return "", err
		}
		p, err := isolate.Use[pair](l.ctx, "pair")
		return fmt.Sprint(p.counter != nil), err
	case "panic after use":
		_, err := pairPlugin.Use(ctx)
		if err == nil {
			panic("boom")
		}
		return "", err
	case "impatient":
		short, cancel := context.WithCancelCause(ctx)
		go func() {
			<-slowOpens
			cancel(errors.New("no time"))
		}()
		_, err1 := isolate.Use[int](short, "slow")
		_, err2 := isolate.Use[*counter](short, "counter") // not begun any more
		return fmt.Sprintf("%v|%v", err1, err2), nil
	case "after the end":
		short, cancel := context.WithCancel(ctx)
		_, err1 := counterPlugin.Use(short)
		cancel()
		_, err2 := counterPlugin.Use(short)
		return "", errors.Join(err1, err2)
	case "late":
		go func() { _, _ = latePlugin.Use(ctx) }()
		<-lateOpens
		return "", nil
	case "wrong type":
		_, err := isolate.Use[counter](ctx, "counter")
		return "", err
	case "slow":
		v, err := slowPlugin.Use(ctx)
		return fmt.Sprint(v), err
	case "bad-close", "bad-close and error":
		_, err := isolate.Use[io.Closer](ctx, "bad-close")
		if what != "bad-close" {
			err = errors.New("its own error")
		}
		return "done", err
	}
	for name := range strings.FieldsSeq(what) {
		var err error
		switch name {
		case "counter":
			_, err = isolate.Use[*counter](ctx, name)
		case "pair":
			_, err = isolate.Use[pair](ctx, name)
		case "nil":
			_, err = nilPlugin.Use(ctx)
		default:
			_, err = isolate.Use[int](ctx, name)
		}
		if err != nil {
			return "", err
		}
	}
	return "used", nil
}

func TestUse(t *testing.T) {
	for _, c := range []struct {
		task isolate.Named[string, string]
		what string
		want string // of the result, or of the error
		done string
	}{
		{usesPlugins, "nothing", "fine", ""},
		{usesPlugins, "counter pair counter", "used", "open counter, open pair, close pair, close counter"},
		{usesPlugins, "many at once", "50", "open counter, open pair, close pair, close counter"},
		{usesPlugins, "cross", "uses itself: cross-", ""},
		{usesPlugins, "lazy", "true", "open counter, open pair, close pair, close counter"},
		{usesPlugins, "panic after use", "panic: boom", "open counter, open pair, close pair, close counter"},
		{usesPlugins, "impatient", `isolate.Use: waiting for provider "slow": no time|isolate.Use: provider "counter": no time`, "open slow"},
		{usesPlugins, "after the end", "", "open counter, close counter"},
		{usesPlugins, "loop-a", `error: isolate.Use: provider "loop-a": isolate.Use: provider "loop-b": isolate.Use: provider "loop-b" uses itself: loop-b -> loop-a -> loop-b`, ""},
		{usesPlugins, "loop-self", `provider "loop-self" uses itself: loop-self -> loop-self`, ""},
		{usesPlugins, "panic", `provider "panic": panic: no such driver`, ""},
		{usesPlugins, "goexit", `provider "goexit": runtime.Goexit was called`, ""},
		{usesPlugins, "unheard-of", `isolate.Use: "unheard-of": no such provider: pass it to isolate.Main`, ""},
		{usesPlugins, "wrong type", `isolate.Use: provider "counter" gives *isolate_test.counter, not isolate_test.counter`, ""},
		{usesPlugins, "bad-close", `error: closing what provider "bad-close" gave: not flushed`, ""},
		{usesPlugins, "bad-close and error", "error: its own error", ""},
		{listed, "pair", "used", "open counter, open pair, close pair, close counter"},
		{listed, "lazy", "true", "open counter, open pair, close pair, close counter"},
		{listed, "counter", `entry point "listed" does not list provider "counter" in its Needs`, ""},
		{needsNothing, "counter", `entry point "needs-nothing" does not list provider "counter" in its Needs`, ""},
		{usesPlugins, "nil", "used", ""},
	} {
		t.Run(c.task.Name()+" "+c.what, func(t *testing.T) {
			var got string
			var err error
			done := diaryOf(func() { got, err = isolate.Run(t.Context(), c.task, c.what) })
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if c.task != needsNothing && done != c.done { // needs-nothing runs elsewhere
				t.Errorf("did  %s\nwant %s", done, c.done)
			}
		})
	}
}

// What is there too late for the function is closed nevertheless.
func TestLatePluginIsClosed(t *testing.T) {
	if _, err := isolate.Run(t.Context(), usesPlugins, "late"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-lateCloses:
	case <-time.After(patience):
		t.Error("it was not closed")
	}
}

func TestSameErrorEachTime(t *testing.T) {
	for range 2 { // two isolates, two attempts
		calls := brokenCalls.Load()
		got, err := isolate.Run(t.Context(), usesPlugins, "broken twice")
		first, second, _ := strings.Cut(got, "|")
		if err != nil || first != second || !strings.Contains(first, "it does not open") {
			t.Errorf("%q, %v", got, err)
		}
		if brokenCalls.Load() != calls+1 {
			t.Error("the provider was asked again")
		}
	}
}

func TestUseInChild(t *testing.T) {
	s := newSpawner(t, isolate.Config{})
	exit := wait(t, start(t, s, isolate.Spec{Func: usesInChild.Name(), Input: []byte(`"pair counter"`)}))
	want := "open counter\nopen pair\nclose pair\nclose counter\n"
	if exit.Outcome != isolate.Success || string(exit.Tail) != want {
		t.Errorf("%s\n%s", exit, exit.Tail)
	}
	log := logFile(t)
	p := start(t, s, isolate.Spec{Func: usesInChild.Name(), Input: []byte(`"slow"`), OutputLog: log})
	awaitText(t, log, "open slow")
	p.Stop("enough", 0)
	if exit := wait(t, p); exit.Outcome != isolate.Stopped || exit.Killed || exit.Message != `isolate.Use: provider "slow": asked to stop: enough` && exit.Message != `isolate.Use: waiting for provider "slow": asked to stop: enough` {
		t.Errorf("%s, killed: %t", exit, exit.Killed)
	}
}

func TestUseOutside(t *testing.T) {
	_, err := isolate.Use[int](t.Context(), "broken")
	if err == nil || !strings.Contains(err.Error(), "not that of a run") {
		t.Error(err)
	}
	_, err = isolate.Provider[int]{}.Use(t.Context())
	if err == nil {
		t.Error("the zero Provider was used")
	}
}

func problems(r isolate.EntryReport) map[string]string {
	m := map[string]string{}
	for _, p := range r.Plugins {
		m[p.Name] = p.Problem
	}
	return m
}

func TestVerify(t *testing.T) {
	r, err := isolate.Verify(t.Context(), listed.Name(), unlucky.Name(), "unheard-of", crasher.Name(), closer.Name(), needsNothing.Name())
	if err != nil || len(r.Problems) > 0 || len(r.Entries) != 6 {
		t.Fatalf("%v: %+v", err, r)
	}
	good, bad, unknown, crash, cl, none := r.Entries[0], r.Entries[1], r.Entries[2], r.Entries[3], r.Entries[4], r.Entries[5]
	var names []string
	for _, p := range good.Plugins {
		names = append(names, p.Name+" by "+p.UsedBy)
		if p.Problem != "" {
			t.Errorf("%+v", p)
		}
	}
	if got := strings.Join(names, ", "); !good.Registered || !good.Listed || good.Problem != "" || got != "pair by , counter by pair, lazy by " {
		t.Errorf("%+v", good)
	}
	got := problems(bad)
	for name, want := range map[string]string{
		"pair": "", "counter": "", "nil": "", "broken": "it does not open", "loop-a": "uses itself", "loop-b": "uses itself",
		"panic": "no such driver", "goexit": "Goexit",
	} {
		text, ok := got[name]
		if !ok || want == "" && text != "" || !strings.Contains(text, want) {
			t.Errorf("%s: %t %q", name, ok, text)
		}
	}
	if unknown.Registered || !strings.Contains(unknown.Problem, "no such entry point") {
		t.Errorf("%+v", unknown)
	}
	if crash.Problem != `crashed: exit status 3 without a result (provider "crash" was the last to be asked)` {
		t.Errorf("%+v", crash)
	}
	if cl.Problem != `closing what provider "bad-close" gave: not flushed` || len(cl.Plugins) != 1 {
		t.Errorf("%+v", cl)
	}
	if !none.Registered || !none.Listed || none.Problem != "" || len(none.Plugins) != 0 {
		t.Errorf("%+v", none)
	}
	for _, want := range []string{
		`entry point "unlucky": provider "broken": it does not open (1)`,
		`entry point "unheard-of": no such entry point: pass it to isolate.Main`,
		`entry point "crasher": crashed`,
	} {
		if got := errors.Join(r.Findings()...); !strings.Contains(got.Error(), want) {
			t.Errorf("%v\nlacks %s", got, want)
		}
	}
}

// A hang ends with the context, and the report says where it was.
func TestVerifyHang(t *testing.T) {
	file := logFile(t)
	t.Setenv("ISOLATE_TEST_SLOW", file)
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		awaitText(t, file, "open slow")
		cancel(errors.New("patience is over"))
	}()
	r, err := isolate.Verify(ctx, sleeper.Name())
	if err == nil || len(r.Entries) != 1 || problems(r.Entries[0])["slow"] != `provider "slow": asked to stop: patience is over` {
		t.Errorf("%v: %+v", err, r)
	}
}

// Without a list every provider is tried.
func TestVerifyTriesAll(t *testing.T) {
	r, err := isolate.Verify(t.Context(), usesInChild.Name())
	if err != nil || r.Entries[0].Listed || !strings.Contains(r.Entries[0].Problem, `"crash" was the last`) {
		t.Errorf("%v: %+v", err, r)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("patience is over"))
	if r, err := isolate.Verify(ctx); err == nil || len(r.Entries) != 0 {
		t.Errorf("%v: %+v", err, r)
	}
}
