//go:build !linux && !darwin && !windows

package sense

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/lullwork/lull/internal/record"
)

// platform knows nothing of other systems.
func (s *Sensor) platform() {
	rest := make([]record.Signal, record.Signals)
	for i := range rest {
		rest[i] = record.Signal(i)
	}
	s.probes = []*probe{
		newProbe(byKernel, func(context.Context) (readings, time.Duration) { return notBuilt(runtime.GOOS, rest...), 0 }, rest...),
	}
}

func statfs(string) (free, total uint64, err error) { return 0, 0, errors.ErrUnsupported }
