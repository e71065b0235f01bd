//go:build linux

package forgetfs

import (
	"math/rand/v2"
	"slices"
)

// entry is a name whose binding changed since the last sync of its directory.
type entry struct {
	dir      *object
	name     string
	pre, now *object // durable and present binding; nil: none
	group    *group  // nil once durable
}

// group is a set of entries that become durable or are turned back together: those that
// share an object. It makes a rename atomic, and keeps an object that is moved by link and
// unlink from losing its last name.
type group struct{ entries []*entry }

func (g *group) merge(other *group) *group {
	if g == other {
		return g
	}
	if len(g.entries) < len(other.entries) {
		g, other = other, g
	}
	for _, e := range other.entries {
		e.group = g
	}
	g.entries = append(g.entries, other.entries...)
	return g
}

// entry returns the record of a name that is about to change; now is its binding.
func (o *object) entry(name string, now *object) *entry {
	if e := o.names[name]; e != nil {
		return e
	}
	e := &entry{dir: o, name: name, pre: now, now: now}
	e.group = &group{entries: []*entry{e}}
	if o.names == nil {
		o.names = map[string]*entry{}
	}
	o.names[name] = e
	e.use(now)
	return e
}

// bind gives the name to o, or to nobody.
func (e *entry) bind(o *object) {
	old := e.now
	e.now = o
	e.use(o)
	if old != nil && old != e.now && old != e.pre {
		old.uses = slices.DeleteFunc(old.uses, func(u *entry) bool { return u == e })
	}
}

func (e *entry) use(o *object) {
	if o == nil || slices.Contains(o.uses, e) {
		return
	}
	if len(o.uses) > 0 {
		e.group.merge(o.uses[0].group)
	}
	o.uses = append(o.uses, e)
}

// owed reports whether a cut may have to bring o back under an old name.
func (o *object) owed() bool {
	return slices.ContainsFunc(o.uses, func(e *entry) bool { return e.pre == o })
}

// commit makes a group durable, and with it the way to each of its directories.
func (f *FS) commit(g *group) {
	if g == nil {
		return
	}
	entries := g.entries
	g.entries = nil
	for _, e := range entries {
		delete(e.dir.names, e.name)
		e.group = nil
		for _, o := range []*object{e.pre, e.now} {
			if o != nil {
				o.uses = slices.DeleteFunc(o.uses, func(u *entry) bool { return u == e })
			}
		}
	}
	for _, e := range entries {
		if e.now != nil {
			e.now.fresh = false
		}
	}
	for _, e := range entries {
		f.commitNew(e.dir)
		for _, o := range []*object{e.pre, e.now, e.dir} {
			f.settle(o)
		}
	}
}

// commitNew makes the names of o durable if o has no durable one.
func (f *FS) commitNew(o *object) {
	for o.fresh && len(o.uses) > 0 {
		f.commit(o.uses[0].group)
	}
}

// commitNames makes the names in a directory durable.
func (f *FS) commitNames(d *object) {
	for len(d.names) > 0 {
		for _, e := range d.names {
			f.commit(e.group)
			break
		}
	}
	f.commitNew(d)
}

// pending lists the names that are not durable, in a fixed order.
func (f *FS) pending() []*entry {
	var all []*entry
	for _, d := range f.sorted() {
		from := len(all)
		for _, e := range d.names {
			all = append(all, e)
		}
		slices.SortFunc(all[from:], func(a, b *entry) int {
			if a.name < b.name {
				return -1
			}
			return 1
		})
	}
	return all
}

// commitRandom makes each group durable with even odds.
func (f *FS) commitRandom(rng *rand.Rand) {
	tossed := map[*group]bool{}
	for _, e := range f.pending() {
		g := e.group
		if g == nil || tossed[g] {
			continue
		}
		tossed[g] = true
		if rng.Uint64()&1 == 0 {
			f.commit(g)
		}
	}
}

// revert gives each pending name back what it was bound to durably. First all names are
// freed, their objects stashed, so that renames in a circle can be undone.
func (f *FS) revert() error {
	pending := f.pending()
	for _, e := range pending {
		if e.now != nil && e.now != e.pre {
			if err := f.detach(e.dir, e.name, e.now, true); err != nil {
				return err
			}
		}
	}
	for _, e := range pending {
		if e.pre != nil && e.now != e.pre {
			if err := f.attach(e.dir, e.name, e.pre); err != nil {
				return err
			}
		}
	}
	return nil
}
