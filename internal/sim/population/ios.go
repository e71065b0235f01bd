package population

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/ios"
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/internal/sim/world"
)

// iosMaker makes the iOS of one phone after the other.
func iosMaker(c *Config) (maker, error) {
	setup := scenario.Setup(c.Plan, scenario.IOS)
	setup.Set = c.Set.IOS
	params, err := setup.Params()
	if err != nil {
		return nil, err
	}
	for _, v := range c.Set.scaled {
		if v.platform == scenario.IOS {
			if err := params.Scale(v.Name, v.percent); err != nil {
				return nil, err
			}
		}
	}
	s, err := ios.NewSystem(ios.Config{App: setup.App, Params: params})
	if err != nil {
		return nil, err
	}
	return func(m world.Member) (core.Platform, error) {
		s.Reset(m.Seed)
		return s, nil
	}, nil
}

// iosScales returns what variants make of a value.
func iosScales(c *Config) Scales {
	setup := scenario.Setup(c.Plan, scenario.IOS)
	setup.Set = c.Set.IOS
	return func(_ string, v Variant) (is, other int64, err error) {
		params, err := setup.Params()
		if err != nil {
			return 0, 0, err
		}
		x, err := ios.ParameterByName(v.Name)
		if err != nil {
			return 0, 0, err
		}
		is = x.Of(&params)
		if err := params.Scale(v.Name, v.percent); err != nil {
			return 0, 0, err
		}
		return is, x.Of(&params), nil
	}
}
