package core

import (
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// everything is the limit of a page that is to hold all there is.
const everything = 1 << 30

// Needs names the rows that a step with this event will look at.
func (m *Machine) Needs(ev Event) []record.Need {
	switch ev := ev.(type) {
	case chained:
		return m.NeedsToAsk(&ev.ask)
	case Enqueue:
		return m.NeedsToAsk(&ev)
	case Change:
		return one(ev.Request.ID)
	case Offer:
		return one(ev.Work)
	case Cancel:
		switch {
		case ev.ID != "":
			return one(ev.ID)
		case ev.Name != "":
			return []record.Need{{Name: ev.Name}}
		case ev.Tag != "" || ev.All:
			return []record.Need{{Tag: &record.TagPage{Tag: ev.Tag, Limit: page}}}
		}
	case cancelMore:
		return []record.Need{{Tag: &record.TagPage{Tag: ev.tag, After: ev.after, Limit: page}}}
	case PlanRead:
		needs := make([]record.Need, len(ev.Roots))
		for i := range ev.Roots {
			needs[i] = record.Need{Name: planName(ev.Roots[i].Name)}
		}
		return needs
	case replant:
		return []record.Need{{Name: planName(ev.name)}}
	case Ended:
		if r := m.currentRun(ev.Work, ev.Epoch); r != nil && r.w.HasNext && ev.Outcome == work.Success {
			return []record.Need{{Next: ev.Work}}
		}
	case Prune:
		return []record.Need{{Unused: true}}
	case cascade:
		return []record.Need{{Tree: ev.id}}
	case dropped:
		return one(ev.id)
	case remerge:
		return []record.Need{{Works: append([]work.ID{ev.id}, ev.parents...)}}
	case refill:
		g := &m.specOf(ev.group.Spec).lanes[ev.group.Lane]
		return []record.Need{{Page: &record.GroupPage{Group: ev.group, After: g.cursor, Limit: page}}}
	case reschedule:
		return []record.Need{{Page: &record.GroupPage{Group: ev.group, After: ev.after, Limit: page}}}
	case shiftTimes:
		return []record.Need{{Tag: &record.TagPage{After: ev.after, Limit: page}}}
	}
	return nil
}

// NeedsToAsk is Needs with an [Enqueue].
func (m *Machine) NeedsToAsk(ev *Enqueue) []record.Need {
	var needs []record.Need
	if m.passing {
		needs = m.needs[:0]
	}
	if !ev.Fresh {
		ids := make([]work.ID, len(ev.Nodes))
		for i := range ev.Nodes {
			ids[i] = ev.Nodes[i].Request.ID
		}
		needs = append(needs, record.Need{Works: ids})
	}
	if ev.Unique.Name != "" {
		needs = append(needs, record.Need{Name: ev.Unique.Name})
	}
	if m.rules.MaxContentURIs > 0 && anyOf(ev.Nodes, triggered) {
		needs = append(needs, record.Need{Tag: &record.TagPage{Limit: everything}})
	}
	if m.passing {
		m.needs = needs // they are not kept
	}
	return needs
}

func one(id work.ID) []record.Need { return []record.Need{{Works: []work.ID{id}}} }
