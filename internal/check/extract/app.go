package extract

import (
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/manifest"
	"github.com/lullwork/lull/internal/check/plist"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/plan"
)

// widgets reads the app's home-screen widgets.
func (x *reader) widgets() {
	if a := x.project.Android; a != nil {
		for _, mod := range a.Modules {
			if mod.Merged == nil {
				continue
			}
			for _, r := range mod.Merged.Components("receiver") {
				if !r.Receives("android.appwidget.action.APPWIDGET_UPDATE") {
					continue
				}
				t := x.task("widget", "widget", r.Element.At)
				put(&t.Common, Setting{Key: "every", Value: "30m", Open: "how often it is updated is written in its XML or decided by the app; 30m stands here for it", At: r.Element.At})
				put(&t.Android, set("as", "widget"), x.via(native))
			}
		}
	}
	if x.project.IOS == nil || x.project.IOS.Code == nil {
		return
	}
	for _, u := range x.project.IOS.Code.Units() {
		for _, d := range u.Decls {
			for _, super := range d.Supers {
				if super != "TimelineProvider" && super != "AppIntentTimelineProvider" && super != "IntentTimelineProvider" {
					continue
				}
				at := u.Place(island.Span{Start: d.NameAt, End: d.NameAt + len(d.Name)})
				t := x.task("widget", "widget", at)
				put(&t.Common, Setting{Key: "every", Value: "30m", Open: "how often it is reloaded is for its timelines to say; 30m stands here for it", At: at})
				put(&t.IOS, set("as", "widget"), set("reload", "at-end"), x.via(native))
			}
		}
	}
}

// app reads what the app declares.
func (x *reader) app() {
	if a := x.project.Android; a != nil {
		for _, mod := range a.Modules {
			if !mod.App {
				continue
			}
			if mod.TargetSDK > 0 {
				put(&x.plan.Android, set("target", itoa(min(mod.TargetSDK, plan.NewestTarget))))
			}
			if mod.Merged != nil {
				put(&x.plan.Android, set("permissions", list(permissions(mod.Merged))))
			}
		}
	}
	if i := x.project.IOS; i != nil {
		for _, t := range i.Targets {
			if t.InfoPlist == nil {
				continue
			}
			put(&x.plan.IOS,
				set("modes", list(known(texts(t.InfoPlist, "UIBackgroundModes"), plan.Modes()))),
				set("permitted", list(permitted(t, texts(t.InfoPlist, "BGTaskSchedulerPermittedIdentifiers")))))
		}
	}
}

// permitted are the identifiers of a property list, with build settings expanded.
func permitted(t *project.Target, ids []string) []string {
	var out []string
	for _, id := range ids {
		values, _ := t.Expand(id)
		for _, v := range values {
			if plan.IsLabel(v) && !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
	}
	return out
}

// permissions are those that decide what background work may do, as plans write them.
func permissions(f *manifest.File) []string {
	var out []string
	for _, p := range f.Permissions() {
		name := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(p.Name, "android.permission."), "_", "-"))
		out = append(out, name)
	}
	return known(out, plan.Permissions())
}

// known are the words that plans have, sorted.
func known(words, plans []string) []string {
	var out []string
	for _, w := range words {
		if slices.Contains(plans, w) {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func texts(f *plist.File, key string) []string {
	v := f.Find(key)
	if v == nil {
		return nil
	}
	items, _ := v.Strings()
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = item.Text
	}
	return out
}
