package project

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// What is read of an Info.plist that Tuist writes, and where nothing is said of it.
func TestTuist(t *testing.T) {
	const manifest = "import ProjectDescription\nlet project = Project(name: \"A\", targets: [.target(name: \"A\", product: .app, infoPlist: INFO)])\n"
	tests := map[string]struct {
		info, helper string
		want         string // the background modes; "none" without, "?" where it is not known
	}{
		"a literal":           {info: `.extendingDefault(with: ["UIBackgroundModes": ["fetch"]])`, want: "fetch"},
		"values":              {info: `.dictionary(["UIBackgroundModes": .array([.string("fetch"), "audio"])])`, want: "fetch audio"},
		"a constant":          {info: `.dictionary(info)`, helper: `let info: [String: Plist.Value] = ["UIBackgroundModes": ["fetch"]]`, want: "fetch"},
		"nothing":             {info: `.default`, want: "none"},
		"two apps":            {info: `.dictionary(["UIBackgroundModes": ["fetch"]])`, helper: `let other: [String: Plist.Value] = ["UIBackgroundModes": ["audio"]]`, want: "fetch audio"},
		"a file":              {info: `"App/Info.plist"`, want: "?"},
		"a file by its path":  {info: `.file(path: "App/Info.plist")`, want: "?"},
		"a list made of what": {info: `.dictionary(["UIBackgroundModes": .array(modes.map { .string($0) })])`, want: "?"},
		"set later":           {info: `.dictionary(info())`, helper: "func info() -> [String: Plist.Value] {\n  var all = common\n  all[\"UIBackgroundModes\"] = [\"fetch\"]\n  return all\n}", want: "?"},
		"a default":           {info: `.dictionary(info())`, helper: `func info(_ more: [String: Plist.Value] = ["UIBackgroundModes": ["fetch"]]) -> [String: Plist.Value] { more }`, want: "?"},
		"a plugin":            {info: `.app`, helper: `let tuist = Tuist(project: .tuist(plugins: [.git(url: "https://example.org/p", tag: "1")]))`, want: "?"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir, _ := unpack(t, &txtar.Archive{Files: []txtar.File{
				{Name: "Project.swift", Data: []byte(strings.Replace(manifest, "INFO", test.info, 1))},
				{Name: "Tuist/ProjectDescriptionHelpers/Info.swift", Data: []byte("import ProjectDescription\n" + test.helper + "\n")},
				{Name: "Sources/App.swift", Data: []byte("import SwiftUI\n")},
			}})
			tree, _ := scan(t, dir)
			if len(tree.Projects) != 1 || len(tree.Projects[0].IOS.Targets) != 1 {
				t.Fatalf("the projects are %v", tree.Projects)
			}
			got := "?"
			if f := tree.Projects[0].IOS.Targets[0].InfoPlist; f != nil {
				got = "none"
				if list := f.Find("UIBackgroundModes"); list != nil {
					var items []string
					for _, item := range list.Items {
						items = append(items, item.Text)
					}
					got = strings.Join(items, " ")
				}
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
