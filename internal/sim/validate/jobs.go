package validate

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/internal/sim/world"
)

// The contact tracing apps were hardly ever opened. Where a measurement says nothing of
// how often, its user is the one who opens it once a week.
const (
	seldom   = "weekly"
	unopened = "dormant"
)

const always = 1_000_000 // ppm

// plain is a user who did nothing about the battery use of the app.
var plain = []change{{world.Exempt, 0}, {world.Restricted, 0}, {world.RefreshOff, 0}}

func tryUnopenedDaily() (f finding, err error) {
	const days = 28
	w := scene{plan: "daily.yaml", platform: scenario.Android, android: "11", who: unopened, set: plain, days: days, settle: 28, devices: 10}
	phones, err := w.play()
	if err != nil {
		return f, err
	}
	var gap []int64
	fewest := days
	for i := range phones {
		runs := phones[i].of("check")
		gap = append(gap, gaps(runs)...)
		fewest = min(fewest, emptyDays(runs, days))
	}
	f.say("rare bucket: mean gap %s h, longest %s h, %d of %d days without a run at least", hours(mean(gap)), hours(most(gap)), fewest, days)
	f.must(mean(gap) >= day && mean(gap) <= 2*day, "the mean gap is %s h", hours(mean(gap)))
	f.must(most(gap) >= 35*hour, "no gap is longer than %s h: the quota of the rare bucket, 10 min a day, is more than a daily run needs", hours(most(gap)))
	f.must(fewest*7 >= days, "a phone has %d days of %d without a run", fewest, days)
	return f, nil
}

func tryExemptButKilled() (f finding, err error) {
	const days, phones = 56, 6
	night := []change{{world.Exempt, always}, {world.Restricted, 0}, {world.RefreshOff, 0}, {world.NightPlug, always}}
	w := scene{plan: "daily.yaml", platform: scenario.Android, android: "11", who: seldom, set: night, days: days, devices: phones}
	missed := func() (n int, longest int64, err error) {
		seen, err := w.play()
		for i := range seen {
			g := most(gaps(seen[i].of("check")))
			longest = max(longest, g)
			if g >= 36*hour {
				n++
			}
		}
		return n, longest, err
	}
	w.vendor = "oneplus"
	killed, longest, err := missed()
	if err != nil {
		return f, err
	}
	w.vendor = android.AOSP
	spared, usual, err := missed()
	if err != nil {
		return f, err
	}
	f.say("OnePlus: %d of %d phones miss a day, longest gap %s h; AOSP: %d, longest gap %s h", killed, phones, hours(longest), spared, hours(usual))
	f.must(killed*2 > phones, "on OnePlus %d of %d phones miss a day", killed, phones)
	f.must(spared == 0, "on AOSP %d phones miss a day", spared)
	return f, nil
}

func tryChargedNights() (f finding, err error) {
	const days, observed = 62, 15
	w := scene{
		plan: "daily.yaml", platform: scenario.Android, android: "11", who: seldom, set: append([]change{{world.NightPlug, always}}, plain...),
		days: days, settle: 7,
	}
	// ran returns the fewest and the most days with a run that a phone has.
	ran := func(vendor string, devices int) (least, most int, err error) {
		w.vendor, w.devices = vendor, devices
		seen, err := w.play()
		least = days
		for i := range seen {
			n := days - emptyDays(seen[i].of("check"), days)
			least, most = min(least, n), max(most, n)
		}
		return least, most, err
	}
	aosp, _, err := ran(android.AOSP, 10)
	if err != nil {
		return f, err
	}
	least, most, err := ran("samsung", 30)
	if err != nil {
		return f, err
	}
	f.say("AOSP: runs on at least %d of %d days; Samsung: on %d to %d", aosp, days, least, most)
	f.must(aosp*10 >= days*9, "on AOSP a phone has runs on %d of %d days", aosp, days)
	f.must(least <= observed && observed <= most, "with the profile of Samsung phones have runs on %d to %d days of %d", least, most, days)
	return f, nil
}

func tryExemption() (f finding, err error) {
	const freed = 21 * day
	w := scene{plan: "every-4h.yaml", platform: scenario.Android, android: "11", vendor: "google", days: 28, script: begin()}
	// The phone is used as others are, but never the app: two hours a day.
	for d := range int64(28) {
		for h := range int64(12) {
			w.script.glance(d*day+(8+h)*hour, 10*minute, true)
		}
	}
	w.script.sense(freed, core.SenseExempt, 1)
	phones, err := w.play()
	if err != nil {
		return f, err
	}
	var before, after int64
	for _, r := range phones[0].of("check") {
		switch {
		case r.at >= freed:
			after++
		case r.at >= 14*day:
			before++
		}
	}
	bucket := at(phones[0].buckets, freed-1)
	f.say("after 2 weeks, in bucket %s: %s runs a day; exempted: %s", bucket, ratio(before, 7), ratio(after, 7))
	f.must(before <= 8, "an unopened app runs %s times a day: its bucket may start 3 sessions a day", ratio(before, 7))
	f.must(after >= 7*5, "exempted, it runs %s times a day", ratio(after, 7))
	return f, nil
}

func tryDefaultFlex() (f finding, err error) {
	w := scene{plan: "every-10h.yaml", platform: scenario.Android, android: "11", set: plain, days: 28, settle: 28, devices: 10}
	phones, err := w.play()
	if err != nil {
		return f, err
	}
	var gap []int64
	for i := range phones {
		gap = append(gap, gaps(phones[i].of("job"))...)
	}
	f.say("gaps from %s to %s h, median %s h", hours(quantile(gap, 0)), hours(most(gap)), hours(median(gap)))
	f.must(len(gap) > 0 && quantile(gap, 0) > 0, "two runs at once")
	f.must(most(gap) < 20*hour, "a gap of %s h", hours(most(gap)))
	return f, nil
}
