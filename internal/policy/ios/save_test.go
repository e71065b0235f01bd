package ios

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
)

// printed is a state in words.
func printed(s *System) string {
	out := fmt.Sprintf("%+v %+v", s.contract, s.state)
	for _, p := range s.Waits {
		q := *p
		q.draw, q.standing, q.mark, q.shelf = draw{}, standing{}, 0, 0 // they can be made again
		out = strings.Replace(out, fmt.Sprintf("%p", p), fmt.Sprintf("%+v", q), 1)
	}
	return out
}

func TestSaveLoad(t *testing.T) {
	for seed := range uint64(20) {
		c := newChaos(t, seed)
		for i := range 300 {
			c.step()
			c.start()
			if i%50 != 49 {
				continue
			}
			b, err := c.sys.Save()
			if err != nil {
				t.Fatal(err)
			}
			again, err := NewSystem(Config{Seed: seed, Pad: c.sys.m.pad, App: c.sys.app})
			if err != nil {
				t.Fatal(err)
			}
			if err := again.Load(b); err != nil {
				t.Fatal(err)
			}
			if b2, _ := again.Save(); string(b2) != string(b) {
				t.Fatalf("%s\nis saved as\n%s", b, b2)
			}
			if a, b := printed(c.sys), printed(again); a != b {
				t.Fatalf("%s\nis loaded as\n%s", a, b)
			}
			c.sys = again // and goes on with it
		}
	}
	s, err := NewSystem(Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{`[]`, `{"Version":9}`, `{"Version":2,"Slots":3}`, `{"Version":2,"Slots":48,"State":{"Begun":true}}`, `{"Version":2,"Slots":48,"State":{"Begun":true,"Opens":{"Known":1,"Today":99}}}`, `{"Version":2,"Slots":48,"Contract":{"Waits":[null]}}`, `{"Version":2,"Slots":48,"Contract":{"Process":{"Launching":true}}}`, `{"Version":2,"Slots":48,"Contract":{"Notes":{"List":[{"Every":1}]}}}`} {
		if err := s.Load([]byte(bad)); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

// FuzzLoad takes any bytes as a state, and goes on with it if it is one.
func FuzzLoad(f *testing.F) {
	for seed := range uint64(3) {
		c := newChaos(f, seed)
		for range 40 {
			c.step()
			c.start()
		}
		b, err := c.sys.Save()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"Version":2,"Slots":48,"State":{"Begun":true,"Opens":{"Known":1},"Uses":{"Known":1},"Looks":{"Known":1}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		c := newChaos(t, 1)
		if c.sys.Load(b) != nil {
			return
		}
		for _, p := range c.sys.Waits {
			j := core.Job{Work: &record.Work{Seq: p.Seq, ID: p.Work, LastEnqueue: p.Turn}, Spec: spec(p.Kind), Due: p.Earliest}
			gatesOf(c.sys, c.at, j, &c.facts)
		}
		for range 10 {
			c.at += 7 * hour
			c.sys.Tick(c.at, &c.facts)
			c.sys.Sense(c.at, core.Sense{Kind: core.SenseScreen, Value: c.Below(2)}, &c.facts)
			c.submit()
			c.sys.Orders()
		}
		if _, err := c.sys.Save(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestSameFuture: a system that was saved and loaded goes on as the one that was not.
func TestSameFuture(t *testing.T) {
	every := uint64(6)
	if *long {
		every = 1
	}
	for seed := uint64(0); seed < 60; seed += every {
		c := newChaos(t, seed)
		for range 40 + int(seed) {
			c.step()
			c.start()
		}
		b, err := c.sys.Save()
		if err != nil {
			t.Fatal(err)
		}
		again := *c
		if again.sys, err = NewSystem(Config{Seed: seed, Pad: c.sys.m.pad, App: c.sys.app}); err != nil {
			t.Fatal(err)
		}
		if err := again.sys.Load(b); err != nil {
			t.Fatal(err)
		}
		again.jobs, again.goes = slices.Clone(c.jobs), slices.Clone(c.goes)
		for i := range 200 {
			if a, b := c.step(), again.step(); a != b {
				t.Fatalf("seed %d, step %d: one has something new to say (%t), the other has not (%t)", seed, i, a, b)
			}
			c.start()
			again.start()
			if a, b := printed(c.sys), printed(again.sys); a != b || c.sys.Next() != again.sys.Next() {
				t.Fatalf("seed %d, step %d:\n%s\nbut loaded\n%s", seed, i, a, b)
			}
		}
	}
}
