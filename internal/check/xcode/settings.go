package xcode

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/plist"
	"github.com/lullwork/lull/internal/check/source"
)

// sourceRoot stands for the folder of the project in what settings expand to.
const sourceRoot = "/$SRCROOT"

// Configuration is one build configuration of a target, with what it inherits.
type Configuration struct {
	Name   string     // "Release"
	levels []settings // target, its xcconfig, project, its xcconfig, what Xcode has; the first one wins
}

type settings map[string]source.Value

func (r *reader) configurations(root, target *plist.Value, name string) []*Configuration {
	project := r.byName(root)
	var all []*Configuration
	for _, id := range items(r.object(target.Get("buildConfigurationList")).Get("buildConfigurations")) {
		v := r.object(id)
		c := &Configuration{Name: text(v, "name")}
		raw := []map[string]source.Value{r.raw(v), r.base(v)}
		if p := project[c.Name]; p != nil {
			raw = append(raw, r.raw(p), r.base(p))
		}
		sdk := ""
		for _, level := range raw {
			if s, ok := level["SDKROOT"]; ok {
				sdk = s.Text
				break
			}
		}
		for _, level := range raw {
			c.levels = append(c.levels, choose(level, c.Name, sdk))
		}
		c.levels = append(c.levels, builtIn(strings.TrimSuffix(path.Base(path.Dir(r.Path)), ".xcodeproj"), name, c.Name))
		all = append(all, c)
	}
	return all
}

// byName returns the project's own configurations.
func (r *reader) byName(root *plist.Value) map[string]*plist.Value {
	all := map[string]*plist.Value{}
	for _, id := range items(r.object(root.Get("buildConfigurationList")).Get("buildConfigurations")) {
		v := r.object(id)
		all[text(v, "name")] = v
	}
	return all
}

func builtIn(project, target, configuration string) settings {
	s := settings{}
	for name, value := range map[string]string{
		"TARGET_NAME": target, "TARGETNAME": target, "CONFIGURATION": configuration, "PROJECT_NAME": project, "PROJECT": project,
		"SRCROOT": sourceRoot, "SOURCE_ROOT": sourceRoot, "PROJECT_DIR": sourceRoot, "PRODUCT_NAME": "$(TARGET_NAME)",
		"PRODUCT_MODULE_NAME": "$(PRODUCT_NAME:c99extidentifier)", "SWIFT_MODULE_NAME": "$(PRODUCT_MODULE_NAME)",
		"EXECUTABLE_NAME": "$(PRODUCT_NAME)",
	} {
		s[name] = source.Value{Text: value}
	}
	return s
}

// raw returns the settings of a configuration with their conditions in their names.
func (r *reader) raw(configuration *plist.Value) map[string]source.Value {
	all := map[string]source.Value{}
	v := configuration.Get("buildSettings")
	if v == nil {
		return all
	}
	for _, e := range v.Keys {
		value := source.Value{Text: e.Value.Text, At: e.Value.At}
		if e.Value.Kind == plist.Array {
			var parts []string
			for _, item := range e.Value.Items {
				parts = append(parts, item.Text)
			}
			value.Text = strings.Join(parts, " ")
		}
		all[e.Key] = value
	}
	return all
}

// base returns the settings of the xcconfig file that a configuration is based on.
func (r *reader) base(configuration *plist.Value) map[string]source.Value {
	file, ok := r.places[text(configuration, "baseConfigurationReference")]
	if anchor, is := r.places[text(configuration, "baseConfigurationReferenceAnchor")]; is {
		file, ok = path.Join(anchor, text(configuration, "baseConfigurationReferenceRelativePath")), anchor != outside
	}
	if !ok || file == outside || isGenerated(file) && !r.files.Has(file) {
		return nil
	}
	c, faults := readConfig(file, r.files, r.configs)
	r.faults = append(r.faults, faults...)
	return c
}

// choose returns the settings that hold in a configuration, with those under a condition put over those without.
func choose(raw map[string]source.Value, configuration, sdk string) settings {
	s := make(settings, len(raw))
	for _, conditional := range []bool{false, true} {
		for _, key := range slices.Sorted(maps.Keys(raw)) {
			name, conditions, is := strings.Cut(key, "[")
			if is == conditional && (!is || holds(conditions, configuration, sdk)) {
				s[name] = raw[key]
			}
		}
	}
	return s
}

// holds tells whether conditions such as "sdk=iphoneos*][config=Debug]" hold on a device.
func holds(conditions, configuration, sdk string) bool {
	device := "iphoneos"
	for _, other := range []string{"macosx", "watchos", "appletvos", "xros"} {
		if strings.HasPrefix(sdk, other) {
			device = other
		}
	}
	for _, c := range strings.FieldsFunc(conditions, func(c rune) bool { return c == '[' || c == ']' || c == ',' }) {
		what, pattern, _ := strings.Cut(c, "=")
		value := ""
		switch strings.TrimSpace(what) {
		case "sdk":
			value = device
		case "config":
			value = configuration
		case "arch":
			value = "arm64"
		default:
			return false
		}
		prefix, any := strings.CutSuffix(strings.TrimSpace(pattern), "*")
		if value != prefix && !(any && strings.HasPrefix(value, prefix)) {
			return false
		}
	}
	return true
}

// Raw returns a build setting as it is written, and where; the strongest one.
func (c *Configuration) Raw(name string) (source.Value, bool) {
	for _, level := range c.levels {
		if v, ok := level[name]; ok {
			return v, true
		}
	}
	return source.Value{}, false
}

// Setting returns a build setting with its variables expanded. known is false where it is not
// set, or refers to something that is not.
func (c *Configuration) Setting(name string) (text string, known bool) {
	budget := maxLookups
	return c.setting(name, 0, map[string]bool{}, &budget)
}

// Expand expands the variables in a text.
func (c *Configuration) Expand(s string) (text string, known bool) {
	budget := maxLookups
	return plist.Expand(s, func(name string) (string, bool) { return c.setting(name, 0, map[string]bool{}, &budget) })
}

// maxLookups ends what doubles with each step.
const maxLookups = 4096

// setting expands a setting from a level on. active are the settings that are being expanded.
func (c *Configuration) setting(name string, from int, active map[string]bool, budget *int) (string, bool) {
	for i := from; i < len(c.levels); i++ {
		v, ok := c.levels[i][name]
		if !ok {
			continue
		}
		return plist.Expand(v.Text, func(inner string) (string, bool) {
			if *budget--; *budget < 0 {
				return "", false
			}
			if inner == "inherited" || inner == name {
				text, ok := c.setting(name, i+1, active, budget)
				return text, ok || text == "" && inner == "inherited"
			}
			if active[inner] {
				return "", false
			}
			active[name] = true
			defer delete(active, name)
			return c.setting(inner, 0, active, budget)
		})
	}
	return "", false
}

// Names returns the names of all settings that somebody set, sorted.
func (c *Configuration) Names() []string {
	names := map[string]bool{}
	for _, level := range c.levels[:max(len(c.levels)-1, 0)] {
		for name := range level {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Values returns the different values that a setting has in the target's configurations, as
// far as they are known.
func (t *Target) Values(name string) []source.Value {
	var all []source.Value
	for _, c := range t.Configurations {
		text, known := c.Setting(name)
		if !known || text == "" || slices.ContainsFunc(all, func(v source.Value) bool { return v.Text == text }) {
			continue
		}
		raw, _ := c.Raw(name)
		all = append(all, source.Value{Text: text, At: raw.At})
	}
	return all
}

// Configuration returns the configuration that an app is released with: the one named
// Release, else the first whose name begins so, else the last one. It is nil for a target without any.
func (t *Target) Configuration() *Configuration {
	for _, fits := range []func(string) bool{
		func(name string) bool { return name == "Release" },
		func(name string) bool { return strings.HasPrefix(name, "Release") },
	} {
		for _, c := range t.Configurations {
			if fits(c.Name) {
				return c
			}
		}
	}
	if len(t.Configurations) == 0 {
		return nil
	}
	return t.Configurations[len(t.Configurations)-1]
}
