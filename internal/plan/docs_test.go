package plan

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestDocs holds docs/plan.md against the keys that are read, both ways.
func TestDocs(t *testing.T) {
	b, err := os.ReadFile("../../docs/plan.md")
	if err != nil {
		t.Fatal(err)
	}
	const app = "Tasks of a phone app"
	phone := []string{"via", "submit", "ios", "android", "at", "model", "expect"} // of a task
	ofTask := slices.DeleteFunc(keyNames(taskKeys), func(k string) bool {
		return slices.Contains(phone, k) || k == "func" || k == "promise" // the last two are not built
	})
	sections := map[string]string{}
	for _, part := range strings.Split("\n"+string(b), "\n## ")[1:] {
		title, text, _ := strings.Cut(part, "\n")
		sections[title] = text
	}
	for title, want := range map[string][]string{
		"The file": keyNames(planKeys), "A task": ofTask, "needs": keyNames(needKeys), "limits": keyNames(limitKeys),
		"sandbox": keyNames(sandboxKeys), app: append([]string{"app"}, phone...),
	} {
		var got []string
		for _, m := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllStringSubmatch(sections[title], -1) {
			got = append(got, m[1])
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the page has %q, plans have %q", title, got, want)
		}
	}
	for key, want := range map[string][]string{
		"app": slices.Concat(keyNames(appKeys), keyNames(androidAppKeys), keyNames(iosAppKeys)), "submit": keyNames(submitKeys),
		"ios": keyNames(iosKeys), "android": keyNames(androidKeys), "at": keyNames(atKeys), "model": keyNames(modelKeys), "expect": keyNames(expectKeys),
	} {
		_, row, _ := strings.Cut(sections[app], "\n| `"+key+"` |")
		row, _, _ = strings.Cut(row, "\n")
		for _, k := range want {
			if !regexp.MustCompile("[`{ ]" + k + "[`:]").MatchString(row) {
				t.Errorf("%s has the key %s, of which the page says nothing", key, k)
			}
		}
	}
	for key, names := range map[string][]string{"backoff": keyNames(backoffKeys), "unique": keyNames(uniqueKeys), "wasm": keyNames(wasmKeys)} {
		_, row, _ := strings.Cut(sections["A task"], "\n| `"+key+"` |")
		row, _, _ = strings.Cut(row, "\n")
		for _, k := range names {
			if !strings.Contains(row, k+": ") {
				t.Errorf("%s has the key %s, of which the page says nothing", key, k)
			}
		}
	}
}

func keyNames[T any](keys []keyOf[T]) []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return names
}
