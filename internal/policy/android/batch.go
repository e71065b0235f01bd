package android

import "github.com/lullwork/lull/work"

// pool is whether a job is ready but for others.
type pool uint8

const (
	poolNone pool = iota
	poolHeld      // only its batch holds it
	poolFree      // nothing does, and it starts now
)

// batched reports whether the system holds a job that is ready until it can run with
// others.
func (s *System) batched(at int64, x *slot) bool {
	// A job that runs, or that is not held, keeps the device up anyway.
	if s.busy > 0 || s.sums.free > 0 {
		return false
	}
	ready, held := s.holdable(at, x)
	n := s.sums.held
	if x.pool == poolNone {
		n++
	}
	return held && int64(n) < ready
}

// holdable reports whether a job is one of those that are held, and how many of them let
// all go.
func (s *System) holdable(at int64, x *slot) (ready int64, held bool) {
	bucket := s.bucket()
	if s.active() && bucket != Restricted {
		return 0, false
	}
	wait, ready := s.batch(x, bucket)
	if wait == 0 || x.Ready != 0 && at >= min(x.Others, after(x.Ready, wait)) {
		return 0, false
	}
	return ready, true
}

// batch returns for how long a job is held at most, and how many have to be ready to let
// them go; 0: it is not held.
func (s *System) batch(x *slot, bucket Bucket) (wait, ready int64) {
	p := s.p
	switch {
	case bucket == Restricted:
		return never, min(p.values[batchReady], s.share)
	case x.Stops.Failures+x.Stops.System > 0, bucket == Exempted:
		return 0, 0
	case p.values[batchNetworkWait] > 0 && x.Network != work.NoNetwork:
		// The radio is what batches save: a network without one is always up, and so is any
		// while somebody uses the device.
		if s.Device.Seen.Metered == 0 || s.Device.Screen {
			return 0, 0
		}
		return p.values[batchNetworkWait], min(p.values[batchNetworkReady], s.share)
	case bucket == Active:
		return 0, 0
	case p.values[batchNetworkWait] > 0:
		return p.values[batchWait], min(p.values[batchCPUReady], s.share)
	}
	return p.values[batchWait], min(p.values[batchReady], s.share)
}

// noteReady notes that from now on only other jobs keep one from starting: its batch, or
// those that run.
func (s *System) noteReady(at int64, x *slot) {
	x.Ready, x.Others = max(at, 1), never
	if mean := s.p.values[batchOthers]; mean < never/2 {
		d := s.dice.Fork(forkBatch).Fork(uint64(x.Seq)).Fork(uint64(at))
		x.Others = at + 1 + d.Below(2*mean+1)
	}
}

// release lets go all jobs that are held: when the device stops dozing, the jobs of all
// apps have waited for it.
func (s *System) release(at int64) {
	if s.moved {
		s.sort(at)
	}
	for _, x := range s.few {
		if x.Kind == kindWork && x.Waiting && x.Due <= at {
			x.Others = at
			if x.Ready == 0 {
				x.Ready = at
			}
		}
	}
}
