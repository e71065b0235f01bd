package validate

import (
	"slices"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/sim/population"
	"github.com/lullwork/lull/internal/sim/scenario"
)

// values are parameters of Android that a measurement states.
func values(pairs ...string) []population.Override {
	var out []population.Override
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, population.Override{Name: pairs[i], Value: pairs[i+1]})
	}
	return out
}

// stillPhone is the phone of A1: it lies still for 144.6 h, and its screen is lit 14
// times for 523 s in all, evenly spaced. Whether it was unlocked then is not told.
func stillPhone(unlocks bool) (seen, error) {
	const whole, times = 1446 * hour / 10, 14
	s := begin()
	for i := range int64(times) {
		s.glance((i+1)*whole/(times+1), 523*second/times, unlocks)
	}
	w := scene{
		plan: "hourly.yaml", platform: scenario.Android, android: "15", days: 7, script: s,
		values: values("doze.idle", "15m", "doze.idle.factor", "200", "doze.idle.max", "6h", "doze.inactive", "1m", "doze.idle-after-inactive", "1m"),
	}
	all, err := w.play()
	if err != nil {
		return seen{}, err
	}
	// What comes after the measurement is not part of it.
	y := all[0]
	y.deep = until(y.deep, whole)
	y.light = until(y.light, whole)
	return y, nil
}

// until ends phases at an instant.
func until(phases []phase, end int64) []phase {
	i := slices.IndexFunc(phases, func(p phase) bool { return p.at >= end })
	if i < 0 {
		i = len(phases)
	}
	return append(slices.Clone(phases[:i]), phase{at: end})
}

func tryStillPhone() (f finding, err error) {
	const whole = 1446 * hour / 10
	quiet, err := stillPhone(false)
	if err != nil {
		return f, err
	}
	used, err := stillPhone(true)
	if err != nil {
		return f, err
	}
	a, b := lasts(quiet.deep, "IDLE"), lasts(used.deep, "IDLE")
	light := lasts(used.light, "IDLE")
	f.say("left locked: deep %s %% of the time in %d cycles, longest %s h; unlocked each time: %s %% in %d cycles, longest %s h, light %s %%",
		ratio(sum(a)*100, whole), len(a), hours(most(a)), ratio(sum(b)*100, whole), len(b), hours(most(b)), ratio(sum(light)*100, whole))
	for _, x := range [][]int64{a, b} {
		f.must(sum(x)*100 >= 95*whole, "deep idle takes %d %% of the time", sum(x)*100/whole)
		f.must(most(x) <= 6*hour+5*minute, "the longest deep idle is %s h", hours(most(x)))
		f.must(len(x) >= 28 && len(x) <= 90, "%d cycles", len(x))
	}
	f.must(most(a) >= 6*hour, "undisturbed, the longest deep idle is %s h", hours(most(a)))
	return f, nil
}

func tryLightWindows() (f finding, err error) {
	s := begin()
	// Deep Doze begins about an hour after the screen went off. Six times it is ended by
	// motion or by the user within its first hour.
	at := int64(minute)
	for range 3 {
		at += 100 * minute
		s.sense(at, core.SenseMotion, 1)
		s.sense(at+30*second, core.SenseMotion, 0)
		at += 90 * minute
		s.glance(at, minute, true)
	}
	w := scene{plan: "daily.yaml", platform: scenario.Android, android: "15", vendor: "xiaomi", days: 1, script: s}
	all, err := w.play()
	if err != nil {
		return f, err
	}
	y := all[0]
	y.deep, y.light = until(y.deep, at), until(y.light, at)
	windows, lengths, deep := lasts(y.light, "IDLE"), lasts(y.light, "IDLE_MAINTENANCE"), lasts(y.deep, "IDLE")
	if len(windows) < 2 || len(lengths) < 1 || len(deep) == 0 {
		f.must(false, "%d windows of light Doze, %d idle times of deep Doze", len(windows), len(deep))
		return f, nil
	}
	f.say("light Doze idles for %s s, then %s s; maintenance %s s; %d deep idle times of at most %s s, none of them completed",
		seconds(windows[0]), seconds(windows[1]), seconds(lengths[0]), len(deep), seconds(most(deep)))
	f.must(windows[0] >= 300*second && windows[0] <= 360*second, "the first window opens after %s s", seconds(windows[0]))
	f.must(windows[1] >= 600*second && windows[1] <= 720*second, "the second after %s s", seconds(windows[1]))
	for _, x := range lengths {
		f.must(x >= 5*second && x <= 7*second, "a window with nothing to do lasts %s s", seconds(x))
	}
	f.must(most(deep) < hour, "a deep idle of %s s was completed", seconds(most(deep)))
	return f, nil
}

func tryHourlyInDoze() (f finding, err error) {
	w := scene{plan: "hourly.yaml", platform: scenario.Android, android: "11", days: 1, script: begin()}
	all, err := w.play()
	if err != nil {
		return f, err
	}
	y := all[0]
	first := slices.IndexFunc(y.deep, func(p phase) bool { return p.state == "IDLE" })
	if first < 0 {
		f.must(false, "the phone never dozes")
		return f, nil
	}
	from := y.deep[first].at
	var in []run
	for _, r := range y.of("job") {
		if r.at >= from {
			in = append(in, r)
			f.must(at(y.deep, r.at) == "IDLE_MAINTENANCE", "a run at %s h is in no window", hours(r.at))
		}
	}
	waits := []int64{}
	if len(in) > 0 {
		waits = append(waits, in[0].at-from)
	}
	waits = append(waits, gaps(in)...)
	f.say("deep Doze begins %s h after the screen went off; from then on runs come after %s h", hours(from), list(waits, hours))
	if len(waits) < 4 {
		f.must(false, "%d runs in deep Doze", len(waits))
		return f, nil
	}
	for i, want := range []int64{1, 2, 4} {
		f.must(waits[i] >= want*hour && waits[i] <= want*hour+15*minute, "gap %d is %s h", i+1, hours(waits[i]))
	}
	return f, nil
}
