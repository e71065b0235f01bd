package plan

import (
	"container/heap"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// graph is which task comes after which, by their place in the file.
type graph struct{ parents, children [][]int }

// graphOf resolves the names of after. Those that name no task or the task itself
// are left out.
func graphOf(n int, after func(int) []string, name func(int) string) graph {
	index := make(map[string]int, n)
	for i := range n {
		index[name(i)] = i
	}
	g := graph{make([][]int, n), make([][]int, n)}
	for i := range n {
		for _, a := range after(i) {
			if p, ok := index[a]; ok && p != i {
				g.parents[i] = append(g.parents[i], p)
				g.children[p] = append(g.children[p], i)
			}
		}
		slices.Sort(g.parents[i])
	}
	return g
}

// order lists tasks so that each comes after its parents, else as in the file.
// Those in and behind a cycle are missing.
func (g graph) order() []int {
	open := make([]int, len(g.parents))
	ready := &intHeap{}
	for i, ps := range g.parents {
		if open[i] = len(ps); open[i] == 0 {
			heap.Push(ready, i)
		}
	}
	var out []int
	for ready.Len() > 0 {
		i := heap.Pop(ready).(int)
		out = append(out, i)
		for _, c := range g.children[i] {
			if open[c]--; open[c] == 0 {
				heap.Push(ready, c)
			}
		}
	}
	return out
}

type intHeap struct{ sort.IntSlice }

func (h *intHeap) Push(x any) { h.IntSlice = append(h.IntSlice, x.(int)) }

func (h *intHeap) Pop() any {
	last := len(h.IntSlice) - 1
	x := h.IntSlice[last]
	h.IntSlice = h.IntSlice[:last]
	return x
}

// cycles returns one cycle for each set of tasks that all come after each other:
// each task comes after the next one, the last after the first.
func (g graph) cycles() [][]int {
	t := tarjan{graph: g, at: make([]int, len(g.parents)), low: make([]int, len(g.parents)), done: make([]bool, len(g.parents))}
	for i := range g.parents {
		if t.at[i] == 0 {
			t.visit(i)
		}
	}
	for i, c := range t.found {
		t.found[i] = g.within(c)
	}
	return t.found
}

// within returns a cycle inside a strongly connected set.
func (g graph) within(set []int) []int {
	member, step := map[int]bool{}, map[int]int{}
	for _, i := range set {
		member[i] = true
	}
	var path []int
	for i := slices.Min(set); ; {
		if from, seen := step[i]; seen {
			return path[from:]
		}
		step[i] = len(path)
		path = append(path, i)
		next := slices.IndexFunc(g.parents[i], func(p int) bool { return member[p] })
		i = g.parents[i][next]
	}
}

// tarjan finds strongly connected sets of more than one task (R. Tarjan, 1972).
type tarjan struct {
	graph
	n       int
	at, low []int // order of the visit, from 1
	done    []bool
	stack   []int
	found   [][]int
}

func (t *tarjan) visit(i int) {
	t.n++
	t.at[i], t.low[i] = t.n, t.n
	t.stack = append(t.stack, i)
	for _, p := range t.parents[i] {
		switch {
		case t.at[p] == 0:
			t.visit(p)
			t.low[i] = min(t.low[i], t.low[p])
		case !t.done[p]:
			t.low[i] = min(t.low[i], t.at[p])
		}
	}
	if t.low[i] != t.at[i] {
		return
	}
	from := slices.Index(t.stack, i)
	set := slices.Clone(t.stack[from:])
	t.stack = t.stack[:from]
	for _, s := range set {
		t.done[s] = true
	}
	if len(set) > 1 {
		t.found = append(t.found, set)
	}
}

// checkChains checks what after says, across tasks.
func checkChains(tasks []*taskDraft) {
	if len(tasks) == 0 {
		return
	}
	byName := make(map[string]*taskDraft, len(tasks))
	for _, t := range tasks {
		byName[t.Name] = t
	}
	for _, t := range tasks {
		t.checkAfter(byName)
	}
	g := graphOf(len(tasks), func(i int) []string { return tasks[i].After }, func(i int) string { return tasks[i].Name })
	order := g.order()
	if len(order) < len(tasks) {
		for _, c := range g.cycles() {
			tasks[c[0]].at["after"].refuse("remove one of these after", "cycle: %s", chainText(tasks, c))
		}
	}
	checkPeriods(tasks, g, order)
}

// checkAfter checks that each name in after is a task that can make this one run.
func (t *taskDraft) checkAfter(byName map[string]*taskDraft) {
	for i, name := range t.After {
		at := t.after[i]
		switch p, ok := byName[name]; {
		case !ok:
			hint := ""
			if !at.r.full() {
				names := make([]string, 0, len(byName))
				for _, d := range t.draft.tasks {
					names = append(names, d.Name)
				}
				hint = DidYouMean(name, names)
			}
			at.fail(hint, "no task is named %s", quoted(name))
		case p == t:
			at.fail("remove it", "a task cannot come after itself")
		case p.OnDemand:
			at.fail("drop on-demand there, or let one program do both", "%s is on-demand: nothing can come after it", quoted(name))
		}
	}
}

// chainText writes a cycle, its middle cut where it is long.
func chainText(tasks []*taskDraft, c []int) string {
	const most = 8
	var words []string
	for _, i := range c[:min(len(c), most)] {
		words = append(words, quoted(tasks[i].Name))
	}
	if len(c) > most {
		words = append(words, "...")
	}
	return strings.Join(append(words, quoted(tasks[c[0]].Name)), " after ")
}

// Where a task's works come from: a periodic task, one-time tasks only, or both,
// which was recorded.
const (
	oneTime = -1
	mixed   = -2
)

// checkPeriods refuses tasks that come after a periodic task and after others
// that are not part of its chain: with each success the chain is made anew, and
// the others are not.
func checkPeriods(tasks []*taskDraft, g graph, order []int) {
	source := make([]int, len(tasks))
	for _, i := range order {
		ps := g.parents[i]
		switch {
		case len(ps) > 0:
			source[i] = source[ps[0]]
		case tasks[i].periodic() != "":
			source[i] = i
		default:
			source[i] = oneTime
		}
		for _, p := range ps {
			if source[i] == mixed || source[p] == source[i] {
				continue
			}
			if source[p] != mixed {
				tasks[i].at["after"].refuse("put the chains together behind one periodic task, or drop a name of after",
					"%s, but %s: a periodic task makes its chain anew each time, and the other is no part of it",
					fromText(tasks, ps[0], source[i]), fromText(tasks, p, source[p]))
			}
			source[i] = mixed
		}
	}
}

func fromText(tasks []*taskDraft, task, source int) string {
	name := quoted(tasks[task].Name)
	switch source {
	case oneTime:
		return name + " runs once"
	case task:
		return name + " is periodic"
	}
	return fmt.Sprintf("%s comes after periodic %s", name, quoted(tasks[source].Name))
}
