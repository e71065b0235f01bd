package rules

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/manifest"
	"github.com/lullwork/lull/internal/check/project"
)

// noPlainStarts is the level of Android from which an app in the background may not start services
// at all, unless they go to the foreground.
const noPlainStarts = 26

// plainServiceStart reports workers and receivers of the start of the phone that call startService.
func plainServiceStart(p *Pass) {
	look := func(m *project.Module, u *code.Unit, class *island.Decl, f *code.Func) {
		if is, _ := targets(m, noPlainStarts); !is {
			return
		}
		reach := m.Code.Reach(f)
		for _, c := range reach.Calls("startService") {
			if !reach.Sure(c.In) || len(c.Node.Args) != 1 || len(m.Code.Resolve(c.In, c.Unit, c.Node.Kids[0])) > 0 || serviceIn(p, c) == "" {
				continue
			}
			at, guarded := c.Node, false
			for in, n := c.In, c.Node; in != nil && n != nil; in, n = reach.Via(in) {
				guarded = guarded || takerOf(in) == "runCatching" || slices.ContainsFunc(m.Code.Guards(in, n), func(g code.Guard) bool {
					return g.Kind == code.InTry || g.Cond != nil && g.Kind == code.Condition && strings.Contains(in.File.Text(g.Cond.Span), "SDK_INT")
				})
				if in.File == u {
					at = n
				}
			}
			if guarded || at == c.Node && c.Unit != u {
				continue
			}
			r := p.Report(p.Node(u, at), "%s starts %s from the background, and not in the foreground", class.Name, serviceIn(p, c))
			r.Subject, r.Seen = class.Name, "IllegalStateException: Not allowed to start service Intent: app is in background"
			r.Fix = "Call startForegroundService, and startForeground in the service, or do the work with WorkManager"
			if p.inManifests(func(f *manifest.File) bool {
				_, exempt := f.Permission("REQUEST_IGNORE_BATTERY_OPTIMIZATIONS")
				return exempt
			}) {
				r.Certainty = finding.Hint
			}
		}
	}
	p.workers(look)
	p.receivers(func(m *project.Module, u *code.Unit, class *island.Decl, f *code.Func) {
		// From Android 12 on a receiver of the start of the phone may.
		atBoot := p.inManifests(func(f *manifest.File) bool { c, ok := f.Component("receiver", class.Name); return ok && boots(c) })
		if atBoot && (m.MinSDK == 0 || m.MinSDK < noBackgroundStarts) {
			look(m, u, class, f)
		}
	})
}

// serviceIn is the service of the app whose class a call, or what is around it, names; "" without.
func serviceIn(p *Pass, c code.Call) string {
	body := c.Unit.Text(c.Node.Span)
	if !strings.Contains(body, ":class") && !strings.Contains(body, ".class") { // the intent is made before
		body = c.Unit.Text(c.In.Body().Span)
	}
	found := ""
	p.inManifests(func(f *manifest.File) bool {
		for _, s := range f.Components("service") {
			if name := shortClass(s.Class); strings.Contains(body, name+"::class") || strings.Contains(body, name+".class") {
				found = name
			}
		}
		return found != ""
	})
	return found
}

// nativeTimeLimit reports services of the types with a time limit that are to be started again
// whenever they end, and do not hear that their time is up.
func nativeTimeLimit(p *Pass) {
	for _, m := range p.androidApps() {
		if is, sure := targets(m, androidLimit("service.data.target")); !is || !sure {
			continue
		}
		for _, c := range m.Merged.Components("service") {
			if c.From != "" || !slices.Contains(c.Types, "dataSync") && !slices.Contains(c.Types, "mediaProcessing") || !p.startsForeground(m, c.Class) {
				continue
			}
			p.classesIn(m, func(native *code.Program, _ *code.Unit, d *island.Decl) {
				if d.Name != shortClass(c.Class) || !supers(d, "Service", "LifecycleService") || method(d, "onTimeout") != nil {
					return
				}
				start := native.FuncOf(method(d, "onStartCommand"))
				if start == nil || !slices.ContainsFunc(waysOf(native, start).Ends, func(e code.End) bool {
					return e.Kind == code.Returns && e.Value != nil && (lastName(e.Value) == "START_STICKY" || lastName(e.Value) == "START_REDELIVER_INTENT")
				}) {
					return
				}
				f := p.Report(placeIn(m, c.Element), "%s is of type %s and is to run on, but has no onTimeout", d.Name, list(c.Types))
				f.Subject = c.Class
				f.Related = []finding.Related{{Place: p.Name(start.File, start.Decl), Text: "Android starts it again when it ends"}}
			})
		}
	}
}

// nativeUndeclared reports starts of services of the app's own that no manifest has.
func nativeUndeclared(p *Pass) {
	if len(p.androidApps()) == 0 {
		return
	}
	absent := map[string]string{} // name of the class to what the manifests have in its place
	known := map[string]bool{}    // of two classes of a name one may be declared
	for _, m := range p.nativeModules() {
		classesOf(m.Code, func(u *code.Unit, d *island.Decl) {
			if !supers(d, "Service", "IntentService", "LifecycleService") || d.Has(island.Abstract) {
				return
			}
			full := d.Name
			for _, i := range u.Imports {
				if i.Kind == island.PackageOf {
					full = i.URI + "." + d.Name
				}
			}
			other := ""
			if !p.inManifests(func(f *manifest.File) bool {
				return slices.ContainsFunc(f.Components("service"), func(c manifest.Component) bool {
					switch {
					case strings.ContainsRune(c.Class, '$'):
						return strings.HasSuffix(c.Class, d.Name)
					case shortClass(c.Class) == d.Name && c.Class != full && full != d.Name && strings.Contains(strings.TrimPrefix(c.Class, "."), "."):
						other = c.Class
						return false
					}
					return shortClass(c.Class) == d.Name
				})
			}) {
				absent[d.Name] = other
			} else {
				known[d.Name] = true
			}
		})
	}
	for _, m := range p.nativeModules() {
		for _, name := range []string{"startService", "startForegroundService", "bindService"} {
			for _, c := range m.Code.Calls(name) {
				if inTests(c.Unit) || c.In == nil || len(m.Code.Resolve(c.In, c.Unit, c.Node.Kids[0])) > 0 {
					continue
				}
				class := intentFor(m.Code, c)
				other, missing := absent[class]
				if !missing || known[class] || !p.usedOutside(c.Unit, class) {
					continue
				}
				f := p.Report(p.verb(c.Unit, c.Node), "%s is started, but no manifest declares it", class)
				if f.Subject = class; other != "" {
					f.Message, f.Certainty = class+" is started, but the manifest declares "+other, finding.Warning
				}
			}
		}
	}
}

// usedOutside tells whether a class is named in any other file than the one that declares it: a
// function of its own that starts it may have no callers.
func (p *Pass) usedOutside(from *code.Unit, class string) bool {
	if !slices.ContainsFunc(from.Decls, func(d *island.Decl) bool { return d.Name == class }) {
		return true
	}
	return slices.ContainsFunc(p.nativeModules(), func(m *project.Module) bool {
		return slices.ContainsFunc(m.Code.Units(), func(u *code.Unit) bool { return u != from && !inTests(u) && len(u.Uses(class)) > 0 })
	})
}

// intentFor is the class that the intent of a call is for; "" where that is not to be seen.
func intentFor(native *code.Program, c code.Call) string {
	for i := range c.Node.Args {
		n := c.Node.Args[i].Value
		if n.Kind == island.Ident {
			for _, d := range native.Resolve(c.In, c.Unit, n) {
				if d.Init() != nil {
					n = d.Init()
				}
			}
		}
		if class := classIn(n); isCall(n, "Intent", "apply", "also") && class != "" {
			return class
		}
	}
	return ""
}

// classIn is the first class that an expression names as X::class or X.class.
func classIn(n *island.Node) string {
	class := ""
	island.Walk(n, func(n *island.Node) bool {
		if n.Kind == island.Member && n.Name == "class" && class == "" {
			class = lastName(n.Kids[0])
		}
		return class == ""
	})
	return class
}
