package lull

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sense"
	"github.com/lullwork/lull/work"
)

// Device is where an engine reads its signals. Package lulltest has one that tests
// set.
type Device interface {
	// Facts returns what is known now.
	Facts() record.Facts
	// Changes receives after facts have changed.
	Changes() <-chan struct{}
	// ClockSteps receives after the wall clock was set.
	ClockSteps() <-chan struct{}
	// Sleep receives true before the machine sleeps, which waits for ReleaseSleep, and
	// false when it has woken.
	Sleep() <-chan bool
	ReleaseSleep()
	Close() error
}

// refreshZones notices that the machine has come to another time zone.
func (e *Engine) refreshZones(ctx context.Context) {
	if err := e.live.RefreshZones(ctx); err != nil && ctx.Err() == nil {
		e.cfg.Log("time zones: %v", err)
	}
}

// appendFacts reads statements about the device, in the words of a plan.
func appendFacts(to []record.Fact, words map[string]string, mark record.Fact) ([]record.Fact, error) {
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(words)) {
		facts, err := plan.FactsOf(key, words[key])
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, f := range facts {
			f.Pretended, f.Assumed = mark.Pretended, mark.Assumed
			to = append(to, f)
		}
	}
	return to, errors.Join(errs...)
}

// openDevice begins to read the machine's signals.
func (e *Engine) openDevice(ctx context.Context) (Device, error) {
	if e.cfg.Device != nil {
		return e.cfg.Device, nil
	}
	return sense.Open(ctx, sense.Config{DataDir: filepath.Dir(e.cfg.Store.Where()), Now: e.live.Now})
}

// facts returns the device's facts with what is assumed in place of the unknown
// and what is pretended on top.
func (e *Engine) facts(d Device) []record.Fact {
	facts := d.Facts()
	if world := e.cfg.Phone.World; world != nil {
		world(&facts)
	}
	return overlay(facts, e.assume, e.pret)
}

func overlay(facts record.Facts, assume, pretend []record.Fact) []record.Fact {
	for _, f := range assume {
		if facts[f.Signal].Value == record.Unknown {
			facts[f.Signal] = f
		}
	}
	for _, f := range pretend {
		facts[f.Signal] = f
	}
	return facts[:]
}

// watch tells the engine of changes until ctx is done.
func (e *Engine) watch(ctx context.Context, d Device) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.Changes():
			e.live.TellFacts(e.facts(d))
		case <-d.ClockSteps():
			e.live.Tell(core.Tick{})
			e.refreshZones(ctx)
		case sleeping := <-d.Sleep():
			if !sleeping {
				e.live.Tell(core.Woke{})
				e.refreshZones(ctx)
				continue
			}
			// The decision not to start anything is durable before the machine sleeps.
			_, _ = e.live.Ask(ctx, core.Suspend{})
			d.ReleaseSleep()
		}
	}
}

// loadHeeder is a Device that watches the load closely only for those who ask.
type loadHeeder interface{ HeedLoad() }

// heedLoad makes the device watch the load if a request needs it to be low.
func (e *Engine) heedLoad(nodes []work.Node) {
	if !slices.ContainsFunc(nodes, needsLoad) {
		return
	}
	e.heeded.Store(true)
	select {
	case <-e.ready:
		e.heed()
	default: // begin does
	}
}

func needsLoad(n work.Node) bool {
	return n.Request.Needs.LoadLow || slices.ContainsFunc(n.Request.Chain, needsLoad)
}

func (e *Engine) heed() {
	if d, ok := e.device.(loadHeeder); ok {
		d.HeedLoad()
	}
}

// Signal is one signal of the device, in words.
type Signal struct {
	Name   string `json:"name"`
	Value  string `json:"value"`            // "yes", "no", "unknown" or a percentage
	Source string `json:"source,omitempty"` // where it was read
	Note   string `json:"note,omitempty"`   // how to make it known
}

// ReadDevice reads this machine's signals once. Dir lies on the file system whose
// free space counts.
func ReadDevice(ctx context.Context, dir string) ([]Signal, error) {
	s, err := sense.Open(ctx, sense.Config{DataDir: dir})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	facts := s.Facts()
	out := make([]Signal, len(facts))
	for i, f := range facts {
		out[i] = Signal{Name: f.Signal.String(), Value: valueWord(&f), Source: f.Source}
		if f.Value == record.Unknown {
			out[i].Note = f.Note
		}
	}
	return out, nil
}

func valueWord(f *record.Fact) string {
	switch {
	case f.Value == record.Unknown:
		return "unknown"
	case f.Signal == record.BatteryLevel:
		return strconv.FormatInt(f.Value, 10) + "%"
	case f.Value == 0:
		return "no"
	}
	return "yes"
}
