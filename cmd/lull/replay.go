package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lullwork/lull/internal/journal"
	"github.com/lullwork/lull/internal/recording"
	"github.com/lullwork/lull/internal/sim"
	"github.com/lullwork/lull/internal/store"
)

// replay steps a recording again, in virtual time, and compares the run log with the one
// that the engine wrote then.
func replay(c *cobra.Command, file, journalFile string) error {
	if journalFile == "" {
		s, err := findState(c)
		if err != nil {
			return usage("name its run log with --journal", "with what is it to be compared? %w", err)
		}
		journalFile = s.journal()
	}
	want, err := os.ReadFile(journalFile)
	if errors.Is(err, fs.ErrNotExist) {
		return usage("name the run log with --journal", "%s: no such file", journalFile)
	}
	if err != nil {
		return err
	}
	began := time.Now()
	x := &replayed{file: file}
	if err := x.run(); err != nil {
		return err
	}
	out := c.OutOrStdout()
	from, to := time.UnixMicro(x.from), time.UnixMicro(x.to)
	fmt.Fprintf(out, "%s of %s, as %s, in %s: %s, %s\n", count(x.events, "event"), short(to.Sub(from)), x.words, short(time.Since(began)),
		count(x.sessions, "session"), count(bytes.Count(x.journal, []byte("\n")), "line")+" of run log")
	d := compareJournals(x.journal, want)
	switch {
	case d == nil:
		fmt.Fprintf(out, "equal: the run log of the replay is that of %s\n", journalFile)
		return nil
	case d.short && !x.ended:
		fmt.Fprintf(out, "equal as far as both go: %s\n", d.what)
		fmt.Fprintf(out, "  the recording was cut short: its engine was killed, or still runs\n")
		return nil
	}
	fmt.Fprintf(out, "different: %s\n", d.what)
	for _, side := range []struct{ name, line string }{{"replayed", d.got}, {"recorded", d.want}} {
		fmt.Fprintf(out, "  %s: %s\n", side.name, printable(strings.TrimSuffix(side.line, "\n")))
	}
	return errFindings
}

// replayed is a recording that was stepped again.
type replayed struct {
	file     string
	events   int
	sessions int
	ended    bool // in order: the last session has its end
	words    string
	from, to int64
	journal  []byte
}

// run steps all sessions, one after the other, on one store.
func (x *replayed) run() error {
	f, err := os.Open(x.file)
	if errors.Is(err, fs.ErrNotExist) {
		return usage("lull run --record FILE makes one", "%s: no such file", x.file)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	in := recording.NewReader(f, x.file)
	kept := store.NewMemory()
	var d *sim.Device
	for {
		r, err := in.Next()
		switch {
		case errors.Is(err, io.EOF) && x.sessions == 0:
			return usage("lull run --record FILE makes one", "%s: the recording is empty", x.file)
		case errors.Is(err, io.EOF):
			return d.Commit()
		case err != nil:
			return recordingError(err)
		case r.Session != nil:
			if d, err = x.begin(d, kept, &r); err != nil {
				return err
			}
			x.ended = false
			continue
		case r.End:
			x.ended = true
			continue
		}
		if x.events == 0 {
			x.from = r.At
		}
		x.events++
		x.to = r.At
		if err := d.Replay(r.At, r.Event); err != nil {
			return fmt.Errorf("%s:%d: %w", x.file, r.Line, err)
		}
	}
}

// begin opens the state as the next engine did.
func (x *replayed) begin(last *sim.Device, kept store.Store, r *recording.Record) (*sim.Device, error) {
	if last != nil {
		if err := last.Commit(); err != nil {
			return nil, err
		}
		if have := last.Machine().Meta().Journal; have != r.Session.Journal {
			return nil, recordingError(&recording.Error{
				File: x.file, Line: r.Line, What: fmt.Sprintf("the run log had %d lines by then, and the replay has %d", r.Session.Journal, have),
				Hint: "between two sessions something happened to the state that was not recorded, as lull enqueue without an engine",
			})
		}
	}
	policy, err := r.Session.Setup.Policy()
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", x.file, r.Line, err)
	}
	x.sessions++
	x.words = r.Session.Setup.Words()
	return sim.New(sim.Config{Policy: policy, Store: kept, Journal: func(lines []byte) { x.journal = append(x.journal, lines...) }})
}

func recordingError(err error) error {
	var e *recording.Error
	if errors.As(err, &e) {
		return usage(e.Hint, "%w", err)
	}
	return err
}

// difference is where two run logs part.
type difference struct {
	what      string
	got, want string // the lines
	short     bool   // one of them only ends before the other
}

// compareJournals compares run logs byte by byte. What the recorded one has dropped at
// its beginning, for its age, is passed over, as is a last line that was cut off.
func compareJournals(got, want []byte) *difference {
	if first, _, ok := bytes.Cut(want, []byte("\n")); ok {
		if e, err := journal.Parse(first); err == nil && e.Seq > 1 {
			for len(got) > 0 {
				g, err := journal.Parse(line(got))
				if err != nil || g.Seq >= e.Seq {
					break
				}
				got = got[len(line(got)):]
			}
		}
	}
	want = want[:bytes.LastIndexByte(want, '\n')+1]
	for n := 1; len(got) > 0 || len(want) > 0; n++ {
		g, w := line(got), line(want)
		switch {
		case len(g) == 0:
			return &difference{fmt.Sprintf("the replay ends before line %d", n), "(no line)", string(w), true}
		case len(w) == 0:
			return &difference{fmt.Sprintf("the run log ends before line %d", n), string(g), "(no line)", true}
		case !bytes.Equal(g, w):
			return &difference{fmt.Sprintf("line %d", n), string(g), string(w), false}
		}
		got, want = got[len(g):], want[len(w):]
	}
	return nil
}

// line returns the first line, with its end.
func line(b []byte) []byte {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return b[:i+1]
	}
	return b
}
