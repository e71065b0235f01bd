package sheet

import (
	"fmt"
	"slices"
	"strings"
)

// Choose picks systems by name, in the order of all; empty names pick all. A name may leave out what follows a space:
// raw is raw loop.
func Choose[S any](all []S, nameOf func(S) string, names string) ([]S, error) {
	if names == "" {
		return all, nil
	}
	wanted := map[string]bool{}
	for name := range strings.SplitSeq(names, ",") {
		wanted[strings.TrimSpace(name)] = true
	}
	var chosen []S
	var known []string
	for _, s := range all {
		name := nameOf(s)
		short, _, _ := strings.Cut(name, " ")
		known = append(known, short)
		if wanted[short] || wanted[name] {
			chosen = append(chosen, s)
		}
		delete(wanted, short)
		delete(wanted, name)
	}
	if len(wanted) > 0 {
		var unknown []string
		for name := range wanted {
			unknown = append(unknown, fmt.Sprintf("%q", name))
		}
		slices.Sort(unknown)
		return nil, fmt.Errorf("unknown system %s\nhint: the systems are %s", strings.Join(unknown, ", "), strings.Join(known, ", "))
	}
	return chosen, nil
}
