package rules

import (
	"slices"
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
)

// mutableFrom is the target from which a PendingIntent has to say whether it may be changed.
const mutableFrom = 31

// mutability are the bits of FLAG_IMMUTABLE and FLAG_MUTABLE.
const mutability = 1<<26 | 1<<25

func pendingIntentRules() []*Rule {
	return []*Rule{{
		Name: "pending-intent-mutability", Group: NativeAndroid, Certainty: finding.Error, Platforms: []string{OnAndroid},
		Title:  "a PendingIntent does not say whether it may be changed",
		Detail: "An app that targets Android 12 has to give each PendingIntent FLAG_IMMUTABLE or FLAG_MUTABLE. Without either the call that makes it throws on Android 12 and later, so that the alarm or the notification that it was for is never set.",
		Seen:   "IllegalArgumentException: Targeting S+ requires that one of FLAG_IMMUTABLE or FLAG_MUTABLE be specified; no alarm, no notification",
		Fix:    "Add PendingIntent.FLAG_IMMUTABLE to its flags, or FLAG_MUTABLE where the receiver has to fill something in, as a reply",
		Source: []string{androidDocs + "about/versions/12/behavior-changes-12#pending-intent-mutability"},
		Lint:   "Android lint: UnspecifiedImmutableFlag",
		Example: Example{
			Lang: "kotlin",
			Bad:  "val ring = PendingIntent.getBroadcast(context, 1, intent, PendingIntent.FLAG_UPDATE_CURRENT)\nalarms.setExactAndAllowWhileIdle(AlarmManager.RTC_WAKEUP, at, ring)\n",
			Good: "val ring = PendingIntent.getBroadcast(context, 1, intent, PendingIntent.FLAG_UPDATE_CURRENT or PendingIntent.FLAG_IMMUTABLE)\nalarms.setExactAndAllowWhileIdle(AlarmManager.RTC_WAKEUP, at, ring)\n",
		},
		Check: checkMutability,
	}}
}

func checkMutability(p *Pass) {
	for _, app := range p.androidApps() {
		if is, sure := targets(app, mutableFrom); !is || !sure {
			continue
		}
		for _, m := range p.partsOf(app) {
			for _, name := range []string{"getBroadcast", "getService", "getForegroundService", "getActivity", "getActivities"} {
				for _, c := range m.Code.Calls(name) {
					to := c.Node.Kids[0]
					if inTests(c.Unit) || c.In == nil || to.Kind != island.Member || lastName(to.Kids[0]) != "PendingIntent" || len(c.Node.Args) < 4 {
						continue
					}
					flags := c.Node.Args[3].Value
					if f := c.Node.Arg("flags"); f != nil {
						flags = f
					}
					if !saysNoMutability(m.Code, c.In, c.Unit, flags, 4) || slices.ContainsFunc(m.Code.Guards(c.In, c.Node), func(g code.Guard) bool {
						return g.Cond != nil && g.Kind == code.Condition && strings.Contains(c.Unit.Text(g.Cond.Span), "SDK_INT")
					}) {
						continue
					}
					f := p.Report(p.Node(c.Unit, flags), "the flags of this PendingIntent have neither FLAG_IMMUTABLE nor FLAG_MUTABLE: %s throws on Android 12 and later", name)
					if f.Subject = c.In.Name(); idleFunc(m.Code, c.In) {
						f.Certainty = finding.Hint
					}
				}
			}
		}
	}
}

// idleFunc tells whether nothing is seen to call a function of native code.
func idleFunc(native *code.Program, f *code.Func) bool {
	d := outermost(f).Decl
	return d != nil && d.Kind == island.Function && !d.Has(island.Override) && len(d.Annotations) == 0 && len(native.Uses(d)) == 0
}

// saysNoMutability tells whether flags are known, and have neither of the two flags on any way.
func saysNoMutability(native *code.Program, in *code.Func, u *code.Unit, n *island.Node, depth int) bool {
	switch n.Kind {
	case island.Number:
		bits, err := strconv.ParseInt(strings.ReplaceAll(strings.TrimRight(n.Text, "lL"), "_", ""), 0, 64)
		return err == nil && bits&mutability == 0
	case island.Binary:
		if n.Name != "or" && n.Name != "|" && n.Name != "+" {
			return false
		}
	case island.Call:
		if island.CalleeName(n) == "or" && n.Kids[0].Kind == island.Member && len(n.Args) == 1 { // a.or(b)
			return saysNoMutability(native, in, u, n.Kids[0].Kids[0], depth) && saysNoMutability(native, in, u, n.Args[0].Value, depth)
		}
		decls := native.Resolve(in, u, n.Kids[0])
		if len(decls) != 1 || depth == 0 || len(n.Args) > 0 {
			return false
		}
		f := native.FuncOf(decls[0])
		if f == nil || f.Body() == nil || decls[0].Has(island.Abstract) {
			return false
		}
		ends := waysOf(native, f).Ends
		return len(ends) > 0 && !slices.ContainsFunc(ends, func(e code.End) bool {
			return e.Kind != code.Returns || e.Value == nil || !saysNoMutability(native, f, f.File, e.Value, depth-1)
		})
	case island.If, island.Cond:
		if len(n.Kids) != 3 {
			return false
		}
		return saysNoMutability(native, in, u, n.Kids[1], depth) && saysNoMutability(native, in, u, n.Kids[2], depth)
	case island.Block, island.Expr:
		return len(n.Kids) == 1 && saysNoMutability(native, in, u, n.Kids[0], depth)
	case island.Ident, island.Member:
		if name := lastName(n); strings.HasPrefix(name, "FLAG_") && (n.Kind == island.Ident || lastName(n.Kids[0]) == "PendingIntent") && len(native.Resolve(in, u, n)) == 0 {
			return !strings.Contains(name, "MUTABLE")
		}
		decls := native.Resolve(in, u, n)
		if len(decls) != 1 || depth == 0 {
			return false
		}
		d := decls[0]
		of := native.UnitOf(d)
		return of != nil && d.Kind == island.Variable && d.Has(island.Final) && d.Init() != nil && saysNoMutability(native, nil, of, d.Init(), depth-1)
	default:
		return false
	}
	return !slices.ContainsFunc(n.Kids, func(k *island.Node) bool { return !saysNoMutability(native, in, u, k, depth) })
}
