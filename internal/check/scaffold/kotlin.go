package scaffold

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/check/pub"
)

// workers are the classes of androidx.work whose doWork is the work itself.
var workers = []string{"CoroutineWorker", "Worker"}

// kotlin puts a run log into the workers of a project.
func (m *maker) kotlin(p *project.Project) bool {
	if p.Android == nil {
		return false
	}
	found := false
	for _, mod := range p.Android.Modules {
		found = m.module(mod) || found
	}
	return found
}

func (m *maker) module(mod *project.Module) bool {
	var log string // the package that the log is in, with a dot behind it
	found := false
	for _, u := range mod.Code.Units() {
		for _, d := range u.Decls {
			work := doWork(d)
			if work == nil {
				continue
			}
			if u.Lang == island.Java {
				m.byHand(u.Place(work.Span), "log the runs of %s: RunLog.write when it starts and when it ends", d.Name)
				continue
			}
			if !found {
				found = true
				log = packageOf(u)
				m.write(path.Join(path.Dir(u.Path), "RunLog.kt"), "RunLog.kt.tmpl", struct {
					Package, Schema string
					StopReason      bool
				}{log, Schema, stopReason(mod)})
			}
			m.wrapWork(u, d, work)
			m.importRunLog(u, log)
		}
	}
	return found
}

// doWork is the method of a worker that does its work; nil of other classes.
func doWork(d *island.Decl) *island.Decl {
	if d.Kind != island.Class || !slices.ContainsFunc(d.Supers, func(s string) bool { return slices.Contains(workers, s) }) {
		return nil
	}
	for _, member := range d.Members {
		if member.Name == "doWork" && member.Body() != nil {
			return member
		}
	}
	return nil
}

// wrapWork turns doWork into a call of the log, and what was in it into a method beside it.
func (m *maker) wrapWork(u *code.Unit, class, work *island.Decl) {
	text := u.Src[work.Start:work.End]
	if bytes.Contains(text, []byte("RunLog")) {
		return
	}
	name := "work"
	for _, member := range class.Members {
		if member.Name == name {
			name = "loggedWork"
		}
	}
	if bytes.Contains(text, []byte("@doWork")) {
		m.byHand(u.Place(work.Span), "log the runs of %s with RunLog.run: a return@doWork is in the way of doing it safely", class.Name)
		return
	}
	body := work.Body()
	at, result := body.Start, work.Type
	if body.Kind != island.Block {
		at = work.NameAt + bytes.LastIndexByte(u.Src[work.NameAt:body.Start], '=')
	}
	if result == "" {
		result = "Result"
	}
	suspends := ""
	if work.Has(island.Async) {
		suspends = "suspend "
	}
	m.insert(u.Path, at, "= RunLog.run(this, \""+class.Name+"\") { "+name+"() }\n\n"+indent(u.Src, work.Start)+"private "+suspends+"fun "+name+"(): "+result+" ")
}

func (m *maker) importRunLog(u *code.Unit, log string) {
	if log == "" || packageOf(u) == log {
		return
	}
	for _, i := range u.Imports {
		if i.URI == log+".RunLog" {
			return
		}
	}
	at, lead, tail := afterImports(u.File)
	m.insert(u.Path, at, lead+"import "+log+".RunLog"+tail)
}

func packageOf(u *code.Unit) string {
	for _, i := range u.Imports {
		if i.Kind == island.PackageOf {
			return i.URI
		}
	}
	return ""
}

// stopReason tells whether the module's WorkManager is known to tell why a worker was
// stopped: ListenableWorker.getStopReason, since 2.9.0
// (https://developer.android.com/jetpack/androidx/releases/work).
func stopReason(mod *project.Module) bool {
	for _, d := range mod.Gradle.Dependencies {
		if d.Group == "androidx.work" && strings.HasPrefix(d.Name, "work-runtime") {
			v, ok := pub.ParseVersion(d.Version)
			return ok && v.Compare(pub.Version{Major: 2, Minor: 9}) >= 0
		}
	}
	return false
}
