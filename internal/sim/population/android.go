package population

import (
	"slices"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/chance"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/internal/sim/world"
)

// androidMaker makes the Android of one phone after the other. Phones of one vendor
// share a profile.
func androidMaker(c *Config) (maker, error) {
	profiles := map[string]*android.Profile{}
	// A mistake in a parameter is found before the first phone.
	if _, err := androidProfile(c, android.AOSP); err != nil {
		return nil, err
	}
	return func(m world.Member) (core.Platform, error) {
		p := profiles[m.Vendor]
		if p == nil {
			var err error
			if p, err = androidProfile(c, m.Vendor); err != nil {
				return nil, err
			}
			profiles[m.Vendor] = p
		}
		return android.NewSystem(p, chance.New(m.Seed).Fork(forPlatform)), nil
	}, nil
}

func androidProfile(c *Config, vendor string) (*android.Profile, error) {
	setup := scenario.Setup(c.Plan, scenario.Android)
	setup.Vendor, setup.Version, setup.Set = vendor, c.Set.Version, c.Set.Android
	p, err := setup.Profile()
	if err != nil {
		return nil, err
	}
	for _, v := range c.Set.scaled {
		if v.platform != scenario.Android {
			continue
		}
		x, err := android.ParamByName(v.Name)
		if err != nil {
			return nil, err
		}
		if is, other := androidScaled(p, x, v.percent); is != other {
			p.Set(x, other)
		}
	}
	return p, nil
}

// androidScaled returns a value and the one that is so many percent of it: the same, where
// it is known of this vendor.
func androidScaled(p *android.Profile, x android.Param, percent int64) (is, other int64) {
	if is = p.Value(x); p.Tag(x) != assumed {
		return is, is
	}
	return is, max(1, is/100*percent+is%100*percent/100)
}

// androidScales returns what variants make of a value on phones of a vendor.
func androidScales(c *Config) Scales {
	profiles := map[string]*android.Profile{}
	return func(vendor string, v Variant) (is, other int64, err error) {
		p := profiles[vendor]
		if p == nil {
			if p, err = androidProfile(c, vendor); err != nil {
				return 0, 0, err
			}
			profiles[vendor] = p
		}
		x, err := android.ParamByName(v.Name)
		if err != nil {
			return 0, 0, err
		}
		is, other = androidScaled(p, x, v.percent)
		return is, other, nil
	}
}

// assumed is the tag of a value that nobody has published or observed.
const assumed = "assumed"

// endless is above every span of time that is one.
const endless = 1 << 60

// androidAssumptions are the parameters that are assumed for some vendor.
func androidAssumptions() []string {
	var out []string
	for _, vendor := range android.Vendors() {
		p, err := android.NewProfile(android.Android16, vendor)
		if err != nil {
			continue // Vendors lists those that there is a profile of
		}
		for x := range android.Params() {
			if name := x.Name(); p.Tag(x) == assumed && p.Value(x) < endless && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}
