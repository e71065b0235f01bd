package code

import "github.com/lullwork/lull/internal/check/island"

// with keeps the states in which all events of a mask have happened, without those in
// which none has.
func (s set) with(mask int) set    { return s.filter(mask, true) }
func (s set) without(mask int) set { return s.filter(mask, false) }

func (s set) filter(mask int, happened bool) set {
	var kept set
	for _, st := range s.states() {
		ok := true
		for ev := range 4 {
			if mask&(1<<ev) != 0 && (st.Count(ev) > 0) != happened {
				ok = false
			}
		}
		if ok {
			kept[st/64] |= 1 << (st % 64)
		}
	}
	return kept
}

// once recognises the flag that lets something happen once: a condition on a flag that
// what it lets through sets, as in if !done { done = true; finish() }. It returns the events
// there as a mask: where the flag is set they have happened, else not. holds tells on
// which side of the condition the region is.
func (w *walker) once(cond *island.Node, holds bool, region []*island.Node) int {
	if w.q.Event == nil {
		return 0
	}
	flag, is := flagOf(cond)
	if flag == nil {
		return 0
	}
	set := is != holds // to the opposite of what it is in the region
	mask, marked := 0, false
	var look func(n *island.Node)
	look = func(n *island.Node) {
		if n.Kind == island.Assign && len(n.Kids) == 2 && n.Kids[1].Kind == island.Bool && (n.Kids[1].Name == "true") == set && sameName(n.Kids[0], flag) {
			marked = true
		}
		if ev := w.q.Event(w.f, n); ev >= 0 && ev < 4 {
			mask |= 1 << ev
		}
		each(n, look)
	}
	for _, n := range region {
		look(n)
	}
	if !marked {
		return 0
	}
	return mask
}

// flagOf is the variable that a condition is about, and what it is where the condition
// holds.
func flagOf(cond *island.Node) (*island.Node, bool) {
	switch cond.Kind {
	case island.Ident:
		return cond, true
	case island.Member:
		return cond, true
	case island.Unary:
		if cond.Name == "!" && len(cond.Kids) > 0 {
			flag, is := flagOf(cond.Kids[0])
			return flag, !is
		}
	case island.Binary:
		if (cond.Name == "==" || cond.Name == "!=") && len(cond.Kids) == 2 && cond.Kids[1].Kind == island.Bool {
			flag, is := flagOf(cond.Kids[0])
			return flag, is == ((cond.Kids[1].Name == "true") == (cond.Name == "=="))
		}
	}
	return nil, false
}

// sameName tells whether two names are written the same, self. or not.
func sameName(a, b *island.Node) bool {
	if a.Kind == island.Unary && len(a.Kids) > 0 {
		a = a.Kids[0]
	}
	return a.Name != "" && a.Name == b.Name
}
