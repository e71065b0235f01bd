package world

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
)

// several measures devices of one archetype.
func several(t *testing.T, name string, devices, days int) (y tally) {
	t.Helper()
	a, err := ArchetypeByName(name)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range devices {
		end := monday + int64(days)*day
		o := measure(New(Config{Of: a, Seed: uint64(seed), Start: monday, End: end}), monday, end)
		y.add(&o)
	}
	return y
}

// TestLaunches holds the archetypes to the table that they come from.
func TestLaunches(t *testing.T) {
	for name, want := range map[string]float64{"heavy": 20, "daily": 3, "few-per-week": 0.5, "weekly": 0.14} {
		y := several(t, name, 60, 60)
		got := (float64(y.kinds[core.SenseAppOpened]) - 60) / y.days // without the one at the installation
		t.Logf("%s: %.3f launches a day, %.1f unlocks", name, got, float64(y.kinds[core.SenseUnlocked])/y.days)
		if near := want*0.06 + 4*math.Sqrt(want/y.days); math.Abs(got-want) > near {
			t.Errorf("%s: %.3f launches a day, not %.2f", name, got, want)
		}
	}
	if y := several(t, "dormant", 60, 60); y.kinds[core.SenseAppOpened] != 60 {
		t.Errorf("dormant: opened %d times on 60 devices", y.kinds[core.SenseAppOpened])
	}
}

func TestVariants(t *testing.T) {
	daily := several(t, "daily", 40, 60)
	per := func(y tally, k core.SenseKind) float64 { return float64(y.kinds[k]) / y.days }
	if y := several(t, "no-night-charger", 40, 60); y.long*2 > daily.long || y.plugged*10 > daily.plugged*7 {
		t.Errorf("no-night-charger: %d long charges, %d in daily", y.long, daily.long)
	}
	if y := several(t, "traveller", 40, 60); y.kinds[core.SenseLocalTime]-40 < 10*(daily.kinds[core.SenseLocalTime]-40) {
		t.Errorf("traveller: %d changes of the zone, %d in daily", y.kinds[core.SenseLocalTime]-40, daily.kinds[core.SenseLocalTime]-40)
	}
	if y := several(t, "bar-off", 40, 60); y.kinds[core.SenseRefresh] != 40 {
		t.Errorf("bar-off: %d of 40", y.kinds[core.SenseRefresh])
	}
	if y := several(t, "force-quitter", 40, 60); per(y, core.SenseAppSwiped) < 0.85*per(y, core.SenseAppOpened) {
		t.Errorf("force-quitter: %.2f of %.2f", per(y, core.SenseAppSwiped), per(y, core.SenseAppOpened))
	}
	a, _ := ArchetypeByName("low_power")
	d := New(Config{Of: a, Start: monday, End: monday + 30*day})
	f, last, saving, off := record.NewFacts(), monday, int64(0), int64(0)
	for {
		at, ev, ok := d.Next()
		if !ok {
			break
		}
		if f[record.Charging].Value == 0 {
			off += at - last
			saving += (at - last) * f[record.LowPower].Value
		}
		last = at
		ev.Apply(at, &f)
	}
	if saving < off*9/10 {
		t.Errorf("low-power: %d of %d µs off the charger", saving, off)
	}
	b, _ := ArchetypeByName("xiaomi")
	if b.Vendor != "xiaomi" || b.Values != Defaults() {
		t.Errorf("%+v", b)
	}
}

func TestHabits(t *testing.T) {
	a := &Archetype{Values: Defaults()}
	for name, v := range map[string]int64{
		"habit-share": ppm, "habit-sd": 0, "chronotype-sd": 0, "habit-1": 8 * 60, "habit-2": 13 * 60, "habit-3": -1,
		"launches-per-day": 2000, "opened-at-install": 0, "trips-per-year": 0, "reboot-days": 0,
	} {
		if err := a.Values.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
	d := New(Config{Of: a, Start: monday, End: monday + 20*day, Shift: 3 * hour})
	n := 0
	for {
		at, ev, ok := d.Next()
		if !ok {
			break
		}
		if ev.Kind != core.SenseAppOpened {
			continue
		}
		n++
		local := floorMod(at+3*hour, day)
		if (local < 8*hour || local > 8*hour+10*second) && (local < 13*hour || local > 13*hour+10*second) {
			t.Errorf("opened at %d min", local/minute)
		}
	}
	if n < 38 || n > 40 {
		t.Errorf("opened %d times in 20 days", n)
	}
}

func TestMix(t *testing.T) {
	m := DefaultMix()
	n, vendor := map[string]int{}, map[string]int{}
	for i := range 100_000 {
		who := m.Member(9, i)
		n[who.Of.Name]++
		vendor[who.Vendor]++
	}
	for _, p := range m.People {
		if got := float64(n[p.Of.Name]) / 100_000; math.Abs(got-float64(p.PPM)/ppm) > 0.005 {
			t.Errorf("%s is %.3f of the population, not %.3f", p.Of.Name, got, float64(p.PPM)/ppm)
		}
	}
	var sum [2]int64
	for _, p := range m.People {
		sum[0] += p.PPM
	}
	for _, v := range m.Vendors {
		sum[1] += v.PPM
		if !slices.Contains(vendors, v.Vendor) || vendor[v.Vendor] == 0 {
			t.Errorf("vendor %s: %d members", v.Vendor, vendor[v.Vendor])
		}
	}
	if sum != [2]int64{ppm, ppm} {
		t.Errorf("the shares add up to %d", sum)
	}
	if a, b := m.Member(1, 5), m.Member(1, 5); a.Seed != b.Seed || a.Of != b.Of || a.Vendor != b.Vendor || m.Member(1, 6).Seed == a.Seed {
		t.Error("a member is not always the same one")
	}
	x, _ := ArchetypeByName("huawei")
	if who := (&Mix{People: []Share{{x, 1}}, Vendors: []VendorShare{{"samsung", 1}}}).Member(0, 0); who.Vendor != "huawei" {
		t.Errorf("a huawei person has a phone of %s", who.Vendor)
	}
}

func TestParameters(t *testing.T) {
	seen := map[string]bool{}
	for i, s := range Specs() {
		if s.Name == "" || seen[s.Name] || s.Unit == "" || s.Tag == "" || s.Min > s.Default || s.Default > s.Max || Param(i).String() != s.Name {
			t.Errorf("parameter %d: %+v", i, s)
		}
		seen[s.Name] = true
	}
	for _, a := range Archetypes() {
		for i, s := range Specs() {
			if v := a.Values[i]; v < s.Min || v > s.Max {
				t.Errorf("%s: %s is %d", a.Name, s.Name, v)
			}
		}
	}
	v := Defaults()
	if err := v.Set("night_plug", 1); err != nil || v[NightPlug] != 1 {
		t.Errorf("%v, %d", err, v[NightPlug])
	}
	var unknown *UnknownError
	if err := v.Set("night-plugs", 1); !errors.As(err, &unknown) || unknown.Error() != `unknown parameter "night-plugs"` || len(unknown.Known) != int(Params) {
		t.Errorf("%v", err)
	}
	if err := v.Set("night-plug", ppm+1); err == nil || err.Error() != "night-plug is 0 to 1000000 ppm, not 1000001" || v[NightPlug] != 1 {
		t.Errorf("%v", err)
	}
	if _, err := ArchetypeByName("daly"); !errors.As(err, &unknown) || !slices.Contains(unknown.Known, "daily") {
		t.Errorf("%v", err)
	}
}

// TestParametersMatter changes each parameter and looks for a difference.
func TestParametersMatter(t *testing.T) {
	base := &Archetype{Values: Defaults()}
	// What is seldom is made frequent, so that a difference is seen soon.
	for p, v := range map[Param]int64{
		TripsPerYear: 30_000, WidgetOwners: ppm, Swipes: 500_000, LaunchSigma: 100, ForceStopsPerYear: 20_000, TripDays: 1, NightPlug: 300_000,
		TopUpsPerDay: 300, RebootDays: 5,
	} {
		base.Values[p] = v
	}
	digests := func(a *Archetype) (all [4]uint64) {
		for seed := range all {
			all[seed] = digest(New(Config{Of: a, Seed: uint64(seed), Start: monday, End: monday + 40*day}))
		}
		return all
	}
	was := digests(base)
	for i, s := range Specs() {
		a := *base
		v := a.Values[i]
		switch {
		case s.Unit == Millionths && v < ppm/2:
			a.Values[i] = ppm
		case s.Unit == Millionths:
			a.Values[i] = 0
		default:
			a.Values[i] = min(s.Max, v+max(1, v/2))
		}
		if digests(&a) == was {
			t.Errorf("%s: %d and %d give the same devices", s.Name, v, a.Values[i])
		}
	}
}
