package rules

import "github.com/lullwork/lull/internal/check/pub"

// Short words for what is known of a version.
const (
	yes = pub.Yes
	no  = pub.No
)

// flutterBefore is every Flutter before a version.
func flutterBefore(version string) pub.Range {
	r, _ := pub.ParseRange("<" + version)
	return r
}
