package population

import (
	"context"
	"reflect"
	"testing"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/sim"
	"github.com/lullwork/lull/internal/sim/scenario"
	"github.com/lullwork/lull/internal/sim/world"
)

// TestPhones compares what is kept of each phone with the tally of that phone alone: who has
// one of each platform lives the same, but for the widget.
func TestPhones(t *testing.T) {
	for _, views := range []int64{12, 3} {
		p := example(t)
		for i := range p.Tasks {
			if x := p.Tasks[i].Phone.IOS; x != nil {
				x.Views.Times *= views
				x.Views.Times /= 12
			}
		}
		comparePhones(t, p)
	}
}

func comparePhones(t *testing.T, p *plan.Plan) {
	c := Config{Plan: p, Platforms: []string{scenario.Android, scenario.IOS}, Devices: 12, Days: 3, Settle: 4, Seed: 2, Workers: 3}
	r, err := Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Phones) != 2*c.Devices {
		t.Fatalf("%d phones", len(r.Phones))
	}
	for i := range r.Phones {
		p := &r.Phones[i]
		if p.Device != i%c.Devices {
			t.Errorf("phone %d is device %d", i, p.Device)
		}
		g, err := One(c, p.Platform, p.Device, nil)
		if err != nil {
			t.Fatal(err)
		}
		if p.Archetype != g.Archetype || p.Platform != g.Platform || len(p.Tasks) != len(g.Tally.Tasks) {
			t.Errorf("%+v is of %s on %s", p, g.Archetype, g.Platform)
		}
		for _, x := range g.Tally.Tasks {
			own := Own{x.Name, x.Runs, x.Days, x.InTime, x.InTimeOf, x.FreshOf > 0, x.Stale.Max}
			if got := p.Of(x.Name); got == nil || *got != own {
				t.Errorf("%s device %d: %+v, by itself %+v", p.Platform, p.Device, got, own)
			}
		}
	}
}

// TestScales simulates phones with variants that are to make no difference on them: nothing
// that happens is another thing.
func TestScales(t *testing.T) {
	for _, platform := range []string{scenario.Android, scenario.IOS} {
		c := Config{Plan: example(t), Platforms: []string{platform}, Devices: 16, Days: 2, Settle: -1, Seed: 4}
		if *long {
			c.Devices, c.Days, c.Settle = 60, 14, 0
		}
		c.defaults()
		scales := c.Scales(platform)
		same, other := 0, 0
		for n := range c.Devices {
			happens := func(vs ...Variant) string {
				c := c
				c.Set = c.Set.With(platform, vs...)
				var journal []byte
				if _, err := One(c, platform, n, func(b []byte) { journal = append(journal, b...) }); err != nil {
					t.Fatal(err)
				}
				return string(journal)
			}
			plain := happens()
			for _, set := range Variants(platform) {
				for _, v := range set {
					vendor := c.Mix.Member(c.Seed, n).Vendor
					is, becomes, err := scales(vendor, v)
					if err != nil {
						t.Fatal(err)
					}
					if is != becomes {
						other++
						continue
					}
					if same++; happens(v) != plain {
						t.Errorf("%s device %d of %s: %+v leaves %d and changes what happens", platform, n, vendor, v, is)
					}
				}
			}
		}
		if other == 0 || same == 0 && platform == scenario.Android {
			t.Errorf("%s: %d variants change a value, %d do not", platform, other, same)
		}
	}
}

// TestPasts: who is simulated with what was kept, by several at a time, lives the same as
// with what is made up anew.
func TestPasts(t *testing.T) {
	c := Config{Plan: example(t), Platforms: []string{scenario.Android, scenario.IOS}, Devices: mostPasts + 6, Days: 1, Settle: 2, Seed: 3, Workers: 3}
	anew, err := Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	c.Pasts = new(Pasts)
	for range 2 {
		kept, err := Run(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(kept.Phones, anew.Phones) {
			t.Error("other phones")
		}
	}
	if n := len(c.Pasts.kept); n != mostPasts {
		t.Errorf("%d are kept", n)
	}
}

// TestStretches: what is too long to be kept is made up for each phone, stretch by stretch,
// and the days that they have in common are the same.
func TestStretches(t *testing.T) {
	const days = stretch/day + 3
	c := Config{Plan: example(t), Platforms: []string{scenario.Android, scenario.IOS}, Devices: 2, Days: days, Settle: -1, Seed: 3, Pasts: new(Pasts)}
	both, err := Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	for i, platform := range c.Platforms {
		alone := c
		alone.Platforms = []string{platform}
		r, err := Run(context.Background(), alone)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(r.Phones, both.Phones[i*c.Devices:(i+1)*c.Devices]) {
			t.Errorf("%s: other phones alone", platform)
		}
	}
	if len(c.Pasts.kept) > 0 {
		t.Error("it was kept")
	}
	who := both.Config.Mix.Member(c.Seed, 0)
	of := world.Config{Of: who.Of, Seed: who.Seed, Start: sim.DefaultStart, End: sim.DefaultStart + days*day}
	device, src := world.New(of), Events(new(past).of(of, 0))
	for n := 0; ; n++ {
		at, ev, ok := device.Next()
		x := src.Next()
		if ok != (x != nil) || ok && (x.At != at || x.Sense != ev.Sense() || len(x.Facts) != ev.Changes()) {
			t.Fatalf("event %d: %+v, not %+v at %d", n, x, ev, at)
		}
		if !ok {
			break
		}
	}
}
