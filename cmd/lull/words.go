package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// rank is who wants to read of an entry.
type rank int

const (
	noise  rank = iota // nobody
	detail             // readers of the run log
	news               // readers of a running display, too
)

// words puts the journal's entries into words. It remembers what later entries
// leave out.
type words struct {
	tasks map[work.ID]string
	began map[work.ID]time.Time
}

func newWords() words {
	return words{tasks: map[work.ID]string{}, began: map[work.ID]time.Time{}}
}

// maxRemembered bounds what an engine that runs for good remembers of works.
const maxRemembered = 10_000

// learn takes in what an entry tells of a work. It is called before tell.
func (t *words) learn(e *record.Entry, now time.Time) {
	if e.Work == "" || e.Task == "" {
		return
	}
	if len(t.tasks) >= maxRemembered {
		clear(t.tasks)
	}
	t.tasks[e.Work] = e.Task
	if e.Kind == record.EntryStarted {
		t.began[e.Work] = now
	}
}

// forget drops what nobody asks for after an entry. It is called after tell.
func (t *words) forget(e *record.Entry) {
	switch e.Kind {
	case record.EntryEnded, record.EntryReaped, record.EntryDeleted:
		delete(t.began, e.Work)
	}
}

// taskOf names a work's task, or the work itself if its task is not known.
func (t *words) taskOf(id work.ID) string {
	if task := t.tasks[id]; task != "" {
		return task
	}
	return string(id)
}

// tell puts an entry into a word and what follows it.
func (t *words) tell(e *record.Entry, now time.Time) (word, text string, r rank) {
	task := t.taskOf(e.Work)
	switch e.Kind {
	case record.EntryStarted:
		if e.Attempt > 1 {
			task += fmt.Sprintf(" (attempt %d)", e.Attempt)
		}
		return "start", task, news
	case record.EntryEnded, record.EntryStopping:
		word, text = t.end(e, now)
		return word, text, news
	case record.EntryHeld:
		return "held", task + ": " + held(e), detail
	case record.EntryFinished:
		return strings.ToLower(e.State), task + because(e), news
	case record.EntryRefused:
		return "refused", task + because(e), news
	case record.EntryPlan:
		return tellPlan(e)
	case record.EntrySkipped:
		return "skip", task + ": its time passed, and missed times are skipped", news
	case record.EntryClock:
		return "clock", "the wall clock was moved by " + short(time.Duration(e.Shift)*time.Microsecond), news
	case record.EntryEnqueued:
		return t.enqueued(e)
	case record.EntryKept:
		return "kept", fmt.Sprintf("%s: %s has the unique name %s, so nothing is new", e.Task, e.Work, e.Name), news
	case record.EntryUpdated:
		return "updated", task + because(e), detail
	case record.EntryUnblocked:
		return "ready", task + ": all works before it have succeeded", detail
	case record.EntryCondition:
		return tellCondition(e)
	case record.EntryLate:
		return "late", fmt.Sprintf("%s: %q came after the decision, and changes nothing", task, e.Text), detail
	case record.EntryDeleted:
		return "deleted", fmt.Sprintf("%s (%s)", task, e.Work), detail
	case record.EntryGone:
		return "app", e.Text, news
	case record.EntryEngine:
		if e.Text == "dispatching" {
			return "engine", "begins to start works", detail
		}
		return "engine", "shuts down", detail
	}
	return "", "", noise
}

// end tells how a run ended and what follows.
func (t *words) end(e *record.Entry, now time.Time) (word, text string) {
	text = t.taskOf(e.Work)
	if at, ok := t.began[e.Work]; ok {
		text += " after " + short(now.Sub(at))
	}
	waits := e.State == work.Enqueued.String()
	switch {
	case e.Outcome == work.Success:
		word = "done"
	case e.Outcome == work.Stopped && e.State != work.Cancelled.String():
		word = "stop" // on iOS its work is over with it
	case e.Outcome == work.Stopped:
		word = "cancelled"
	case e.Outcome == work.Lost && waits:
		word = "lost"
	case waits && e.Code == work.ReasonBackoff:
		word = "retry"
	default:
		word = "failed"
	}
	if e.Outcome == work.Crashed || e.Outcome == work.ProtocolError {
		text += ": " + string(e.Outcome)
	}
	if word != "cancelled" {
		text += because(e)
	}
	return word, text + follows(e)
}

// held names what a platform holds a work with.
func held(e *record.Entry) string {
	codes := strings.Join(e.Conds, ", ")
	if e.Text == "" {
		return codes
	}
	return e.Text + " (" + codes + ")"
}

// because is the text of an entry as the end of a line.
func because(e *record.Entry) string {
	if e.Text == "" || e.Text == strings.ToLower(e.State) {
		return ""
	}
	return ": " + e.Text
}

// follows says when a work that waits again may run.
func follows(e *record.Entry) string {
	if e.Due == nil || e.Outcome == work.Stopped || e.Outcome == work.Lost {
		return ""
	}
	wait := time.Duration(*e.Due-e.At) * time.Microsecond
	if e.Lane == record.LaneCalendar {
		// Wall time, in µs.
		return "; next at " + clock(time.UnixMicro(*e.Due))
	}
	if wait <= 0 {
		return ""
	}
	return "; next in " + short(wait)
}

func tellPlan(e *record.Entry) (word, text string, r rank) {
	switch e.Text {
	case "new":
		return "plan", e.Task + " is new", detail
	case "removed":
		return "plan", e.Task + " is no longer in the plan: its works are held", news
	case "again":
		return "plan", e.Task + " is to run again", news
	}
	return "plan", e.Task + " is " + e.Text, news
}

// planPrefix begins the unique names of works that the plan makes.
const planPrefix = "plan/"

func (t *words) enqueued(e *record.Entry) (word, text string, r rank) {
	text = fmt.Sprintf("%s (%s)%s", e.Task, e.Work, because(e))
	if len(e.After) > 0 {
		after := make([]string, len(e.After))
		for i, id := range e.After {
			after[i] = t.taskOf(id)
		}
		text += ", after " + strings.Join(after, ", ")
	}
	r = news
	if strings.HasPrefix(e.Name, planPrefix) {
		r = detail
	}
	return "new", text + follows(e), r
}

// tellCondition leaves out what the starts and ends of runs tell anyway.
func tellCondition(e *record.Entry) (word, text string, r rank) {
	key, of, _ := strings.Cut(e.Cond, "=")
	switch {
	case key == "slots" || key == "group" || key == "engine" || key == "task" && e.Value == "met":
		return "", "", noise
	case key == "task":
		return "held", of + ": " + e.Text, detail
	}
	text = strings.TrimSuffix(strings.Replace(e.Cond, "=", " ", 1), "@Local")
	if e.Value == "met" {
		return "met", text, detail
	}
	return e.Value, text + because(e), detail
}
