package android

import (
	"math/bits"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// The codes of what only Android holds works for, see [gates] for their order.
const (
	ReasonForceStopped    work.Code = "force-stopped"          // the user stopped the app, and has not opened it since
	ReasonHibernation     work.Code = "hibernation"            // the app was not used for months
	ReasonVendorKilled    work.Code = "vendor-killed"          // the vendor's battery saver keeps the app from starting
	ReasonBoot            work.Code = "boot"                   // after a boot the app has not set its works again
	ReasonProcessFrozen   work.Code = "process-frozen"         // a timer needs the app's process to go on
	ReasonPermission      work.Code = "permission"             // a permission is missing
	ReasonBackgroundStart work.Code = "background-start"       // services are not started from the background
	ReasonServiceQuota    work.Code = "service-quota"          // services of its type have run too long today
	ReasonSchedulerSlots  work.Code = "scheduler-slots"        // WorkManager has as many jobs with the system as it may
	ReasonExpeditedQuota  work.Code = "expedited-quota"        // no quota for haste, and it was not to run without
	ReasonAppStandby      work.Code = "app-standby"            // nobody has used the app yet
	ReasonRestricted      work.Code = "background-restriction" // the user restricts the app
	ReasonBatterySaver    work.Code = "battery-saver"          // the battery saver is on
	ReasonDoze            work.Code = "doze"                   // the device dozes
	ReasonThermal         work.Code = "thermal"                // the device is hot
	ReasonQuota           work.Code = "quota"                  // the app's jobs have used up what its bucket gets
	ReasonBatching        work.Code = "batching"               // it waits for more jobs, to run with them
	ReasonConcurrency     work.Code = "concurrency"            // as many jobs run as may
	ReasonAlarmQuota      work.Code = "alarm-quota"            // the app's alarms have rung as often as they may
	ReasonPushCapped      work.Code = "push-capped"            // messages of high priority are treated as normal ones
)

// gate is one of [gates].
type gate uint8

const (
	gateForceStop gate = iota
	gateHibernation
	gateVendor
	gateBoot
	gateFrozen
	gatePermission
	gateService
	gateServiceQuota
	gateSlots
	gateExpedited
	gateBackoff
	gateNetwork
	gatePeriod
	gateStandby
	gateRestricted
	gateSaver
	gateDoze
	gateThermal
	gateCharging
	gateIdle
	gateQuota
	gateAlarmQuota
	gatePush
	gateBatch
	gateParallel
	gateCount
)

// Numbers of JobScheduler's pending reasons.
const (
	pendingInvalid     = -2 // the system has no such job
	pendingUndefined   = 0
	pendingStandby     = 2
	pendingRestriction = 3
	pendingBattery     = 4
	pendingCharging    = 5
	pendingNetwork     = 6
	pendingIdle        = 8
	pendingLatency     = 9
	pendingStorage     = 11
	pendingState       = 12
	pendingBatching    = 13
	pendingQuota       = 14
)

// gates are all that Android holds works by, in the order in which they are told. What
// comes earlier lasts longer or is more the user's doing: it is what to mend first.
var gates = [gateCount]struct {
	code    work.Code
	android int
	edit    core.EditKind
}{
	gateForceStop:    {ReasonForceStopped, pendingInvalid, core.EditExempt},
	gateHibernation:  {ReasonHibernation, pendingInvalid, core.EditExempt},
	gateVendor:       {ReasonVendorKilled, pendingUndefined, core.EditExempt},
	gateBoot:         {ReasonBoot, pendingInvalid, core.EditAdvance},
	gateFrozen:       {ReasonProcessFrozen, pendingUndefined, core.EditExempt},
	gatePermission:   {ReasonPermission, pendingUndefined, core.EditExempt},
	gateService:      {ReasonBackgroundStart, pendingUndefined, core.EditExempt},
	gateServiceQuota: {ReasonServiceQuota, pendingUndefined, core.EditRefill},
	gateSlots:        {ReasonSchedulerSlots, pendingInvalid, core.EditOneFewer},
	gateExpedited:    {ReasonExpeditedQuota, pendingInvalid, core.EditRefill},
	gateBackoff:      {work.ReasonBackoff, pendingLatency, core.EditAdvance},
	gateNetwork:      {work.ReasonNetwork, pendingNetwork, core.EditFact},
	gatePeriod:       {work.ReasonDelay, pendingLatency, core.EditAdvance},
	gateStandby:      {ReasonAppStandby, pendingStandby, core.EditExempt},
	gateRestricted:   {ReasonRestricted, pendingRestriction, core.EditExempt},
	gateSaver:        {ReasonBatterySaver, pendingState, core.EditExempt},
	gateDoze:         {ReasonDoze, pendingState, core.EditExempt},
	gateThermal:      {ReasonThermal, pendingState, core.EditExempt},
	gateCharging:     {work.ReasonCharging, pendingCharging, core.EditExempt},
	gateIdle:         {work.ReasonIdle, pendingIdle, core.EditExempt},
	gateQuota:        {ReasonQuota, pendingQuota, core.EditRefill},
	gateAlarmQuota:   {ReasonAlarmQuota, pendingQuota, core.EditRefill},
	gatePush:         {ReasonPushCapped, pendingQuota, core.EditRefill},
	gateBatch:        {ReasonBatching, pendingBatching, core.EditRelease},
	gateParallel:     {ReasonConcurrency, pendingState, core.EditOneFewer},
}

// gateSet is a set of gates.
type gateSet uint32

func (h gateSet) has(g gate) bool { return h>>g&1 == 1 }
func (h *gateSet) add(g gate)     { *h |= 1 << g }

func (h *gateSet) addIf(g gate, held bool) {
	if held {
		h.add(g)
	}
}

// Gates yields everything by which Android keeps a waiting work from starting.
func (s *System) Gates(at int64, j core.Job, _ *record.Facts, yield func(core.Gate) bool) {
	s.catchUp(at)
	x, fresh := s.find(j.Work.Seq), s.fresh(at)
	if x == nil {
		y := newSlot(j)
		x, fresh = &y, false
	}
	h := x.now
	if !fresh || x.Due > at {
		h = s.holds(at, x)
	}
	for g := gate(0); h != 0; g, h = g+1, h>>1 {
		if h&1 == 1 && !yield(s.gate(at, x, g)) {
			return
		}
	}
}

// fresh reports whether what was worked out last is so at an instant.
func (s *System) fresh(at int64) bool {
	s.settle()
	return !s.stale && at < s.next
}

// Mark stands for what Gates yields: the gates, and above them those that are assumed.
func (s *System) Mark(at int64, j core.Job) uint64 {
	s.settle()
	if x := s.nearby(j.Work.Seq); x != nil && !s.stale && at < s.next && x.Due <= at && gateSet(x.mark) == x.now {
		return x.mark
	}
	return s.markAnew(at, j)
}

// markAnew is Mark where that is not simply what was worked out last.
func (s *System) markAnew(at int64, j core.Job) uint64 {
	x := s.find(j.Work.Seq)
	switch {
	case x == nil:
		y := newSlot(j)
		x = &y
	case s.fresh(at) && x.Due <= at:
		mark := s.mark(at, x, x.now)
		if x.now&unsteady == 0 {
			x.mark = mark
		}
		return mark
	}
	s.catchUp(at)
	return s.mark(at, x, s.holds(at, x))
}

// Marked says what a mark stands for.
func (s *System) Marked(mark uint64) (first core.Hold, alone bool) {
	h := uint32(mark)
	g := bits.TrailingZeros32(h)
	return core.Hold{Code: gates[g].code, Assumed: mark>>(32+g)&1 == 1}, h&(h-1) == 0
}

// Free reports whether it may let a work of a kind start that is due.
func (s *System) Free(at int64, k work.Kind) bool {
	if !s.fresh(at) || s.moved {
		return true // nobody has looked
	}
	n, ok := kindOf(k)
	if !ok || n == kindPush && s.pileOpen > 0 {
		return true
	}
	for _, x := range s.few {
		if x.open && x.Kind == n {
			return true
		}
	}
	return false
}

func (s *System) mark(at int64, x *slot, h gateSet) uint64 {
	mark := uint64(h)
	for r := h & assumable; r != 0; r &= r - 1 {
		if g := gate(bits.TrailingZeros32(uint32(r))); s.assumed(at, x, g) {
			mark |= 1 << (32 + g)
		}
	}
	return mark
}

// gate describes a gate that holds a work.
func (s *System) gate(at int64, x *slot, g gate) core.Gate {
	d := &gates[g]
	out := core.Gate{Code: d.code, Android: d.android, Until: s.until(at, x, g), Assumed: s.assumed(at, x, g)}
	out.Edit = core.Edit{Kind: d.edit, Code: d.code}
	switch d.edit {
	case core.EditAdvance:
		out.Edit.Value = out.Until
	case core.EditFact:
		out.Edit.Signal, out.Edit.Value = record.Connected, 1
	}
	if x.Kind != kindWork && x.Kind != kindUser {
		out.Android = pendingUndefined // JobScheduler knows nothing of it
	}
	return out
}

// Clear makes an edit, of which the other works of the app do not get anything: a quota
// is full, or a batch released, for this one.
func (s *System) Clear(at int64, j core.Job, e core.Edit) {
	s.catchUp(at)
	x := s.find(j.Work.Seq)
	if x == nil {
		return
	}
	for g := range gates {
		if gates[g].code == e.Code {
			x.Cleared.add(gate(g))
		}
	}
	s.turns()
	s.call(x)
	s.calm, s.moved = false, true
	s.refresh(at)
}
