package plan

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/lullwork/lull/work"
)

// taskDraft is a task in the making.
type taskDraft struct {
	Task
	self  field
	draft *draft
	at    map[string]field // its keys
	after []field          // the items of after

	ios, android, submit, model, expect []field // their keys
}

var taskKeys = []keyOf[*taskDraft]{
	{"run", (*taskDraft).readRun},
	{"wasm", (*taskDraft).readWasm},
	{"every", func(t *taskDraft, f field) { t.Request.Every, _ = f.duration(time.Second) }},
	{"flex", func(t *taskDraft, f field) { t.Request.Flex, _ = f.duration(1) }},
	{"cron", func(t *taskDraft, f field) { t.Request.Cron = f.cron() }},
	{"zone", func(t *taskDraft, f field) { t.Request.Zone = f.zone() }},
	{"missed", func(t *taskDraft, f field) {
		t.Request.Missed = oneOf(f, work.MissedOnce, work.MissedSkip, work.MissedAll)
	}},
	{"needs", func(t *taskDraft, f field) { f.needs(&t.Request.Needs) }},
	{"backoff", func(t *taskDraft, f field) { readKeys(f, &t.Request.Backoff, backoffKeys) }},
	{"budget", func(t *taskDraft, f field) { t.Request.Budget = unlessNone(f, -1, field.positive) }},
	{"grace", func(t *taskDraft, f field) { t.Request.Grace, _ = f.positive() }},
	{"limits", func(t *taskDraft, f field) { readKeys(f, &t.Limits, limitKeys) }},
	{"sandbox", (*taskDraft).readSandbox},
	{"require", (*taskDraft).readRequire},
	{"after", (*taskDraft).readAfter},
	{"group", func(t *taskDraft, f field) { t.Request.Group, _ = f.label() }},
	{"unique", (*taskDraft).readUnique},
	{"attempts", func(t *taskDraft, f field) { t.Request.Attempts = unlessNone(f, -1, field.attempts) }},
	{"on-failure", func(t *taskDraft, f field) {
		t.Request.OnFailure = oneOf(f, work.OnFailureRetry, work.OnFailureFail)
	}},
	{"on-demand", func(t *taskDraft, f field) { t.OnDemand, _ = f.yes() }},
	{"expedited", func(t *taskDraft, f field) { t.Request.Expedited, _ = f.yes() }},
	{"delay", func(t *taskDraft, f field) { t.Request.Delay, _ = f.duration(0) }},
	{"tags", (*taskDraft).readTags},
	{"input", func(t *taskDraft, f field) { t.Request.Input = f.json(work.MaxData) }},
	{"env", (*taskDraft).readEnv},
	{"dir", (*taskDraft).readDir},
	{"retention", func(t *taskDraft, f field) { t.Request.Retention, _ = f.duration(0) }},
	{"merger", func(t *taskDraft, f field) {
		t.Request.Merger = oneOf(f, work.Overwriting, work.ArrayCreating)
	}},
	later("func"),
	later("promise"),
	{"via", func(t *taskDraft, f field) { t.Phone.Via = f.via() }},
	{"submit", (*taskDraft).readSubmit},
	{"ios", (*taskDraft).readIOS},
	{"android", (*taskDraft).readAndroid},
	{"model", (*taskDraft).readModel},
	{"expect", (*taskDraft).readExpect},
	{"at", (*taskDraft).readAt},
}

var backoffKeys = []keyOf[*work.Backoff]{
	{"policy", func(b *work.Backoff, f field) { b.Policy = oneOf(f, work.Exponential, work.Linear) }},
	{"delay", func(b *work.Backoff, f field) { b.Delay, _ = f.positive() }},
}

var uniqueKeys = []keyOf[*work.Unique]{
	{"name", func(u *work.Unique, f field) { u.Name, _ = f.label() }},
	{"policy", func(u *work.Unique, f field) {
		u.Policy = oneOf(f, work.Keep, work.Replace, work.Append, work.AppendOrReplace, work.Update)
	}},
}

// read reads the task's keys.
func (t *taskDraft) read() {
	if t.self.val.Tag == "!!null" {
		t.self.fail("write run: [program, argument] below it", "has no keys")
		return
	}
	entries, ok := readKeys(t.self, t, taskKeys)
	if !ok {
		return
	}
	for _, e := range entries {
		t.at[e.keyName()] = e
	}
	t.Modelled = !t.has("run") && !t.has("wasm")
}

func (t *taskDraft) has(key string) bool {
	_, ok := t.at[key]
	return ok
}

func (t *taskDraft) readRun(f field) {
	const hint = "write run: [program, argument], or a line for the shell"
	switch f.val.Kind {
	case yaml.MappingNode:
		f.fail(hint, "must be a list or a line for the shell")
		return
	case yaml.ScalarNode:
		if f.val.Tag == "!!null" || strings.TrimSpace(f.val.Value) == "" {
			f.fail(hint, "is empty")
			return
		}
		t.Shell, _ = f.text()
		return
	}
	items, ok := f.items()
	if !ok {
		return
	}
	if len(items) == 0 || strings.TrimSpace(items[0].val.Value) == "" && items[0].val.Kind == yaml.ScalarNode {
		f.fail(hint, "is empty")
		return
	}
	for _, it := range items {
		if s, ok := it.text(); ok {
			t.Argv = append(t.Argv, s)
		}
	}
}

func (t *taskDraft) readAfter(f field) {
	items, ok := f.items()
	if !ok {
		return
	}
	seen := map[string]bool{}
	for _, it := range items {
		s, ok := it.text()
		switch {
		case !ok:
		case seen[s]:
			it.fail("", "%s is listed twice", quoted(s))
		default:
			seen[s] = true
			t.After = append(t.After, s)
			t.after = append(t.after, it)
		}
	}
}

// readUnique reads a name, or a name and a policy.
func (t *taskDraft) readUnique(f field) {
	if f.val.Kind != yaml.MappingNode {
		t.Unique.Name, _ = f.label()
		return
	}
	entries, ok := readKeys(f, &t.Unique, uniqueKeys)
	for _, e := range entries {
		if e.keyName() == "name" {
			return
		}
	}
	if ok {
		f.refuse("write unique: {name: NAME, policy: keep}", "has no name")
	}
}

func (t *taskDraft) readTags(f field) {
	items, _ := f.items()
	for _, it := range items {
		if s, ok := it.label(); ok {
			t.Request.Tags = append(t.Request.Tags, s)
		}
	}
}

func (t *taskDraft) readEnv(f field) {
	entries, ok := f.entries()
	if !ok {
		return
	}
	t.Env = make(map[string]string, len(entries))
	for _, e := range entries {
		if wrong := checkVariable(e.keyName()); wrong != nil {
			e.report(e.key, wrong)
			continue
		}
		if e.val.Tag == "!!null" {
			e.fail(`write "" for an empty value`, "has no value")
			continue
		}
		if s, ok := e.text(); ok {
			t.Env[e.keyName()] = s
		}
	}
}

func (t *taskDraft) readDir(f field) {
	s, ok := f.text()
	if ok && s == "" {
		f.fail("leave it out for the plan's folder", "is empty")
	}
	t.Dir = s
}

// positive reads a duration above zero. Zero is refused where a request's zero
// means the default.
func (f field) positive() (time.Duration, bool) { return f.duration(1) }

// attempts reads how many failed runs a work may have.
func (f field) attempts() (int, bool) {
	if f.val.Value == "0" {
		f.fail("write none for no limit", "must be at least 1, not 0")
		return 0, false
	}
	return f.count(1e6)
}

// unlessNone reads a value that may also be the word none.
func unlessNone[T any](f field, none T, read func(field) (T, bool)) T {
	if f.val.Kind == yaml.ScalarNode && f.val.Value == "none" {
		return none
	}
	v, _ := read(f)
	return v
}

// oneOf reads one of the allowed words as their type.
func oneOf[T ~string](f field, allowed ...T) T {
	words := make([]string, len(allowed))
	for i, a := range allowed {
		words[i] = string(a)
	}
	s, _ := f.word(words...)
	return T(s)
}
