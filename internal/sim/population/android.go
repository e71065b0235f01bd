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
		if p.Tag(x) == assumed { // of this vendor it may be known
			p.Set(x, max(1, p.Value(x)/100*v.percent+p.Value(x)%100*v.percent/100))
		}
	}
	return p, nil
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
