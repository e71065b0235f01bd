package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/core/calendar"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// ZoneTable reads a time zone as a table. The range is fixed, so that the table
// changes only when the zone's rules do.
func ZoneTable(name string) (record.Zone, error) {
	loc := localZone()
	if name != core.LocalZone {
		var err error
		if loc, err = time.LoadLocation(name); err != nil {
			return record.Zone{}, fmt.Errorf("%w: time zone %q cannot be read: %w", work.ErrInvalid, name, err)
		}
	}
	from, to := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	table, err := json.Marshal(calendar.ZoneOf(loc, from.Unix(), to.Unix()))
	if err != nil {
		return record.Zone{}, err
	}
	return record.Zone{Name: name, Table: table}, nil
}

// localZone is the machine's time zone as it is now: a laptop travels. The runtime
// reads it only once.
func localZone() *time.Location {
	if _, set := os.LookupEnv("TZ"); !set {
		if data, err := os.ReadFile("/etc/localtime"); err == nil {
			if loc, err := time.LoadLocationFromTZData(core.LocalZone, data); err == nil {
				return loc
			}
		}
	}
	return time.Local
}

// EnsureZones makes sure that the core knows the zones that requests name. Op is what
// they ask for.
func (e *Engine) EnsureZones(ctx context.Context, op string, nodes []work.Node) error {
	for i := range nodes {
		q := &nodes[i].Request
		var names []string
		if q.Cron != "" {
			names = append(names, zoneName(q.Zone))
		}
		if q.Needs.Between != "" {
			names = append(names, zoneName(q.Needs.Zone))
		}
		for _, name := range names {
			err := e.ReadZone(ctx, name)
			if errors.Is(err, work.ErrInvalid) {
				return &work.Error{Op: op, Task: q.Task, Err: err, Hint: "write a name of the time zone database, as Europe/Paris"}
			}
			if err != nil {
				return err
			}
		}
		if err := e.EnsureZones(ctx, op, q.Chain); err != nil {
			return err
		}
	}
	return nil
}

func zoneName(s string) string {
	if s == "" {
		return core.LocalZone
	}
	return s
}

// ReadZone reads a zone's table for the core, unless that was done since the last
// RefreshZones.
func (e *Engine) ReadZone(ctx context.Context, name string) error {
	e.zones.Lock()
	defer e.zones.Unlock()
	if e.zones.known[name] {
		return nil
	}
	z, err := ZoneTable(name)
	if err != nil {
		return err
	}
	if _, err := e.Ask(ctx, core.ZoneRead{Zone: z}); err != nil {
		return err
	}
	e.zones.known[name] = true
	return nil
}

// RefreshZones reads the zones anew that the state knows: their rules, or which zone
// the machine is in, may have changed.
func (e *Engine) RefreshZones(ctx context.Context) error {
	e.zones.Lock()
	clear(e.zones.known)
	e.zones.Unlock()
	var names []string
	if err := e.Do(ctx, func(m *core.Machine, _ Rows) { names = m.ZoneNames() }); err != nil {
		return err
	}
	for _, name := range names {
		if err := e.ReadZone(ctx, name); err != nil {
			// The zone's data is gone from this machine: the stored table still serves.
			e.cfg.Log("time zone %s: %v", name, err)
		}
	}
	return nil
}
