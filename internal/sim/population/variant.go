package population

import (
	"slices"

	"github.com/lullwork/lull/internal/policy/ios"
	"github.com/lullwork/lull/internal/sim/scenario"
)

// Variant is another value of one assumption: so many percent of what it is.
type Variant struct {
	Name    string
	percent int64
}

// scaled is a variant of one platform.
type scaled struct {
	Variant
	platform string
}

// Variants returns each assumption of a platform half as large, and half as large again.
func Variants(platform string) []Variant {
	var out []Variant
	for _, name := range assumptions(platform) {
		out = append(out, Variant{name, 50}, Variant{name, 150})
	}
	return out
}

func assumptions(platform string) []string {
	if platform == scenario.IOS {
		return ios.Assumed()
	}
	return androidAssumptions()
}

// With returns the overrides with one more variant.
func (o Overrides) With(platform string, v Variant) Overrides {
	o.scaled = append(slices.Clone(o.scaled), scaled{v, platform})
	return o
}
