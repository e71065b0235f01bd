package ios

import (
	"fmt"
	"slices"
	"strings"
)

// Profile is a named set of parameters: what an entitlement or a version makes different.
type Profile struct {
	Name   string
	Means  string
	Source string
	Set    [][2]string // names and values
}

// Profiles lists the profiles.
func Profiles() []Profile {
	exposure := func(name, means, source, hours, slot string) Profile {
		return Profile{
			Name: name, Means: means, Source: source,
			Set: [][2]string{
				{"processing_spacing_s", hours},
				{"p_slot_processing", slot},
				{"idle_before_processing_s", "0"},
				{"iphone_processes_off_charger", "true"},
				{"ipad_processing_battery_pct", "20"},
				{"unused_days_processing", "36500"},
			},
		}
	}
	return []Profile{
		exposure("exposure-notification-24h", "processing of an app with the exposure notification entitlement, iOS 13.5 to 13.6: every 24 h at most, without a charger",
			"corona-warn-app/cwa-app-ios#918, #916", "86400", "0.025"),
		exposure("exposure-notification-4h", "the same from iOS 13.7 on, on Wi-Fi: every 4 h at most",
			"corona-warn-app/cwa-app-ios#916, #1631, #1884", "14400", "0.25"),
	}
}

// Apply sets what a profile has. The error of an unknown name lists those there are.
func (p *Params) Apply(profile string) error {
	all := Profiles()
	i := slices.IndexFunc(all, func(x Profile) bool { return x.Name == profile })
	if i < 0 {
		names := make([]string, len(all))
		for i := range all {
			names[i] = all[i].Name
		}
		return fmt.Errorf("unknown profile %q of ios: use %s", profile, strings.Join(names, " or "))
	}
	for _, v := range all[i].Set {
		if err := p.Set(v[0], v[1]); err != nil {
			return err
		}
	}
	return nil
}
