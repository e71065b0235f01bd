package xcode

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/lullwork/lull/internal/check/plist"
	"github.com/lullwork/lull/internal/check/source"
)

// IsSpec tells whether a file is by its name a spec, from which XcodeGen makes a project
// (https://github.com/yonaskolb/XcodeGen, Docs/ProjectSpec.md).
func IsSpec(file string) bool {
	ext := path.Ext(file)
	return (ext == ".yml" || ext == ".yaml") && strings.HasPrefix(path.Base(file), "project")
}

// part is a node of a spec, with the file and the folder that its paths begin at.
type part struct {
	node *yaml.Node
	file *source.YAML
	dir  string
}

// specReader reads one spec with those that it includes.
type specReader struct {
	*Project
	files     Files
	open      map[string]bool
	roots     []part // included ones first
	names     []string
	targets   map[string][]part // the last one is the strongest
	templates map[string]part
	groups    map[string]part
	xcconfigs map[string]*xcconfig
	faults    []*source.Fault
	left      int // of maxNodes
}

// maxNodes is how many nodes a spec may have once what its names and aliases stand for is put in.
const maxNodes = 1 << 16

// ReadSpec reads a spec of XcodeGen as the project that it makes; nil where it has no targets.
// Errors are a *source.Fault; faults are what was left out.
func ReadSpec(file string, src []byte, files Files) (p *Project, faults []*source.Fault, err error) {
	r := &specReader{
		Project: &Project{Path: file, Dir: path.Dir(file)}, files: files, open: map[string]bool{},
		targets: map[string][]part{}, templates: map[string]part{}, groups: map[string]part{}, xcconfigs: map[string]*xcconfig{}, left: maxNodes,
	}
	if err := r.load(file, src, r.Dir); err != nil {
		return nil, nil, err
	}
	for _, name := range r.names {
		if len(r.Targets) == maxTargets {
			r.faults = append(r.faults, &source.Fault{File: file, Line: 1, Why: "has more than 500 targets: the others are not looked at"})
			break
		}
		r.Targets = append(r.Targets, r.target(name))
	}
	if len(r.Targets) == 0 {
		return nil, r.faults, nil
	}
	return r.Project, r.faults, nil
}

func (r *specReader) load(file string, src []byte, dir string) error {
	y, err := source.ReadYAML(file, src)
	if err != nil {
		return err
	}
	r.open[file] = true
	for _, n := range nodes(source.Under(y.Root, "include")) {
		r.include(part{n, y, dir})
	}
	r.roots = append(r.roots, part{y.Root, y, dir})
	for _, e := range source.Entries(source.Under(y.Root, "targets")) {
		name := e.Key.Value
		if r.targets[name] == nil {
			r.names = append(r.names, name)
		}
		r.targets[name] = append(r.targets[name], part{e.Val, y, dir})
	}
	for key, all := range map[string]map[string]part{"targetTemplates": r.templates, "settingGroups": r.groups} {
		for _, e := range source.Entries(source.Under(y.Root, key)) {
			all[e.Key.Value] = part{e.Val, y, dir}
		}
	}
	return nil
}

// include reads a spec that another one includes: a path, or a mapping with one.
func (r *specReader) include(p part) {
	name, dir := source.Scalar(p.node), ""
	if p.node.Kind == yaml.MappingNode {
		name = source.Scalar(source.Under(p.node, "path"))
		if source.Scalar(source.Under(p.node, "relativePaths")) == "false" {
			dir = p.dir
		}
	}
	file := path.Join(p.dir, name)
	if r.open[file] || len(r.open) > maxIncludes {
		return
	}
	if dir == "" {
		dir = path.Dir(file)
	}
	src, err := r.files.Read(file)
	if err == nil {
		err = r.load(file, src, dir)
	}
	if err != nil {
		r.faults = append(r.faults, &source.Fault{File: p.file.Path, Line: p.node.Line, Why: "includes " + file + ", which could not be read"})
	}
}

// nodes are the items of a sequence, or the one node itself.
func nodes(n *yaml.Node) []*yaml.Node {
	switch {
	case n == nil:
		return nil
	case n.Kind != yaml.SequenceNode:
		return []*yaml.Node{n}
	}
	all := make([]*yaml.Node, 0, len(n.Content))
	for _, item := range n.Content {
		all = append(all, source.Follow(item))
	}
	return all
}

// target makes a target of its entry, and of the templates that it is made from.
func (r *specReader) target(name string) *Target {
	parts := r.withTemplates(r.targets[name], 0)
	own := r.targets[name][len(r.targets[name])-1]
	t := &Target{Name: name, At: own.file.Node(own.node)}
	t.At.Line = max(t.At.Line-1, 1) // of its key
	words := r.attributes(name, parts)
	last := func(keys ...string) (n *yaml.Node) {
		for _, p := range parts {
			if v := source.Under(p.node, keys...); v != nil {
				n = v
			}
		}
		return n
	}
	t.Type = types[source.Scalar(last("type"))]
	for _, n := range append(nodes(last("platform")), nodes(last("supportedDestinations"))...) {
		switch source.Scalar(n) {
		case "iOS", "iPad", "iPhone":
			t.IOS = true
		case "macOS":
			t.MacOS = true
		case "watchOS":
			if t.Type == App {
				t.Type = WatchApp
			}
		}
	}
	for _, p := range parts {
		for _, n := range nodes(source.Under(p.node, "sources")) {
			r.sources(t, part{n, p.file, p.dir}, words)
		}
		for _, n := range nodes(source.Under(p.node, "dependencies")) {
			if on := source.Scalar(source.Under(n, "target")); on != "" {
				t.DependsOn = append(t.DependsOn, on)
			}
		}
	}
	slices.Sort(t.Sources)
	t.Sources = slices.Compact(t.Sources)
	t.Info, t.Entitled = r.written(parts, "info", words), r.written(parts, "entitlements", words)
	for _, config := range r.configs() {
		t.Configurations = append(t.Configurations, r.configuration(name, config, parts, words))
	}
	return t
}

// withTemplates puts the templates that parts name before them.
func (r *specReader) withTemplates(parts []part, depth int) []part {
	var all []part
	for _, p := range parts {
		for _, n := range nodes(source.Under(p.node, "templates")) {
			r.left -= maxNodes >> 8 // each is looked through several times
			if template, ok := r.templates[source.Scalar(n)]; ok && depth < maxIncludes && r.left > 0 {
				all = append(all, r.withTemplates([]part{template}, depth+1)...)
			}
		}
		all = append(all, p)
	}
	return all
}

// attributes are what stands for ${target_name} and the like in templates.
func (r *specReader) attributes(name string, parts []part) *strings.Replacer {
	words := []string{"${target_name}", name}
	for _, p := range parts {
		for _, e := range source.Entries(source.Under(p.node, "templateAttributes")) {
			words = append(words, "${"+e.Key.Value+"}", source.Scalar(e.Val))
		}
	}
	return strings.NewReplacer(words...)
}

// sources adds the files of one entry of a target's sources.
func (r *specReader) sources(t *Target, p part, words *strings.Replacer) {
	name, excludes := source.Scalar(p.node), []string(nil)
	if p.node.Kind == yaml.MappingNode {
		name = source.Scalar(source.Under(p.node, "path"))
		if phase := source.Scalar(source.Under(p.node, "buildPhase")); phase != "" && phase != "sources" {
			return
		}
		for _, n := range nodes(source.Under(p.node, "excludes")) {
			excludes = append(excludes, source.Scalar(n))
		}
	}
	dir := path.Join(p.dir, words.Replace(name))
	if r.files.Has(dir) && isSource(dir) {
		t.Sources = append(t.Sources, dir)
		return
	}
	for _, file := range r.files.Under(dir) {
		rest := strings.Split(strings.TrimPrefix(file, dir+"/"), "/")
		if isSource(file) && !slices.ContainsFunc(excludes, func(pattern string) bool { return globs(strings.Split(pattern, "/"), rest) }) {
			t.Sources = append(t.Sources, file)
		}
	}
}

// globs tells whether a pattern is that of a file or of a folder around it.
func globs(pattern, file []string) bool {
	switch {
	case len(pattern) == 0:
		return true
	case pattern[0] == "**":
		for i := range min(len(file), maxIncludes) + 1 {
			if len(pattern) > 1 && globs(pattern[1:], file[i:]) {
				return true
			}
		}
		return len(pattern) == 1
	case len(file) == 0:
		return false
	}
	ok, err := path.Match(pattern[0], file[0])
	return err == nil && ok && globs(pattern[1:], file[1:])
}

// written is the property list that XcodeGen writes for a target, from what stands under a key;
// nil without.
func (r *specReader) written(parts []part, key string, words *strings.Replacer) *plist.File {
	var f *plist.File
	for _, p := range parts {
		n := source.Under(p.node, key)
		if n == nil || n.Kind != yaml.MappingNode {
			continue
		}
		if f == nil {
			f = &plist.File{Root: &plist.Value{Kind: plist.Dict}}
		}
		f.Path, f.Root.At = p.file.Path, p.file.Node(n)
		f.Root.Keys = append(f.Root.Keys, r.value(p.file, source.Under(n, "properties"), words, 0).Keys...)
	}
	return f
}

// value is what a node is in a property list.
func (r *specReader) value(y *source.YAML, n *yaml.Node, words *strings.Replacer, depth int) *plist.Value {
	if r.left--; n == nil || depth > maxIncludes || r.left < 0 {
		return &plist.Value{Kind: plist.String}
	}
	v := &plist.Value{Kind: plist.String, At: y.Node(n), Text: words.Replace(n.Value)}
	switch n.Kind {
	case yaml.MappingNode:
		v.Kind, v.Text = plist.Dict, ""
		for _, e := range source.Entries(n) {
			v.Keys = append(v.Keys, plist.Entry{Key: e.Key.Value, KeyAt: y.Node(e.Key), Value: r.value(y, e.Val, words, depth+1)})
		}
	case yaml.SequenceNode:
		v.Kind, v.Text = plist.Array, ""
		for _, item := range nodes(n) {
			v.Items = append(v.Items, r.value(y, item, words, depth+1))
		}
	default:
		switch n.Tag {
		case "!!bool":
			v.Kind, v.Text = plist.Bool, strings.ToLower(n.Value)
		case "!!int":
			v.Kind = plist.Integer
		case "!!float":
			v.Kind = plist.Real
		}
	}
	return v
}
