package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
)

// payloadSize is what one job carries, in bytes, before a queue's own encoding.
const payloadSize = 100

// A system is one thing under test. To add one, write open for it and list it in systems.
type system struct {
	name   string
	tuning string // one line for the foot of the table: what was set, and why it is fair
	open   func(ctx context.Context, t trial) (queue, error)

	only []rowID // rows that it can give; nil means all
	big  bool    // drains a million within seconds, so it does so without -all
	held int     // jobs that may have run before any of them is written off
}

// A queue is an open system. All of it is durable: what Fill or Insert acknowledged survives a power cut.
type queue interface {
	// Fill enqueues jobs 0..n-1 in the largest batches that suit the system. Only called before Start.
	Fill(ctx context.Context, n int) error
	// Insert enqueues one job in a call of its own. Many callers at once; before or after Start.
	Insert(ctx context.Context, job int) error
	// Start begins to hand jobs to the trial's run.
	Start(ctx context.Context) error
	// Close stops, waits for what runs and frees all.
	Close() error
}

// A trial is one measurement of one system, on files of its own.
type trial struct {
	dir   string        // empty, on the disk under test
	run   func(job int) // the handler, safe for many goroutines
	waits bool          // run sleeps: a system that would call it inline should not
	log   *complaints   // where the system's own errors go
}

// systems lists what is compared, in the table's order.
func systems() []system {
	return []system{
		lullSystem(), rawSystem(), fsyncSystem(),
		goqiteSystem(), backliteSystem("backlite", 100), backliteSystem("backlite-1k", 1000), riverSystem(),
	}
}

// binaryPayload is the job's number, filled up to payloadSize.
func binaryPayload(job int) []byte {
	p := make([]byte, payloadSize)
	binary.LittleEndian.PutUint64(p, uint64(job))
	return p
}

func jobOfBinary(p []byte) (int, error) {
	if len(p) != payloadSize {
		return 0, fmt.Errorf("payload of %d bytes came back, %d went in", len(p), payloadSize)
	}
	job := binary.LittleEndian.Uint64(p)
	if job >= maxJobs {
		return 0, fmt.Errorf("payload names job %d, which nobody inserted", job)
	}
	return int(job), nil
}

// jsonPayload is the same for systems that take a struct and encode it as JSON; about payloadSize bytes of text.
type jsonPayload struct {
	Job int    `json:"job"`
	Pad string `json:"pad"`
}

func newJSONPayload(job int) jsonPayload { return jsonPayload{Job: job, Pad: jsonPad} }

var jsonPad = strings.Repeat("x", payloadSize-len(`{"job":1000000,"pad":""}`))

// batches cuts 0..n-1 into runs of at most size.
func batches(n, size int, do func(from, to int) error) error {
	for from := 0; from < n; from += size {
		if err := do(from, min(from+size, n)); err != nil {
			return err
		}
	}
	return nil
}

// version is that of a module linked into this program.
func version(module string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, d := range info.Deps {
		if d.Path == module {
			return d.Version
		}
	}
	return "unknown"
}

// complaints counts what a system logs as an error, so that a figure bought with failed runs is seen as one.
// Its Info and Error are the logger of goqite (which logs errors as Info) and of backlite; River takes logger().
type complaints struct {
	mu    sync.Mutex
	count int
	first string
}

func (c *complaints) add(message string, args []any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count++; c.count == 1 {
		c.first = strings.TrimSpace(message + " " + fmt.Sprint(args...))
	}
}

func (c *complaints) Info(message string, args ...any) {
	if strings.HasPrefix(message, "Error") {
		c.add(message, args)
	}
}

func (c *complaints) Error(message string, args ...any) { c.add(message, args) }

func (c *complaints) seen() (count int, first string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count, c.first
}

func (c *complaints) logger() *slog.Logger { return slog.New(slogComplaints{c}) }

type slogComplaints struct{ to *complaints }

func (slogComplaints) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

func (h slogComplaints) Handle(_ context.Context, r slog.Record) error {
	var args []any
	r.Attrs(func(a slog.Attr) bool {
		args = append(args, a.String()+" ")
		return true
	})
	h.to.add(r.Message, args)
	return nil
}

func (h slogComplaints) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h slogComplaints) WithGroup(string) slog.Handler      { return h }
