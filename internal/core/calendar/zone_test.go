package calendar

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"
	_ "time/tzdata" // where the system has no zone data

	"github.com/google/go-cmp/cmp"
)

// location loads a zone; the tables of the zone and of the location cover the
// same data, so a test does not depend on its release.
func location(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func unix(year int) int64 { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Unix() }

func TestZoneOfEqualsLocation(t *testing.T) {
	for _, name := range append(realZones(), "Africa/Monrovia", "Europe/Amsterdam", "America/Juneau", "UTC") {
		loc := location(t, name)
		from, to := unix(1850), unix(2100)
		z := ZoneOf(loc, from, to)
		if err := z.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if z.Name != name || z.From != from || z.To != to {
			t.Errorf("%s: %s from %d to %d", name, z.Name, z.From, z.To)
		}
		agree := func(sec int64) {
			if got, want := z.span(z.spanAt(sec)).offset, int64(offsetOf(time.Unix(sec, 0).In(loc))); got != want {
				t.Fatalf("%s at %v: offset %d, want %d", name, time.Unix(sec, 0).UTC(), got, want)
			}
		}
		step := int64(31 * 3600)
		if *long {
			step = 9 * 3600
		}
		for sec := from; sec <= to; sec += step {
			agree(sec)
		}
		for i, tr := range z.Transitions {
			agree(tr.At - 1)
			agree(tr.At)
			if int64(tr.Offset) == z.offsetBefore(i) {
				t.Errorf("%s: transition %d changes nothing", name, i)
			}
		}
	}
}

func TestZoneOfBounds(t *testing.T) {
	paris := location(t, "Europe/Paris")
	if z := ZoneOf(nil, 0, 10); z.Name != "UTC" || len(z.Transitions) != 0 || z.Initial != 0 {
		t.Errorf("nil location: %+v", z)
	}
	if z := ZoneOf(paris, 10, 5); z.From != 10 || z.To != 10 || z.Validate() != nil {
		t.Errorf("backward range: %+v", z)
	}
	z := ZoneOf(paris, math.MinInt64, math.MaxInt64)
	if err := z.Validate(); err != nil || len(z.Transitions) != maxTransitions || z.From != minSec || z.To < unix(3500) || z.To > unix(4500) {
		t.Errorf("whole range: %v, %d transitions, %d to %d", err, len(z.Transitions), z.From, z.To)
	}
	// The table ends where it says: the next offset change comes right after To.
	end := time.Unix(z.To, 0).In(paris)
	if offsetOf(end) == offsetOf(end.Add(time.Second)) {
		t.Errorf("no transition after the table's end %v", end)
	}
	// A transition shortly before From is kept, for its overlap or gap.
	gap := time.Date(2024, 3, 31, 1, 0, 0, 0, time.UTC)
	z = ZoneOf(paris, gap.Unix(), gap.Unix()+daySec)
	if at, ok := Next(mustParse(t, "30 2 * * *"), z, gap.UnixMicro()-1); !ok || at != gap.UnixMicro() {
		t.Errorf("gap at From: %v %v", time.UnixMicro(at).UTC(), ok)
	}
	if !z.Covers(gap.UnixMicro()) || z.Covers(gap.UnixMicro()-1) || !z.Covers((gap.Unix()+daySec)*microSec+microSec-1) || z.Covers((gap.Unix()+daySec+1)*microSec) {
		t.Error("Covers is not [From, To]")
	}
}

func TestZoneJSON(t *testing.T) {
	for _, z := range []Zone{{}, UTC(), Fixed("x", -3600), ZoneOf(location(t, "Australia/Lord_Howe"), unix(2020), unix(2030))} {
		text, err := json.Marshal(z)
		if err != nil {
			t.Fatal(err)
		}
		var back Zone
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(z, back); diff != "" {
			t.Error(diff)
		}
	}
	text, _ := json.Marshal(Zone{Name: "Z", From: 1, To: 9, Initial: -60, Transitions: []Transition{{At: 5, Offset: 60}}})
	if got, want := string(text), `{"name":"Z","from":1,"to":9,"initial":-60,"transitions":[{"at":5,"offset":60}]}`; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// invalidZones are tables that Validate must refuse and nothing may crash on.
func invalidZones() []Zone {
	return []Zone{
		{From: 2, To: 1},
		{From: math.MinInt64, To: 1},
		{To: math.MaxInt64},
		{To: 1, Initial: 26*3600 + 1},
		{To: 1, Initial: math.MinInt32},
		{To: 9, Transitions: []Transition{{At: 5, Offset: math.MaxInt32}}},
		{To: 9, Transitions: []Transition{{At: 5}, {At: 5}}},
		{To: 9, Transitions: []Transition{{At: 6}, {At: 5}}},
		{To: 9, Transitions: []Transition{{At: 10}}},
		{To: 9, Transitions: []Transition{{At: math.MinInt64, Offset: -3600}, {At: math.MaxInt64, Offset: 3600}}},
		{To: 9, Transitions: []Transition{{At: math.MaxInt64, Offset: 3600}, {At: math.MinInt64, Offset: -3600}}},
		{To: maxSec, Transitions: make([]Transition, maxTransitions+1)},
	}
}

func TestZoneInvalid(t *testing.T) {
	exprs := []Expr{{}, mustParse(t, "0 0 29 2 */7"), mustParse(t, "*/7 3,5 * * *")}
	edges := []int64{math.MinInt64, -1, 0, 1, 5_000_000, math.MaxInt64}
	for i, z := range invalidZones() {
		if err := z.Validate(); !errors.Is(err, ErrZone) {
			t.Errorf("zone %d: %v", i, err)
		}
		for _, a := range edges {
			for _, e := range exprs {
				Next(e, z, a)
				for _, b := range edges {
					Last(e, z, a, b)
					if n := Count(e, z, a, b, 10); n < 0 || n > 10 {
						t.Errorf("zone %d: count %d", i, n)
					}
				}
			}
			Window{start: 60, end: 30}.NextChange(z, a)
		}
	}
	if err := (Zone{}).Validate(); err != nil {
		t.Errorf("zero value: %v", err)
	}
}
