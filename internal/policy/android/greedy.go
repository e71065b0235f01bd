package android

// This file is WorkManager's own scheduling: which rows it hands to the system as jobs,
// and which it runs in the app's process without asking.

// job says whether the system has a job for a row of WorkManager.
type job uint8

const (
	jobNone  job = iota // the row waits for one of the slots
	jobGiven            //
	jobLost             // the system refused it, and the row was not to run without haste
)

// fill hands rows to the system while there are slots, those first that were enqueued
// first. Rows with triggers need none.
func (s *System) fill(at int64) {
	for s.handed < minSchedulerSlots {
		var first *slot
		for i := range s.Slots {
			x := &s.Slots[i]
			if x.Kind == kindWork && x.Job == jobNone && x.Waiting && !x.Needs.has(needTrigger) && (first == nil || x.before(first)) {
				first = x
			}
		}
		if first == nil {
			return
		}
		s.schedule(at, first)
	}
}

func (x *slot) before(y *slot) bool {
	return x.Asked < y.Asked || x.Asked == y.Asked && x.Seq < y.Seq
}

// schedule asks the system for a row's job.
func (s *System) schedule(at int64, x *slot) {
	s.unschedule(x)
	x.Job = jobGiven
	s.call(x)
	if !x.Needs.has(needTrigger) {
		s.handed++
	}
	if j := JobFor(s.API, x.Due-at, x.Attempts, x.Expedited, x.Needs.has(needIdle)); j.Expedited && !s.hasty(at) {
		if Refused(true, x.Drop) == RefusalLogged {
			x.Job = jobLost
		}
	}
}

// unschedule takes a row's job back.
func (s *System) unschedule(x *slot) {
	if x.Job != jobNone && !x.Needs.has(needTrigger) {
		s.handed--
	}
	x.Job, x.Stops, x.Ready, x.Others = jobNone, JobStops{}, 0, 0
}

// reconcile is what the library does when the app's process starts: rows whose jobs are
// missing make it schedule all anew.
func (s *System) reconcile(at int64) {
	missing := false
	for i := range s.Slots {
		x := &s.Slots[i]
		missing = missing || x.Kind == kindWork && x.Job == jobLost
		x.Seen = 0
	}
	if missing {
		s.scheduleAnew(at)
	}
}

// scheduleAnew takes all jobs back that wait, and asks for them again.
func (s *System) scheduleAnew(at int64) {
	for i := range s.Slots {
		if x := &s.Slots[i]; x.Kind == kindWork && !x.Running {
			if s.unschedule(x); x.Waiting && x.Needs.has(needTrigger) {
				s.schedule(at, x)
			}
		}
	}
	s.fill(at)
}

// greedy reports whether the library runs a row in process, as soon as its time has come
// and the device is right: whatever the system thinks of it.
func (s *System) greedy(at int64, x *slot) bool {
	return s.App.Alive && !s.App.Frozen && !s.dozing() && !x.Needs.has(needIdle|needTrigger) && !(x.networked() && s.cutOff()) &&
		at >= s.throttled(x) && s.among(x)
}

// among reports whether a row is one of those that the library looks at in process.
func (s *System) among(x *slot) bool {
	most := s.p.values[greedyRows]
	if int64(len(s.Slots)) <= most {
		return true
	}
	for i := range s.Slots {
		if y := &s.Slots[i]; y.Kind == kindWork && y.Waiting && y.before(x) {
			if most--; most <= 0 {
				return false
			}
		}
	}
	return most > 0
}

// throttled returns when a row that one process has tried again and again may be tried
// in it once more.
func (s *System) throttled(x *slot) int64 {
	if over := int64(x.Attempts-x.SeenAttempts) - s.p.values[greedyRetries]; x.Seen != 0 && over > 0 {
		return x.Seen + over*s.p.values[greedyRetryWait]
	}
	return 0
}

// see notes that the app's process sees a row.
func (s *System) see(at int64, x *slot) {
	if x.Seen == 0 && s.App.Alive {
		x.Seen, x.SeenAttempts = max(at, 1), x.Attempts
	}
}
