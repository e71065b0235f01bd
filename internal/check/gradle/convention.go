package gradle

import (
	"path"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/source"
)

// Conventions is what the plugins that a build makes for itself say: buildSrc, and builds that it
// includes.
type Conventions struct {
	TargetSDK, MinSDK Level // of all modules that do not say it themselves; 0 where that is not one number

	constants map[string]*island.Node // by name; nil for one that has several values
}

// ReadConventions reads the sources of such plugins, and the scripts among them: path and text.
func ReadConventions(files [][2]string, scope Scope) *Conventions {
	c := &Conventions{constants: map[string]*island.Node{}}
	scope.Conventions = c
	var readers []*reader
	for _, f := range files {
		r := &reader{File: &File{Path: f[0], Script: island.Parse(island.Kotlin, []byte(f[1])), vars: map[string]*island.Node{}}, text: source.NewText(f[0], []byte(f[1])), scope: scope}
		readers = append(readers, r)
		eachDecl(r.Script.Decls, func(d *island.Decl) {
			init := d.Init()
			if d.Kind != island.Variable || init == nil {
				return
			}
			if old, ok := c.constants[d.Name]; ok && (old == nil || old.Text != init.Text) {
				init = nil
			}
			c.constants[d.Name] = init
		})
	}
	var targets, mins []Level
	for _, r := range readers {
		look := func(body *island.Node) { r.levels(body, &targets, &mins) }
		look(r.Script.Body())
		eachDecl(r.Script.Decls, func(d *island.Decl) { look(d.Body()) })
	}
	c.TargetSDK, c.MinSDK = agreed(targets), agreed(mins)
	return c
}

// IsConvention tells whether a file is a source or a script of a plugin, by its name.
func IsConvention(file string) bool {
	switch ext := path.Ext(file); {
	case strings.Contains(file, "/test/"):
		return false
	case ext == ".kts":
		return strings.HasSuffix(file, ".gradle.kts") && path.Base(file) != "build.gradle.kts" && path.Base(file) != "settings.gradle.kts"
	default:
		return ext == ".kt"
	}
}

func eachDecl(decls []*island.Decl, visit func(*island.Decl)) {
	for _, d := range decls {
		visit(d)
		eachDecl(d.Members, visit)
	}
}

// levels finds what a body sets API levels to, but for those of tests and of lint.
func (r *reader) levels(body *island.Node, targets, mins *[]Level) {
	island.Walk(body, func(n *island.Node) bool {
		var name string
		var value *island.Node
		switch n.Kind {
		case island.Assign:
			all := names(n.Kids[0])
			if len(all) == 0 || slices.Contains(all, "lint") || slices.Contains(all, "testOptions") {
				return len(all) == 0
			}
			name, value = all[len(all)-1], n.Kids[1]
		case island.Call:
			name, value = island.CalleeName(n), n.Positional(0)
			if name == "lint" || name == "testOptions" {
				return false
			}
		}
		if value == nil || value.Kind == island.Closure {
			return true
		}
		var level Level
		r.setLevel(&level, value, false)
		switch strings.TrimSuffix(name, "Version") {
		case "targetSdk":
			*targets = append(*targets, level)
		case "minSdk":
			*mins = append(*mins, level)
		}
		return true
	})
}

// agreed is the one level that all of them are; none where they differ, or one is not known.
func agreed(all []Level) Level {
	for _, l := range all {
		if l.Value == 0 || l.Value != all[0].Value {
			return Level{}
		}
	}
	if len(all) == 0 {
		return Level{}
	}
	return all[0]
}
