package validate

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/policy/android"
	"github.com/lullwork/lull/internal/sim/scenario"
)

func tryBuckets() (f finding, err error) {
	const used = 10 * hour
	s := begin()
	// The vendor's predictor holds the app for one that is seldom used.
	s.sense(used-10*minute, core.SenseBucket, 40)
	s.visit(used-second, minute)
	for h := range int64(72) {
		s.glance(12*hour+h*hour, 5*minute, true)
	}
	w := scene{plan: "hourly.yaml", platform: scenario.Android, android: "11", days: 4, script: s}
	phones, err := w.play()
	if err != nil {
		return f, err
	}
	first, looks, err := int64(-1), int64(0), error(nil)
	if looks, err = parameter(android.Android11, "standby.check"); err != nil {
		return f, err
	}
	for _, p := range phones[0].buckets {
		if p.at > used && first < 0 {
			first = p.at - used
		}
	}
	f.say("the bucket changes %s min after the last use; idle apps are looked at every %s h", ratio(first, minute), hours(looks))
	f.must(first == hour, "the first change comes %s min after the last use", ratio(first, minute))
	f.must(looks == hour, "AOSP 11 looks at idle apps every %s h, not every hour", hours(looks))
	f.must(false, "a phone of the simulator has one app: nothing re-buckets 130 at once")
	return f, nil
}

// parameter returns the value that AOSP has of a parameter.
func parameter(v android.Version, name string) (int64, error) {
	p, err := android.NewProfile(v, android.AOSP)
	if err != nil {
		return 0, err
	}
	x, err := android.ParamByName(name)
	if err != nil {
		return 0, err
	}
	return p.Value(x), nil
}
