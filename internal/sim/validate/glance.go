package validate

import (
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/internal/sim/world"
)

func tryWidget() (f finding, err error) {
	reloads := func(owners, views int64) (int64, error) {
		w := scene{
			plan: "widget.yaml", platform: scenario.IOS, days: 14, settle: 28, devices: 10,
			set: []change{{world.RefreshOff, 0}, {world.WidgetOwners, owners}, {world.WidgetViewsPerDay, views}},
		}
		phones, err := w.play()
		n := 0
		for i := range phones {
			for _, r := range phones[i].of("widget") {
				if !r.front { // what is reloaded while the app is in front costs nothing
					n++
				}
			}
		}
		return int64(n) * 100 / int64(w.days*w.devices), err
	}
	often, err := reloads(always, 20_000)
	if err != nil {
		return f, err
	}
	never, err := reloads(0, 0)
	if err != nil {
		return f, err
	}
	f.say("seen 20 times a day: %s reloads a day of the budget; not seen: %s", ratio(often, 100), ratio(never, 100))
	f.must(often >= 4000 && often <= 7000, "%s reloads a day", ratio(often, 100))
	f.must(never < often/2, "%s reloads a day without being seen", ratio(never, 100))
	return f, nil
}

func tryHeldPush() (f finding, err error) {
	// Two days in Low Power Mode, off the charger; then one without.
	s := begin()
	s.fact(hour, record.LowPower, 1)
	s.fact(2*day, record.LowPower, 0)
	w := scene{plan: "silent-push.yaml", platform: scenario.IOS, days: 3, script: s}
	phones, err := w.play()
	if err != nil {
		return f, err
	}
	y := &phones[0]
	// Pushes that arrived while they were held, and those of them that were delivered.
	held, newest := 0, int64(-1)
	for _, r := range y.dropped {
		if r.asked >= hour && r.asked < 2*day {
			held, newest = held+1, max(newest, r.asked)
		}
	}
	zero := emptyDays(y.runs[:], 2)
	var survived []run
	for _, r := range y.runs {
		if r.asked >= hour && r.asked < 2*day && r.at >= hour {
			survived = append(survived, r)
			newest = max(newest, r.asked)
		}
	}
	var gap, late []int64
	for _, r := range y.runs {
		if r.at >= 2*day {
			late = append(late, r.at)
		}
	}
	for i := 1; i < len(late); i++ {
		gap = append(gap, late[i]-late[i-1])
	}
	f.say("held for 47 h: %d pushes came, 1 day without any delivery, %d survived: the newest; then %d in a day, %d min apart at least",
		held+len(survived), len(survived), len(late), quantile(gap, 0)/minute)
	f.must(zero >= 1, "no day is without a delivery")
	f.must(len(survived) == 1 && survived[0].asked == newest && survived[0].at >= 2*day, "%d held pushes survive", len(survived))
	f.must(held > 10, "%d pushes were held", held)
	f.must(len(gap) > 0 && quantile(gap, 0) >= 15*minute, "two launches %d min apart", quantile(gap, 0)/minute)
	return f, nil
}
