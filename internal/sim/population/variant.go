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

// Variants returns all assumptions of a platform half as large, and all half as large
// again.
func Variants(platform string) (out [2][]Variant) {
	for _, name := range assumptions(platform) {
		out[0], out[1] = append(out[0], Variant{name, 50}), append(out[1], Variant{name, 150})
	}
	return out
}

// Scales tells what a variant makes of the value of its assumption, on phones of a vendor.
type Scales func(vendor string, v Variant) (is, other int64, err error)

// Scales returns those of a platform. They are for one goroutine at a time.
func (c *Config) Scales(platform string) Scales {
	type asked struct {
		vendor string
		Variant
	}
	of, told := androidScales(c), map[asked][2]int64{}
	if platform == scenario.IOS {
		of = iosScales(c)
	}
	return func(vendor string, v Variant) (is, other int64, err error) {
		if platform == scenario.IOS {
			vendor = "" // they are all Apple's
		}
		x, ok := told[asked{vendor, v}]
		if !ok {
			if x[0], x[1], err = of(vendor, v); err != nil {
				return 0, 0, err
			}
			told[asked{vendor, v}] = x
		}
		return x[0], x[1], nil
	}
}

func assumptions(platform string) []string {
	if platform == scenario.IOS {
		return ios.Assumed()
	}
	return androidAssumptions()
}

// With returns the overrides with more variants.
func (o Overrides) With(platform string, vs ...Variant) Overrides {
	o.scaled = slices.Clone(o.scaled)
	for _, v := range vs {
		o.scaled = append(o.scaled, scaled{v, platform})
	}
	return o
}
