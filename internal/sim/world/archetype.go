package world

import "slices"

// Archetype is a kind of person with a kind of phone.
type Archetype struct {
	Name   string
	Note   string
	Vendor string // whose phone it is, where the archetype says so
	Values Values
}

// change sets one parameter.
type change struct {
	param Param
	value int64
}

// kind is an archetype as far as it differs from the defaults.
type kind struct {
	name, note, vendor string
	changes            []change
}

// How much an app is used, after the model of iOS that this is the input of: launches
// a day, and the share and the hours of habit. The default is "daily".
func kinds() []kind {
	list := []kind{
		{"heavy", "opens the app 20 times a day", "", []change{
			{LaunchesPerDay, 20_000}, {HabitShare, 0}, {NoticesPerDay, 8_000}, {WidgetOwners, 400_000},
		}},
		{"daily", "opens it 3 times a day, mostly at the same hours", "", nil},
		{"few-per-week", "opens it every other day, often in the evening", "", []change{
			{LaunchesPerDay, 500},
			{HabitShare, 500_000},
			{Habit1, 20 * 60},
			{Habit2, noHabit},
			{Habit3, noHabit},
			{NoticesPerDay, 800},
			{WidgetOwners, 50_000},
		}},
		{"weekly", "opens it once a week", "", []change{
			{LaunchesPerDay, 140},
			{HabitShare, 300_000},
			{Habit1, 18 * 60},
			{Habit2, noHabit},
			{Habit3, noHabit},
			{NoticesPerDay, 300},
			{WidgetOwners, 0},
		}},
		{"dormant", "has it and does not open it after the day it was installed", "", []change{
			{LaunchesPerDay, 0}, {NoticesPerDay, 50}, {WidgetOwners, 0},
		}},
		{"no-night-charger", "daily use; charges by day only", "", []change{{NightPlug, 0}, {TopUpsPerDay, 2_600}}},
		{"traveller", "daily use; flies often, to other time zones", "", []change{
			{TripsPerYear, 40_000}, {TripDays, 3}, {OutingsPerDay, 1_200},
		}},
		{"bar-off", "daily use; background refresh of the app is off", "", []change{{RefreshOff, ppm}}},
		{"force-quitter", "daily use; swipes the app away after using it", "", []change{{Swipes, 900_000}}},
		{"low-power", "daily use; in Low Power Mode whenever off the charger", "", []change{{LowPowerAlways, ppm}, {LowPowerTaken, ppm}}},
	}
	for _, vendor := range vendors {
		list = append(list, kind{vendor, "daily use of a phone of this vendor", vendor, nil})
	}
	return list
}

// vendors are those that are known for what they add to Android, or for adding
// nothing. What they do is the policy's business.
var vendors = []string{
	"google", "samsung", "xiaomi", "huawei", "oneplus", "oppo", "vivo", "realme", "motorola", "meizu", "asus", "lenovo", "wiko",
	"blackview", "tecno", "sony", "unihertz", "nokia", "htc",
}

// Archetypes returns all of them.
func Archetypes() []*Archetype {
	var list []*Archetype
	for _, k := range kinds() {
		a := &Archetype{Name: k.name, Note: k.note, Vendor: k.vendor, Values: Defaults()}
		for _, c := range k.changes {
			a.Values[c.param] = c.value
		}
		list = append(list, a)
	}
	return list
}

// ArchetypeByName finds one by its name.
func ArchetypeByName(name string) (*Archetype, error) {
	var known []string
	for _, a := range Archetypes() {
		if a.Name == plain(name) {
			return a, nil
		}
		known = append(known, a.Name)
	}
	return nil, &UnknownError{"archetype", name, known}
}

// Share is a part of a population.
type Share struct {
	Of  *Archetype
	PPM int64
}

// VendorShare is a part of the phones whose archetype leaves the vendor open.
type VendorShare struct {
	Vendor string
	PPM    int64
}

// Mix is a population. The shares are weights: they need not add up to a million.
type Mix struct {
	People  []Share
	Vendors []VendorShare
}

// DefaultMix returns the population of a report that asks for none.
//
// Basis: assumed. No public figure says how the installations of an app fall into
// these kinds; most of what is installed is seldom opened, so that a third is weekly
// or dormant. Vendors are rough shares of the Android phones in use in 2025, from
// memory, and matter on Android only.
func DefaultMix() Mix {
	people := []struct {
		name string
		ppm  int64
	}{
		{"heavy", 120_000},
		{"daily", 290_000},
		{"few-per-week", 220_000},
		{"weekly", 170_000},
		{"dormant", 80_000},
		{"no-night-charger", 40_000},
		{"traveller", 15_000},
		{"bar-off", 20_000},
		{"force-quitter", 35_000},
		{"low-power", 10_000},
	}
	m := Mix{Vendors: []VendorShare{
		{"samsung", 330_000},
		{"xiaomi", 150_000},
		{"oppo", 90_000},
		{"vivo", 80_000},
		{"huawei", 60_000},
		{"motorola", 50_000},
		{"realme", 50_000},
		{"google", 50_000},
		{"tecno", 40_000},
		{"oneplus", 30_000},
		{"nokia", 20_000},
		{"sony", 20_000},
		{"asus", 10_000},
		{"lenovo", 10_000},
		{"htc", 10_000},
	}}
	all := Archetypes()
	for _, p := range people {
		i := slices.IndexFunc(all, func(a *Archetype) bool { return a.Name == p.name })
		m.People = append(m.People, Share{all[i], p.ppm})
	}
	return m
}

// Member is one of a population.
type Member struct {
	Of     *Archetype
	Vendor string
	Seed   uint64 // of its device
}

// Member returns the n-th of a population. Which one that is depends on nothing but
// the seed and n.
func (m *Mix) Member(seed uint64, n int) Member {
	all := dice(seed, forMember)
	s := all.Fork(uint64(n))
	who := Member{Seed: s.Uint64()}
	var sum int64
	for _, p := range m.People {
		sum += p.PPM
	}
	left := s.Below(max(sum, 1))
	for _, p := range m.People {
		if left -= p.PPM; left < 0 {
			who.Of = p.Of
			break
		}
	}
	sum = 0
	for _, v := range m.Vendors {
		sum += v.PPM
	}
	left = s.Below(max(sum, 1))
	for _, v := range m.Vendors {
		if left -= v.PPM; left < 0 {
			who.Vendor = v.Vendor
			break
		}
	}
	if who.Of != nil && who.Of.Vendor != "" {
		who.Vendor = who.Of.Vendor
	}
	return who
}
