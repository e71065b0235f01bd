package android

// Ask is how a job, its app and the device stand when the job's quota is asked for.
type Ask struct {
	Bucket Bucket

	Charging    bool
	Idle        bool // of these three only the bucket RESTRICTED takes notice
	BatteryOkay bool
	Unmetered   bool

	Top         bool // the app is in front
	Foreground  bool // or what is in front needs it
	Service     bool // it runs a foreground service
	AllowListed bool // it is on the temporary allow-list

	UserInitiated bool
	StartedTop    bool // the job runs since the app was in front
	Running       bool
}

// free reports whether the app's jobs run outside quota.
func (a *Ask) free(p *Profile) bool {
	return a.Top || a.Foreground || a.Service && p.on(quotaServiceFree) || a.StartedTop && p.on(quotaTopStartedFree)
}

// chargesFree reports whether the charger lifts quotas.
func (a *Ask) chargesFree() bool { return a.Charging && a.Bucket != Restricted }

// lifted reports whether a job in the bucket RESTRICTED may do without quota.
func (a *Ask) lifted() bool {
	return a.Bucket == Restricted && a.Charging && a.Idle && a.BatteryOkay && a.Unmetered
}

// Rate counts what started within a minute that began with the first of them.
type Rate struct {
	Count int64 `json:"count,omitempty"`
	Until int64 `json:"until,omitempty"`
}

func (r *Rate) add(at, n, window int64) {
	if r.Until <= at {
		*r = Rate{Until: at + window}
	}
	r.Count += n
}

func (r *Rate) under(at, limit int64) bool { return r.Until <= at || r.Count < limit }

// Quota is what the jobs of one app used of the quota of its standby bucket.
type Quota struct {
	Sessions
	JobRate     Rate `json:"job_rate"`
	SessionRate Rate `json:"session_rate"`

	profile *Profile
	window  span // of the bucket asked for last
	day     span
	regain  regain
	left    left
	last    use
}

// span sums up the stretches that lie in the last size µs.
type span struct {
	size  int64
	at    int64 // instant that it was moved to
	first int   // of the list that lies in it, if only partly
	time  int64 // of all of them in full
	jobs  int64
	count int64
}

// regain is the last answer of RegainsAt, valid for the same list and limits.
type regain struct {
	bucket Bucket
	known  bool
	at     int64
}

// left is that there is quota: from an instant on, for the same list and limits, as what
// was used only leaves the windows.
type left struct {
	bucket Bucket
	known  bool
	at     int64
}

// NewQuota returns a quota that nothing was used of.
func NewQuota(p *Profile) *Quota {
	q := new(Quota)
	q.Use(p)
	return q
}

// Use sets the profile and sums up anew, as after a state was read back.
func (q *Quota) Use(p *Profile) {
	q.profile = p
	q.resize(&q.day, p.values[quotaDayWindow])
	q.resize(&q.window, 0)
	q.regain, q.left, q.last = regain{}, left{}, use{}
}

// Start tells that a job begins to run that is subject to quota.
func (q *Quota) Start(at int64) {
	if q.start(at) {
		q.used()
		q.JobRate.add(at, 1, q.profile.values[quotaMinuteWindow])
	}
}

// End tells that such a job ended.
func (q *Quota) End(at int64) {
	if x, ok := q.end(at); ok {
		q.closed(x)
	}
}

// SetFree tells that jobs cost nothing from now on, or that they do again.
func (q *Quota) SetFree(at int64, free bool) {
	switch {
	case free == q.Free:
	case free:
		if x, ok := q.free(at); ok {
			q.closed(x)
		}
	default:
		if n := q.costs(at); n > 0 {
			q.used()
			q.JobRate.add(at, n, q.profile.values[quotaMinuteWindow])
		}
	}
}

func (q *Quota) closed(x Session) {
	q.Add(x)
	q.SessionRate.add(x.End, 1, q.profile.values[quotaMinuteWindow])
}

// Add appends a stretch that is over, later than those before it.
func (q *Quota) Add(x Session) {
	moved := q.add(x, min(q.day.first, q.window.first))
	for _, w := range []*span{&q.day, &q.window} {
		w.first -= moved
		w.time += x.End - x.Start
		w.jobs += x.Jobs
		if last := len(q.List) - 2; last < w.first || !q.joined(last) {
			w.count++
		}
	}
	q.used()
}

// use is the last answer of Used, for the same list.
type use struct {
	bucket Bucket
	known  bool
	at     int64
	Use
}

// used forgets the answers that the use of quota changes.
func (q *Quota) used() { q.regain.known, q.left.known, q.last.known = false, false, false }

// has reports whether it is known that a bucket has quota, so that any job is within it.
func (q *Quota) has(at int64, b Bucket) bool {
	return q.left.known && b == q.left.bucket && at >= q.left.at
}

// joined reports whether a stretch counts as one with the next.
func (q *Quota) joined(i int) bool {
	return i+1 < len(q.List) && q.List[i+1].Start-q.List[i].End <= q.profile.values[quotaCoalesce]
}

// resize makes a span sum up the last size µs: all of the list, until it is moved.
func (q *Quota) resize(w *span, size int64) {
	*w = span{size: size}
	for i := range q.List {
		w.time += q.List[i].End - q.List[i].Start
		w.jobs += q.List[i].Jobs
		if !q.joined(i) {
			w.count++
		}
	}
}

// move moves a span to an instant.
func (q *Quota) move(w *span, at int64) {
	if at < w.at {
		q.resize(w, w.size)
	}
	w.at = at
	from := at - w.size
	for w.first < len(q.List) && q.List[w.first].End <= from {
		x := &q.List[w.first]
		w.time -= x.End - x.Start
		w.jobs -= x.Jobs
		if !q.joined(w.first) {
			w.count--
		}
		w.first++
	}
}

// spent returns how much time lies in a span, of which the first stretch may lie in it
// only partly.
func (q *Quota) spent(w *span) int64 {
	t := w.time + q.active(w.at)
	if from := w.at - w.size; w.first < len(q.List) && q.List[w.first].Start < from {
		t -= from - q.List[w.first].Start
	}
	return t
}

// Use of a quota, as far as it counts at an instant.
type Use struct {
	Time     int64 // in the window of the bucket
	Jobs     int64
	Sessions int64 // the one that goes on not counted
	DayTime  int64
}

// Used sums up what counts in a bucket.
func (q *Quota) Used(at int64, b Bucket) Use {
	if b == Never {
		return Use{}
	}
	if u := &q.last; u.known && u.at == at && u.bucket == b {
		return u.Use
	}
	p := q.profile
	if size := min(p.of(quotaWindow, b), p.values[quotaDayWindow]); size != q.window.size {
		q.resize(&q.window, size)
	}
	q.move(&q.window, at)
	q.move(&q.day, at)
	q.last = use{b, true, at, Use{q.spent(&q.window), q.window.jobs + q.Jobs, q.window.count, q.spent(&q.day)}}
	return q.last.Use
}

// Remaining returns how much time is left. It is negative after the app moved into a
// bucket that has less than it used.
func (q *Quota) Remaining(at int64, b Bucket) int64 {
	if b == Never {
		return 0
	}
	u := q.Used(at, b)
	return q.remaining(&u, b)
}

func (q *Quota) remaining(u *Use, b Bucket) int64 {
	p := q.profile
	return min(p.of(quotaTime, b)-u.Time, p.values[quotaDayTime]-u.DayTime)
}

// Within reports whether a job may run, and go on running.
func (q *Quota) Within(at int64, a *Ask) bool {
	p := q.profile
	switch {
	case a.UserInitiated || a.free(p):
		return true
	case a.Bucket == Never:
		return false
	case a.chargesFree() || a.lifted():
		return true
	}
	if q.has(at, a.Bucket) {
		return true
	}
	u := q.Used(at, a.Bucket)
	if q.remaining(&u, a.Bucket) <= 0 {
		return false
	}
	if q.underCounts(at, &u, a.Bucket) {
		q.left = left{a.Bucket, q.Jobs == 0, at}
		return true
	}
	return a.Running && a.Bucket != Restricted && p.on(quotaRunningTimeOnly)
}

// GoesOn reports whether a job that runs may go on. That is what Within says, but in a
// bucket whose quota is all of its window: the system has no alarm for the end of that, so
// that what runs goes on, while what is to start has to wait until some of it is left.
func (q *Quota) GoesOn(at int64, a *Ask) bool {
	return q.Within(at, a) || a.Bucket < Restricted && q.whole(a.Bucket) && q.Lasts(at, a.Bucket) > 0
}

// whole reports whether a bucket's quota is all of its window.
func (q *Quota) whole(b Bucket) bool {
	p := q.profile
	return p.of(quotaTime, b) >= min(p.of(quotaWindow, b), p.values[quotaDayWindow])
}

func (q *Quota) underCounts(at int64, u *Use, b Bucket) bool {
	p := q.profile
	return u.Jobs < p.of(quotaJobs, b) && u.Sessions < p.of(quotaSessions, b) &&
		q.JobRate.under(at, p.values[quotaMinuteJobs]) && q.SessionRate.under(at, p.values[quotaMinuteSessions])
}

// RegainsAt returns the instant at which a bucket has quota again, with some time to
// run, if no job runs until then; false: it has quota now. record.Never: it never has.
func (q *Quota) RegainsAt(at int64, b Bucket) (int64, bool) {
	p := q.profile
	if b == Never {
		return never, true
	}
	u := q.Used(at, b)
	if q.remaining(&u, b) > 0 && q.underCounts(at, &u, b) {
		return 0, false
	}
	if p.of(quotaTime, b) <= 0 || p.values[quotaDayTime] <= 0 || p.of(quotaJobs, b) <= 0 || p.of(quotaSessions, b) <= 0 {
		return never, true
	}
	if !q.regain.known || q.regain.bucket != b {
		q.regain = regain{b, q.Jobs == 0, q.regains(at, b)}
	}
	t := q.regain.at
	// Who is over a count that is not the minute's does not wait for the minute as well.
	if u.Jobs < p.of(quotaJobs, b) && !q.JobRate.under(at, p.values[quotaMinuteJobs]) {
		t = max(t, q.JobRate.Until)
	}
	if u.Sessions < p.of(quotaSessions, b) && !q.SessionRate.under(at, p.values[quotaMinuteSessions]) {
		t = max(t, q.SessionRate.Until)
	}
	return t, true
}

// regains looks back from now for what has to leave the windows.
func (q *Quota) regains(at int64, b Bucket) int64 {
	p := q.profile
	limits := [...]leaving{
		{w: &q.window, enough: p.of(quotaTime, b), jobs: p.of(quotaJobs, b), sessions: p.of(quotaSessions, b)},
		{w: &q.day, enough: p.values[quotaDayTime], jobs: never, sessions: never},
	}
	var t int64
	for i := range limits {
		l := &limits[i]
		l.enough = max(0, l.enough-p.values[quotaBuffer])
		t = max(t, l.look(q, at))
	}
	return t
}

// leaving is how much may lie in a span so that a job may start.
type leaving struct {
	w                      *span
	enough, jobs, sessions int64
}

// look returns the instant from which on enough has left the span.
func (l *leaving) look(q *Quota, at int64) (t int64) {
	size, from := l.w.size, at-l.w.size
	time, jobs, sessions := q.active(at), q.Jobs, int64(0)
	if q.Jobs > 0 && time >= l.enough {
		t = at - l.enough + size
	}
	if q.Jobs > 0 && jobs >= l.jobs {
		t = max(t, at+size)
	}
	for i := len(q.List) - 1; i >= l.w.first; i-- {
		x := &q.List[i]
		start := max(x.Start, from)
		time += x.End - start
		jobs += x.Jobs
		if !q.joined(i) {
			sessions++
		}
		if time >= l.enough {
			t = max(t, start+time-l.enough+size)
		}
		if jobs >= l.jobs || sessions >= l.sessions {
			t = max(t, x.End+size)
		}
	}
	return t
}

// Lasts returns for how long jobs can go on running before the quota is used up.
func (q *Quota) Lasts(at int64, b Bucket) int64 {
	if b == Never {
		return 0
	}
	p := q.profile
	u := q.Used(at, b)
	allowed := p.of(quotaTime, b)
	whole := q.whole(b)
	if u.DayTime >= p.values[quotaDayTime] || !whole && u.Time >= allowed {
		return 0
	}
	left := lasts(q.List[q.day.first:], at-q.day.size, p.values[quotaDayTime]-u.DayTime)
	if !whole {
		left = min(left, lasts(q.List[q.window.first:], at-q.window.size, allowed-u.Time))
	}
	return min(left, p.values[quotaDayTime])
}
