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
	screen bool // for the engine of the screen
	place  finding.Place
}

func (p *Pass) nativeChannels() []nativeChannel {
	var all []nativeChannel
	add := func(native *code.Program, c code.Call, name *island.Node) {
		if name == nil || inTests(c.Unit) {
			return
		}
		plugin := false
		for d := c.Unit.At(c.Node.Start); d != nil; d = d.Parent {
			plugin = plugin || slices.ContainsFunc(d.Supers, func(s string) bool { return shortClass(s) == "FlutterPlugin" })
		}
		for _, text := range native.Value(c.In, c.Unit, name).Strings() {
			all = append(all, nativeChannel{text, !plugin, p.Call(c.Unit, c.Node)})
		}
	}
	if ios := p.Project.IOS; ios != nil && ios.Code != nil {
		for _, c := range ios.Code.Calls("FlutterMethodChannel") {
			add(ios.Code, c, c.Node.Arg("name"))
		}
	}
	for _, m := range p.nativeModules() {
		for _, c := range m.Code.Calls("MethodChannel") {
			add(m.Code, c, c.Node.Positional(1))
		}
	}
	return all
}

func checkChannels(p *Pass) {
	channels := p.nativeChannels()
	if len(channels) == 0 {
		return
	}
	for _, c := range p.dart().Calls("MethodChannel") {
		if inTests(c.Unit) {
			continue
		}
		name, ok := p.value(c, firstArg(c.Node)).String()
		if !ok {
			continue
		}
		screen := slices.IndexFunc(channels, func(n nativeChannel) bool { return n.name == name && n.screen })
		if screen < 0 || slices.ContainsFunc(channels, func(n nativeChannel) bool { return n.name == name && !n.screen }) {
			continue
		}
		for _, e := range p.working() {
			if !e.Fresh {
				continue
			}
			for _, use := range p.channelUses(c) {
				if use.In == nil || !e.Reach().Has(use.In) || !e.Reach().Sure(use.In) {
					continue
				}
				f := p.Report(p.Node(use.Unit, use.Node), "%s uses the channel %q, which native code answers for the app's screen only", e.name(), name)
				f.Subject = name
				f.Related = []finding.Related{{Place: channels[screen].place, Text: "the handler is set here"}}
				break
			}
		}
	}
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
