package rules

import (
	"slices"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/plugins"
)

// httpCalls and storeCalls are methods of clients and of databases that give a future, by name.
var (
	httpCalls  = []string{"get", "post", "put", "patch", "delete", "head", "read", "readBytes", "send", "fetch", "download", "request"}
	storeCalls = []string{"insert", "update", "delete", "execute", "transaction"}
)

// givesFuture tells whether a call of what is not part of the project is one whose work is lost if
// nobody waits for it.
func (p *Pass) givesFuture(c code.Call) bool {
	return plugins.Futures()[island.CalleeName(c.Node)] || p.toServer(c) || p.toDatabase(c)
}

// toServer tells whether a call is a request of http or Dio.
func (p *Pass) toServer(c code.Call) bool {
	on := receiver(c.Node)
	if on == nil || !slices.Contains(httpCalls, island.CalleeName(c.Node)) {
		return false
	}
	switch p.typeOf(c.Unit, on) {
	case "Dio":
		return true
	case "Client", "IOClient":
		return p.uses("http")
	}
	return prefixOf(c.Unit, on, "http")
}

// toDatabase tells whether a call changes a database of sqflite.
func (p *Pass) toDatabase(c code.Call) bool {
	on, name := receiver(c.Node), island.CalleeName(c.Node)
	if on == nil || name != "commit" && !slices.Contains(storeCalls, name) || !p.uses("sqflite") || p.uses("drift") || imports(c.Unit, "cloud_firestore") {
		return false // Drift's database and Firestore's transaction have methods of these names that give no future
	}
	opens := func(n *island.Node) bool {
		if n != nil && n.Kind == island.Await && len(n.Kids) > 0 {
			n = n.Kids[0]
		}
		return n != nil && n.Kind == island.Call && island.CalleeName(n) == "openDatabase"
	}
	switch p.typeOf(c.Unit, on) {
	case "Batch": // which only notes what commit is to do
		return name == "commit"
	case "Database", "DatabaseExecutor", "Transaction":
		return name != "commit"
	}
	return name != "commit" && slices.ContainsFunc(p.dart().Resolve(c.In, c.Unit, on), func(d *island.Decl) bool { return opens(d.Init()) })
}

func networkWithoutConstraint(p *Pass) {
	type use struct {
		e  *entry
		at code.Call
	}
	var uses []use
	for _, e := range p.working() {
		if e.Plugin != "workmanager" {
			continue
		}
		for _, name := range httpCalls {
			for _, c := range p.sureCalls(e, name) {
				if on := receiver(c.Node); p.toServer(c) || on != nil && p.typeOf(c.Unit, on) == "HttpClient" {
					uses = append(uses, use{e, c})
				}
			}
		}
	}
	if len(uses) == 0 {
		return
	}
	for _, s := range p.runsOn(OnAndroid) {
		if !s.Periodic || s.Node.Arg("constraints") != nil {
			continue
		}
		task, known := p.value(s.Call, s.task()).String()
		i := slices.IndexFunc(uses, func(u use) bool {
			return !known || len(u.e.params) == 0 || p.comesTo(u.at, u.e.Work, u.e.params[0].Name, task, 4)
		})
		if i < 0 {
			continue
		}
		f := p.Report(p.Call(s.Unit, s.Node), "the task goes to the network, but does not wait for one")
		f.Subject = p.nameOf(s)
		p.related(f, uses[i].at.Unit, uses[i].at.Node.Kids[0], "here")
	}
}
