package android

// Session is one stretch in which jobs of an app ran at the expense of its quota.
type Session struct {
	Start int64 `json:"start"`
	End   int64 `json:"end"`
	Jobs  int64 `json:"jobs"` // that started in it
}

// Sessions are the stretches of one app that may still count, oldest first.
type Sessions struct {
	List []Session `json:"list,omitempty"`
	// Running jobs make up the stretch that goes on since Since, if Jobs of them count:
	// while quota is free, none does.
	Running int   `json:"running,omitempty"`
	Jobs    int64 `json:"jobs,omitempty"`
	Since   int64 `json:"since,omitempty"`
	Free    bool  `json:"free,omitempty"`
}

// start tells that a job runs. It reports whether it counts.
func (s *Sessions) start(at int64) bool {
	s.Running++
	if s.Free {
		return false
	}
	if s.Jobs++; s.Jobs == 1 {
		s.Since = at
	}
	return true
}

// end tells that a job ended. It reports whether that closed a stretch.
func (s *Sessions) end(at int64) (Session, bool) {
	if s.Running == 0 {
		return Session{}, false
	}
	s.Running--
	if s.Running > 0 {
		return Session{}, false
	}
	return s.close(at)
}

// close closes the stretch that goes on.
func (s *Sessions) close(at int64) (Session, bool) {
	if s.Jobs == 0 {
		return Session{}, false
	}
	last := Session{s.Since, at, s.Jobs}
	s.Jobs = 0
	return last, true
}

// free tells that quota is free from now on. It reports whether that closed a stretch.
func (s *Sessions) free(at int64) (Session, bool) {
	s.Free = true
	return s.close(at)
}

// costs tells that quota counts from now on, and returns how many jobs begin to.
func (s *Sessions) costs(at int64) int64 {
	s.Free = false
	s.Jobs, s.Since = int64(s.Running), at
	return s.Jobs
}

// active returns how long the stretch has been going on.
func (s *Sessions) active(at int64) int64 {
	if s.Jobs == 0 {
		return 0
	}
	return at - s.Since
}

// add appends a stretch. The first n are no longer needed: they make room if there is
// none.
func (s *Sessions) add(x Session, n int) (moved int) {
	if len(s.List) == cap(s.List) && n > 0 {
		s.List = s.List[:copy(s.List, s.List[n:])]
		moved = n
	}
	s.List = append(s.List, x)
	return moved
}

// lasts returns for how long jobs can run on until what is left of a quota is used
// up. While a stretch of earlier slides out of the window, running costs nothing.
func lasts(list []Session, from, left int64) int64 {
	var total int64
	edge := from // what lies before has left the window by then
	for i := range list {
		x := &list[i]
		if x.End < from {
			continue
		}
		gap := x.Start - edge
		if gap > left {
			break
		}
		if gap > 0 {
			total, left, edge = total+gap, left-gap, x.Start
		}
		total += x.End - edge
		edge = x.End
	}
	return total + left
}

// after adds a time to an instant; either may be never.
func after(at, d int64) int64 {
	if d >= never-at {
		return never
	}
	return at + d
}
