package sense

import (
	"context"
	"os/exec"
	"time"

	"github.com/lullwork/lull/internal/record"
)

// platform polls what macOS tells without cgo. (Not tried on hardware.)
func (s *Sensor) platform() {
	power := []record.Signal{record.Charging, record.BatteryLevel, record.BatteryLow}
	rest := []record.Signal{record.Connected, record.Validated, record.Metered, record.Roaming, record.Idle, record.LoadHigh, record.LowPower}
	s.probes = []*probe{
		newProbe(byKernel, func(ctx context.Context) (readings, time.Duration) {
			ctx, cancel := context.WithTimeout(ctx, s.cfg.callTimeout)
			defer cancel()
			text, err := exec.CommandContext(ctx, "/usr/bin/pmset", "-g", "ps").Output()
			if err != nil {
				var out readings
				for _, sig := range power {
					out[sig] = unknown("pmset", "pmset does not run ("+err.Error()+"): "+assume(sig, "..."))
				}
				return out, 0
			}
			return parsePmset(string(text)), 0
		}, power...),
		newProbe(byKernel, newStorage(s.cfg).read, record.StorageLow),
		newProbe(byKernel, func(context.Context) (readings, time.Duration) { return notBuilt("macOS", rest...), 0 }, rest...),
	}
}
