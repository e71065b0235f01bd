package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/lullwork/lull/internal/page"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim/population"
	"github.com/lullwork/lull/work"
)

// Story writes what happened to one task on one device, as its journal tells it, and what
// held it. Of the settling time only the last thing is told, with its time.
func Story(w io.Writer, c population.Config, platform string, device int, task string) error {
	t := teller{printer: printer{page.Page{W: w}}, begins: population.Counted(c)}
	g, err := population.One(c, platform, device, func(lines []byte) {
		for line := range strings.Lines(string(lines)) {
			var e record.Entry
			if json.Unmarshal([]byte(line), &e) == nil && (e.Task == task || e.Kind == record.EntryGone) {
				t.take(&e)
			}
		}
	})
	if err != nil {
		return err
	}
	t.flush(t.begins + g.Tally.Days*24*3600*second)
	t.remember()
	if t.told {
		t.Line("")
	}
	var counted Row
	if x := taskOf(&g.Tally, task); x != nil {
		counted = rowOf(x)
	}
	t.Line("device %d on %s, %s: %s in %s", device, PlatformName(platform), g.Archetype, many(counted.Runs, "run"), many(g.Tally.Days, "day"))
	t.refusals(&counted)
	t.waiting(&counted)
	if t.runs != counted.Runs && t.Err == nil {
		return fmt.Errorf("the journal tells of %d runs, and %d were counted", t.runs, counted.Runs)
	}
	return t.Err
}

// teller writes a story line by line.
type teller struct {
	printer
	begins int64
	runs   int64
	told   bool
	last   string // said last
	before hold   // the last thing in the settling time
	holds  []hold // since something else happened
}

// hold is what holds a work from an instant on.
type hold struct {
	at    int64
	codes string
	text  string
}

func (t *teller) take(e *record.Entry) {
	text := tell(e)
	switch {
	case e.At < t.begins:
		if text != "" && e.Kind != record.EntryGone {
			t.before = hold{at: e.At, text: text}
		}
		return
	case e.Kind == record.EntryStarted:
		t.runs++
	}
	if text == "" || text == t.last {
		return
	}
	t.last = text
	if e.Kind == record.EntryHeld {
		t.holds = append(t.holds, hold{e.At, strings.Join(e.Conds, " and "), text})
		return
	}
	t.flush(e.At)
	t.line(e.At, text)
}

// turns is how many changes of what holds a work are told one by one.
const turns = 3

// flush tells what has held the work until an instant. Reasons that come and go by the
// minute would bury the rest: then it is told for how long it was which.
func (t *teller) flush(until int64) {
	holds := t.holds
	t.holds = nil
	if len(holds) <= turns {
		for _, h := range holds {
			t.line(h.at, h.text)
		}
		return
	}
	type span struct {
		codes string
		long  int64
	}
	var spans []span
	for i, h := range holds {
		end := until
		if i+1 < len(holds) {
			end = holds[i+1].at
		}
		k := slices.IndexFunc(spans, func(s span) bool { return s.codes == h.codes })
		if k < 0 {
			k = len(spans)
			spans = append(spans, span{codes: h.codes})
		}
		spans[k].long += end - h.at
	}
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Compare(b.long, a.long) })
	words := make([]string, len(spans))
	for i, s := range spans {
		words[i] = s.codes + " for " + Span(s.long/second)
	}
	t.line(holds[0].at, holds[0].text)
	t.Hang(strings.Repeat(" ", len(stamp(0))), "by turns for "+Span((until-holds[0].at)/second)+": "+strings.Join(words, ", "))
}

func (t *teller) line(at int64, text string) {
	t.remember()
	t.told = true
	t.Hang(stamp(at), text)
}

// remember tells, once, what came last before the days that are counted.
func (t *teller) remember() {
	if b := t.before; b.text != "" {
		t.before = hold{}
		t.line(b.at, b.text)
	}
}

func stamp(at int64) string { return time.UnixMicro(at).UTC().Format("Mon 02 Jan 15:04:05  ") }

// tell puts a journal entry into words; "": nothing to tell.
func tell(e *record.Entry) string {
	switch e.Kind {
	case record.EntryEnqueued:
		if e.Due != nil && *e.Due > e.At && *e.Due != record.Never {
			return "asked for, due in " + Span((*e.Due-e.At)/second)
		}
		return "asked for"
	case record.EntryHeld:
		text := "held: " + strings.Join(e.Conds, ", ")
		if e.Text != "" {
			text += " (" + e.Text + ")"
		}
		return text
	case record.EntryStarted:
		return fmt.Sprintf("run %d starts", e.Run)
	case record.EntryStopping:
		return fmt.Sprintf("run %d is stopped: %s", e.Run, e.Text)
	case record.EntryEnded:
		text := fmt.Sprintf("run %d ended: %s", e.Run, e.Outcome)
		if e.Text != "" {
			text += " (" + e.Text + ")"
		}
		if e.Due != nil && *e.Due != record.Never && e.State == work.Enqueued.String() {
			text += ", next due in " + Span(max(0, *e.Due-e.At)/second)
		}
		return text
	case record.EntryFinished:
		if e.Text != "" {
			return "over: " + e.Text
		}
	case record.EntryKept:
		return "asked for again: kept as it is"
	case record.EntryUpdated:
		return "asked for again: updated"
	case record.EntryDeleted:
		return "replaced"
	case record.EntryGone:
		return e.Text
	case record.EntryLate:
		return fmt.Sprintf("run %d: too late: %s", e.Run, e.Text)
	}
	return ""
}
