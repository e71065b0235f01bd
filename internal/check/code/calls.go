package code

import "github.com/lullwork/lull/internal/check/island"

// Call is a call and where it stands.
type Call struct {
	Unit *Unit
	Node *island.Node
	In   *Func // nil outside of all bodies
}

// Calls are all calls whose callee's last name is this one, in the order of the files.
// Only bodies that mention the name are parsed.
func (p *Program) Calls(name string) []Call { return nil }

// Use is a mention of a name.
type Use struct {
	Unit   *Unit
	Node   *island.Node // an Ident or a Member
	In     *Func        // nil outside of all bodies
	Write  bool         // it is assigned to
	Called bool
}

// Mentions are the identifiers and members with that name, in the order of the files.
func (p *Program) Mentions(name string) []Use { return nil }

// Uses are the places which may mean the declaration.
func (p *Program) Uses(d *island.Decl) []Use { return nil }
