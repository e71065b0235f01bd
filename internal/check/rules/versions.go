package rules

import "github.com/lullwork/lull/internal/check/pub"

// Short words for what is known of a version.
const (
	yes = pub.Yes
	no  = pub.No
)

// flutterBefore211 is Flutter without a Dart registrant in background engines.
func flutterBefore211() pub.Range {
	r, _ := pub.ParseRange("<2.11.0")
	return r
}
