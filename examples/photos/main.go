// Photos makes small copies of the pictures in a folder, each in an isolate of its own,
// and goes on when one crashes and when one hangs.
//
//	go run ./examples/photos DIR
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/lullwork/lull/isolate"
)

func main() {
	isolate.Main(Resize.Do(resize)) // first: an isolate never gets past this line
	var o options
	flag.IntVar(&o.side, "side", 256, "longest side of a small copy, in pixels")
	flag.StringVar(&o.out, "out", "small", "folder for the small copies")
	flag.IntVar(&o.jobs, "jobs", runtime.NumCPU(), "isolates at a time")
	flag.DurationVar(&o.budget, "budget", 3*time.Second, "time that a picture may take")
	flag.BoolVar(&o.spoil, "spoil", true, "add a picture whose isolate crashes and one whose isolate hangs")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: photos [flags] DIR")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, flag.Arg(0), o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "photos:", err)
		os.Exit(1)
	}
}

type options struct {
	side, jobs int
	out        string
	budget     time.Duration
	spoil      bool
}

// row is what became of one picture.
type row struct {
	name string
	size Size
	exit isolate.Exit
	err  error
}

func run(ctx context.Context, dir string, o options, w io.Writer) error {
	if err := isolate.Err(); err != nil {
		return err
	}
	photos, err := find(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	var todo []Photo
	if o.spoil {
		todo = append(todo, Photo{From: "(crashes on purpose)", Spoil: "crash"}, Photo{From: "(hangs on purpose)", Spoil: "hang"})
	}
	for _, name := range photos {
		todo = append(todo, Photo{From: filepath.Join(dir, name), To: filepath.Join(o.out, name+".jpg"), Side: o.side})
	}
	return report(w, all(ctx, todo, dir, o), o.out)
}

// all works off the pictures, some at a time.
func all(ctx context.Context, todo []Photo, dir string, o options) []row {
	// Where the host can, an isolate reads the pictures, writes the copies, and reaches
	// nothing else of what this program may.
	box := &isolate.Sandbox{Read: []string{dir}, Write: []string{o.out}, NoNetwork: true}
	rows := make([]row, len(todo))
	next := make(chan int)
	var workers sync.WaitGroup
	for range max(1, o.jobs) {
		workers.Go(func() {
			for i := range next {
				rows[i] = one(ctx, todo[i], o.budget, box)
			}
		})
	}
	for i := range todo {
		next <- i
	}
	close(next)
	workers.Wait()
	return rows
}

// one makes a small copy in a fresh isolate. Whatever happens in there, this process
// gets an answer within the budget and the grace, and nothing of the isolate is left.
func one(ctx context.Context, p Photo, budget time.Duration, box *isolate.Sandbox) row {
	ctx, cancel := context.WithTimeoutCause(ctx, budget, fmt.Errorf("it took longer than %v", budget))
	defer cancel()
	r := row{name: filepath.Base(p.From)}
	iso, err := isolate.Spawn(ctx, Resize, p, isolate.SpawnConfig{
		Name: r.name,
		Spec: isolate.Spec{Grace: time.Second, MemoryBytes: 1 << 30, Sandbox: box},
	})
	if err != nil {
		r.err = err
		return r
	}
	r.size, r.err = iso.Result(context.WithoutCancel(ctx))
	r.exit = iso.Wait()
	return r
}

// report prints the table. That some pictures fail is no error of the program; that all
// do is.
func report(w io.Writer, rows []row, out string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "picture\toutcome\tsize\ttook\tmemory\t")
	made := 0
	for _, r := range rows {
		took := r.exit.Ended.Sub(r.exit.Started).Round(time.Millisecond)
		size := r.size.String()
		if r.err != nil {
			size = "-"
		} else {
			made++
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%v\t%d MiB\t\n", r.name, outcome(r), size, took, r.exit.MaxRSS>>20)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%d of %d pictures in %s; this process never decoded one.\n", made, len(rows), out)
	if made == 0 {
		return errors.New("no picture could be resized")
	}
	return nil
}

// outcome tells how an isolate ended, in a few words.
func outcome(r row) string {
	var exit *isolate.ExitError
	switch {
	case r.err == nil:
		return "ok"
	case !errors.As(r.err, &exit):
		return r.err.Error()
	case exit.Exit.StopReason != "" && exit.Exit.Killed:
		return "killed: " + exit.Exit.StopReason
	}
	return exit.Exit.String()
}
