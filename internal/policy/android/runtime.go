package android

import (
	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// guard counts what makes the system restrict an app, oldest first.
type guard struct {
	Timeouts []int64 `json:"timeouts,omitempty"`
	ANRs     []int64 `json:"anrs,omitempty"`
}

// blame counts one more, and restricts the app when there are too many.
func (s *System) blame(at int64, list *[]int64, most, window int64) {
	if most == 0 {
		return
	}
	old := 0
	for old < len(*list) && (*list)[old] <= at-window {
		old++
	}
	*list = append((*list)[:copy(*list, (*list)[old:])], at)
	if int64(len(*list)) >= most {
		s.turns()
		s.Standby.Restrict(at)
	}
}

// shares reports whether the run of a work counts for others of its kind, which are
// looked at one by one.
func (x *slot) shares() bool { return x.Kind > kindUser && x.Kind < kindPush }

// Start tells that a run begins, and says how long it may take.
func (s *System) Start(at int64, j core.Job, _ *record.Facts) core.Terms {
	s.catchUp(at)
	x := s.find(j.Work.Seq)
	if x == nil {
		x = s.add(j)
	}
	terms := s.grant(at, x)
	s.heard(at, x)
	s.follow(at, x.shares())
	return terms
}

func (s *System) grant(at int64, x *slot) core.Terms {
	if x.isJob() {
		return s.grantJob(at, x)
	}
	s.starts(at, x)
	s.begin(at)
	switch x.Kind {
	case kindAlarm, kindNotification:
		s.rang(at, x)
		return core.Terms{Budget: s.p.values[alarmHandler]}
	case kindPush:
		s.pushed(at, x)
		return core.Terms{Budget: s.p.values[pushHandler]}
	case kindService:
		s.serve(at, x)
	case kindWidget:
		return core.Terms{Budget: s.p.values[alarmHandler]}
	}
	return core.Terms{}
}

// grantJob is grant for a job. A row that the library runs in process is none of the
// system's, and need not be in time.
func (s *System) grantJob(at int64, x *slot) core.Terms {
	terms := core.Terms{Budget: s.p.values[greedyLimit], Grace: s.p.values[runCallbackTimeout]}
	hosted, hasty := true, !x.Demoted
	if x.Kind == kindWork {
		hosted = (s.jobHolds(at, x)|s.others(at, x))&^x.Cleared == 0
		hasty = s.hastyJob(at, x)
	}
	if s.starts(at, x); hosted {
		s.begin(at)
		terms.Budget = s.host(at, x, hasty)
	}
	return terms
}

// starts notes that a work runs.
func (s *System) starts(at int64, x *slot) {
	if !x.Running {
		s.runs(x, 1)
	}
	x.Waiting, x.Running, x.Stopping, x.Started, x.Ready, x.now, x.lets = false, true, false, at, 0, 0, never
}

// host makes a run one of the system's jobs, and returns how long it may take.
func (s *System) host(at int64, x *slot, hasty bool) int64 {
	if x.Kind == kindWork && !x.Hosted {
		s.loose--
	}
	x.Hosted, x.Hasty, x.InFront = true, hasty, s.top()
	s.busy++
	s.crowds = true
	s.tellDoze(at)
	if hasty {
		s.hurried++
	}
	budget := s.budget(at, x)
	if a := s.asked(x); !s.Account.Counts(&a) {
		return budget
	}
	x.Counted = true
	s.wary |= worldQuota
	if hasty {
		s.Account.Expedited.Start(at)
	} else {
		s.Account.Regular.Start(at)
	}
	return budget
}

// budget returns the longest run of a job that begins now.
func (s *System) budget(at int64, x *slot) int64 {
	p, a := s.p, s.asked(x)
	if x.Kind == kindUser && !x.Demoted {
		return min(p.values[runUserMax], p.values[runUserTotal]-x.Total)
	}
	if !x.Hasty {
		most := p.values[runFreeMax]
		if !a.Charging {
			most = min(most, s.Account.Regular.Lasts(at, a.Bucket))
		}
		return max(p.values[runRegularMin], min(most, p.values[runRegularMax]))
	}
	most := s.Account.Expedited.Lasts(at, a.Bucket)
	switch {
	case a.Charging: // in the bucket RESTRICTED, too
		most = p.values[runFreeMax]
	case a.Top:
		most = max(most, p.of(expeditedTime, Active)*p.values[runExpeditedTopShare]/100)
	case a.Foreground || a.Service:
		most = max(most, p.of(expeditedTime, WorkingSet)*p.values[runExpeditedTopShare]/100)
	}
	return max(p.values[runExpeditedMin], min(most, p.values[runFreeMax]))
}

// End tells that a run is over, and with what outcome.
func (s *System) End(at int64, j core.Job, o work.Outcome) {
	s.catchUp(at)
	if x := s.find(j.Work.Seq); x != nil && x.Running {
		s.finish(at, x, o)
		s.heard(at, x)
		s.follow(at, x.shares())
	}
}

func (s *System) finish(at int64, x *slot, o work.Outcome) {
	switch {
	case x.isJob():
		s.finishJob(at, x, o)
	case x.Kind == kindService:
		s.turns()
		s.services--
		s.Service.add(x, at)
	}
	s.runs(x, -1)
	x.Running, x.Stopping, x.Hosted, x.Hasty, x.Limit, x.Ran = false, false, false, false, 0, x.Started
	s.rest(at)
}

// finishJob is finish for what is only jobs'.
func (s *System) finishJob(at int64, x *slot, o work.Outcome) {
	took := at - x.Started
	if x.Hosted {
		s.unhost(at, x, took)
	}
	switch {
	case x.Kind == kindUser:
		x.Total += took
		if o == work.Success || o == work.Failure {
			x.Total = 0 // another one begins
		}
		x.Demoted = x.Total >= s.p.values[runUserTotal]
	case o != work.Lost || !x.Hosted:
		s.unschedule(x) // the library takes the job back, and asks for another
	default:
		x.Failed = at
		if s.p.on(backoffPerReason) {
			x.Stops.System++
		} else {
			x.Stops.Failures++
		}
	}
}

// tellDoze tells whether jobs run: a maintenance window does not end early before they do.
func (s *System) tellDoze(at int64) {
	s.dozed(s.Doze.SetBusy(at, s.busy > 0))
}

// unhost ends what the system counts of a job.
func (s *System) unhost(at int64, x *slot, took int64) {
	s.busy--
	s.crowds = true
	s.tellDoze(at)
	least := s.p.values[runRegularMin]
	if x.Hasty {
		s.hurried--
		least = s.p.values[runExpeditedMin]
	}
	if x.Kind == kindUser {
		least = s.p.values[runUserMin]
	}
	if x.Counted {
		if x.Counted = false; x.Hasty {
			s.Account.Expedited.End(at)
		} else {
			s.Account.Regular.End(at)
		}
		s.wary |= worldQuota
	}
	if took >= least {
		// The system takes any job that ran so long for one that timed out.
		s.blame(at, &s.Guard.Timeouts, s.p.values[guardTimeouts], s.p.values[guardTimeoutWindow])
	}
}

// backedOff returns the instant until which the system itself lets a job wait that was
// lost with the app's process.
func (s *System) backedOff(x *slot) int64 {
	if x.Stops == (JobStops{}) {
		return 0
	}
	d, _ := x.Stops.Delay(x.Backoff, x.Delay)
	return x.Failed + d
}
