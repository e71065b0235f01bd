package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/project"
)

// httpVerbs are the annotations of Retrofit that make a function of an interface a request.
var httpVerbs = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "HTTP"}

// sets are the functions of a builder of requests, but for those of Kotlin's own.
var sets = []string{
	"addTag", "build", "keepResultsForAtLeast", "setBackoffCriteria", "setConstraints", "setExpedited", "setId", "setInitialDelay", "setInputData",
	"setInputMerger", "setNextScheduleTimeOverride", "setTraceTag",
}

// nativeNetwork reports requests of WorkManager that wait for no network, and whose worker
// certainly goes to one.
func nativeNetwork(p *Pass) {
	uses := map[string]*code.Call{} // by worker
	p.workers(func(m *project.Module, u *code.Unit, class *island.Decl, doWork *code.Func) {
		if c := goesOnline(m.Code, doWork); c != nil {
			uses[class.Name] = c
		}
	})
	for _, r := range p.workRequests() {
		at := uses[r.worker]
		if at == nil || r.with("build") == nil {
			continue
		}
		if set := r.constraints(); r.with("setConstraints") != nil && (len(set) == 0 || set["setRequiredNetworkType"] != nil || set["setRequiredNetworkRequest"] != nil) {
			continue
		}
		if slices.ContainsFunc(r.calls, func(n *island.Node) bool { return !slices.Contains(sets, island.CalleeName(n)) }) {
			continue // what the app adds may set constraints
		}
		f := p.Report(p.Call(r.Unit, r.Node), "%s goes to the network, but does not wait for one", r.worker)
		f.Subject, f.Fix = r.worker, "Add setConstraints with setRequiredNetworkType(NetworkType.CONNECTED)"
		f.Related = []finding.Related{{Place: p.verb(at.Unit, at.Node), Text: "here"}}
	}
}

// clients are types of libraries that go to the network, with functions of them, and with what goes on
// with these where that is what does.
var clients = []struct {
	of          string
	names, then []string
}{
	{"HttpClient", []string{"get", "post", "put", "delete", "request"}, nil},
	{"FirebaseFirestore", []string{"collection", "document"}, []string{"get", "set", "add", "update", "delete"}},
}

// goesOnline is a call that a function certainly comes to and that goes to the network: of a
// function of Retrofit, of OkHttp, of Ktor, of Firestore or of a URL; nil without.
func goesOnline(native *code.Program, f *code.Func) *code.Call {
	reach := native.Reach(f)
	for _, name := range []string{"newCall", "openConnection"} {
		for _, c := range reach.Calls(name) {
			if reach.Sure(c.In) && c.Node.Kids[0].Kind == island.Member {
				return &c
			}
		}
	}
	for _, client := range clients {
		for _, name := range client.names {
			for _, c := range reach.Calls(name) {
				to := c.Node.Kids[0]
				if !reach.Sure(c.In) || to.Kind != island.Member || native.TypeName(c.Unit, to.Kids[0]) != client.of {
					continue
				}
				asks := client.then == nil
				island.Walk(c.In.Body(), func(n *island.Node) bool {
					asks = asks || isCall(n, client.then...) && (chainHas(n, c.Node) || slices.ContainsFunc(native.Resolve(c.In, c.Unit, rootOf(n)), func(d *island.Decl) bool { return d.Init() == c.Node }))
					return !asks
				})
				if asks {
					return &c
				}
			}
		}
	}
	for _, name := range retrofitNames(native) {
		for _, c := range reach.Calls(name) {
			if reach.Sure(c.In) && slices.ContainsFunc(native.Resolve(c.In, c.Unit, c.Node.Kids[0]), isRequest) {
				return &c
			}
		}
	}
	return nil
}

func retrofitNames(native *code.Program) []string {
	var names []string
	for _, u := range native.Units() {
		if !slices.ContainsFunc(u.Imports, func(i island.Import) bool { return strings.HasPrefix(i.URI, "retrofit2.http.") }) {
			continue
		}
		for _, d := range u.Decls {
			for _, m := range d.Members {
				if isRequest(m) && !slices.Contains(names, m.Name) {
					names = append(names, m.Name)
				}
			}
		}
	}
	return names
}

func isRequest(d *island.Decl) bool {
	return d.Parent != nil && d.Parent.Kind == island.Interface && slices.ContainsFunc(d.Annotations, func(a island.Annotation) bool { return slices.Contains(httpVerbs, a.Name) })
}
