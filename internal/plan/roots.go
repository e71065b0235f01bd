package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Roots returns what the plan itself enqueues: each task that comes after no
// other, with all that come after it, in the order of the file. One-time tasks
// that something joins are one root, named for the first. What comes after a
// periodic task is its request's Chain.
//
// On-demand tasks are left out, and so are modelled ones with all that come after
// modelled ones only. A modelled task in between or beside others stays: nothing
// behind it may run as if it were not there.
func (p *Plan) Roots() ([]record.PlanRoot, error) {
	g := graphOf(len(p.Tasks), func(i int) []string { return p.Tasks[i].After }, func(i int) string { return p.Tasks[i].Name })
	var roots []record.PlanRoot
	for _, set := range p.trees(g) {
		if !p.enqueued(g, set) {
			continue
		}
		root, err := p.root(g, set)
		if err != nil {
			return nil, fmt.Errorf("%s: task %q: %w", p.File, p.Tasks[set[0]].Name, err)
		}
		roots = append(roots, root)
	}
	return roots, nil
}

// trees splits the plan into sets of tasks that after ties together. Each set,
// and the list of sets, begins with what is first in the file.
func (p *Plan) trees(g graph) [][]int {
	of := make([]int, len(p.Tasks)) // index of its set, +1
	var sets [][]int
	order := g.order()
	for _, i := range order {
		if of[i] != 0 || len(g.parents[i]) > 0 {
			continue
		}
		sets = append(sets, nil)
		of[i] = len(sets)
		for todo := []int{i}; len(todo) > 0; {
			t := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			for _, near := range [][]int{g.parents[t], g.children[t]} {
				for _, n := range near {
					if of[n] == 0 {
						of[n] = len(sets)
						todo = append(todo, n)
					}
				}
			}
		}
	}
	for _, i := range order {
		sets[of[i]-1] = append(sets[of[i]-1], i)
	}
	return sets
}

// enqueued reports whether the plan enqueues a set: one of its first tasks has
// something to run and waits for no command.
func (p *Plan) enqueued(g graph, set []int) bool {
	for _, i := range set {
		if t := p.Tasks[i]; len(g.parents[i]) == 0 && !t.Modelled && !t.OnDemand {
			return true
		}
	}
	return false
}

func (p *Plan) root(g graph, set []int) (record.PlanRoot, error) {
	first := p.Tasks[set[0]]
	nodes := p.nodes(g, set)
	if first.Request.Every > 0 || first.Request.Cron != "" {
		// The works that follow exist after its first success only.
		req := first.Request
		if len(set) > 1 {
			req.Chain = p.nodes(g, set[1:])
		}
		nodes = []work.Node{{Request: req}}
	}
	hash, err := p.hash(set, nodes)
	return record.PlanRoot{Name: first.Name, Hash: hash, Nodes: nodes}, err
}

// nodes returns the tasks of a set as a chain. What comes after a task outside
// the set comes after nothing.
func (p *Plan) nodes(g graph, set []int) []work.Node {
	at := make(map[int]int, len(set))
	for n, i := range set {
		at[i] = n
	}
	nodes := make([]work.Node, len(set))
	for n, i := range set {
		nodes[n].Request = p.Tasks[i].Request
		for _, parent := range g.parents[i] {
			if k, ok := at[parent]; ok {
				nodes[n].After = append(nodes[n].After, k)
			}
		}
	}
	return nodes
}

// hash identifies the definition that a root's works are made from. Moving the
// plan to another folder does not change it.
func (p *Plan) hash(set []int, nodes []work.Node) (string, error) {
	type entry struct {
		Argv   []string          `json:"argv,omitempty"`
		Shell  string            `json:"shell,omitempty"`
		Wasm   Wasm              `json:"wasm,omitzero"`
		Env    map[string]string `json:"env,omitempty"`
		Dir    string            `json:"dir,omitempty"`
		Limits Limits            `json:"limits,omitzero"`
		Box    *Sandbox          `json:"sandbox,omitempty"`
	}
	def := struct {
		Nodes   []work.Node `json:"nodes"`
		Entries []entry     `json:"entries"`
	}{Nodes: nodes}
	for _, i := range set {
		t := p.Tasks[i]
		e := entry{t.Argv, t.Shell, t.Wasm, t.Env, "", t.Limits, t.Sandbox}
		if t.Dir != "" {
			e.Dir = filepath.ToSlash(filepath.Clean(t.Dir))
		}
		def.Entries = append(def.Entries, e)
	}
	text, err := json.Marshal(def)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}

// Command is how a task's program is started.
type Command struct {
	Task   string
	Argv   []string // a program named by a relative path is made absolute
	Shell  string   // else this line, for the shell
	Wasm   Wasm     // else this module, by its absolute path
	Dir    string   // absolute; "": none, of a module
	Env    []string // NAME=value, on top of the engine's own, by name
	Limits Limits

	Sandbox *Sandbox // nil: none; its paths are absolute, and an Env that is not nil is all that it gets
}

// Commands returns the programs and modules of all tasks that have one, in the order
// of the file.
func (p *Plan) Commands() []Command {
	var out []Command
	for _, t := range p.Tasks {
		if t.Modelled {
			continue
		}
		c := Command{Task: t.Name, Shell: t.Shell, Wasm: t.Wasm, Limits: t.Limits, Sandbox: t.Sandbox.resolved(p)}
		if c.Wasm.File != "" {
			c.Wasm.File = p.abs(c.Wasm.File)
		}
		if c.Wasm.File == "" || t.Dir != "" {
			c.Dir = p.abs(t.Dir)
		}
		for i, arg := range t.Argv {
			// A bare name is looked up in PATH.
			if i == 0 && strings.ContainsAny(arg, pathSeparators) {
				arg = p.abs(arg)
			}
			c.Argv = append(c.Argv, arg)
		}
		for _, name := range slices.Sorted(maps.Keys(t.Env)) {
			c.Env = append(c.Env, name+"="+t.Env[name])
		}
		out = append(out, c)
	}
	return out
}

// pathSeparators tell a path from a name: the slash works everywhere.
const pathSeparators = "/" + string(filepath.Separator)

// abs resolves a path of the plan.
func (p *Plan) abs(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(p.Dir, path)
}
