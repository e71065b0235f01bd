package lulltest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/sim/population"
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/internal/sim/world"
)

// System is what runs on a phone.
type System string

// The systems.
const (
	IPhone  System = scenario.IOS     // the default
	Android System = scenario.Android // 16, unless Phone.Version says otherwise
)

// Phone describes a phone, who has it, and the app that is on it. Nothing of the app's
// code runs: its tasks are described too, by what they ask the system for and by what a
// run does. When they run is decided by the same rules as in lull sim, in virtual time,
// so that weeks take milliseconds.
//
//	func TestFresh(t *testing.T) {
//		phone := lulltest.Phone{
//			Person: lulltest.Person{OpensPerWeek: 2, NoNightCharger: true},
//			Plan:   "lull.yaml",
//		}
//		life := phone.Live(t, 14)
//		if age := life.Task("sync").Stale.At(90); age > 3*24*time.Hour {
//			t.Errorf("the data is %v old when it is looked at\n%v", age, life)
//		}
//	}
//
// There are two ways to use it. [Phone.Live] lets a person live with the phone, and
// [Phone.Crowd] many of them: the result says what came of each task. [Phone.Take] puts
// the phone into the test's hands: what happens is what the test says, and it asks what
// holds a task.
//
// The same description gives the same result, to the byte, on every machine. It is no
// promise about real phones: parts of what their systems do are not published, and
// assumed here (see [PhoneWait]).
//
// The zero value is an iPhone with one [PhoneTask] that is used three times a day.
// Mistakes in a description fail the test. The t of all functions may be nil where there
// is no test, as in an example: they panic instead.
type Phone struct {
	System System // default: IPhone
	Person Person // whose it is; for Live, and for the days before Take
	// Plan is a plan of a phone app: the name of a file, or its text, which has more than
	// one line. Default: none, see Tasks.
	Plan string
	// Tasks are the app's, where there is no plan: of an app that talks to the system
	// itself and has declared everything that it needs. Default: one PhoneTask{}.
	Tasks []PhoneTask
	// Before is for how many days the person has had the app already: systems learn from
	// habits. At most 3650. Default: 28 for Live and Crowd, none for Take. Negative: none.
	Before int
	Seed   uint64 // of chance: another one is another phone of such a person. Default: 0

	Version string // of Android, as "13". Default: the newest known
	Vendor  string // of an Android phone, as "samsung". Default: AOSP; of a Crowd, as the people have
	// Set gives parameters of the system other values, by the names that lull sim --set
	// has. Default: none.
	Set map[string]string
}

// Person says who has a phone. What it leaves open is as most people have it.
type Person struct {
	// Like is an archetype of lull sim: heavy (opens the app 20 times a day), daily (3 times),
	// few-per-week, weekly, dormant, no-night-charger, traveller, bar-off, force-quitter,
	// low-power, or a vendor's name. Default: the one that OpensPerWeek is nearest to.
	Like string
	// OpensPerWeek is how often the app is opened on average, up to 3500. Default: as Like
	// has it. Negative: never again after the day it was installed.
	OpensPerWeek   int
	NoNightCharger bool // charges by day only
	SwipesAway     bool // removes the app from the recent ones after each use: a force quit on iOS
	LowPower       bool // in Low Power Mode, or with battery saver, whenever off the charger
	RefreshOff     bool // has switched off Background App Refresh, or background use, of the app
	NoWifi         bool // has mobile data only, which is metered
	// Values are other values for how people and devices are made up, by the names of
	// package world's table, as "visit-median". They count last. Default: none.
	Values map[string]int64
	Weight int // of Crowd: how many there are of this kind, compared with others. Default: 1
}

const (
	maxDays   = 3650
	maxPhones = 100_000
	million   = 1_000_000
)

// archetype is the person as the world has it. Where nothing is said, nobody touches the
// switches that few people touch.
func (p *Person) archetype() (*world.Archetype, error) {
	like := p.Like
	if like == "" {
		like = p.nearest()
	}
	a, err := world.ArchetypeByName(like)
	if err != nil {
		return nil, named(err)
	}
	v := &a.Values
	for _, x := range []world.Param{world.RefreshOff, world.Restricted, world.Exempt, world.LowPowerAlways} {
		if v[x] < million {
			v[x] = 0
		}
	}
	set := func(is bool, value int64, params ...world.Param) {
		for _, x := range params {
			if is {
				v[x] = value
			}
		}
	}
	set(p.OpensPerWeek != 0, max(0, int64(p.OpensPerWeek))*1000/7, world.LaunchesPerDay)
	set(p.NoNightCharger, 0, world.NightPlug)
	set(p.SwipesAway, million, world.Swipes)
	set(p.LowPower, million, world.LowPowerAlways, world.LowPowerTaken)
	set(p.RefreshOff, million, world.RefreshOff)
	set(p.NoWifi, 0, world.HomeWifi, world.WorkWifi)
	if p.OpensPerWeek > 3500 {
		return nil, fmt.Errorf("%d OpensPerWeek: at most 3500", p.OpensPerWeek)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Values)) {
		if err := v.Set(name, p.Values[name]); err != nil {
			return nil, named(err)
		}
	}
	return a, nil
}

func (p *Person) nearest() string {
	switch n := p.OpensPerWeek; {
	case n < 0:
		return "dormant"
	case n == 0 || n >= 7 && n < 70:
		return "daily"
	case n >= 70:
		return "heavy"
	case n > 1:
		return "few-per-week"
	}
	return "weekly"
}

// named adds the names that there are to an error about one that there is not.
func named(err error) error {
	var unknown *world.UnknownError
	if !errors.As(err, &unknown) {
		return err
	}
	if hint := plan.DidYouMean(unknown.Name, unknown.Known); hint != "" {
		return fmt.Errorf("%w: %s", err, hint)
	}
	return fmt.Errorf("%w: one of %s", err, strings.Join(unknown.Known, ", "))
}

// read returns the app's plan.
func (p *Phone) read() (*plan.Plan, error) {
	switch {
	case p.Plan != "" && p.Tasks != nil:
		return nil, errors.New("give it a Plan or Tasks, not both")
	case strings.Contains(p.Plan, "\n"):
		return hinted(plan.Parse("Phone.Plan", []byte(p.Plan)))
	case p.Plan != "":
		return hinted(plan.Read(p.Plan))
	case len(p.Tasks) == 0:
		return p.planOf([]PhoneTask{{}})
	}
	return p.planOf(p.Tasks)
}

// hinted adds the hints of a wrong plan to its error.
func hinted(x *plan.Plan, err error) (*plan.Plan, error) {
	var wrong plan.Errors
	if !errors.As(err, &wrong) {
		return x, err
	}
	var lines []string
	for _, e := range wrong {
		line := e.Error()
		if e.Hint != "" {
			line += " (" + e.Hint + ")"
		}
		lines = append(lines, line)
	}
	return nil, errors.New(strings.Join(lines, "\n"))
}

// config is the population that the phone is of.
func (p *Phone) config(phones, days int) (population.Config, error) {
	c := population.Config{Devices: phones, Days: days, Settle: p.Before, Seed: p.Seed, Workers: 1}
	switch system := p.system(); {
	case system != string(IPhone) && system != string(Android):
		return c, fmt.Errorf("unknown System %q: use lulltest.IPhone or lulltest.Android", p.System)
	case system == string(IPhone) && cmp.Or(p.Version, p.Vendor) != "":
		return c, errors.New("only Android phones have a Version and a Vendor: give it System: lulltest.Android")
	case days < 1 || days > maxDays:
		return c, fmt.Errorf("%d days: from 1 to %d", days, maxDays)
	case phones < 1 || phones > maxPhones:
		return c, fmt.Errorf("%d phones: from 1 to %d", phones, maxPhones)
	case p.Before > maxDays:
		return c, fmt.Errorf("%d days Before: at most %d", p.Before, maxDays)
	}
	var err error
	if c.Plan, err = p.read(); err != nil {
		return c, err
	}
	if len(scenario.Tasks(c.Plan, p.system())) == 0 {
		return c, fmt.Errorf("%s: no task of the plan exists on %s: write what it is there, as %s: {as: ...}", c.Plan.File, p.system(), p.system())
	}
	c.Set.Version = p.Version
	for _, name := range slices.Sorted(maps.Keys(p.Set)) {
		to := &c.Set.IOS
		if p.System == Android {
			to = &c.Set.Android
		}
		*to = append(*to, population.Override{Name: name, Value: p.Set[name]})
	}
	return c, nil
}

func (p *Phone) system() string { return cmp.Or(string(p.System), string(IPhone)) }

// mix is the population of some people.
func (p *Phone) mix(people ...Person) (*world.Mix, error) {
	m := &world.Mix{}
	for i := range people {
		a, err := people[i].archetype()
		if err != nil {
			return nil, err
		}
		if people[i].Weight < 0 {
			return nil, fmt.Errorf("the Weight of a person is %d: it cannot be negative", people[i].Weight)
		}
		a.Name += "/" + strconv.Itoa(i) // two of them may be alike
		m.People = append(m.People, world.Share{Of: a, PPM: int64(max(1, people[i].Weight))})
	}
	return m, nil
}

// member returns one of a population, with the phone that is described.
func (p *Phone) member(m *world.Mix, n int) world.Member {
	who := m.Member(p.Seed, n)
	if who.Vendor = cmp.Or(p.Vendor, who.Vendor); who.Vendor == "" {
		who.Vendor = aosp
	}
	return who
}

// aosp is the vendor that adds nothing to Android.
const aosp = "aosp"

// must fails the test.
func must(t testing.TB, err error) {
	if err != nil {
		t.Helper()
		t.Fatalf("lulltest: %v", err)
	}
}

// noTest stands for a test where there is none.
type noTest struct{ testing.TB }

func orPanic(t testing.TB) testing.TB {
	if t == nil {
		return noTest{}
	}
	return t
}

// Helper implements testing.TB.
func (noTest) Helper() {}

// Fatalf implements testing.TB.
func (noTest) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
