package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/manifest"
	"github.com/lullwork/lull/internal/check/project"
)

const (
	defineWork = workDocs + "getting-started/define-work"
	manageWork = workDocs + "how-to/manage-work"
	workSource = "androidx/androidx work/work-runtime/src/main/java/androidx/work/"
)

func nativeWorkRules() []*Rule {
	return []*Rule{
		{
			Name: "unique-work-policy", IDs: []string{"K01"}, Group: NativeAndroid, Certainty: finding.Warning, Platforms: []string{OnAndroid},
			Title: "work is enqueued so that it piles up, or begins again and again",
			Detail: "Periodic work that is enqueued without a unique name exists once more after each launch. With REPLACE or CANCEL_AND_REENQUEUE at each launch its period begins anew, so that an app that is opened often never gets a run. " +
				"With APPEND a chain whose tail has failed takes new work and never runs it. With KEEP a period that has changed in a release is never used.",
			Seen:   "more and more runs, or none at all",
			Fix:    "Use enqueueUniquePeriodicWork with UPDATE, or enqueueUniqueWork with KEEP or APPEND_OR_REPLACE",
			Source: []string{manageWork + "#unique-work", workSource + "ExistingPeriodicWorkPolicy.kt, ExistingWorkPolicy.kt"},
			Lint:   "androidx.work lint: BadPeriodicWorkRequestEnqueue (enqueue of periodic work only)",
			Example: Example{
				Lang: "kotlin",
				Bad:  "WorkManager.getInstance(this).enqueue(PeriodicWorkRequestBuilder<Sync>(1, TimeUnit.HOURS).build())\n",
				Good: "WorkManager.getInstance(this).enqueueUniquePeriodicWork(\"sync\", ExistingPeriodicWorkPolicy.UPDATE,\n    PeriodicWorkRequestBuilder<Sync>(1, TimeUnit.HOURS).build())\n",
			},
			Check: checkUniqueWork,
		},
		{
			Name: "work-time-clamped", Group: NativeAndroid, Certainty: finding.Warning, Platforms: []string{OnAndroid},
			Title: "WorkManager changes a flex or a backoff that is out of range",
			Detail: fmt.Sprintf("A flex is at least %s and at most the period; a backoff lies between %s and %s. WorkManager raises or lowers what is outside, with a line in the log only.",
				span(minFlex()), span(androidLimit("minimum backoff")), span(androidLimit("maximum backoff"))),
			Seen:   "runs and retries come at other times than the code says",
			Fix:    "Ask for what WorkManager can do",
			Source: []string{workSource + "PeriodicWorkRequest.kt, WorkRequest.kt", defineWork},
			Example: Example{
				Lang: "kotlin",
				Bad:  "PeriodicWorkRequestBuilder<Sync>(1, TimeUnit.HOURS, 1, TimeUnit.MINUTES)\n",
				Good: "PeriodicWorkRequestBuilder<Sync>(1, TimeUnit.HOURS, 15, TimeUnit.MINUTES)\n",
			},
			Check: checkTimeClamped,
		},
		{
			Name: "work-chain-not-enqueued", IDs: []string{"K04"}, Group: NativeAndroid, Certainty: finding.Warning, Platforms: []string{OnAndroid},
			Title:  "a chain of work is made and never enqueued",
			Detail: "beginWith, beginUniqueWork and then only describe a chain. It exists when enqueue() is called on it.",
			Seen:   "the work never runs",
			Fix:    "End the chain with enqueue()",
			Source: []string{workDocs + "how-to/chain-work"},
			Lint:   "Android lint: EnqueueWork",
			Example: Example{
				Lang: "kotlin",
				Bad:  "WorkManager.getInstance(this).beginWith(a).then(b)\n",
				Good: "WorkManager.getInstance(this).beginWith(a).then(b).enqueue()\n",
			},
			Check: checkChain,
		},
		{
			Name: "job-id-range", IDs: []string{"K03"}, Group: NativeAndroid, Certainty: finding.Hint, Platforms: []string{OnAndroid},
			Title:  "jobs of the app and of WorkManager share their numbers",
			Detail: "WorkManager schedules jobs of its own with numbers from 0 on. An app that has a JobService too can overwrite one of them, unless it gives WorkManager a range.",
			Seen:   "now and then a job, or a work, does not come",
			Fix:    "Call setJobSchedulerJobIdRange in WorkManager's Configuration",
			Source: []string{workSource + "Configuration.kt setJobSchedulerJobIdRange"},
			Lint:   "androidx.work lint: SpecifyJobSchedulerIdRange",
			Example: Example{
				Lang: "kotlin",
				Bad:  "class Upload : JobService() // and WorkManager without a range\n",
				Good: "Configuration.Builder().setJobSchedulerJobIdRange(1000, 20000).build()\n",
			},
			Check: checkJobIDRange,
		},
		{
			Name: "work-network-connected", Group: NativeAndroid, Certainty: finding.Hint, Platforms: []string{OnAndroid},
			Title:  "a transfer runs on any network",
			Detail: "NetworkType.CONNECTED holds on a metered mobile network too. A large transfer there costs the user, and UNMETERED alone does not say that the network reaches the internet, so that the worker still has to retry.",
			Seen:   "transfers on mobile data; users take the app's background data away",
			Fix:    "Use NetworkType.UNMETERED for large transfers, if they can wait",
			Source: []string{defineWork + "#work-constraints"},
			Example: Example{
				Lang: "kotlin",
				Bad:  "Constraints(requiredNetworkType = NetworkType.CONNECTED) // BackupWorker\n",
				Good: "Constraints(requiredNetworkType = NetworkType.UNMETERED) // BackupWorker\n",
			},
			Check: checkTransferNetwork,
		},
	}
}

// workManagerCalls are calls of WorkManager, by name.
func workManagerCalls(m *project.Module, names ...string) []code.Call {
	var calls []code.Call
	for _, name := range names {
		for _, c := range m.Code.Calls(name) {
			if !inTests(c.Unit) && len(c.Node.Kids) > 0 && c.Node.Kids[0].Kind == island.Member && isWorkManager(m.Code, c) {
				calls = append(calls, c)
			}
		}
	}
	return calls
}

// isWorkManager tells whether a call is one of WorkManager: by its text, by the type of the
// receiver, or by its first value.
func isWorkManager(native *code.Program, c code.Call) bool {
	says := func(u *code.Unit, n *island.Node) bool {
		return strings.Contains(strings.ToLower(u.Text(n.Span)), "workmanager")
	}
	receiver := c.Node.Kids[0].Kids[0]
	if says(c.Unit, receiver) || native.TypeName(c.Unit, receiver) == "WorkManager" {
		return true
	}
	for _, d := range native.Resolve(c.In, c.Unit, receiver) {
		if u := native.UnitOf(d); u != nil && d.Init() != nil && says(u, d.Init()) {
			return true
		}
	}
	return false
}

// nativeUnits are the sources of all modules.
func (p *Pass) nativeUnits() []*code.Unit {
	var all []*code.Unit
	for _, m := range p.nativeModules() {
		all = append(all, m.Code.Units()...)
	}
	return all
}

// startsOf are the functions that run as the app starts. Of activities that is the one that the user
// opens, or by its name the one after it.
func (p *Pass) startsOf(native *code.Program) []*code.Func {
	later := func(class *island.Decl) bool {
		return !strings.HasPrefix(class.Name, "Main") && !strings.HasPrefix(class.Name, "Home") && p.inManifests(func(f *manifest.File) bool {
			c, ok := f.Component("activity", class.Name)
			return ok && !c.Receives("android.intent.action.MAIN")
		})
	}
	var roots []*code.Func
	for _, u := range p.nativeUnits() {
		for _, d := range u.Decls {
			if d.Kind != island.Class && d.Kind != island.Object || inTests(u) {
				continue
			}
			for _, m := range d.Members {
				switch {
				case m.Name == "onCreate" && (superEnds(d, "Application") || superEnds(d, "Activity") && !later(d)),
					m.Name == "create" && supers(d, "Initializer"):
					if f := native.FuncOf(m); f != nil {
						roots = append(roots, f)
					}
				}
			}
		}
	}
	return roots
}

// visitsOf are the functions of a module that run each time that a screen comes or goes.
func visitsOf(native *code.Program) []*code.Func {
	var roots []*code.Func
	classesOf(native, func(_ *code.Unit, d *island.Decl) {
		if len(d.Supers) == 0 || !strings.HasSuffix(d.Name, "Activity") && !strings.HasSuffix(d.Name, "Fragment") {
			return
		}
		for _, name := range []string{"onStart", "onResume", "onPause", "onStop"} {
			if f := native.FuncOf(method(d, name)); f != nil {
				roots = append(roots, f)
			}
		}
	})
	return roots
}

// inBranch tells whether anything on the way to a call runs it under a condition only. What returns
// before it is none.
func inBranch(native *code.Program, reach *code.Reach, c code.Call) bool {
	for in, n := c.In, c.Node; in != nil && n != nil; in, n = reach.Via(in) {
		if slices.ContainsFunc(native.Guards(in, n), func(g code.Guard) bool {
			return (g.Kind == code.Condition || g.Kind == code.InCase) && !g.Early
		}) {
			return true
		}
	}
	return false
}

// superEnds tells whether the name of a supertype of a declaration ends so: DaggerApplication.
func superEnds(d *island.Decl, with string) bool {
	return slices.ContainsFunc(d.Supers, func(s string) bool { return strings.HasSuffix(shortClass(s), with) })
}

// supers tells whether a declaration names one of the types as its supertype.
func supers(d *island.Decl, names ...string) bool {
	for _, s := range d.Supers {
		if slices.Contains(names, shortClass(s)) {
			return true
		}
	}
	return false
}

// atStart tells whether a call certainly runs as the app starts: not when something happens.
func atStart(reach *code.Reach, c code.Call) bool {
	if c.In == nil || !reach.Sure(c.In) {
		return false
	}
	for _, f := range reach.Path(c.In) {
		for ; f != nil && f.Closure != nil; f = f.Outer {
			taker, label := handedTo(f)
			if strings.HasPrefix(label, "on") || strings.HasPrefix(taker, "setOn") || strings.HasPrefix(taker, "on") || strings.HasSuffix(taker, "Listener") || taker == "observe" || taker == "collect" {
				return false
			}
		}
	}
	return true
}

func checkUniqueWork(p *Pass) {
	requests := p.workRequests()
	for _, m := range p.nativeModules() {
		var reach, visits *code.Reach
		visited := func(c code.Call) bool {
			if visits == nil {
				visits = m.Code.Reach(visitsOf(m.Code)...)
			}
			return atStart(visits, c) && !inBranch(m.Code, visits, c)
		}
		early := func(c code.Call) bool {
			if reach == nil {
				reach = m.Code.Reach(p.startsOf(m.Code)...)
			}
			return atStart(reach, c)
		}
		for _, c := range workManagerCalls(m, "enqueue") {
			r := requestOf(requests, m.Code, c.In, c.Unit, firstArg(c.Node))
			switch {
			case r == nil:
			case r.periodic:
				f := p.Report(p.Call(c.Unit, c.Node), "periodic work is enqueued without a unique name: each call adds another one")
				f.Subject = r.worker
			case early(c):
				f := p.Report(p.Call(c.Unit, c.Node), "work is enqueued at each launch without a unique name")
				f.Subject, f.Certainty = r.worker, finding.Hint
			}
		}
		for _, c := range workManagerCalls(m, "enqueueUniqueWork", "enqueueUniquePeriodicWork", "beginUniqueWork") {
			if len(c.Node.Args) < 2 {
				continue
			}
			policy := lastName(c.Node.Args[1].Value)
			r := (*workRequest)(nil)
			if len(c.Node.Args) > 2 {
				r = requestOf(requests, m.Code, c.In, c.Unit, c.Node.Args[2].Value)
			}
			switch {
			case policy == "REPLACE" && r != nil && r.forTime(): // it is at the same time again
			case (policy == "REPLACE" || policy == "CANCEL_AND_REENQUEUE") && early(c):
				f := p.Report(p.Node(c.Unit, c.Node.Args[1].Value), "%s at each launch cancels what is there and begins its time anew", policy)
				f.Subject = policy
			case (policy == "REPLACE" || policy == "CANCEL_AND_REENQUEUE") && island.CalleeName(c.Node) == "enqueueUniquePeriodicWork" && visited(c):
				f := p.Report(p.Node(c.Unit, c.Node.Args[1].Value), "%s each time a screen comes or goes cancels what is there and begins its period anew", policy)
				f.Subject = policy
			case policy == "APPEND":
				f := p.Report(p.Node(c.Unit, c.Node.Args[1].Value), "with APPEND new work never runs once the work before it has failed")
				f.Subject, f.Certainty = policy, finding.Hint
			case policy == "KEEP" && r != nil && r.periodic && !p.updates(m):
				if _, _, known, _, _ := r.period(); !known && p.varies(r) {
					f := p.Report(p.Node(c.Unit, c.Node.Args[1].Value), "with KEEP a period that changes is not used while the old work is there")
					f.Subject = policy
				}
			}
		}
	}
}

// forTime tells whether a request is for one run after a delay that is worked out, as the time up to
// an hour of the day is.
func (r *workRequest) forTime() bool {
	delay := r.with("setInitialDelay")
	if delay == nil || r.periodic {
		return false
	}
	_, _, known := r.duration(delay.Args, 0)
	return !known
}

// updates tells whether a module replaces periodic work somewhere.
func (p *Pass) updates(m *project.Module) bool {
	for _, policy := range []string{"UPDATE", "REPLACE", "CANCEL_AND_REENQUEUE"} {
		for _, u := range m.Code.Mentions(policy) {
			if u.Node.Kind == island.Member && lastName(u.Node.Kids[0]) == "ExistingPeriodicWorkPolicy" {
				return true
			}
		}
	}
	return false
}

// varies tells whether the period of a request can be different from one launch to another.
func (p *Pass) varies(r *workRequest) bool {
	at := 0
	if len(r.Node.TypeArgs) == 0 {
		at = 1
	}
	if at >= len(r.Node.Args) {
		return false
	}
	if name := lastName(r.Node.Args[at].Value); name != "" && name == strings.ToUpper(name) { // a constant
		return false
	}
	v := r.native.Value(r.In, r.Unit, r.Node.Args[at].Value)
	return !v.Exact || len(v.Cases) > 1
}

func checkTimeClamped(p *Pass) {
	least, most := androidLimit("minimum backoff"), androidLimit("maximum backoff")
	for _, r := range p.workRequests() {
		if r.periodic {
			every, flex, everyKnown, flexKnown, at := r.period()
			switch {
			case at == nil || !flexKnown:
			case flex < minFlex():
				p.Report(p.Node(r.Unit, at), "a flex of %s is raised to %s", span(flex), span(minFlex())).Subject = r.worker
			case everyKnown && flex > max(every, minPeriod()):
				p.Report(p.Node(r.Unit, at), "a flex of %s is longer than the period of %s, and is lowered to it", span(flex), span(every)).Subject = r.worker
			}
		}
		call := r.with("setBackoffCriteria")
		if call == nil || len(call.Args) < 2 {
			continue
		}
		switch us, _, known := r.duration(call.Args, 1); {
		case !known:
		case us < least:
			p.Report(p.Node(r.Unit, call.Args[1].Value), "a backoff of %s is raised to %s", span(us), span(least)).Subject = r.worker
		case us > most:
			p.Report(p.Node(r.Unit, call.Args[1].Value), "a backoff of %s is lowered to %s", span(us), span(most)).Subject = r.worker
		}
	}
}

func checkChain(p *Pass) {
	for _, m := range p.nativeModules() {
		for _, c := range workManagerCalls(m, "beginWith", "beginUniqueWork") {
			if c.In == nil {
				continue
			}
			ends := goesOn(c.In.Body(), c.Node)
			chained := slices.ContainsFunc(ends, func(n *island.Node) bool { return island.CalleeName(n) == "enqueue" })
			if chained || !statement(c.In.Body(), c.Node) {
				continue
			}
			p.Report(p.verb(c.Unit, c.Node), "this chain is not enqueued")
		}
	}
}

// statement tells whether the value of the chain that begins with a call is dropped.
func statement(body, call *island.Node) bool {
	dropped := false
	island.Walk(body, func(n *island.Node) bool {
		if n.Kind == island.Expr && len(n.Kids) > 0 && chainHas(n.Kids[0], call) {
			dropped = true
		}
		return n.Kind != island.Closure || n.Start <= call.Start && n.End >= call.End
	})
	return dropped
}

// chainHas tells whether a call is in the receivers of a chain.
func chainHas(n, call *island.Node) bool {
	for n != nil && n.Kind == island.Call {
		if n == call {
			return true
		}
		if len(n.Kids) == 0 || n.Kids[0].Kind != island.Member || len(n.Kids[0].Kids) == 0 {
			return false
		}
		n = n.Kids[0].Kids[0]
	}
	return false
}

func checkJobIDRange(p *Pass) {
	for _, m := range p.androidApps() {
		if m.Code == nil || len(m.Code.Mentions("WorkManager")) == 0 || len(m.Code.Mentions("setJobSchedulerJobIdRange")) > 0 {
			continue
		}
		for _, u := range m.Code.Units() {
			for _, d := range u.Decls {
				if d.Kind == island.Class && supers(d, "JobService") && !inTests(u) {
					p.Report(p.Name(u, d), "%s is a JobService beside WorkManager, and no range of numbers keeps them apart", d.Name).Subject = d.Name
				}
			}
		}
	}
}

func checkTransferNetwork(p *Pass) {
	for _, r := range p.workRequests() {
		name := strings.ToLower(r.worker)
		if !strings.Contains(name, "upload") && !strings.Contains(name, "download") && !strings.Contains(name, "backup") {
			continue
		}
		if n := r.constraints()["setRequiredNetworkType"]; n != nil && lastName(n) == "CONNECTED" {
			p.Report(p.Node(r.Unit, n), "%s runs on metered networks too", r.worker).Subject = r.worker
		}
	}
}
