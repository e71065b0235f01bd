// Package rules holds what is checked: a table of rules, each with what it says about
// itself and a function that looks at one project.
package rules

import (
	"slices"
	"unicode/utf8"

	"github.com/lullwork/lull/internal/check/finding"
)

// Group is a chapter of the catalogue.
type Group string

// The groups, in the order in which they are shown.
const (
	EntryPoints   Group = "entry points"
	Initialising  Group = "plugins and state in the callback"
	IOS           Group = "iOS configuration"
	Android       Group = "Android manifest and Gradle"
	Scheduling    Group = "scheduling"
	Push          Group = "push"
	Notifications Group = "local notifications"
	Services      Group = "foreground services"
	Isolates      Group = "isolates and shared data"
	NativeIOS     Group = "native iOS"
	NativeAndroid Group = "native Android"
	Whole         Group = "whole project"
	Comments      Group = "comments to lull"
)

// Groups are all groups in their order.
func Groups() []Group {
	return []Group{
		EntryPoints, Initialising, IOS, Android, Scheduling, Push, Notifications, Services,
		Isolates, NativeIOS, NativeAndroid, Whole, Comments,
	}
}

// The platforms that a rule may speak of.
const (
	OnAndroid = "android"
	OnIOS     = "ios"
	OnMacOS   = "macos"
	OnWeb     = "web"
	OnLinux   = "linux"
	OnWindows = "windows"
)

// Platforms are all platforms in their order.
func Platforms() []string {
	return []string{OnAndroid, OnIOS, OnMacOS, OnWeb, OnLinux, OnWindows}
}

// Rule is a mistake that is looked for. The texts are of the kind that `lull explain`
// prints: Markdown without headings, sentences with full stops, except for Title.
type Rule struct {
	Name      string   // in kebab-case; it never changes
	IDs       []string // in the catalogue; the first is that of a finding which names none
	Group     Group
	Title     string   // what is wrong, in a few words, lower case, no full stop
	Detail    string   // why the work silently does not run; one paragraph or more
	Seen      string   // what is seen if it stays, as "refused by iOS, logged only": no full stop
	Fix       string   // what to do, in one imperative sentence without a full stop
	Platforms []string // where it matters; nil: everywhere
	Versions  []string // what it is about: "workmanager <0.9"; nil: every version
	Certainty finding.Certainty
	Source    []string // addresses or files of plugins
	Lint      string   // the lint of others which has it too: "saropa_lints: avoid_unknown_pragma"
	Example   Example
	Check     func(*Pass) // nil: the rule is of lull's own working, and others report it
}

// Example is a mistake and its mending.
type Example struct {
	Lang      string // of the code fence: dart, xml, swift, kotlin, yaml, groovy
	Bad, Good string
}

// Table is a set of rules.
type Table []*Rule

// All is the table of all rules, by group. Each call makes a new one.
func All() Table {
	var all Table
	for _, of := range [][]*Rule{
		entryPointRules(),
		callbackStateRules(),
		scheduleRules(),
		outcomeRules(),
		pushHandlerRules(),
		reminderRules(),
		isolateRules(),
		wholeRules(),
		configurationRules(),
		commentRules(),
	} {
		all = append(all, of...)
	}
	return alsoNative(all)
}

// On tells whether a rule matters on a platform.
func (r *Rule) On(platform string) bool {
	return len(r.Platforms) == 0 || slices.Contains(r.Platforms, platform)
}

// ID is the first of the catalogue's ids, "" without any.
func (r *Rule) ID() string {
	if len(r.IDs) == 0 {
		return ""
	}
	return r.IDs[0]
}

// Find returns the rules that a name or a catalogue id stands for.
func (t Table) Find(word string) []*Rule {
	var found []*Rule
	for _, r := range t {
		if r.Name == word || slices.Contains(r.IDs, word) {
			found = append(found, r)
		}
	}
	return found
}

// Names are the names of the rules, in their order.
func (t Table) Names() []string {
	var names []string
	for _, r := range t {
		names = append(names, r.Name)
	}
	return names
}

// longest is how many letters a message has at most: it may quote what a project calls a name.
const longest = 500

// Finding makes a finding of the rule with what the rule says of itself.
func (r *Rule) Finding(at finding.Place, message string) *finding.Finding {
	if utf8.RuneCountInString(message) > longest {
		message = string([]rune(message)[:longest-1]) + "…"
	}
	return &finding.Finding{
		Rule: r.Name, ID: r.ID(), Certainty: r.Certainty, Place: at, Message: message, Seen: r.Seen, Fix: r.Fix, Project: ".",
	}
}
