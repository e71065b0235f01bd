package rules

import (
	"bytes"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/manifest"
	"github.com/lullwork/lull/internal/check/plugins/shipped"
	"github.com/lullwork/lull/internal/check/project"
)

// androidApps are the modules that are apps.
func (p *Pass) androidApps() []*project.Module {
	if p.Project.Android == nil {
		return nil
	}
	var apps []*project.Module
	for _, m := range p.Project.Android.Modules {
		if m.App && m.Manifest != nil && m.Merged != nil {
			apps = append(apps, m)
		}
	}
	return apps
}

// holds tells whether the app has a permission on systems up to the newest.
func holds(m *project.Module, permission string) bool {
	got, ok := m.Merged.Permission(permission)
	return ok && got.MaxSDK == 0
}

// mayBring tells whether a plugin whose manifest is not known may declare something, by
// words in its name.
func (p *Pass) mayBring(words ...string) bool {
	for name := range p.Project.Plugins {
		known := shipped.Known(name) || shipped.Known(name+"_android")
		if !known && !elsewhere(name) && slices.ContainsFunc(words, func(word string) bool { return strings.Contains(name, word) }) {
			return true
		}
	}
	return false
}

// elsewhere tells whether a package is by its name a plugin's part for another system.
func elsewhere(name string) bool {
	return slices.ContainsFunc([]string{"_platform_interface", "_ios", "_macos", "_darwin", "_apple", "_foundation", "_linux", "_windows", "_web"}, func(end string) bool {
		return strings.HasSuffix(name, end)
	})
}

// placeIn is where something of a merged manifest stands, or the app's own manifest where a
// plugin brings it.
func placeIn(m *project.Module, e *manifest.Element) finding.Place {
	if e == nil || e.From != "" || e.Open.File == "" {
		return finding.Whole(m.Manifest.Path)
	}
	return e.Open
}

// addPermissions are the edits that declare permissions; none where that is not safe.
func (p *Pass) addPermissions(m *project.Module, names ...string) []finding.Edit {
	var lines []string
	for _, name := range names {
		lines = append(lines, `<uses-permission android:name="`+name+`"/>`)
	}
	return p.addElements(m.Manifest, m.Manifest.Root, true, lines...)
}

// addToApplication are the edits that put elements into the application.
func (p *Pass) addToApplication(m *project.Module, elements ...string) []finding.Edit {
	return p.addElements(m.Manifest, m.Manifest.Application(), false, elements...)
}

// addElements puts elements before the first or after the last one inside of another.
func (p *Pass) addElements(f *manifest.File, in *manifest.Element, first bool, elements ...string) []finding.Edit {
	if in == nil || len(in.Kids) == 0 || len(elements) == 0 || in.Open.File != f.Path {
		return nil
	}
	src, err := p.Files.Read(f.Path)
	if err != nil || !bytes.Contains(src, []byte("http://schemas.android.com/apk/res/android")) {
		return nil
	}
	at := in.Kids[len(in.Kids)-1].At
	if first {
		at = in.Kids[0].At
	}
	indent := indentAt(src, at.Start)
	var b strings.Builder
	for _, e := range elements {
		e = strings.ReplaceAll(e, "\n", "\n"+indent)
		if first {
			b.WriteString(e + "\n" + indent)
		} else {
			b.WriteString("\n" + indent + e)
		}
	}
	if first {
		return []finding.Edit{p.Insert(f.Path, at.Start, b.String())}
	}
	return []finding.Edit{p.Insert(f.Path, at.End, b.String())}
}

// component is the source of a component of a plugin.
func componentXML(kind, class string, boot bool) string {
	head := "<" + kind + ` android:name="` + class + `" android:exported="false"`
	if !boot {
		return head + "/>"
	}
	var b strings.Builder
	b.WriteString(head + ">\n    <intent-filter>")
	for _, action := range bootActions {
		b.WriteString("\n        <action android:name=\"" + action + `"/>`)
	}
	b.WriteString("\n    </intent-filter>\n</" + kind + ">")
	return b.String()
}

const bootCompleted = "android.intent.action.BOOT_COMPLETED"

var bootActions = []string{
	bootCompleted, "android.intent.action.MY_PACKAGE_REPLACED", "android.intent.action.QUICKBOOT_POWERON", "com.htc.intent.action.QUICKBOOT_POWERON",
}

// boots tells whether a receiver is told when the phone has started.
func boots(c manifest.Component) bool {
	for _, f := range c.Filters {
		for _, a := range f.Actions {
			if a == bootCompleted || a == "android.intent.action.LOCKED_BOOT_COMPLETED" {
				return true
			}
		}
	}
	return false
}

// shortClass is a class without its package.
func shortClass(class string) string { return class[strings.LastIndexByte(class, '.')+1:] }
