package xcode

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/lullwork/lull/internal/check/source"
)

// configs are the names of a spec's build configurations.
func (r *specReader) configs() []string {
	var names []string
	for _, root := range r.roots {
		for _, e := range source.Entries(source.Under(root.node, "configs")) {
			names = append(names, e.Key.Value)
		}
	}
	if len(names) == 0 {
		return []string{"Debug", "Release"}
	}
	return names
}

// configuration makes a build configuration of a target.
func (r *specReader) configuration(target, name string, parts []part, words *strings.Replacer) *Configuration {
	c := &Configuration{Name: name}
	sdk := ""
	add := func(raw map[string]source.Value) {
		if v, ok := raw["SDKROOT"]; ok && sdk == "" {
			sdk = v.Text
		}
		if len(raw) > 0 {
			c.levels = append(c.levels, choose(raw, name, sdk))
		}
	}
	for _, of := range [][]part{parts, {{node: nil}}, r.roots} {
		if len(of) == 1 && of[0].node == nil {
			add(r.defaults(target))
			continue
		}
		for i := len(of) - 1; i >= 0; i-- {
			all := map[string]source.Value{}
			r.settings(all, part{source.Under(of[i].node, "settings"), of[i].file, of[i].dir}, name, words, 0)
			add(all)
			add(r.configFile(of[i], name))
		}
	}
	project := strings.TrimSuffix(path.Base(r.Path), path.Ext(r.Path))
	if n := source.Scalar(source.Under(r.roots[len(r.roots)-1].node, "name")); n != "" {
		project = n
	}
	c.levels = append(c.levels, builtIn(project, target, name))
	return c
}

// defaults are what XcodeGen sets by itself.
func (r *specReader) defaults(target string) map[string]source.Value {
	all := map[string]source.Value{}
	for _, root := range r.roots {
		if n := source.Under(root.node, "options", "bundleIdPrefix"); source.Scalar(n) != "" {
			all["PRODUCT_BUNDLE_IDENTIFIER"] = source.Value{Text: source.Scalar(n) + "." + target, At: root.file.Node(n)}
		}
	}
	return all
}

// settings reads build settings: those of all configurations, of this one, and of groups; the
// stronger ones last.
func (r *specReader) settings(all map[string]source.Value, p part, config string, words *strings.Replacer, depth int) {
	if r.left--; p.node == nil || depth > maxIncludes || r.left < 0 {
		return
	}
	base, configs, groups := source.Under(p.node, "base"), source.Under(p.node, "configs"), source.Under(p.node, "groups")
	if base == nil && configs == nil && groups == nil {
		r.flat(all, p, p.node, words)
		return
	}
	for _, n := range nodes(groups) {
		if group, ok := r.groups[source.Scalar(n)]; ok {
			r.settings(all, group, config, words, depth+1)
		}
	}
	r.flat(all, p, base, words)
	for _, e := range source.Entries(configs) {
		if strings.Contains(strings.ToLower(config), strings.ToLower(e.Key.Value)) {
			r.settings(all, part{e.Val, p.file, p.dir}, config, words, depth+1)
		}
	}
}

// flat reads a mapping of settings.
func (r *specReader) flat(all map[string]source.Value, p part, n *yaml.Node, words *strings.Replacer) {
	for _, e := range source.Entries(n) {
		var texts []string
		for _, item := range nodes(e.Val) {
			text := words.Replace(item.Value)
			if item.Tag == "!!bool" {
				text = map[string]string{"true": "YES", "false": "NO"}[strings.ToLower(text)]
			}
			texts = append(texts, text)
		}
		all[e.Key.Value] = source.Value{Text: strings.Join(texts, " "), At: p.file.Node(e.Val)}
	}
}

// configFile reads the xcconfig file that a target or a project names for a configuration.
func (r *specReader) configFile(p part, config string) map[string]source.Value {
	name := source.Scalar(source.Under(p.node, "configFiles", config))
	if name == "" {
		return nil
	}
	c, faults := readConfig(path.Join(p.dir, name), r.files, r.xcconfigs)
	r.faults = append(r.faults, faults...)
	return c
}
