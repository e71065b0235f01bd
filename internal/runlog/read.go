// Package runlog reads the run logs that phone apps write of their background work
// (docs/runlog.md), and counts what is in them: runs, how they ended, and the time between.
package runlog

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is read. An app that runs every 15 minutes writes some 30 MB in a year.
const (
	maxFile = 256 << 20 // bytes
	maxLine = 64 << 10  // bytes; longer ones are skipped
	maxName = 256       // bytes of a task's name and the like
	maxTold = 5         // bad lines whose mistake is kept
	maxTask = 200       // names of tasks; lines of others are skipped
)

// ErrTooLarge is for a file that is larger than a run log gets.
var ErrTooLarge = errors.New("larger than 256 MB")

// ErrNoLog is for a file that has lines, and none of a run log.
var ErrNoLog = errors.New("no line of it is one of a run log")

// ErrNotAFile is for a folder, a pipe and the like.
var ErrNotAFile = errors.New("not a regular file")

// Outcome is how a run ended.
type Outcome string

// The outcomes. The last two are of runs without an end.
const (
	Success Outcome = "success"
	Retry   Outcome = "retry"
	Failure Outcome = "failure"
	Stopped Outcome = "stopped" // by the platform, whatever its code made of that
	Killed  Outcome = "killed"  // started, and never ended
	Running Outcome = "running" // at the end of the log
)

// Outcomes are all of them, in the order in which they are told.
func Outcomes() []Outcome { return []Outcome{Success, Retry, Failure, Stopped, Killed, Running} }

// Line is one line of a log.
type Line struct {
	At        time.Time
	Task      string
	Platform  string
	Version   string    // of the app; may be empty
	Scheduled time.Time // zero: not known
	Started   time.Time
	Ended     time.Time // zero: it is the line about the start
	Outcome   Outcome
}

// Log is one file: what one device wrote.
type Log struct {
	Name  string
	Lines []Line // in the order of their times, each once
	Bad   int    // lines that are none of a run log
	Told  []Bad  // the first of them
	Cut   bool   // the last line is cut short, as a crash leaves it
	Twice int    // lines that were there already
	tasks map[string]bool
}

// Bad is a line that was skipped.
type Bad struct {
	Line int    `json:"line"` // from 1
	Why  string `json:"why"`
}

// ReadFile reads a log from a file.
func ReadFile(path string) (*Log, error) {
	// Looked at before it is opened: opening a pipe that nobody writes to hangs.
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: %w", path, ErrNotAFile)
	case info.Size() > maxFile:
		return nil, fmt.Errorf("%s: %w", path, ErrTooLarge)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return Read(path, f)
}

// Read reads a log. Lines that are none are skipped and counted; it is an error if there
// is no other.
func Read(name string, r io.Reader) (*Log, error) {
	l := &Log{Name: name, tasks: map[string]bool{}}
	limited := &io.LimitedReader{R: r, N: maxFile + 1}
	in := bufio.NewReaderSize(limited, maxLine)
	var last error // what is wrong with the last line
	for n := 1; ; n++ {
		text, err := in.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = in.ReadSlice('\n')
		}
		if err != nil && err != io.EOF {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if limited.N == 0 {
			return nil, fmt.Errorf("%s: %w", name, ErrTooLarge)
		}
		if n == 1 {
			text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
		}
		if text = bytes.TrimSpace(text); len(text) > 0 {
			last = l.add(n, text, long)
		}
		if err == io.EOF {
			break
		}
	}
	if l.Bad > 0 && len(l.Lines) == 0 {
		return nil, fmt.Errorf("%s: %w (line %d: %s)", name, ErrNoLog, l.Told[0].Line, l.Told[0].Why)
	}
	if errors.Is(last, errBroken) {
		l.Cut = true
		if l.Bad <= len(l.Told) {
			l.Told = l.Told[:l.Bad-1]
		}
		l.Bad--
	}
	l.sort()
	return l, nil
}

// errBroken is what a line looks like that a crash has cut.
var errBroken = errors.New("no JSON object: broken or cut short")

// add takes a line, and returns what is wrong with it.
func (l *Log) add(n int, text []byte, long bool) error {
	if long {
		return l.skip(n, fmt.Errorf("longer than %d bytes", maxLine))
	}
	line, err := parse(text)
	if err != nil {
		return l.skip(n, err)
	}
	if l.tasks[line.Task] = true; len(l.tasks) > maxTask {
		delete(l.tasks, line.Task)
		return l.skip(n, fmt.Errorf("more than %d tasks: a task's name is to be the same at each run", maxTask))
	}
	l.Lines = append(l.Lines, line)
	return nil
}

func (l *Log) skip(n int, err error) error {
	l.Bad++
	if len(l.Told) < maxTold {
		l.Told = append(l.Told, Bad{n, err.Error()})
	}
	return err
}

// sort brings the lines into the order of their times. Copies of a log put together hold
// lines twice.
func (l *Log) sort() {
	slices.SortStableFunc(l.Lines, func(a, b Line) int { return a.At.Compare(b.At) })
	seen := map[Line]bool{}
	all := len(l.Lines)
	l.Lines = slices.DeleteFunc(l.Lines, func(x Line) bool {
		again := seen[x]
		seen[x] = true
		return again
	})
	l.Twice = all - len(l.Lines)
}

// fields is a line as it is written. Others than these are passed over.
type fields struct {
	At        *string `json:"at"`
	Task      *string `json:"task"`
	Platform  *string `json:"platform"`
	Version   *string `json:"app_version"`
	Scheduled *string `json:"scheduled"`
	Started   *string `json:"started"`
	Ended     *string `json:"ended"`
	Outcome   *string `json:"outcome"`
}

func parse(text []byte) (Line, error) {
	var f fields
	if text[0] != '{' {
		return Line{}, errors.New("no JSON object")
	}
	if err := json.Unmarshal(text, &f); err != nil {
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) {
			return Line{}, fmt.Errorf("%s: a %s is no text", kind.Field, kind.Value)
		}
		return Line{}, errBroken
	}
	r := reader{}
	l := Line{
		At: r.time("at", f.At, true), Task: r.name("task", f.Task, true), Platform: r.name("platform", f.Platform, true),
		Version: r.name("app_version", f.Version, false), Scheduled: r.time("scheduled", f.Scheduled, false),
		Started: r.time("started", f.Started, true), Ended: r.time("ended", f.Ended, false),
		Outcome: Outcome(r.name("outcome", f.Outcome, true)),
	}
	switch l.Outcome {
	case Running:
		l.Ended = time.Time{}
	case Success, Retry, Failure, Stopped:
		if r.err == nil && l.Ended.IsZero() {
			r.err = fmt.Errorf("ended is missing, with the outcome %s", l.Outcome)
		}
	default:
		if r.err == nil {
			r.err = fmt.Errorf("unknown outcome %q", l.Outcome)
		}
	}
	return l, r.err
}

// reader keeps the first mistake of a line.
type reader struct{ err error }

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

func (r *reader) time(key string, s *string, needed bool) time.Time {
	if s == nil {
		if needed {
			r.fail("%s is missing", key)
		}
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, *s)
	switch {
	case err != nil:
		r.fail("%s is no time as 2026-01-31T08:15:30.123Z", key)
		return time.Time{}
	case t.Year() < 2000 || t.Year() > 2199:
		r.fail("%s is in the year %d", key, t.Year())
		return time.Time{}
	}
	return t.UTC()
}

func (r *reader) name(key string, s *string, needed bool) string {
	switch {
	case s == nil || *s == "":
		if needed {
			r.fail("%s is missing", key)
		}
		return ""
	case len(*s) > maxName:
		r.fail("%s is longer than %d bytes", key, maxName)
	case !shown(*s):
		r.fail("%s has characters that cannot be shown", key)
	}
	return *s
}

// shown tells whether a text can be written to a terminal as it is.
func shown(s string) bool {
	for _, c := range s {
		if !unicode.IsPrint(c) || c == utf8.RuneError {
			return false
		}
	}
	return true
}
