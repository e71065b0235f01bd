package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Memory is a store that dies with the process. Unlike others it may be used by
// several goroutines at once, so one value is store, browser and opener.
type Memory struct {
	// ForgetJournal drops journal chunks: a simulation has a log of its own.
	ForgetJournal bool

	mu     sync.RWMutex
	closed bool
	held   bool // by an engine that opened it

	rows   map[int64]*record.Work
	ids    map[work.ID]int64
	names  map[string][]int64 // seqs in order
	next   map[work.ID][]int64
	tags   map[string]*keys // unfinished works; Key.Due is 0
	open   keys             // unfinished works; Key.Due is 0
	groups map[record.Group]*keys
	done   keys // Key.Due is the time that the work finished

	meta    record.Meta
	specs   map[int64]*record.Spec
	runs    map[record.RunKey]*record.Run
	conds   map[string]record.Condition
	facts   record.Facts
	plan    map[string]record.PlanTask
	zones   map[string]record.Zone
	tasks   []record.TaskRow
	hosts   map[work.ID][]record.Host // by epoch
	journal []record.Chunk
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{
		rows: map[int64]*record.Work{}, ids: map[work.ID]int64{}, names: map[string][]int64{}, next: map[work.ID][]int64{},
		tags: map[string]*keys{}, groups: map[record.Group]*keys{},
		specs: map[int64]*record.Spec{}, runs: map[record.RunKey]*record.Run{}, conds: map[string]record.Condition{},
		facts: record.NewFacts(), plan: map[string]record.PlanTask{}, zones: map[string]record.Zone{}, hosts: map[work.ID][]record.Host{},
	}
}

// Open makes the caller the one engine that has the store, until it closes it.
func (m *Memory) Open(context.Context) (Store, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held {
		return nil, fmt.Errorf("%w: this process", ErrLocked)
	}
	m.held, m.closed = true, false
	if m.meta.Engine == "" {
		m.meta.Engine = NewEngineID()
	}
	return m, nil
}

// Browse returns a view that may be closed without closing the store.
func (m *Memory) Browse(context.Context) (Browser, error) { return browsed{m}, nil }

// Where says where the rows are.
func (m *Memory) Where() string { return "memory" }

type browsed struct{ *Memory }

func (browsed) Close() error { return nil }

// NewEngineID makes up what Meta.Engine holds.
func NewEngineID() string {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// Reopen opens a closed store again; nothing is lost.
func (m *Memory) Reopen(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = false
	return nil
}

// Close makes all but Open and Reopen fail.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed, m.held = true, false
	return nil
}

// read locks the store for reading and returns what unlocks it.
func (m *Memory) read(ctx context.Context) (func(), error) {
	m.mu.RLock()
	err := ctx.Err()
	if m.closed {
		err = ErrClosed
	}
	if err != nil {
		m.mu.RUnlock()
		return nil, err
	}
	return m.mu.RUnlock, nil
}

// copies returns copies of the rows with these seqs, which are in order.
func (m *Memory) copies(seqs []int64) []*record.Work {
	var ws []*record.Work
	for _, s := range seqs {
		ws = append(ws, Copy(m.rows[s]))
	}
	return ws
}

// Works implements Reader.
func (m *Memory) Works(ctx context.Context, ids []work.ID) ([]*record.Work, error) {
	unlock, err := m.read(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	var seqs []int64
	for _, id := range ids {
		if s, ok := m.ids[id]; ok {
			seqs = append(seqs, s)
		}
	}
	slices.Sort(seqs)
	return m.copies(slices.Compact(seqs)), nil
}

// Named implements Reader.
func (m *Memory) Named(ctx context.Context, name string) ([]*record.Work, error) {
	unlock, err := m.read(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return m.copies(m.names[name]), nil
}

// Next implements Reader.
func (m *Memory) Next(ctx context.Context, ids []work.ID) ([]*record.Work, error) {
	unlock, err := m.read(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	var seqs []int64
	for _, id := range ids {
		seqs = append(seqs, m.next[id]...)
	}
	slices.Sort(seqs)
	return m.copies(slices.Compact(seqs)), nil
}

// Tagged implements Reader.
func (m *Memory) Tagged(ctx context.Context, tag string, after int64, limit int) ([]*record.Work, error) {
	unlock, err := m.read(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	in := &m.open
	if tag != "" {
		in = m.tags[tag]
	}
	return m.page(in, record.Key{Seq: after}, limit), nil
}

// Page implements Reader.
func (m *Memory) Page(ctx context.Context, g record.Group, after record.Key, limit int) ([]*record.Work, error) {
	unlock, err := m.read(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return m.page(m.groups[g], after, limit), nil
}

func (m *Memory) page(in *keys, after record.Key, limit int) []*record.Work {
	if in == nil {
		return nil
	}
	var ws []*record.Work
	in.above(after, func(k record.Key) bool {
		if len(ws) >= limit {
			return false
		}
		ws = append(ws, Copy(m.rows[k.Seq]))
		return true
	})
	return ws
}

// Unused implements Reader.
func (m *Memory) Unused(ctx context.Context) ([]int64, error) {
	unlock, err := m.read(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	used := map[int64]bool{}
	for _, w := range m.rows {
		used[w.Spec] = true
	}
	var ids []int64
	for _, id := range slices.Sorted(maps.Keys(m.specs)) {
		if !used[id] {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// Load implements Reader.
func (m *Memory) Load(ctx context.Context) (*record.Snapshot, error) {
	unlock, err := m.read(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	s := &record.Snapshot{Meta: m.meta, Facts: m.facts, Tasks: copyOf(m.tasks)}
	for _, id := range slices.Sorted(maps.Keys(m.specs)) {
		s.Specs = append(s.Specs, copySpec(m.specs[id]))
	}
	for g, k := range m.groups {
		s.Groups = append(s.Groups, record.GroupCount{Group: g, Count: int64(k.n)})
	}
	slices.SortFunc(s.Groups, func(x, y record.GroupCount) int {
		if x.Group.Spec != y.Group.Spec {
			return compare(x.Group.Spec, y.Group.Spec)
		}
		return compare(int64(x.Group.Lane), int64(y.Group.Lane))
	})
	running := map[int64]bool{}
	for _, r := range m.runs {
		c := *r
		s.Runs = append(s.Runs, &c)
		running[r.Seq] = true
	}
	slices.SortFunc(s.Runs, func(x, y *record.Run) int {
		if x.Seq != y.Seq {
			return compare(x.Seq, y.Seq)
		}
		return compare(x.Epoch, y.Epoch)
	})
	m.open.above(record.Key{Seq: math.MinInt64}, func(k record.Key) bool {
		if m.rows[k.Seq].State == work.Running {
			running[k.Seq] = true
		}
		return true
	})
	for _, seq := range slices.Sorted(maps.Keys(running)) {
		if w := m.rows[seq]; w != nil {
			s.Running = append(s.Running, Copy(w))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(m.conds)) {
		s.Conds = append(s.Conds, m.conds[k])
	}
	for _, k := range slices.Sorted(maps.Keys(m.plan)) {
		s.Plan = append(s.Plan, copyPlan(m.plan[k]))
	}
	for _, k := range slices.Sorted(maps.Keys(m.zones)) {
		z := m.zones[k]
		z.Table = copyOf(z.Table)
		s.Zones = append(s.Zones, z)
	}
	return s, nil
}

func compare(x, y int64) int {
	if x < y {
		return -1
	}
	if x > y {
		return 1
	}
	return 0
}

// List implements Browser.
func (m *Memory) List(ctx context.Context, q Query) ([]*record.Work, error) {
	unlock, err := m.read(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	var ws []*record.Work
	m.pick(&q, func(w *record.Work) bool {
		ws = append(ws, Copy(w))
		return len(ws) != q.Limit
	})
	return ws, nil
}

// Count implements Browser.
func (m *Memory) Count(ctx context.Context, q Query) (int, error) {
	unlock, err := m.read(ctx)
	if err != nil {
		return 0, err
	}
	defer unlock()
	n := 0
	m.pick(&q, func(*record.Work) bool {
		n++
		return true
	})
	return n, nil
}

// pick shows the works that a query selects, until see returns false.
func (m *Memory) pick(q *Query, see func(*record.Work) bool) {
	more := true
	take := func(k record.Key) bool {
		w := m.rows[k.Seq]
		if (len(q.States) == 0 || slices.Contains(q.States, w.State)) && hasTag(w, q.Tag) &&
			(q.Name == "" || w.Name == q.Name) && (q.Task == "" || m.task(w) == q.Task) && strings.HasPrefix(string(w.ID), q.Begin) {
			more = see(w)
		}
		return more
	}
	m.open.above(record.Key{Seq: math.MinInt64}, take)
	if more {
		m.done.fromEnd(take)
	}
}

func (m *Memory) task(w *record.Work) string {
	if s := m.specs[w.Spec]; s != nil {
		return s.Task
	}
	return ""
}

// Journal implements Browser.
func (m *Memory) Journal(ctx context.Context, after int64, limit int) ([]record.Chunk, error) {
	unlock, err := m.read(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	from, _ := slices.BinarySearchFunc(m.journal, after+1, func(c record.Chunk, seq int64) int { return compare(c.Last, seq) })
	var cs []record.Chunk
	for _, c := range m.journal[from:] {
		if len(cs) == limit {
			break
		}
		c.Lines = copyOf(c.Lines)
		cs = append(cs, c)
	}
	return cs, nil
}

// Hosts implements Browser.
func (m *Memory) Hosts(ctx context.Context, id work.ID) ([]record.Host, error) {
	unlock, err := m.read(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return copyOf(m.hosts[id]), nil
}
