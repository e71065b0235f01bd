package world

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
)

// TraceConfig says how a trace is read.
type TraceConfig struct {
	// App is the name by which the trace knows the app that is simulated. Events of other
	// apps are counted. Default: none, so that nobody opens the app.
	App string
	// Skip skips what is wrong and counts it. Default: the first fault is an error.
	Skip bool
	// MaxGap is how long a device may tell nothing, µs. A longer gap is a fault; where
	// faults are skipped, whole days are cut out of it, so that the time of the day
	// stays right. Default: 48 h.
	MaxGap int64
	// MaxRows is how many rows a trace may have. Default: 20 million.
	MaxRows int
	// Shift is local time minus UTC where the phone was, µs.
	Shift int64
}

// Trace is what was recorded of some devices.
type Trace struct {
	Devices []*DeviceTrace // in the order in which they come first
	Report  Report
}

// Report counts what was read.
type Report struct {
	Rows   int
	Events int // that came of them

	// Faults, where they are skipped.
	Columns int
	Times   int // that are none, or absurd
	Order   int // that are before the last one of the device
	Values  int
	Gaps    int
	Broken  int    // 1: the file ends in the midst of something
	First   string // the first of the faults, with its line

	Unknown      int      // events of kinds that are not known
	UnknownKinds []string // some of them
	Unused       int      // events that are known and change nothing here
	Others       int      // events of other apps
	Again        int      // events that tell what is so already
}

// Faults returns how many there were.
func (r *Report) Faults() int { return r.Columns + r.Times + r.Order + r.Values + r.Gaps + r.Broken }

// TraceError is a fault of a trace.
type TraceError struct {
	File string
	Line int
	What string
	Hint string
}

// Error names the place.
func (e *TraceError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.What) }

// DeviceTrace is what was recorded of one device.
type DeviceTrace struct {
	Name   string
	First  int64 // µs since 1970 UTC
	Last   int64
	events []recorded
	shift  int64
	told   [record.Signals]bool

	// As of the last row.
	cut      int64 // time that was cut out
	on       bool
	low      bool
	lit      int8 // -1: not known, as of those that follow
	plugged  int8
	saving   int8
	moving   int8
	front    int8
	level    int8
	network  link
	hasLink  bool
	lastSeen int64
}

type recorded struct {
	at int64
	ev Event
}

// Events returns how many events there are.
func (d *DeviceTrace) Events() int { return len(d.events) }

// Missing returns the signals that the trace says nothing about. They are unknown in
// what it is replayed in, unless they are assumed.
func (d *DeviceTrace) Missing() (list []record.Signal) {
	for s, told := range d.told {
		if !told {
			list = append(list, record.Signal(s))
		}
	}
	return list
}

// Replay returns the events as a source: from an instant on, at the times of day at
// which they were recorded. The first day of the trace is that of start.
func (d *DeviceTrace) Replay(start int64) Source {
	r := &replay{trace: d, at: start}
	first := d.First
	if len(d.events) > 0 {
		first = d.events[0].at
	}
	into := floorMod(first+d.shift, day) - floorMod(start+d.shift, day)
	if into < 0 {
		into += day
	}
	r.by = start + into - first
	return r
}

type replay struct {
	trace *DeviceTrace
	at    int64
	by    int64
	told  int // of the events at the start
	next  int
}

// Next implements [Source].
func (r *replay) Next() (at int64, ev Event, ok bool) {
	switch r.told++; r.told {
	case 1:
		return r.at, Event{Kind: core.SenseLocalTime, Value: r.trace.shift}, true
	case 2:
		return r.at, Event{Kind: core.SenseInstalled}, true
	}
	if r.next == len(r.trace.events) {
		return 0, Event{}, false
	}
	x := r.trace.events[r.next]
	r.next++
	return x.at + r.by, x.ev, true
}

const header = "device_id,t,event,value,res"

// ReadTraceFile reads a trace from a file; see [ReadTrace].
func ReadTraceFile(path string, cfg TraceConfig) (*Trace, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadTrace(f, path, cfg)
}

// ReadTrace reads a trace: CSV, packed with gzip or not, with the columns device_id, t
// (UTC, as 2006-01-02T15:04:05Z), event, value and res (uncertainty of t, in s).
func ReadTrace(r io.Reader, file string, cfg TraceConfig) (*Trace, error) {
	b := newBuilder(file, cfg)
	in, err := newLines(r)
	if err != nil {
		return nil, b.error(1, "", "%v", err)
	}
	for {
		text, tooLong, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		switch {
		case err != nil:
			if err := b.fault(in.n, &b.Broken, "cannot be read on: %v", err); err != nil {
				return nil, err
			}
			return b.finish()
		case in.n == 1:
			if text != header {
				return nil, b.error(1, "is it a trace? A dump of adb must be converted to one", "the first line is not %s", header)
			}
			continue
		case text == "" && !tooLong:
			continue
		}
		if err := b.csv(in.n, text, tooLong); err != nil {
			return nil, err
		}
	}
	if in.n == 0 {
		return nil, b.error(1, "", "it is empty")
	}
	return b.finish()
}

// builder makes a trace of rows.
type builder struct {
	file string
	cfg  TraceConfig
	Trace
	*Report
	index map[string]*DeviceTrace
}

func newBuilder(file string, cfg TraceConfig) *builder {
	if cfg.MaxGap == 0 {
		cfg.MaxGap = 48 * hour
	}
	if cfg.MaxRows == 0 {
		cfg.MaxRows = 20_000_000
	}
	b := &builder{file: file, cfg: cfg, index: map[string]*DeviceTrace{}}
	b.Report = &b.Trace.Report
	return b
}

func (b *builder) finish() (*Trace, error) {
	for _, d := range b.Devices {
		b.Events += len(d.events)
	}
	slices.Sort(b.UnknownKinds)
	return &b.Trace, nil
}

func (b *builder) error(line int, hint, format string, args ...any) error {
	return &TraceError{File: b.file, Line: line, What: fmt.Sprintf(format, args...), Hint: hint}
}

// fault is an error, or is counted.
func (b *builder) fault(line int, count *int, format string, args ...any) error {
	err := b.error(line, "correct it, or skip faults", format, args...)
	if !b.cfg.Skip {
		return err
	}
	*count++
	if b.First == "" {
		b.First = err.Error()
	}
	return nil
}

// row is one line of a trace.
type row struct {
	line   int
	device string
	at     int64 // µs since 1970 UTC
	event  string
	value  string
}

func (b *builder) csv(line int, text string, tooLong bool) error {
	if tooLong {
		return b.fault(line, &b.Columns, "the line is longer than %d bytes", maxLine)
	}
	cells := strings.Split(text, ",")
	if want := strings.Count(header, ",") + 1; len(cells) != want {
		return b.fault(line, &b.Columns, "%d columns, not %d", len(cells), want)
	}
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	t, err := time.Parse(time.RFC3339, cells[1])
	if err != nil {
		return b.fault(line, &b.Times, "%s is not a time like 2006-01-02T15:04:05Z", short(cells[1]))
	}
	if cells[0] == "" || cells[2] == "" {
		return b.fault(line, &b.Values, "no device, or no event")
	}
	if n, ok := number(cells[4]); cells[4] != "" && (!ok || n > 7*24*3600) {
		return b.fault(line, &b.Values, "res %s is not a number of seconds", short(cells[4]))
	}
	return b.add(row{line, cells[0], t.UnixMicro(), cells[2], cells[3]})
}

// Times before the first iPhone, or in the next century, are those of a clock that was
// not set.
const (
	earliest = 1_167_609_600 * 1_000_000 // 2007
	latest   = 4_102_444_800 * 1_000_000 // 2100
)

// add adds a row.
func (b *builder) add(r row) error {
	if b.Rows++; b.Rows > b.cfg.MaxRows {
		return b.error(r.line, "split it", "more than %d rows", b.cfg.MaxRows)
	}
	if r.at < earliest || r.at >= latest {
		return b.fault(r.line, &b.Times, "%s is absurd", stamp(r.at))
	}
	d := b.index[r.device]
	if d == nil {
		d = &DeviceTrace{
			Name: r.device, First: r.at, Last: r.at, lastSeen: r.at, shift: b.cfg.Shift, on: true,
			lit: -1, plugged: -1, saving: -1, moving: -1, front: -1, level: -1,
		}
		b.index[r.device] = d
		b.Devices = append(b.Devices, d)
	}
	gap := r.at - d.lastSeen
	if gap < 0 {
		return b.fault(r.line, &b.Order, "%s is %s before the last row of %s", stamp(r.at), span(-gap), short(r.device))
	}
	if gap > b.cfg.MaxGap {
		if err := b.fault(r.line, &b.Gaps, "%s tells nothing for %s", short(r.device), span(gap)); err != nil {
			return err
		}
		d.cut += gap / day * day
	}
	ok := b.take(d, &r)
	if !ok {
		return b.fault(r.line, &b.Values, "%s cannot be %s", short(r.event), short(r.value))
	}
	d.lastSeen, d.Last = r.at, r.at-d.cut
	return nil
}

// short quotes a cell for a message.
func short(s string) string {
	const most = 60
	if len(s) > most {
		s = s[:most] + "..."
	}
	return fmt.Sprintf("%q", s)
}

func stamp(us int64) string { return time.UnixMicro(us).UTC().Format(time.RFC3339) }

func span(us int64) string { return (time.Duration(us) * time.Microsecond).String() }
