// Package extract writes a plan out of what a project's files say of its background work:
// each task with its times, its conditions and where it stands. What the files do not
// say is left open, with the reason, and never guessed in silence.
package extract

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/project"
)

// Plan is the background work of one project.
type Plan struct {
	Dir     string // of the project
	Via     string // the layer of most tasks
	Android []Setting
	IOS     []Setting
	Tasks   []*Task // in the order of their names
}

// Task is one task, on the platforms that it exists on.
type Task struct {
	Name    string
	Places  []finding.Place // where it is asked for or handled
	Common  []Setting       // every, needs, backoff, submit, at
	IOS     []Setting
	Android []Setting
	kind    string // of the calls that it was made from
}

// At tells whether a place lies where the task is asked for or handled.
func (t *Task) At(p finding.Place) bool {
	return slices.ContainsFunc(t.Places, func(at finding.Place) bool {
		return at.File == p.File && p.Start < at.End && at.Start < max(p.End, p.Start+1)
	})
}

// Setting is a key of a plan. One with an Open reason is not known: its Value is what
// stands for it until somebody writes it, "" where the key can be left out.
type Setting struct {
	Key   string
	Value string
	Kids  []Setting // instead of a Value
	Open  string
	At    finding.Place // of what is Open

	us int64 // of a span of time
}

func set(key, value string) Setting { return Setting{Key: key, Value: value} }

func group(key string, kids ...Setting) Setting { return Setting{Key: key, Kids: kids} }

// Open counts the settings that are not known.
func (p *Plan) Open() int {
	n := 0
	for _, t := range p.Tasks {
		n += len(t.Unknown())
	}
	return n
}

// Of reads the background work of a project. One without any has no tasks.
func Of(p *project.Project) *Plan {
	x := &reader{project: p, plan: &Plan{Dir: p.Dir}, byName: map[string]*Task{}}
	x.app()
	if p.Flutter {
		x.dart()
	}
	x.kotlin()
	x.swift()
	x.widgets()
	for _, t := range x.plan.Tasks {
		t.fit()
	}
	slices.SortStableFunc(x.plan.Tasks, func(a, b *Task) int { return strings.Compare(a.Name, b.Name) })
	return x.plan
}

// reader collects the tasks of a project.
type reader struct {
	project *project.Project
	plan    *Plan
	byName  map[string]*Task
}

// task is the task of a name that is asked for by calls of a kind. Another one which has
// the same name, and is of another kind, gets a number.
func (x *reader) task(name, kind string, at finding.Place) *Task {
	name = slug(name)
	for n := 2; ; n++ {
		t := x.byName[name]
		if t == nil {
			t = &Task{Name: name, kind: kind}
			x.byName[name] = t
			x.plan.Tasks = append(x.plan.Tasks, t)
		}
		if t.kind == kind {
			if !slices.Contains(t.Places, at) {
				t.Places = append(t.Places, at)
			}
			return t
		}
		name = strings.TrimSuffix(name, "-"+strconv.Itoa(n-1)) + "-" + strconv.Itoa(n)
	}
}

// has tells whether a key is set.
func has(settings []Setting, key string) bool {
	return slices.ContainsFunc(settings, func(s Setting) bool { return s.Key == key })
}

// put adds settings whose keys are not there: what was found first stays.
func put(to *[]Setting, more ...Setting) {
	for _, s := range more {
		if s.Key != "" && !has(*to, s.Key) && (s.Value != "" || s.Open != "" || len(s.Kids) > 0) {
			*to = append(*to, s)
		}
	}
}

// slug makes the name of a task out of a text.
func slug(s string) string {
	const longest = 60
	var b strings.Builder
	for _, c := range s {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_':
			b.WriteRune(c)
		case c == '-' || c == '.':
			if b.Len() > 0 {
				b.WriteRune(c)
			}
		default:
			if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") {
				b.WriteByte('-')
			}
		}
		if b.Len() >= longest {
			break
		}
	}
	if name := strings.TrimRight(b.String(), "-."); name != "" {
		return name
	}
	return "task"
}

// span writes a duration in microseconds as plans do: 15m, 1h30m, 2d.
func span(us int64) string {
	d := time.Duration(us) * time.Microsecond
	var b strings.Builder
	for _, u := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}, {time.Millisecond, "ms"}} {
		if n := d / u.size; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.name)
			d -= n * u.size
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}

// ID is the identifier that the task has on iOS; "" where it has none or it is not known.
func (t *Task) ID() string {
	for _, s := range t.IOS {
		if s.Key == "id" {
			return strings.Trim(s.Value, `"`)
		}
	}
	return ""
}

// Unknown are the settings that the files do not say, their keys with the group they are in.
func (t *Task) Unknown() []Setting {
	var out []Setting
	for _, s := range slices.Concat(t.Common, t.IOS, t.Android) {
		out = append(out, s.unknown("")...)
	}
	return out
}

func (s Setting) unknown(path string) []Setting {
	var out []Setting
	if s.Open != "" {
		out = append(out, Setting{Key: path + s.Key, Open: s.Open, At: s.At})
	}
	for _, k := range s.Kids {
		out = append(out, k.unknown(path+s.Key+".")...)
	}
	return out
}

// fit leaves open what the platform changes by itself, so that a plan cannot say it: a flex
// that is longer than its period.
func (t *Task) fit() {
	every := int64(0)
	for _, s := range t.Common {
		if s.Key == "every" {
			every = s.us
		}
	}
	for i, s := range t.Android {
		if s.Key == "flex" && s.us > every {
			t.Android[i] = Setting{Key: s.Key, Open: s.Value + " is longer than the period, and cut by Android", At: t.Places[0]}
		}
	}
}
