package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/project"
)

func nativeWorkerRules() []*Rule {
	return []*Rule{
		{
			Name: "cancellation-swallowed", Group: NativeAndroid, Certainty: finding.Warning, Platforms: []string{OnAndroid},
			Title: "a worker catches its own cancellation",
			Detail: "When WorkManager stops a CoroutineWorker it cancels its coroutine: the suspended call throws CancellationException. A catch for Exception or Throwable takes it for an error of the work, and what comes after it goes on as if nothing had happened. " +
				"Android then waits for the worker, and ends the process.",
			Seen:   "stopped work is logged as failed, or goes on until Android ends the process",
			Fix:    "Catch CancellationException before and throw it again, or catch the errors that are meant",
			Source: []string{"https://kotlinlang.org/docs/cancellation-and-timeouts.html", androidDocs + "develop/background-work/background-tasks/persistent/threading/coroutineworker"},
			Example: Example{
				Lang: "kotlin",
				Bad:  "override suspend fun doWork() = try {\n    api.sync(); Result.success()\n} catch (e: Exception) { Result.failure() }\n",
				Good: "override suspend fun doWork() = try {\n    api.sync(); Result.success()\n} catch (e: CancellationException) { throw e\n} catch (e: Exception) { Result.failure() }\n",
			},
			Check: checkCancellation,
		},
		{
			Name: "worker-error-swallowed", IDs: []string{"W06"}, Group: NativeAndroid, Certainty: finding.Warning, Platforms: []string{OnAndroid},
			Title:  "a worker catches an error and reports success",
			Detail: "WorkManager tries work again that returns retry, and keeps failure in its record. Success after an error ends the work: one-off work is gone, and periodic work waits for its next period.",
			Seen:   "the work is SUCCEEDED, and nothing was done",
			Fix:    "Return Result.retry() for what may heal and Result.failure() for what cannot",
			Source: []string{defineWork + "#retries_backoff"},
			Example: Example{
				Lang: "kotlin",
				Bad:  "try { upload(); Result.success() } catch (e: IOException) { Result.success() }\n",
				Good: "try { upload(); Result.success() } catch (e: IOException) { Result.retry() }\n",
			},
			Check: checkWorkerSwallows,
		},
		{
			Name: "worker-retry-unbounded", IDs: []string{"W08"}, Group: NativeAndroid, Certainty: finding.Hint, Platforms: []string{OnAndroid},
			Title:  "a worker tries again for ever",
			Detail: "Result.retry() has no end: work that fails for a reason that does not heal runs again after every backoff, which grows up to " + span(androidLimit("maximum backoff")) + ", as long as the app is installed.",
			Seen:   "battery used for attempts that cannot succeed",
			Fix:    "Look at runAttemptCount and return Result.failure() after some attempts",
			Source: []string{defineWork + "#retries_backoff", androidDocs + "reference/androidx/work/ListenableWorker#getRunAttemptCount()"},
			Example: Example{
				Lang: "kotlin",
				Bad:  "catch (e: Exception) { return Result.retry() }\n",
				Good: "catch (e: IOException) { return if (runAttemptCount < 5) Result.retry() else Result.failure() }\n",
			},
			Check: checkRetries,
		},
		{
			Name: "worker-foreground-type", IDs: []string{"K02"}, Group: NativeAndroid, Certainty: finding.Error, Platforms: []string{OnAndroid},
			Title: "a worker goes to the foreground without a type that the manifest has",
			Detail: "For an app that targets Android 14 a ForegroundInfo needs a type, and SystemForegroundService of WorkManager has to be declared with that type in the app's manifest. " +
				"A ForegroundInfo of two arguments has none.",
			Seen:   "setForeground throws IllegalArgumentException or MissingForegroundServiceTypeException",
			Fix:    "Give ForegroundInfo a type, and declare SystemForegroundService with it (tools:node=\"merge\")",
			Source: []string{workDocs + "how-to/long-running", serviceTypes},
			Lint:   "androidx.work lint: SpecifyForegroundServiceType (not for ForegroundInfo of two arguments)",
			Example: Example{
				Lang: "kotlin",
				Bad:  "setForeground(ForegroundInfo(1, notification))\n",
				Good: "setForeground(ForegroundInfo(1, notification, ServiceInfo.FOREGROUND_SERVICE_TYPE_DATA_SYNC))\n",
			},
			Check: checkForegroundInfo,
		},
		{
			Name: "receiver-work-lost", Group: NativeAndroid, Certainty: finding.Warning, Platforms: []string{OnAndroid},
			Title:  "a receiver starts work that outlives it",
			Detail: "When onReceive returns, Android may end the process at once. A coroutine or a thread that was started there is lost with it. goAsync() keeps the receiver for about " + span(androidLimit("alarm.handler")) + ", until finish() is called; longer work belongs to WorkManager.",
			Seen:   "the work is done now and then only",
			Fix:    "Enqueue a work request, or use goAsync() and call finish()",
			Source: []string{androidDocs + "develop/background-work/background-tasks/broadcasts#effects-process-state"},
			Example: Example{
				Lang: "kotlin",
				Bad:  "override fun onReceive(c: Context, i: Intent) {\n    scope.launch { sync(c) }\n}\n",
				Good: "override fun onReceive(c: Context, i: Intent) {\n    WorkManager.getInstance(c).enqueueUniqueWork(\"sync\", ExistingWorkPolicy.KEEP, request)\n}\n",
			},
			Check: checkReceiverWork,
		},
		{
			Name: "receiver-not-finished", Group: NativeAndroid, Certainty: finding.Error, Platforms: []string{OnAndroid},
			Title:  "goAsync() without finish()",
			Detail: "A receiver that calls goAsync() stays active until finish() is called on what it got. Without it Android counts the app as not responding.",
			Seen:   "the app is reported as not responding while nobody uses it; later broadcasts wait",
			Fix:    "Call finish() in a finally block",
			Source: []string{androidDocs + "reference/android/content/BroadcastReceiver#goAsync()"},
			Example: Example{
				Lang: "kotlin",
				Bad:  "val pending = goAsync()\nscope.launch { sync() }\n",
				Good: "val pending = goAsync()\nscope.launch { try { sync() } finally { pending.finish() } }\n",
			},
			Check: checkGoAsync,
		},
		{
			Name: "job-not-finished", Group: NativeAndroid, Certainty: finding.Error, Platforms: []string{OnAndroid},
			Title:  "a JobService never says that its job is done",
			Detail: "onStartJob returns true if the job goes on. Then the app calls jobFinished when it ends. Without it the job runs until Android stops it for its time limit, and it counts against the app.",
			Seen:   "the job is stopped by timeout each time, and comes more rarely",
			Fix:    "Call jobFinished(params, false) when the work is done",
			Source: []string{androidDocs + "reference/android/app/job/JobService#jobFinished(android.app.job.JobParameters,%20boolean)"},
			Example: Example{
				Lang: "kotlin",
				Bad:  "override fun onStartJob(p: JobParameters): Boolean { scope.launch { sync() }; return true }\n",
				Good: "override fun onStartJob(p: JobParameters): Boolean { scope.launch { sync(); jobFinished(p, false) }; return true }\n",
			},
			Check: checkJobFinished,
		},
	}
}

// classes are the classes of native code, of all levels, outside of tests.
func classesOf(native *code.Program, visit func(u *code.Unit, d *island.Decl)) {
	for _, u := range native.Units() {
		if inTests(u) {
			continue
		}
		var look func(ds []*island.Decl)
		look = func(ds []*island.Decl) {
			for _, d := range ds {
				if d.Kind == island.Class || d.Kind == island.Object {
					visit(u, d)
				}
				look(d.Members)
			}
		}
		look(u.Decls)
	}
}

// classesIn are the classes of all modules of an app.
func (p *Pass) classesIn(app *project.Module, visit func(native *code.Program, u *code.Unit, d *island.Decl)) {
	for _, m := range p.partsOf(app) {
		classesOf(m.Code, func(u *code.Unit, d *island.Decl) { visit(m.Code, u, d) })
	}
}

func method(class *island.Decl, name string) *island.Decl {
	for _, m := range class.Members {
		if m.Name == name && m.Kind == island.Function {
			return m
		}
	}
	return nil
}

// workers calls a function for each doWork of native code.
func (p *Pass) workers(visit func(m *project.Module, u *code.Unit, class *island.Decl, doWork *code.Func)) {
	for _, m := range p.nativeModules() {
		for _, u := range m.Code.Units() {
			if len(u.Uses("doWork"))+len(u.Uses("startWork")) == 0 || inTests(u) {
				continue
			}
			var look func(ds []*island.Decl)
			look = func(ds []*island.Decl) {
				for _, d := range ds {
					if d.Kind == island.Class && worksFor(m.Code, d, 3) {
						for _, name := range []string{"doWork", "startWork"} {
							if f := method(d, name); f != nil && m.Code.FuncOf(f) != nil {
								visit(m, u, d, m.Code.FuncOf(f))
							}
						}
					}
					look(d.Members)
				}
			}
			look(u.Decls)
		}
	}
}

// eachPart walks the body of a doWork, and of the functions of its file that make its Result for it.
func eachPart(native *code.Program, doWork *code.Func, visit func(*island.Node) bool) {
	var parts []*island.Node
	island.Walk(doWork.Body(), func(n *island.Node) bool {
		if n.Kind == island.Call && len(n.Kids) > 0 {
			for _, d := range native.Resolve(doWork, doWork.File, n.Kids[0]) {
				made := d.Kind == island.Function && (d.Type == "Result" || d.Type == "ListenableWorker.Result") && native.UnitOf(d) == doWork.File
				if made && d != doWork.Decl && d.Body() != nil && !slices.Contains(parts, d.Body()) {
					parts = append(parts, d.Body())
				}
			}
		}
		return true
	})
	for _, body := range append([]*island.Node{doWork.Body()}, parts...) {
		island.Walk(body, visit)
	}
}

var workerClasses = []string{"Worker", "CoroutineWorker", "ListenableWorker", "RxWorker", "RemoteCoroutineWorker"}

// worksFor tells whether a class is a worker, by its supertypes or their names.
func worksFor(native *code.Program, d *island.Decl, depth int) bool {
	for _, s := range d.Supers {
		if slices.Contains(workerClasses, shortClass(s)) || depth > 0 && strings.HasSuffix(s, "Worker") {
			return true
		}
	}
	return false
}

// suspends are calls of Kotlin that wait, by name.
var suspends = []string{"delay", "withContext", "await", "awaitAll", "coroutineScope", "supervisorScope", "withTimeout", "join", "setForeground", "setProgress", "collect", "first", "receive"}

func checkCancellation(p *Pass) {
	p.workers(func(m *project.Module, u *code.Unit, class *island.Decl, f *code.Func) {
		if !f.Decl.Has(island.Async) { // suspend
			return
		}
		eachPart(m.Code, f, func(n *island.Node) bool {
			if n.Kind == island.Finally { // the cancellation goes on after it
				return false
			}
			if n.Kind != island.Try || len(n.Kids) < 2 {
				return true
			}
			all := catchesAll(n)
			if all == nil {
				return true
			}
			sure, maybe := waitsIn(m.Code, f, n.Kids[0])
			if !sure && !maybe {
				return true
			}
			r := p.Report(p.Node(u, headOf(all)), "this catch takes the cancellation of %s for an error", class.Name)
			r.Subject = class.Name
			if !sure { // what is called may not suspend
				r.Certainty = finding.Hint
			}
			return true
		})
	})
}

// headOf is a node cut to its first line's part: a catch without its block.
func headOf(n *island.Node) *island.Node {
	if len(n.Kids) == 0 {
		return n
	}
	head := *n
	head.End = max(n.Kids[0].Start, n.Start)
	return &head
}

// catchesAll is the catch of a try that takes a CancellationException and does not throw it
// again; nil without.
func catchesAll(try *island.Node) *island.Node {
	for _, kid := range try.Kids {
		if kid.Kind != island.Catch {
			continue
		}
		switch shortClass(kid.Text) {
		case "CancellationException":
			return nil
		case "Exception", "Throwable", "RuntimeException", "IllegalStateException", "":
			again := false
			island.Walk(kid, func(n *island.Node) bool {
				name := island.CalleeName(n)
				again = again || n.Kind == island.Throw || name == "ensureActive" || name == "rethrowCancellation" || n.Kind == island.Ident && strings.HasSuffix(n.Name, "CancellationException")
				return true
			})
			if again {
				return nil
			}
			return kid
		}
	}
	return nil
}

// waitsIn tells whether a block has a call that suspends, or one on a property of the worker,
// such as a repository, of which that is not known.
func waitsIn(native *code.Program, f *code.Func, block *island.Node) (sure, maybe bool) {
	island.Walk(block, func(n *island.Node) bool {
		if sure || n.Kind != island.Call || len(n.Kids) == 0 {
			return !sure
		}
		if slices.Contains(suspends, island.CalleeName(n)) {
			sure = true
			return false
		}
		decls := native.Resolve(f, f.File, n.Kids[0])
		for _, d := range decls {
			sure = sure || d.Kind == island.Function && d.Has(island.Async)
			maybe = maybe || d.Kind == island.Variable // invoke
		}
		of := n.Kids[0]
		if of.Kind == island.Member {
			of = of.Kids[0]
		}
		if len(decls) == 0 && of.Kind == island.Ident {
			for _, ref := range native.Refs(f.File, of) {
				maybe = maybe || ref.Param != nil && ref.Param.Field || ref.Decl != nil && ref.Decl.Kind == island.Variable && ref.Decl.Parent != nil
			}
		}
		return true
	})
	return sure, maybe
}

// results tells whether a node is Result.<name>(...) of WorkManager.
func results(n *island.Node, name string) bool {
	if island.CalleeName(n) != name || n.Kids[0].Kind != island.Member {
		return false
	}
	return lastName(n.Kids[0].Kids[0]) == "Result"
}

func checkWorkerSwallows(p *Pass) {
	p.workers(func(m *project.Module, u *code.Unit, class *island.Decl, f *code.Func) {
		eachPart(m.Code, f, func(n *island.Node) bool {
			if catch := catchPassed(n); catch != nil {
				p.Report(p.Node(u, headOf(catch)), "%s reports success for an error", class.Name).Subject = class.Name
			}
			if in, catch := keptFrom(m.Code, f, n); catch != nil {
				p.Report(p.Node(in, headOf(catch)), "%s never hears of the errors that this catch takes, and reports success", class.Name).Subject = class.Name
			}
			if n.Kind != island.Catch || len(n.Kids) == 0 {
				return true
			}
			success, other := (*island.Node)(nil), false
			island.Walk(n.Kids[0], func(n *island.Node) bool {
				switch {
				case n.Kind == island.Call && results(n, "success"):
					success = n
				case n.Kind == island.Call && (results(n, "retry") || results(n, "failure")), n.Kind == island.Throw:
					other = true
				}
				return true
			})
			if success != nil && !other && shortClass(n.Text) != "CancellationException" {
				p.Report(p.Node(u, success), "%s reports success for an error", class.Name).Subject = class.Name
			}
			return true
		})
	})
}

// catchPassed is the catch of a block that tries its work, logs what it catches, and then
// returns success in any case; nil for other blocks.
func catchPassed(block *island.Node) *island.Node {
	if block.Kind != island.Block {
		return nil
	}
	for i, s := range block.Kids[:max(len(block.Kids)-1, 0)] {
		if s.Kind == island.Expr && len(s.Kids) > 0 {
			s = s.Kids[0]
		}
		switch {
		case s.Kind == island.Local, s.Kind == island.Call && logs(island.CalleeName(s)):
			continue
		case s.Kind != island.Try || i != len(block.Kids)-2 || len(s.Kids) != 2 || len(s.Kids[1].Kids) == 0:
			return nil
		}
		last := block.Kids[i+1]
		for (last.Kind == island.Return || last.Kind == island.Expr) && len(last.Kids) > 0 {
			last = last.Kids[0]
		}
		catch := s.Kids[1]
		if last.Kind != island.Call || !results(last, "success") || shortClass(catch.Text) == "CancellationException" || !merelyLogs(catch) {
			return nil
		}
		return catch
	}
	return nil
}

func checkRetries(p *Pass) {
	p.workers(func(m *project.Module, u *code.Unit, class *island.Decl, f *code.Func) {
		reach := m.Code.Reach(f)
		if len(reach.Mentions("runAttemptCount"))+len(reach.Calls("getRunAttemptCount")) > 0 {
			return
		}
		for _, c := range reach.Calls("retry") {
			if c.Unit == u && results(c.Node, "retry") {
				p.Report(p.Node(u, c.Node), "%s tries again without a limit", class.Name).Subject = class.Name
				return
			}
		}
	})
}

func checkForegroundInfo(p *Pass) {
	for _, m := range p.androidApps() {
		is, sure := targets(m, androidLimit("target with a permission for types of services"))
		if !is {
			continue
		}
		for _, part := range p.partsOf(m) {
			p.foregroundInfos(part, sure)
		}
	}
}

func (p *Pass) foregroundInfos(m *project.Module, sure bool) {
	declared, _ := m.Merged.Component("service", "androidx.work.impl.foreground.SystemForegroundService")
	if !toForeground(slices.Concat(m.Code.Calls("setForeground"), m.Code.Calls("setForegroundAsync"))) {
		return // expedited work shows it before Android 12 only
	}
	for _, c := range m.Code.Calls("ForegroundInfo") {
		if inTests(c.Unit) || c.Node.Kids[0].Kind != island.Ident || expeditedOnly(m.Code, c.In) {
			continue
		}
		var f *finding.Finding
		switch len(c.Node.Args) {
		case 2:
			if p.guardedByAPI(m, c) {
				continue
			}
			f = p.Report(p.Call(c.Unit, c.Node), "this ForegroundInfo has no type")
		case 3:
			kind := serviceType(lastName(c.Node.Args[2].Value))
			if kind == "" || slices.Contains(declared.Types, kind) {
				continue
			}
			f = p.Report(p.Node(c.Unit, c.Node.Args[2].Value), "SystemForegroundService is not declared with the type %s", kind)
			f.Subject = kind
		default:
			continue
		}
		if !sure {
			f.Certainty = finding.Warning
		}
	}
}

// toForeground tells whether any of the calls is a worker's, and none of a view.
func toForeground(calls []code.Call) bool {
	return slices.ContainsFunc(calls, func(c code.Call) bool {
		to := c.Node.Kids[0]
		return to.Kind == island.Ident || to.Kind == island.Member && (to.Name == "setForegroundAsync" || to.Kids[0].Kind == island.This)
	})
}

// expeditedOnly tells whether a function is the getForegroundInfo of a worker that never goes to the
// foreground by itself.
func expeditedOnly(native *code.Program, f *code.Func) bool {
	for f != nil && f.Outer != nil {
		f = f.Outer
	}
	if f == nil || f.Decl == nil || f.Decl.Parent == nil || !strings.HasPrefix(f.Decl.Name, "getForegroundInfo") {
		return false
	}
	work := method(f.Decl.Parent, "doWork")
	if work == nil || native.FuncOf(work) == nil {
		return false
	}
	reach := native.Reach(native.FuncOf(work))
	return !toForeground(slices.Concat(reach.Calls("setForeground"), reach.Calls("setForegroundAsync")))
}

// guardedByAPI tells whether a call stands under a condition on the API level.
func (p *Pass) guardedByAPI(m *project.Module, c code.Call) bool {
	if c.In == nil {
		return false
	}
	for _, g := range m.Code.Guards(c.In, c.Node) {
		if g.Cond != nil && strings.Contains(c.Unit.Text(g.Cond.Span), "SDK_INT") {
			return true
		}
	}
	return strings.Contains(c.Unit.Text(c.In.Body().Span), "SDK_INT")
}

// serviceType is the name in a manifest of a constant such as FOREGROUND_SERVICE_TYPE_DATA_SYNC.
func serviceType(constant string) string {
	rest, ok := strings.CutPrefix(constant, "FOREGROUND_SERVICE_TYPE_")
	if !ok || rest == "NONE" || rest == "MANIFEST" {
		return ""
	}
	var b strings.Builder
	for i, word := range strings.Split(strings.ToLower(rest), "_") {
		if i > 0 && word != "" {
			word = strings.ToUpper(word[:1]) + word[1:]
		}
		b.WriteString(word)
	}
	return b.String()
}

func checkGoAsync(p *Pass) {
	p.receivers(func(m *project.Module, u *code.Unit, class *island.Decl, f *code.Func) {
		reach := m.Code.Reach(f)
		for _, c := range reach.Calls("goAsync") {
			android := len(c.Node.Args) == 0 // else it is one of the app, of another module maybe
			if c.Unit == u && android && len(reach.Calls("finish")) == 0 && len(m.Code.Calls("finish")) == 0 {
				p.Report(p.Call(u, c.Node), "nothing calls finish() after goAsync()").Subject = class.Name
			}
		}
	})
}

func checkJobFinished(p *Pass) {
	for _, m := range p.nativeModules() {
		classesOf(m.Code, func(u *code.Unit, d *island.Decl) {
			start := method(d, "onStartJob")
			if start == nil || !supers(d, "JobService") || len(m.Code.Calls("jobFinished")) > 0 || m.Code.FuncOf(start) == nil {
				return
			}
			goesOn := false
			for _, end := range waysOf(m.Code, m.Code.FuncOf(start)).Ends {
				goesOn = goesOn || end.Kind == code.Returns && end.Value != nil && end.Value.Kind == island.Bool && end.Value.Name == "true"
			}
			if goesOn {
				p.Report(p.Name(u, start), "onStartJob says that the job goes on, and nothing calls jobFinished").Subject = d.Name
			}
		})
	}
}
