package validate

import (
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/internal/sim/world"
	"github.com/lullwork/lull/work"
)

// perHour returns runs an hour of the time from 7 to 23 o'clock, in hundredths.
func perHour(phones []seen, days int) int64 {
	n := int64(0)
	for i := range phones {
		for _, r := range phones[i].of("refresh") {
			if h := r.at % day / hour; h >= 7 && h < 23 {
				n++
			}
		}
	}
	return n * 100 / int64(days*16*len(phones))
}

func tryDailyRefresh() (f finding, err error) {
	w := scene{plan: "refresh.yaml", platform: scenario.IOS, set: allowed, days: 14, settle: 28, devices: 10}
	phones, err := w.play()
	if err != nil {
		return f, err
	}
	w.who = "heavy"
	heavy, err := w.play()
	if err != nil {
		return f, err
	}
	rate := perHour(phones, w.days)
	f.say("opened 3 times a day: %s runs a waking hour; opened 20 times a day: %s", ratio(rate, 100), ratio(perHour(heavy, w.days), 100))
	f.must(rate >= 100, "%s runs a waking hour: away from the hours at which the app is usually opened its score is below the threshold", ratio(rate, 100))
	f.must(rate <= 200, "%s runs a waking hour", ratio(rate, 100))
	return f, nil
}

func tryFreshInstall() (f finding, err error) {
	w := scene{plan: "refresh.yaml", platform: scenario.IOS, set: allowed, days: 7, devices: 60}
	phones, err := w.play()
	if err != nil {
		return f, err
	}
	var first []int64
	bursts := 0
	for i := range phones {
		runs := phones[i].of("refresh")
		if len(runs) == 0 {
			continue
		}
		first = append(first, runs[0].at)
		if burst(runs) {
			bursts++
		}
	}
	f.say("first run after %s to %s h; %d of %d phones have 3 or more runs within 20 min of one another, and then none for 2 h", hours(quantile(first, 0)), hours(most(first)), bursts, len(phones))
	f.must(len(first) == len(phones), "%d phones have no run in a week", len(phones)-len(first))
	f.must(quantile(first, 0) > day, "a first run after %s h", hours(quantile(first, 0)))
	f.must(bursts*4 >= len(phones), "bursts on %d of %d phones", bursts, len(phones))
	return f, nil
}

// burst reports whether three or more runs follow one another closely, and then none
// for hours.
func burst(runs []run) bool {
	n := 1
	for _, g := range gaps(runs) {
		switch {
		case g <= 20*minute:
			n++
		case n >= 3 && g >= 2*hour:
			return true
		default:
			n = 1
		}
	}
	return false
}

func tryNight() (f finding, err error) {
	by := []change{{world.RefreshOff, 0}, {world.HabitShare, always}, {world.Habit3, 17 * 60}}
	w := scene{plan: "refresh.yaml", platform: scenario.IOS, set: by, days: 28, settle: 28, devices: 10}
	phones, err := w.play()
	if err != nil {
		return f, err
	}
	nights, quiet := 0, 0
	var gap []int64
	for i := range phones {
		runs := phones[i].of("refresh")
		for n := range int64(w.days - 1) {
			// The night from 23 to 5 o'clock.
			from, to := n*day+23*hour, n*day+29*hour
			last, next, ran := int64(-1), int64(-1), false
			for _, r := range runs {
				switch {
				case r.at < from:
					last = r.at
				case r.at < to:
					ran = true
				case next < 0:
					next = r.at
				}
			}
			nights++
			if !ran {
				quiet++
			}
			if !ran && last >= 0 && next >= 0 {
				gap = append(gap, next-last)
			}
		}
	}
	f.say("%d of %d nights without a refresh; median gap over night %s h", quiet, nights, hours(median(gap)))
	f.must(quiet*100 >= nights*95, "%d of %d nights have a refresh from 23 to 5 o'clock", nights-quiet, nights)
	f.must(median(gap) >= 8*hour && median(gap) <= 16*hour, "the median gap over night is %s h", hours(median(gap)))
	return f, nil
}

func tryUnlock() (f finding, err error) {
	w := scene{plan: "long-refresh.yaml", platform: scenario.IOS, who: "heavy", set: allowed, days: 14, settle: 28, devices: 10}
	phones, err := w.play()
	if err != nil {
		return f, err
	}
	var took []int64
	for i := range phones {
		runs := phones[i].runs
		for k, r := range runs {
			if r.unlock == 0 || r.took < 0 || r.unlock+2*second > r.at+25*second {
				continue
			}
			took = append(took, r.at+r.took-r.unlock)
			f.must(r.out == work.Stopped, "the run ended with %s", string(r.out))
			f.must(k+1 < len(runs) || r.at > int64(w.days-1)*day, "nothing runs any more after it")
		}
	}
	f.say("%d runs were under way when the user unlocked the phone: expired %s to %s s later, and the next run came", len(took), seconds(quantile(took, 0)), seconds(most(took)))
	f.must(len(took) > 0, "no run was under way at an unlock")
	f.must(quantile(took, 0) >= 2*second && most(took) <= 5*second, "expired after %s to %s s", seconds(quantile(took, 0)), seconds(most(took)))
	return f, nil
}
