package report

import (
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

// Story writes what happened to one task on one device, as its journal tells it. Lines
// from the settling time are left out.
func Story(w io.Writer, c population.Config, platform string, device int, task string) error {
	p := &printer{page.Page{W: w}}
	begins := population.Counted(c)
	runs, last := int64(0), ""
	g, err := population.One(c, platform, device, func(lines []byte) {
		for line := range strings.Lines(string(lines)) {
			var e record.Entry
			if json.Unmarshal([]byte(line), &e) != nil || e.Task != task && e.Kind != record.EntryGone {
				continue
			}
			if e.At < begins {
				continue
			}
			if e.Kind == record.EntryStarted {
				runs++
			}
			if text := tell(&e); text != "" && text != last {
				last = text
				p.Line("%s  %s", time.UnixMicro(e.At).UTC().Format("Mon 02 Jan 15:04:05"), text)
			}
		}
	})
	if err != nil {
		return err
	}
	p.Line("")
	counted := int64(0)
	if x := taskOf(&g.Tally, task); x != nil {
		counted = x.Runs
	}
	p.Line("device %d on %s, %s: %s in %s", device, PlatformName(platform), g.Archetype, many(counted, "run"), many(g.Tally.Days, "day"))
	if runs != counted && p.Err == nil {
		return fmt.Errorf("the journal tells of %d runs, and %d were counted", runs, counted)
	}
	return p.Err
}

// tell puts a journal entry into words; "": nothing to tell.
func tell(e *record.Entry) string {
	switch e.Kind {
	case record.EntryEnqueued:
		if e.Due != nil && *e.Due > e.At && *e.Due != record.Never {
			return "asked for, due in " + Span((*e.Due-e.At)/second)
		}
		return "asked for"
	case record.EntryHeld:
		codes := slices.Clone(e.Conds)
		text := "held: " + strings.Join(codes, ", ")
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
