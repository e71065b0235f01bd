// Package recording keeps what happened to an engine in a file, so that it can be
// stepped again: one JSON object a line. A session is what one engine was fed from its
// start to its end, which it has if that was in order; the next one on the same state goes
// on where it ended.
package recording

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/platform"
)

// Session begins a session.
type Session struct {
	Format  string         `json:"lull"` // "recording"
	Version int            `json:"version"`
	Setup   platform.Setup `json:"setup"`   // what the engine ran as
	Journal int64          `json:"journal"` // seq of the run log's last entry before it; 0: the state is new
}

// Record is one line: the beginning of a session, an event, or the end of the session.
type Record struct {
	Line    int
	Session *Session
	End     bool
	At      int64 // engine time of an event, or of the last one
	Event   core.Event
}

// Error is a fault of a recording.
type Error struct {
	File string
	Line int
	What string
	Hint string
}

// Error names the place.
func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.What) }

const (
	format  = "recording"
	version = 1
	// maxLine bounds a line. An event holds a plan, or the input of many works.
	maxLine = 256 << 20
)

// line is a line as it is written.
type line struct {
	*Session
	At    int64           `json:"at,omitempty"`
	Event json.RawMessage `json:"event,omitempty"`
	End   bool            `json:"end,omitempty"`
}

// Writer writes a session. It is used by one goroutine at a time.
type Writer struct {
	f *os.File
}

// Begun reports whether a file holds a recording already.
func Begun(path string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	r := NewReader(f, path)
	switch _, err = r.Next(); {
	case errors.Is(err, io.EOF):
		return false, nil
	case err != nil:
		return false, err
	}
	return true, nil
}

// Append opens or makes a file and begins a session at its end. At is the engine time of
// the last thing that the state knows: what was stepped later, by an engine that was
// killed before it could write it down, is removed, as is a line that was cut off.
func Append(path string, setup platform.Setup, journal, at int64) (*Writer, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	w := &Writer{f}
	end, err := lasting(f, path, at)
	if err == nil {
		err = f.Truncate(end)
	}
	if err == nil {
		_, err = f.Seek(end, io.SeekStart)
	}
	if err == nil {
		err = w.put(line{Session: &Session{format, version, setup, journal}})
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("recording: %w", err), f.Close())
	}
	return w, nil
}

// lasting returns where the lines end that are whole and not of after an instant.
func lasting(f *os.File, path string, at int64) (end int64, err error) {
	for r := NewReader(f, path); ; {
		x, err := r.Next()
		if errors.Is(err, io.EOF) || err == nil && x.Event != nil && x.At > at {
			return end, nil
		}
		if err != nil {
			return 0, err
		}
		end += int64(len(r.in.Bytes())) + 1
	}
}

func (w *Writer) put(l line) error {
	b, err := json.Marshal(l)
	if err != nil {
		return err
	}
	// One write a line: what was stepped before a crash is there, to the last line.
	_, err = w.f.Write(append(b, '\n'))
	return err
}

// Event writes what is about to be stepped.
func (w *Writer) Event(at int64, ev core.Event) error {
	b, err := core.EncodeEvent(ev)
	if err != nil {
		return err
	}
	return w.put(line{At: at, Event: b})
}

// End ends the session in order: the run log has everything that came of it. One without an
// end was cut short, as by a power cut, or still goes on.
func (w *Writer) End() error { return w.put(line{End: true}) }

// Close closes the file.
func (w *Writer) Close() error { return w.f.Close() }

// Reader reads a recording.
type Reader struct {
	in    *bufio.Scanner
	file  string
	n     int
	begun bool
	ended bool
	at    int64
}

// NewReader returns a reader; file is what errors call it.
func NewReader(r io.Reader, file string) *Reader {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 64<<10), maxLine)
	in.Split(wholeLines)
	return &Reader{in: in, file: file}
}

// wholeLines splits into lines that have an end. A file's last line without one was cut
// off.
func wholeLines(data []byte, _ bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	return 0, nil, nil
}

// Next returns the next record, io.EOF at the end. A last line that was cut off is
// left out.
func (r *Reader) Next() (Record, error) {
	if !r.in.Scan() {
		if err := r.in.Err(); err != nil {
			return Record{}, r.error("", "cannot be read on: %v", err)
		}
		return Record{}, io.EOF
	}
	r.n++
	var l line
	if err := json.Unmarshal(r.in.Bytes(), &l); err != nil {
		return Record{}, r.error("is it a recording? lull run --record FILE makes one", "is no line of a recording")
	}
	if l.Event == nil && !l.End {
		return r.session(l.Session)
	}
	switch {
	case !r.begun:
		return Record{}, r.error("the file has lost its beginning", "comes before the first session")
	case r.ended:
		return Record{}, r.error("lines are in the order in which they were written", "comes after the end of the session")
	case l.End:
		r.ended = true
		return Record{Line: r.n, End: true, At: r.at}, nil
	case l.At < r.at:
		return Record{}, r.error("lines are in the order in which they were written", "is before the line above")
	}
	ev, err := core.DecodeEvent(l.Event)
	if err != nil {
		return Record{}, r.error("it was made by another version of lull, or was changed", "%v", err)
	}
	r.at = l.At
	return Record{Line: r.n, At: l.At, Event: ev}, nil
}

func (r *Reader) session(s *Session) (Record, error) {
	switch {
	case s == nil || s.Format != format:
		return Record{}, r.error("is it a recording? lull run --record FILE makes one", "is no line of a recording")
	case s.Version != version:
		return Record{}, r.error("replay it with the lull that made it", "has version %d, this lull reads %d", s.Version, version)
	}
	r.begun, r.ended = true, false
	return Record{Line: r.n, Session: s}, nil
}

func (r *Reader) error(hint, text string, args ...any) error {
	return &Error{File: r.file, Line: max(r.n, 1), What: fmt.Sprintf(text, args...), Hint: hint}
}
