package core

import (
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// log appends an entry to the journal of this step.
func (m *Machine) log(e record.Entry) {
	if m.quiet {
		return
	}
	m.meta.Journal++
	e.Seq, e.At = m.meta.Journal, m.now
	m.lines = appendEntry(m.lines, &e, m.wall(m.now))
}

// logWork tells of a work's state and when it may run next.
func (m *Machine) logWork(k record.Kind, w *record.Work, text string) {
	if !m.quiet {
		m.journalWork(k, w, text)
	}
}

func (m *Machine) journalWork(k record.Kind, w *record.Work, text string) {
	e := record.Entry{
		Kind: k, Work: w.ID, Task: m.specOf(w.Spec).Task, Spec: w.Spec, Name: w.Name, State: w.State.String(),
		Text: text, Wait: w.Waiting,
	}
	if w.State == work.Blocked {
		e.After = w.Parents
	}
	m.logDue(&e, w)
}

// logRun tells what became of a run, and of its work.
func (m *Machine) logRun(k record.Kind, r *run, o work.Outcome, text string) {
	if !m.quiet {
		m.journalRun(k, r, o, text)
	}
}

func (m *Machine) journalRun(k record.Kind, r *run, o work.Outcome, text string) {
	e := record.Entry{
		Kind: k, Work: r.Work, Task: r.sp.Task, Run: r.Epoch, Attempt: r.Attempt, State: r.w.State.String(),
		Outcome: o, Text: text, Spec: r.w.Spec,
	}
	if r.Stop != work.NotStopped {
		e.Stop = int32(r.Stop)
	}
	m.logDue(&e, r.w)
}

func (m *Machine) logDue(e *record.Entry, w *record.Work) {
	if w.State == work.Enqueued {
		due := w.Due
		e.Due, e.Lane = &due, w.Lane
		if m.dueCode(w) == work.ReasonBackoff {
			e.Code = work.ReasonBackoff
		}
	}
	m.log(*e)
}

// appendEntry writes an entry as one line of JSON, as encoding/json would, without
// reflection: it is on the path of every run.
func appendEntry(b []byte, e *record.Entry, wall int64) []byte {
	b = append(b, `{"seq":`...)
	b = strconv.AppendInt(b, e.Seq, 10)
	b = append(b, `,"time":"`...)
	b = time.UnixMicro(wall).UTC().AppendFormat(b, "2006-01-02T15:04:05.000000Z")
	b = append(b, `","at":`...)
	b = strconv.AppendInt(b, e.At, 10)
	b = appendText(b, "kind", string(e.Kind))
	b = appendText(b, "work", string(e.Work))
	b = appendText(b, "task", e.Task)
	b = appendNumber(b, "spec", e.Spec)
	b = appendText(b, "name", e.Name)
	b = appendNumber(b, "run", e.Run)
	b = appendNumber(b, "attempt", int64(e.Attempt))
	b = appendText(b, "state", e.State)
	b = appendText(b, "outcome", string(e.Outcome))
	b = appendNumber(b, "stop", int64(e.Stop))
	b = appendText(b, "text", e.Text)
	if e.Due != nil {
		b = append(b, `,"due":`...)
		b = strconv.AppendInt(b, *e.Due, 10)
	}
	b = appendNumber(b, "lane", int64(e.Lane))
	b = appendNumber(b, "wait", int64(e.Wait))
	b = appendText(b, "code", string(e.Code))
	b = appendText(b, "cond", e.Cond)
	b = appendText(b, "value", e.Value)
	b = appendList(b, "conds", e.Conds)
	b = appendList(b, "after", e.After)
	b = appendNumber(b, "shift", e.Shift)
	return append(b, '}', '\n')
}

func appendNumber(b []byte, key string, v int64) []byte {
	if v == 0 {
		return b
	}
	b = append(append(append(b, ',', '"'), key...), '"', ':')
	return strconv.AppendInt(b, v, 10)
}

func appendText(b []byte, key, v string) []byte {
	if v == "" {
		return b
	}
	b = append(append(append(b, ',', '"'), key...), '"', ':')
	return appendString(b, v)
}

func appendList[T ~string](b []byte, key string, vs []T) []byte {
	if len(vs) == 0 {
		return b
	}
	b = append(append(append(b, ',', '"'), key...), '"', ':', '[')
	for i, v := range vs {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, string(v))
	}
	return append(b, ']')
}

// appendString quotes a string. Bytes that are not UTF-8 become U+FFFD.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case c == '"' || c == '\\':
				b = append(b, '\\', c)
			case c < ' ' || c == 0x7f:
				b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			default:
				b = append(b, c)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		b = utf8.AppendRune(b, r)
		i += n
	}
	return append(b, '"')
}
