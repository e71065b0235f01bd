package lull_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/isolate"
	"github.com/lullwork/lull/lulltest"
	"github.com/lullwork/lull/sqlite"
)

// The tasks of the examples. A program passes them to isolate.Main in the first line
// of main:
//
//	isolate.Main(Resize.Do(resize), Fetch.Do(fetch), Upload.Do(upload), Scan.Do(scan))
var (
	Resize = lull.Define[Photo, Thumb]("resize")
	Fetch  = lull.Define[string, Photo]("fetch")
	Upload = lull.Define[Photo, struct{}]("upload")
	Scan   = lull.Define[string, int]("scan")
)

// Photo is a file with a photo.
type Photo struct{ Path string }

// Thumb is a small photo.
type Thumb struct{ Path string }

func resize(_ context.Context, p Photo) (Thumb, error) {
	if p.Path == "" {
		return Thumb{}, isolate.Permanent(errors.New("no path")) // no other attempt would help
	}
	return Thumb{Path: "small-" + p.Path}, nil
}

func fetch(_ context.Context, album string) (Photo, error) { return Photo{Path: album + ".jpg"}, nil }

func upload(context.Context, Photo) (struct{}, error) {
	return struct{}{}, errors.New("the server does not answer") // is tried again
}

// scan goes on until it is asked to stop.
func scan(ctx context.Context, _ string) (int, error) {
	for page := 1; ; page++ {
		if err := isolate.Progress(ctx, map[string]int{"page": min(page, 3)}); err != nil {
			return 0, err
		}
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-time.After(time.Millisecond):
		}
	}
}

// A work is made, is durable, runs in a process of its own, and leaves its result.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "lull-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	eng, err := lull.Open(ctx, lull.Config{Store: sqlite.File(filepath.Join(dir, "work.db"))})
	if err != nil {
		log.Fatal(err)
	}
	defer eng.Close()
	id, err := eng.Enqueue(ctx, Resize.Request(Photo{Path: "a.jpg"})) // durable when it returns
	if err != nil {
		log.Fatal(err)
	}
	if err := eng.RunUntilIdle(ctx); err != nil { // a program that stays calls Run
		log.Fatal(err)
	}
	w, err := eng.Get(ctx, id)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(w.State, string(w.Output))
	// Output: SUCCEEDED {"Path":"small-a.jpg"}
}

// stage is an engine on a state of its own, on a clock and a device that an example
// moves, so that its output is always the same.
type stage struct {
	*lull.Engine
	clock  *lulltest.Clock
	device *lulltest.Device
	dir    string
	stop   func()
}

// newStage begins at noon of a Wednesday.
func newStage() *stage {
	dir, err := os.MkdirTemp("", "lull-")
	if err != nil {
		log.Fatal(err)
	}
	s := &stage{clock: lulltest.NewClock(time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)), device: lulltest.NewDevice(), dir: dir}
	s.Engine, err = lull.Open(context.Background(), lull.Config{
		Store: sqlite.File(filepath.Join(dir, "work.db")), Clock: s.clock, Device: s.device,
	})
	if err != nil {
		log.Fatal(err)
	}
	s.stop = func() {}
	return s
}

// run lets the engine run from now on.
func (s *stage) run() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	s.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			log.Fatal(err)
		}
	}
	<-s.Ready()
	s.settle()
}

// settle waits until nothing can start now.
func (s *stage) settle() {
	s.Refresh()
	if err := s.WaitIdle(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// pass lets time pass.
func (s *stage) pass(d time.Duration) {
	s.clock.Advance(d)
	s.settle()
}

// set changes the device.
func (s *stage) set(signal, value string) {
	if err := s.device.Set(signal, value); err != nil {
		log.Fatal(err)
	}
	s.settle()
}

func (s *stage) close() {
	s.stop()
	if err := errors.Join(s.Close(), os.RemoveAll(s.dir)); err != nil {
		log.Fatal(err)
	}
}
