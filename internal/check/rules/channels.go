package rules

import (
	"slices"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
)

func channelRules() []*Rule {
	return []*Rule{{
		Name: "channel-on-screen-only", IDs: []string{"P09"}, Group: Initialising, Certainty: finding.Warning, Platforms: []string{OnAndroid, OnIOS},
		Title: "the callback uses a channel that only the app's screen answers",
		Detail: "The handler of this MethodChannel is set on the engine of the view controller or of the activity. The callback runs in an engine of its own, which has no such handler. " +
			"A plugin class that the registrant registers is there in every engine.",
		Seen:   "MissingPluginException in the callback; with the app open all is well",
		Fix:    "Put the handler into a class that implements FlutterPlugin, and register it with every engine",
		Source: []string{workmanager + "/issues/412", workmanager + "/issues/616"},
		Example: Example{
			Lang: "kotlin",
			Bad:  "class MainActivity : FlutterActivity() {\n    override fun configureFlutterEngine(engine: FlutterEngine) {\n        MethodChannel(engine.dartExecutor.binaryMessenger, \"app/files\").setMethodCallHandler(handler)\n    }\n}\n",
			Good: "class FilesPlugin : FlutterPlugin { /* sets the handler in onAttachedToEngine */ }\n",
		},
		Check: checkChannels,
	}}
}

// nativeChannel is a channel that native code makes.
type nativeChannel struct {
	name   string
	os     string
	screen bool // for the engine of the screen
	place  finding.Place
}

func (p *Pass) nativeChannels() []nativeChannel {
	var all []nativeChannel
	add := func(os string, native *code.Program, c code.Call, name *island.Node) {
		if name == nil || inTests(c.Unit) {
			return
		}
		plugin := false
		for d := c.Unit.At(c.Node.Start); d != nil; d = d.Parent {
			plugin = plugin || slices.ContainsFunc(d.Supers, func(s string) bool { return shortClass(s) == "FlutterPlugin" })
		}
		for _, text := range native.Value(c.In, c.Unit, name).Strings() {
			all = append(all, nativeChannel{text, os, !plugin, p.Call(c.Unit, c.Node)})
		}
	}
	if ios := p.Project.IOS; ios != nil && ios.Code != nil {
		for _, c := range ios.Code.Calls("FlutterMethodChannel") {
			add(OnIOS, ios.Code, c, c.Node.Arg("name"))
		}
	}
	for _, m := range p.nativeModules() {
		for _, c := range m.Code.Calls("MethodChannel") {
			add(OnAndroid, m.Code, c, c.Node.Positional(1))
		}
	}
	return all
}

func checkChannels(p *Pass) {
	channels := p.nativeChannels()
	if len(channels) == 0 {
		return
	}
	reached := make(map[reaching]*code.Reach)
	for _, c := range p.dart().Calls("MethodChannel") {
		if inTests(c.Unit) {
			continue
		}
		name, ok := p.value(c, firstArg(c.Node)).String()
		if !ok {
			continue
		}
		for _, os := range []string{OnAndroid, OnIOS} {
			if at := screenOnly(channels, os, name); at != nil {
				p.reportChannel(os, c, at, reached)
			}
		}
	}
}

// reaching is what a callback reaches on a system.
type reaching struct {
	work *code.Func
	os   string
}

// screenOnly is the channel of a name which on a system is there for the screen and nowhere
// else; nil without.
func screenOnly(channels []nativeChannel, os, name string) *nativeChannel {
	var found *nativeChannel
	for i := range channels {
		if c := &channels[i]; c.os == os && c.name == name {
			if !c.screen {
				return nil
			}
			found = c
		}
	}
	return found
}

// reportChannel reports the first use of a channel in each callback that runs in an engine
// of its own.
func (p *Pass) reportChannel(os string, c code.Call, at *nativeChannel, reached map[reaching]*code.Reach) {
	for _, e := range p.working() {
		if !e.Fresh || os == OnIOS && e.Plugin == "firebase_messaging" { // there it is the app's own engine
			continue
		}
		if !slices.ContainsFunc(p.channelUses(c), func(use code.Use) bool { return use.In != nil && e.Reach().Has(use.In) }) {
			continue
		}
		key := reaching{e.Work, os}
		if reached[key] == nil {
			reached[key] = p.dart().ReachIn(code.World{OS: os, Build: "release"}, e.Work)
		}
		reach := reached[key]
		for _, use := range p.channelUses(c) {
			if use.In == nil || !reach.Has(use.In) || !reach.Sure(use.In) || !p.dart().May(code.World{OS: os, Build: "release"}, use.Unit, use.Node) {
				continue
			}
			if p.expectsNone(use) {
				break
			}
			f := p.Report(p.Node(use.Unit, use.Node), "%s uses the channel %q, which native code of %s answers for the app's screen only", e.name(), at.name, shownOS[os])
			f.Subject = at.name + " " + os
			if reach.Depth(use.In) > 3 || p.dart().Caught(use.In, use.Node) { // what decides on the way is not known, or the app may do without
				f.Certainty = finding.Hint
			}
			f.Related = []finding.Related{{Place: at.place, Text: "the handler is set here"}}
			break
		}
	}
}

// expectsNone tells whether code knows that nobody may answer a channel.
func (p *Pass) expectsNone(use code.Use) bool {
	for _, g := range p.dart().Guards(use.In, use.Node) {
		if g.Kind != code.InTry {
			continue
		}
		for _, kid := range g.Cond.Kids {
			if kid.Kind == island.Catch && kid.Text == "MissingPluginException" {
				return true
			}
		}
	}
	return false
}

// channelUses are the places where a channel is used: where it is made, or those of the
// variable that holds it.
func (p *Pass) channelUses(c code.Call) []code.Use {
	for d := c.Unit.At(c.Node.Start); d != nil; d = d.Parent {
		if d.Kind == island.Variable {
			return p.dart().Uses(d)
		}
	}
	return []code.Use{{Unit: c.Unit, Node: c.Node, In: c.In}}
}
