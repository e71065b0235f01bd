// Package plan reads lull.yaml, the file that declares tasks, and says where it
// is wrong: every mistake at once, each with its line and what to do about it.
//
// A key is understood, unknown, or understood by a later version only. The last
// two are errors: nothing that a plan says is passed over in silence.
package plan

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Plan is a plan without mistakes.
type Plan struct {
	File   string                  // as it was named
	Dir    string                  // absolute folder of the file; the plan's paths are relative to it
	Tasks  []Task                  // as in the file
	Assume map[record.Signal]int64 // values for signals that cannot be read
	Jobs   int                     // works in parallel; 0: the engine's default
	App    *App                    // the phone app of its tasks; nil: there are none
}

// Task is one task of a plan.
type Task struct {
	Name     string
	Line     int
	Argv     []string // run: [program, argument ...]
	Shell    string   // run: as one string, for the shell
	Wasm     Wasm     // no File: it is none
	Request  work.Request
	Unique   work.Unique // of works made by lull enqueue; no name: none
	OnDemand bool        // made by lull enqueue only
	After    []string    // tasks that must succeed before it
	Env      map[string]string
	Dir      string // working folder, as written; "": the plan's. Of a module: the one it may use; "": none
	Limits   Limits
	Sandbox  *Sandbox // nil: none
	Modelled bool     // nothing to run: for simulation only
	Phone    Phone    // of a task of a phone app, see HasPhone
}

// maxTasks bounds the work of checking the plan's chains.
const maxTasks = 10000

// Read reads a plan from a file. The error is Errors if the plan is wrong.
func Read(path string) (*Plan, error) {
	// Looked at before it is opened: opening a pipe that nobody writes to hangs.
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		e := Error{File: path, Msg: "not a regular file", Hint: "name the plan itself, as lull.yaml"}
		return nil, Errors{e}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	return Parse(path, data)
}

// Parse reads a plan from text. The name is that of the file, for errors and for
// the plan's folder.
func Parse(name string, data []byte) (*Plan, error) {
	file, err := filepath.Abs(name)
	if err != nil {
		return nil, fmt.Errorf("folder of the plan: %w", err)
	}
	r := &reader{file: name, left: maxRead}
	p := &Plan{File: name, Dir: filepath.Dir(file)}
	if top, ok := r.load(data); ok {
		r.plan(p, top)
	}
	if err := r.sorted(); err != nil {
		return nil, err
	}
	return p, nil
}

// draft is a plan in the making.
type draft struct {
	plan  *Plan
	tasks []*taskDraft
	later uses
}

var planKeys = []keyOf[*draft]{
	{"tasks", (*draft).readTasks},
	{"assume", func(d *draft, f field) { d.plan.Assume = f.assumed() }},
	{"jobs", func(d *draft, f field) { d.plan.Jobs, _ = f.count(maxJobs) }},
	{"app", (*draft).readApp},
}

// maxJobs is far above what one machine can run at a time.
const maxJobs = 1000

func (r *reader) plan(p *Plan, top field) {
	d := &draft{plan: p}
	entries, ok := readKeys(top, d, planKeys)
	if !ok {
		return
	}
	has := false
	for _, e := range entries {
		has = has || e.keyName() == "tasks"
	}
	if !has {
		r.add(nil, bad("write tasks: and below it one key for each task", "the plan has no tasks"))
	}
	d.later.report()
	for _, t := range d.tasks {
		t.check()
		p.Tasks = append(p.Tasks, t.Task)
	}
	checkChains(d.tasks)
}

func (d *draft) readTasks(f field) {
	entries, ok := f.entries()
	if !ok {
		return
	}
	if len(entries) > maxTasks {
		f.refuse("split the plan", "%d tasks: at most %d", len(entries), maxTasks)
		return
	}
	for _, e := range entries {
		name := e.keyName()
		e.name, e.scope = "", "task "+quoted(name)
		if wrong := checkName(name); wrong != nil {
			e.report(e.key, wrong)
			continue
		}
		t := &taskDraft{self: e, draft: d, at: map[string]field{}}
		t.Name, t.Line = name, e.key.Line
		t.Request.Task = name
		t.read()
		d.tasks = append(d.tasks, t)
	}
}
