package rules

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/check/pub"
)

// FuzzDart lets the rules on Dart look at any text: whatever it is, they come to an end
// without a fault, and what they find lies inside of it.
func FuzzDart(f *testing.F) {
	archives, _ := filepath.Glob("testdata/dart/*.txtar")
	for _, name := range archives {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if strings.HasSuffix(file.Name, ".dart") {
				f.Add(string(file.Data))
			}
		}
	}
	spec, err := pub.ReadSpec("pubspec.yaml", []byte(pubspec("app")))
	if err != nil {
		f.Fatal(err)
	}
	locked, err := pub.ReadLock("pubspec.lock", []byte(lock))
	if err != nil {
		f.Fatal(err)
	}
	plugins := pub.Resolve(spec, locked, nil, func(string) *pub.Spec { return nil })
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 1<<14 {
			return
		}
		units := []*code.Unit{{Path: "lib/main.dart", File: island.Parse(island.Dart, []byte(src))}}
		p := &project.Project{
			Dir: ".", Flutter: true, App: true, Plugins: plugins, Web: true, Linux: true,
			Dart: code.New(units, map[string]string{"app": "."}), Android: &project.Android{}, IOS: &project.Apple{}, MacOS: &project.Apple{},
		}
		memo := new(Memo)
		for _, list := range dartRules() {
			for _, r := range list {
				pass := &Pass{Rule: r, Project: p, Memo: memo, Tree: &project.Tree{Projects: []*project.Project{p}}}
				r.Check(pass)
				for _, found := range pass.found {
					if at := found.Place; at.Start < 0 || at.End < at.Start || at.File == "lib/main.dart" && at.End > len(src) {
						t.Errorf("%s is found at %d to %d of %d bytes", r.Name, at.Start, at.End, len(src))
					}
				}
			}
		}
	})
}

func dartRules() [][]*Rule {
	return [][]*Rule{
		entryPointRules(), callbackStateRules(), scheduleRules(), outcomeRules(), pushHandlerRules(), reminderRules(), isolateRules(), wholeRules(),
	}
}
