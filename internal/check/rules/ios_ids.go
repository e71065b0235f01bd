package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/plist"
	"github.com/lullwork/lull/internal/check/plugins"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/policy/ios"
)

const (
	permittedKey = "BGTaskSchedulerPermittedIdentifiers"
	appleDocs    = "https://developer.apple.com/documentation/"
	permittedDoc = appleDocs + "bundleresources/information-property-list/bgtaskschedulerpermittedidentifiers"
	workmanager  = "https://github.com/fluttercommunity/flutter_workmanager"
)

func iosIdentifierRules() []*Rule {
	return []*Rule{
		{
			Name: "ios-id-not-permitted", IDs: []string{"I01", "S02"}, Group: IOS, Certainty: finding.Error, Platforms: []string{OnIOS},
			Title: "Info.plist permits no background task, but the app asks for one",
			Detail: "iOS takes a request for a background task only if its identifier stands in the list " + permittedKey + " of Info.plist. " +
				"This Info.plist has no such list. The system refuses the request with code 3 (not permitted). Plugins log that and report success to Dart, so that no error reaches the app.",
			Seen:     "refused by iOS (BGTaskSchedulerErrorDomain code 3), logged only: the task never runs on iOS",
			Fix:      "Add the key " + permittedKey + " with exactly this identifier to Info.plist",
			Source:   []string{permittedDoc, workmanager + "/issues/448", "fluttercommunity/flutter_workmanager WorkmanagerPlugin.swift schedulePeriodicTask", "https://github.com/ekasetiawans/flutter_background_service (README)"},
			Versions: []string{"workmanager", "flutter_background_service", "background_fetch", "flutter_foreground_task >=8.9.0"},
			Example: Example{
				Lang: "xml",
				Bad:  "<dict>\n\t<key>UIBackgroundModes</key>\n\t<array><string>fetch</string></array>\n</dict>\n",
				Good: "<dict>\n\t<key>BGTaskSchedulerPermittedIdentifiers</key>\n\t<array><string>sync</string></array>\n\t<key>UIBackgroundModes</key>\n\t<array><string>fetch</string></array>\n</dict>\n",
			},
			Check: checkIDNotPermitted,
		},
		{
			Name: "ios-id-mismatch", IDs: []string{"I01", "W18"}, Group: IOS, Certainty: finding.Error, Platforms: []string{OnIOS},
			Title: "an identifier in the code is not the one in Info.plist",
			Detail: "Identifiers are compared as they are, letter by letter, after build settings such as $(PRODUCT_BUNDLE_IDENTIFIER) are put in. " +
				"An identifier with the bundle's prefix in Info.plist is another one than the bare name that Dart passes. On iOS a periodic or processing task of workmanager is submitted under its unique name, not its task name.",
			Seen:   "refused by iOS (BGTaskSchedulerErrorDomain code 3), logged only: the task never runs on iOS",
			Fix:    "Use one and the same identifier in the code and in " + permittedKey,
			Source: []string{permittedDoc, workmanager + "/issues/448", "fluttercommunity/flutter_workmanager docs/quickstart.mdx (identifier matching)"},
			Example: Example{
				Lang: "xml",
				Bad:  "<key>BGTaskSchedulerPermittedIdentifiers</key>\n<array><string>$(PRODUCT_BUNDLE_IDENTIFIER).sync</string></array>\n<!-- Dart: registerPeriodicTask('sync', 'sync') -->\n",
				Good: "<key>BGTaskSchedulerPermittedIdentifiers</key>\n<array><string>sync</string></array>\n<!-- Dart: registerPeriodicTask('sync', 'sync') -->\n",
			},
			Check: checkIDMismatch,
		},
		{
			Name: "ios-ids-not-strings", IDs: []string{"I02"}, Group: IOS, Certainty: finding.Error, Platforms: []string{OnIOS},
			Title:  "the list of permitted identifiers is not a list of strings",
			Detail: "iOS reads " + permittedKey + " as an array of strings. A single string, or a dictionary, permits nothing.",
			Seen:   "refused by iOS (BGTaskSchedulerErrorDomain code 3), logged only: no background task ever runs",
			Fix:    "Make the value an array with one string for each identifier",
			Source: []string{permittedDoc, "https://github.com/kprakash2/multiplatform-work-manager/issues/8"},
			Example: Example{
				Lang: "xml",
				Bad:  "<key>BGTaskSchedulerPermittedIdentifiers</key>\n<string>com.example.sync</string>\n",
				Good: "<key>BGTaskSchedulerPermittedIdentifiers</key>\n<array><string>com.example.sync</string></array>\n",
			},
			Check: checkIDsNotStrings,
		},
		{
			Name: "ios-too-many-requests", IDs: []string{"I14"}, Group: IOS, Certainty: finding.Warning, Platforms: []string{OnIOS},
			Title:  "more tasks are asked for than iOS keeps",
			Detail: fmt.Sprintf("iOS keeps %d pending refresh request and %d processing requests of an app. It refuses those that are submitted on top of that with code 2 (too many pending), and plugins only log it.", iosLimits().RefreshRequests, iosLimits().ProcessingRequests),
			Seen:   "the requests on top are refused by iOS (code 2), logged only",
			Fix:    "Let one identifier do the work of several: one run can look after all that is due",
			Source: []string{appleDocs + "backgroundtasks/bgtaskscheduler/error/code/toomanypendingtaskrequests", workmanager + "/issues/576"},
			Example: Example{
				Lang: "dart",
				Bad:  "registerPeriodicTask('news', 'news');\nregisterPeriodicTask('mail', 'mail');\n",
				Good: "registerPeriodicTask('refresh', 'refresh'); // looks after news and mail\n",
			},
			Check: checkTooManyRequests,
		},
		{
			Name: "ios-continued-id", IDs: []string{"I16"}, Group: IOS, Certainty: finding.Error, Platforms: []string{OnIOS},
			Title:  "the identifier of a continued task has the wrong form",
			Detail: "Identifiers of continued processing tasks begin with the bundle identifier of the app, and in Info.plist they end with `.*`. Others are refused.",
			Seen:   "refused by iOS 26, logged only: the task never starts",
			Fix:    "Name it <bundle identifier>.<name>.*",
			Source: []string{appleDocs + "backgroundtasks/bgcontinuedprocessingtaskrequest", "fluttercommunity/flutter_workmanager docs/quickstart.mdx, option E"},
			Example: Example{
				Lang: "dart",
				Bad:  "registerContinuedProcessingTask('export', 'export', title: 'Export', subtitle: '');\n",
				Good: "registerContinuedProcessingTask('com.example.app.export.*', 'export', title: 'Export', subtitle: '');\n",
			},
			Check: checkContinuedID,
		},
	}
}

func iosLimits() ios.Limits { return ios.DefaultLimits() }

// permits is what the Info.plist of a target permits.
type permits struct {
	target *project.Target
	list   *plist.Value // nil without the key
	ids    []permittedID
}

type permittedID struct {
	raw    *plist.Value
	values []string // with build settings put in, for each configuration
	known  bool
}

func permitsOf(t *project.Target) permits {
	m := permits{target: t, list: t.InfoPlist.Find(permittedKey)}
	items, _ := m.list.Strings()
	for _, raw := range items {
		id := permittedID{raw: raw}
		id.values, id.known = t.Expand(raw.Text)
		m.ids = append(m.ids, id)
	}
	return m
}

// has tells whether an identifier is permitted, or may be.
func (m *permits) has(id string, kind plugins.Kind) bool {
	for _, text := range bundled(m.target, id) {
		for i := range m.ids {
			if m.ids[i].matches(text, kind) {
				return true
			}
		}
	}
	return false
}

// bundled puts the bundle identifiers of a target into an identifier that is made of them, as
// far as they are known.
func bundled(t *project.Target, id string) []string {
	if !strings.Contains(id, code.BundleID) {
		return []string{id}
	}
	all := []string{id}
	if t.Native == nil {
		return append(all, strings.ReplaceAll(id, code.BundleID, code.Hole))
	}
	for _, c := range t.Native.Configurations {
		bundle := code.Hole
		if raw, ok := c.Raw("PRODUCT_BUNDLE_IDENTIFIER"); ok {
			bundle = raw.Text
		}
		values, _ := t.Expand(strings.ReplaceAll(id, code.BundleID, bundle))
		all = append(all, values...)
	}
	return all
}

func (p *permittedID) matches(id string, kind plugins.Kind) bool {
	if p.raw.Text == id {
		return true
	}
	texts := slices.Clone(p.values)
	if !p.known {
		for _, text := range p.values {
			texts = append(texts, holed(text))
		}
	}
	for _, text := range texts {
		if may(text, id) {
			return true
		}
		if prefix, ok := strings.CutSuffix(text, "*"); ok && (kind == plugins.Continued || kind == plugins.Unknown) && strings.HasPrefix(id, prefix) {
			return true
		}
	}
	return false
}

// holed is a text with a hole for each build setting in it.
func holed(text string) string {
	for _, form := range []struct{ open, end string }{{"$(", ")"}, {"${", "}"}} {
		for {
			before, rest, ok := strings.Cut(text, form.open)
			_, after, closed := strings.Cut(rest, form.end)
			if !ok || !closed {
				break
			}
			text = before + code.Hole + after
		}
	}
	return text
}

// may tells whether two texts can be the same if anything stands in their holes.
func may(a, b string) bool {
	switch {
	case !strings.Contains(a, code.Hole):
		a, b = b, a
		if !strings.Contains(a, code.Hole) {
			return a == b
		}
	case strings.Contains(b, code.Hole): // of both only what comes first and last is compared
		ap, as := a[:strings.Index(a, code.Hole)], a[strings.LastIndex(a, code.Hole)+len(code.Hole):]
		bp, bs := b[:strings.Index(b, code.Hole)], b[strings.LastIndex(b, code.Hole)+len(code.Hole):]
		return (strings.HasPrefix(ap, bp) || strings.HasPrefix(bp, ap)) && (strings.HasSuffix(as, bs) || strings.HasSuffix(bs, as))
	}
	parts := strings.Split(a, code.Hole)
	first, last := parts[0], parts[len(parts)-1]
	if len(b) < len(first)+len(last) || !strings.HasPrefix(b, first) || !strings.HasSuffix(b, last) {
		return false
	}
	b = b[len(first) : len(b)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(b, part)
		if i < 0 {
			return false
		}
		b = b[i+len(part):]
	}
	return true
}

// distinct are the asks of a target, one for each identifier; those that something calls, and whose
// kind is known, are preferred.
func distinct(asks []ask, t *project.Target) []ask {
	var of []ask
	for _, a := range asks {
		if !a.of(t) {
			continue
		}
		i := slices.IndexFunc(of, func(b ask) bool { return b.ID == a.ID && a.ID != "" })
		switch {
		case i < 0:
			of = append(of, a)
		case of[i].Idle && !a.Idle, of[i].Kind == plugins.Unknown && a.Kind != plugins.Unknown && !a.Idle:
			of[i] = a
		}
	}
	return of
}

// plists calls a function for each Info.plist of the app that has its file, once.
func (p *Pass) plists(look func(t *project.Target)) {
	var seen []string
	for _, t := range p.apps() {
		if t.InfoPlist != nil && !slices.Contains(seen, t.InfoPlist.Path) {
			seen = append(seen, t.InfoPlist.Path)
			look(t)
		}
	}
}

func checkIDNotPermitted(p *Pass) {
	asks := p.asksOfIOS()
	if len(asks) == 0 {
		return
	}
	p.plists(func(t *project.Target) {
		if t.InfoPlist.Find(permittedKey) != nil {
			return
		}
		missing := distinct(asks, t)
		var ids []string
		for _, a := range missing {
			if a.ID != "" && !strings.Contains(a.ID, code.Hole) {
				ids = append(ids, a.ID)
			}
		}
		edits := p.addStrings(t.InfoPlist, permittedKey, ids...)
		for _, a := range missing {
			f := p.Report(finding.Whole(t.InfoPlist.Path), "%s asks iOS for a background task%s, but Info.plist has no %s", a.What, quoted(a.ID), permittedKey)
			f.Subject = a.ID
			f.Related = []finding.Related{{Place: a.At, Text: "it is asked for here"}}
			f.Certainty = a.certainty(t)
			leftOut(f, t, permittedKey)
			if len(ids) > 0 {
				f.Edits = edits
			}
		}
	})
}

func quoted(id string) string {
	if id == "" {
		return ""
	}
	return fmt.Sprintf(" %q", shown(id))
}

// shown is an identifier as people read it.
func shown(id string) string { return strings.ReplaceAll(id, code.Hole, "…") }

func checkIDMismatch(p *Pass) {
	asks := p.asksOfIOS()
	if len(asks) == 0 {
		return
	}
	p.plists(func(t *project.Target) {
		m := permitsOf(t)
		if _, all := m.list.Strings(); m.list == nil || !all {
			return
		}
		for _, a := range distinct(asks, t) {
			if a.ID == "" {
				p.Unchecked(a.At, "identifier of a background task", "it is not a constant")
				continue
			}
			if m.has(a.ID, a.Kind) {
				p.lacking(&m, &a)
				continue
			}
			at, text := m.list.At, "%q is not among the permitted identifiers"
			if near := m.nearest(a.ID); near != nil {
				at = near.raw.At
				text += fmt.Sprintf(": %q is another one", near.raw.Text)
			}
			f := p.Report(at, text, shown(a.ID))
			f.Subject = a.ID
			f.Related = []finding.Related{{Place: a.At, Text: "it is asked for here, by " + a.What}}
			if f.Certainty = a.certainty(t); !a.Sure {
				f.Certainty = min(f.Certainty, finding.Warning)
			}
			if !strings.Contains(a.ID, code.Hole) {
				f.Edits = p.addStrings(t.InfoPlist, permittedKey, a.ID)
			}
		}
	})
}

// lacking reports the build configurations in which an identifier is not permitted that others
// permit: their bundle identifier is another one.
func (p *Pass) lacking(m *permits, a *ask) {
	t := m.target
	if t.Native == nil || strings.Contains(a.ID, code.Hole) || a.Kind == plugins.Continued || a.Kind == plugins.Unknown {
		return
	}
	var without []string
	var at *plist.Value
	for _, c := range t.Native.Configurations {
		asked, known := c.Expand(a.ID)
		has := false
		for i := range m.ids {
			text, sure := c.Expand(m.ids[i].raw.Text)
			known = known && sure
			if has = has || text == asked; text == asked || at == nil {
				at = m.ids[i].raw
			}
		}
		if !has && known {
			without = append(without, c.Name)
		}
	}
	if len(without) == 0 || len(without) == len(t.Native.Configurations) {
		return
	}
	f := p.Report(at.At, "%q is not among the permitted identifiers in the build configurations %s", shown(a.ID), list(without))
	f.Subject, f.Certainty = a.ID, finding.Hint
	f.Seen = "refused by iOS in these builds, logged only"
	f.Related = []finding.Related{{Place: a.At, Text: "it is asked for here, by " + a.What}}
}

// nearest is the permitted identifier that was probably meant: one of them ends in the
// other, or they differ in case only.
func (m *permits) nearest(id string) *permittedID {
	for i := range m.ids {
		raw := m.ids[i].raw.Text
		last := raw[strings.LastIndexByte(raw, '.')+1:]
		if strings.HasSuffix(raw, "."+id) || strings.HasSuffix(id, "."+raw) || strings.EqualFold(last, id[strings.LastIndexByte(id, '.')+1:]) {
			return &m.ids[i]
		}
	}
	return nil
}

func checkIDsNotStrings(p *Pass) {
	p.plists(func(t *project.Target) {
		list := t.InfoPlist.Find(permittedKey)
		if _, all := list.Strings(); list == nil || all {
			return
		}
		if list.Kind != plist.Array {
			f := p.Report(list.At, "%s is a %s, not an array of strings", permittedKey, list.Kind)
			if list.Kind == plist.String && t.InfoPlist.Lines {
				f.Edits = []finding.Edit{p.Insert(t.InfoPlist.Path, list.At.Start, "<array>"), p.Insert(t.InfoPlist.Path, list.At.End, "</array>")}
			}
			return
		}
		for _, item := range list.Items {
			if item.Kind != plist.String {
				p.Report(item.At, "%s holds a %s; iOS expects strings only", permittedKey, item.Kind)
			}
		}
	})
}

func checkTooManyRequests(p *Pass) {
	asks, limits := p.asksOfIOS(), iosLimits()
	for _, t := range p.apps() {
		for _, of := range []struct {
			kinds []plugins.Kind
			most  int64
		}{
			{[]plugins.Kind{plugins.Refresh}, limits.RefreshRequests},
			{[]plugins.Kind{plugins.Processing, plugins.Health}, limits.ProcessingRequests},
		} {
			var several []ask
			for _, a := range distinct(asks, t) {
				if slices.Contains(of.kinds, a.Kind) && a.ID != "" && !strings.Contains(a.ID, code.Hole) {
					several = append(several, a)
				}
			}
			if int64(len(several)) <= of.most {
				continue
			}
			var names []string
			for _, a := range several {
				names = append(names, shown(a.ID))
			}
			over := several[of.most]
			f := p.Report(over.At, "%d %s tasks are asked for (%s); iOS keeps %d at a time", len(several), of.kinds[0], strings.Join(names, ", "), of.most)
			f.Subject = string(of.kinds[0])
		}
		return // the other targets are other ways to build the same app
	}
}

func checkContinuedID(p *Pass) {
	asks := p.asksOfIOS()
	for _, t := range p.apps() {
		for _, a := range distinct(asks, t) {
			if a.Kind != plugins.Continued || a.ID == "" || !a.Sure || strings.Contains(a.ID, code.Hole) {
				continue
			}
			if strings.HasPrefix(a.ID, code.BundleID+".") {
				continue
			}
			fits := len(t.BundleIDs) == 0
			for _, b := range t.BundleIDs {
				fits = fits || strings.HasPrefix(a.ID, b.Text+".")
			}
			switch {
			case !fits:
				p.Report(a.At, "%q does not begin with the bundle identifier %s", shown(a.ID), t.BundleIDs[0].Text).Subject = a.ID
			case !a.Native && !strings.HasSuffix(a.ID, ".*"):
				p.Report(a.At, "%q does not end with \".*\"", shown(a.ID)).Subject = a.ID
			}
		}
		return
	}
}
