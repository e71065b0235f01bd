// Command embed makes an index of packages of Go's standard library, with lull as a
// library: each package is read by a function in a process of its own. One of them
// crashes on purpose, once, and is tried again; another one crashes each time and is
// given up; neither harms the others, nor this program. Try it:
//
//	go run ./examples/embed
//
// Interrupt it and start it again: it goes on where it was. Start it once more: all
// is done already, because works have IDs.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/sqlite"
	"github.com/lullwork/lull/work"
)

func main() {
	isolate.Main(Index.Do(index)) // first line: a child process never gets past it
	state := flag.String("state", filepath.Join(".lull", "embed"), "folder of the state")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *state); err != nil {
		fmt.Fprintln(os.Stderr, "embed:", err)
		os.Exit(1)
	}
}

// packages are what is read.
var packages = []string{
	"archive/tar", "bufio", "bytes", "context", "encoding/json", "errors", "go/ast", "io/fs", "net/http", "os",
	"os/exec", "path/filepath", "sort", "strings", "sync", "testing", "text/template", "time",
}

// run enqueues the works, runs them until all are finished, and prints the index.
func run(ctx context.Context, w io.Writer, state string) error {
	if err := os.MkdirAll(state, 0o700); err != nil {
		return err
	}
	eng, err := lull.Open(ctx, lull.Config{
		Store: sqlite.File(filepath.Join(state, "work.db")),
		Log:   func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) },
	})
	if err != nil {
		return err
	}
	defer eng.Close()
	requests := make([]work.Request, 0, len(packages)+2)
	for _, p := range packages {
		requests = append(requests, request(Input{Package: p}))
	}
	requests = append(requests,
		request(Input{Package: "log/slog", Crash: filepath.Join(state, "crashed")}),
		request(Input{Package: "runtime/debug", Crash: "always"}),
	)
	// All of them or none, and durable when it returns. Those that are known from an
	// earlier start stay as they are.
	ids, err := eng.EnqueueMany(ctx, requests)
	if err != nil {
		return err
	}
	if err := finish(ctx, w, eng, ids); err != nil {
		return err
	}
	return show(ctx, w, eng, ids)
}

// request asks for the index of one package. Its ID says what it is: asked again, it
// is the same work.
func request(in Input) work.Request {
	q := Index.Request(in)
	q.ID = work.ID("index." + strings.ReplaceAll(in.Package, "/", "."))
	q.Budget = time.Minute // then it is asked to stop, and killed
	q.Attempts = 2
	q.Backoff = work.Backoff{Policy: work.Linear, Delay: 200 * time.Millisecond}
	return q
}

// finish runs the engine until the works are finished. The journal alone says when:
// asking the engine beside it may run ahead of what was read here.
func finish(ctx context.Context, w io.Writer, eng *lull.Engine, ids []work.ID) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	seq := eng.Seq()
	left := map[work.ID]bool{}
	for _, id := range ids {
		info, err := eng.Get(ctx, id)
		if err != nil {
			return err
		}
		if !info.State.Finished() {
			left[id] = true
		}
	}
	if len(left) == 0 {
		return nil
	}
	ended := make(chan error, 1)
	go func() { ended <- eng.Run(ctx) }()
	for e, err := range eng.Watch(ctx, seq) {
		if err != nil {
			return err
		}
		if e.Kind == "ended" && e.Outcome != work.Success {
			fmt.Fprintf(w, "attempt %d of %s: %s: %s\n", e.Attempt, e.Work, e.Outcome, e.Text)
		}
		if e.State == work.Succeeded.String() || e.State == work.Failed.String() || e.State == work.Cancelled.String() {
			delete(left, e.Work)
		}
		if len(left) == 0 {
			stop()
		}
	}
	return <-ended
}
