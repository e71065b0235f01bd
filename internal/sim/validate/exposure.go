package validate

import (
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/internal/sim/world"
)

// allowed is a user who left Background App Refresh of the app on.
var allowed = []change{{world.RefreshOff, 0}}

// The profiles of the entitlement, by version.
const (
	exposureFirst = "exposure-notification-24h" // iOS 13.5 to 13.6
	exposureLater = "exposure-notification-4h"  // from 13.7 on
)

func exposure(plan, who, profile string) scene {
	return scene{plan: plan, platform: scenario.IOS, who: who, set: allowed, profile: profile, days: 56, settle: 7, devices: 16}
}

func tryDailyExposure() (f finding, err error) {
	w := exposure("exposure-24h.yaml", seldom, exposureFirst)
	phones, err := w.play()
	if err != nil {
		return f, err
	}
	w.profile = ""
	ordinary, err := w.play()
	if err != nil {
		return f, err
	}
	var gap, other []int64
	for i := range phones {
		gap = append(gap, gaps(phones[i].of("check"))...)
		other = append(other, gaps(ordinary[i].of("check"))...)
	}
	f.say("gaps from %s to %s h, median %s h; as ordinary processing: median %s h", hours(quantile(gap, 0)), hours(most(gap)), hours(median(gap)), hours(median(other)))
	f.must(len(gap) > 0 && quantile(gap, 0) >= day, "a gap of %s h", hours(quantile(gap, 0)))
	f.must(median(gap) >= 28*hour && median(gap) <= 38*hour, "the median gap is %s h", hours(median(gap)))
	f.must(over(gap, day+hour)*2 > len(gap), "the time of day does not drift")
	return f, nil
}

// over returns how many are above a limit.
func over(list []int64, limit int64) (n int) {
	for _, x := range list {
		if x > limit {
			n++
		}
	}
	return n
}

func tryUnopenedExposure() (f finding, err error) {
	w := exposure("exposure-24h.yaml", unopened, exposureFirst)
	phones, err := w.play()
	if err != nil {
		return f, err
	}
	var gap []int64
	for i := range phones {
		gap = append(gap, gaps(phones[i].of("check"))...)
	}
	f.say("longest gap %s h, %d of %d over 48 h, %s %% over 30 h", hours(most(gap)), over(gap, 2*day), len(gap), ratio(int64(over(gap, 30*hour))*100, int64(len(gap))))
	f.must(over(gap, 2*day) > 0, "no gap is longer than %s h", hours(most(gap)))
	return f, nil
}

// creep returns by how much later the work comes each day that is done at the first
// wake a day or more after the last, and how many days have none.
func creep(profile string) (later []int64, empty, days int, err error) {
	w := exposure("exposure-2h.yaml", seldom, profile)
	phones, err := w.play()
	for i := range phones {
		var done []run
		for _, r := range phones[i].of("check") {
			if len(done) == 0 || r.at-done[len(done)-1].at >= day {
				done = append(done, r)
			}
		}
		for _, g := range gaps(done) {
			later = append(later, g-day)
		}
		empty, days = empty+emptyDays(done, w.days), days+w.days
	}
	return later, empty, days, err
}

func tryCreep() (f finding, err error) {
	later, empty, days, err := creep(exposureLater)
	if err != nil {
		return f, err
	}
	before, _, _, err := creep(exposureFirst)
	if err != nil {
		return f, err
	}
	in := (days + empty/2) / max(1, empty)
	f.say("the daily run comes %s h later each day, one day in %d has none (with the profile of iOS 13.5 to 13.6: %s h)", hours(median(later)), in, hours(median(before)))
	f.must(median(later) >= hour && median(later) <= 3*hour, "it comes %s h later each day", hours(median(later)))
	f.must(in >= 6 && in <= 18, "one day in %d has none", in)
	return f, nil
}

func tryFourHours() (f finding, err error) {
	w := exposure("exposure-4h.yaml", seldom, exposureLater)
	phones, err := w.play()
	if err != nil {
		return f, err
	}
	const period = 4 * hour
	var gap, perDay []int64
	for i := range phones {
		runs := phones[i].of("check")
		gap = append(gap, gaps(runs)...)
		perDay = append(perDay, int64(len(runs))*100/int64(w.days))
	}
	f.say("%s runs a day, mean gap %s of the minimum, longest %s h", ratio(mean(perDay), 100), ratio(mean(gap), period), hours(most(gap)))
	f.must(mean(perDay) >= 400 && mean(perDay) <= 600, "%s runs a day", ratio(mean(perDay), 100))
	f.must(mean(gap) >= period && mean(gap) <= period*3/2, "the mean gap is %s of the minimum", ratio(mean(gap), period))
	f.must(most(gap) >= 2*period, "no slot is skipped")
	return f, nil
}
