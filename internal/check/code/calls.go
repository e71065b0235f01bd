package code

import (
	"iter"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/island"
)

// Call is a call and where it stands.
type Call struct {
	Unit *Unit
	Node *island.Node
	In   *Func // nil outside of all bodies
}

// Calls are all calls whose callee's last name is this one, in the order of the files; in
// Objective-C that is the whole selector, "submitTaskRequest:error:". Only bodies that
// mention the name are parsed.
func (p *Program) Calls(name string) []Call {
	return inPart(p, p.allCalls(name), func(c *Call) *Unit { return c.Unit })
}

// inPart are those of a part of a program.
func inPart[T any](p *Program, all []T, unit func(*T) *Unit) []T {
	if p.part == nil {
		return all
	}
	var own []T
	for i := range all {
		if p.parts[unit(&all[i])] {
			own = append(own, all[i])
		}
	}
	return own
}

func (p *Program) allCalls(name string) []Call {
	if calls, ok := p.calls[name]; ok {
		return calls
	}
	p.calls[name] = p.callsAt(name, p.spots)
	return p.calls[name]
}

func (p *Program) callsAt(name string, spots func(string, spot)) (calls []Call) {
	spots(name, func(u *Unit, f *Func, way []*island.Node, off int) {
		for i := len(way) - 1; i >= 0; i-- {
			n := way[i]
			if n.Kind == island.Call && len(n.Kids) > 0 && island.CalleeName(n) == name && (nameAt(n.Kids[0]) == off || strings.Contains(name, ":")) {
				calls = append(calls, Call{u, n, p.innermost(f, way[:i])})
				return
			}
		}
	})
	return calls
}

// Use is a mention of a name.
type Use struct {
	Unit   *Unit
	Node   *island.Node // an Ident or a Member
	In     *Func        // nil outside of all bodies
	Write  bool         // it is assigned to
	Called bool
}

// Mentions are the identifiers and members with that name, in the order of the files.
func (p *Program) Mentions(name string) []Use {
	return inPart(p, p.allMentions(name), func(u *Use) *Unit { return u.Unit })
}

func (p *Program) allMentions(name string) []Use {
	if uses, ok := p.mentions[name]; ok {
		return uses
	}
	p.mentions[name] = p.mentionsAt(name, p.spots)
	return p.mentions[name]
}

func (p *Program) mentionsAt(name string, spots func(string, spot)) (uses []Use) {
	spots(name, func(u *Unit, f *Func, way []*island.Node, off int) {
		for i := len(way) - 1; i >= 0; i-- {
			n := way[i]
			if n.Kind != island.Ident && n.Kind != island.Member || n.Name != name || nameAt(n) != off && word(name) == name {
				continue
			}
			use := Use{Unit: u, Node: n, In: p.innermost(f, way[:i])}
			if i > 0 {
				up := way[i-1]
				first := len(up.Kids) > 0 && up.Kids[0] == n
				use.Called = up.Kind == island.Call && first
				use.Write = first && (up.Kind == island.Assign || up.Kind == island.Unary && (up.Name == "++" || up.Name == "--"))
			}
			uses = append(uses, use)
			return
		}
	})
	return uses
}

// spot is the place of an identifier in a body: the outermost function around it and the
// way to it.
type spot func(u *Unit, f *Func, way []*island.Node, off int)

// spots visits the places of an identifier in bodies.
func (p *Program) spots(name string, visit spot) {
	for _, u := range p.units {
		p.spotsOf(u, name, nil, visit)
	}
}

// spotsOf visits those in a file, where hosts is not nil only those in one of these
// declarations.
func (p *Program) spotsOf(u *Unit, name string, hosts map[*island.Decl]bool, visit spot) {
	for _, off := range u.File.Uses(word(name)) {
		if hosts != nil && !hosts[u.At(off)] {
			continue
		}
		if f, root := p.rootAt(u, off); root != nil {
			visit(u, f, descend(root, off), off)
		}
	}
}

// word is the first word of a selector.
func word(name string) string {
	first, _, _ := strings.Cut(name, ":")
	return first
}

// nameAt is the offset of the name of an identifier or a member.
func nameAt(n *island.Node) int {
	if n.Kind == island.Member {
		return n.End - len(n.Name)
	}
	return n.Start
}

// Uses are the places which may mean the declaration.
func (p *Program) Uses(d *island.Decl) []Use {
	if uses, ok := p.uses[d]; ok {
		return uses
	}
	var uses []Use
	for _, use := range p.allMentions(d.Name) {
		if p.means(use, d) {
			uses = append(uses, use)
		}
	}
	p.uses[d] = uses
	return uses
}

// EachUse is Uses, file by file: who stops at one spares the files behind it.
func (p *Program) EachUse(d *island.Decl) iter.Seq[Use] {
	_, known := p.mentions[d.Name]
	if uses, ok := p.uses[d]; ok || known {
		if !ok {
			uses = p.Uses(d)
		}
		return slices.Values(uses)
	}
	return func(yield func(Use) bool) {
		for _, u := range p.units {
			for _, use := range p.mentionsAt(d.Name, func(name string, visit spot) { p.spotsOf(u, name, nil, visit) }) {
				if p.means(use, d) && !yield(use) {
					return
				}
			}
		}
	}
}

// means tells whether a name may mean the declaration.
func (p *Program) means(use Use, d *island.Decl) bool {
	return slices.ContainsFunc(p.refs(use.Unit, use.Node, 0), func(r Ref) bool { return r.Decl == d })
}
