package android

// Expedited is what the expedited jobs of one app used of their quota. It is a debt
// for each day, which use of the app pays back in part.
type Expedited struct {
	Sessions
	Debt   int64 `json:"debt,omitempty"`
	Adjust int64 `json:"adjust,omitempty"` // to the debt of the stretch that goes on
	// TopSince is since when the app has been in front, not paid back yet; 0: it is not.
	TopSince int64 `json:"top_since,omitempty"`
	// Until these instants quota is still free after the app left the front, and after it
	// left the temporary allow-list.
	TopGrace       int64 `json:"top_grace,omitempty"`
	AllowListGrace int64 `json:"allow_list_grace,omitempty"`
	Installer      bool  `json:"installer,omitempty"` // the app installs others
	Forgotten      int   `json:"forgotten,omitempty"` // of the list: they are in the debt no more

	profile *Profile
}

// NewExpedited returns a quota that nothing was used of.
func NewExpedited(p *Profile) *Expedited {
	return &Expedited{profile: p}
}

// Use sets the profile, as after a state was read back.
func (e *Expedited) Use(p *Profile) { e.profile = p }

// Start tells that an expedited job begins to run.
func (e *Expedited) Start(at int64) {
	if e.start(at) && e.Jobs == 1 {
		e.Adjust = 0
	}
}

// End tells that such a job ended.
func (e *Expedited) End(at int64) {
	if x, ok := e.end(at); ok {
		e.closed(x)
	}
}

// SetFree tells that jobs cost nothing from now on, or that they do again.
func (e *Expedited) SetFree(at int64, free bool) {
	switch {
	case free == e.Free:
	case free:
		if x, ok := e.free(at); ok {
			e.closed(x)
		}
	default:
		e.costs(at)
		e.Adjust = 0
	}
}

func (e *Expedited) closed(x Session) {
	e.Forgotten -= e.add(x, e.Forgotten)
	e.Debt = max(0, e.Debt+x.End-x.Start+e.Adjust)
	e.Adjust = 0
}

// Add appends a stretch that is over, later than those before it.
func (e *Expedited) Add(x Session) {
	e.Adjust = 0
	e.closed(x)
}

// Reward pays back some of the debt. What is more than it goes to the stretch that
// goes on, if there is one, and no further.
func (e *Expedited) Reward(at, amount int64) {
	e.forget(at)
	over := amount - e.Debt
	e.Debt = max(0, e.Debt-amount)
	if over > 0 && e.Jobs > 0 {
		e.Adjust = max(e.Adjust-over, -e.active(at))
	}
}

// SetTop tells that the app comes to the front or leaves it, which pays back.
func (e *Expedited) SetTop(at int64, top bool) {
	switch {
	case top == (e.TopSince != 0):
	case top:
		e.TopSince, e.TopGrace = max(at, 1), 0
	default:
		amount := e.topReward(at)
		e.TopSince = 0
		e.LeftTop(at)
		e.Reward(at, amount)
	}
}

// topReward is what the time in front pays back so far.
func (e *Expedited) topReward(at int64) int64 {
	if e.TopSince == 0 {
		return 0
	}
	p := e.profile
	chunks, rest := (at-e.TopSince)/p.values[expeditedTopChunk], (at-e.TopSince)%p.values[expeditedTopChunk]
	if rest >= p.values[expeditedTopRound] {
		chunks++
	}
	return chunks * p.values[expeditedTopReward]
}

// Touched tells that the user touched a notification or a widget of the app.
func (e *Expedited) Touched(at int64) { e.Reward(at, e.profile.values[expeditedTouchReward]) }

// Seen tells that a notification of the app was seen.
func (e *Expedited) Seen(at int64) { e.Reward(at, e.profile.values[expeditedSeenReward]) }

// LeftTop tells that the app is in front no longer, and that nothing is paid back.
func (e *Expedited) LeftTop(at int64) { e.TopGrace = at + e.profile.values[expeditedTopGrace] }

// LeftAllowList tells that the app is on the temporary allow-list no longer.
func (e *Expedited) LeftAllowList(at int64) {
	e.AllowListGrace = at + e.profile.values[expeditedAllowListGrace]
}

// Exempt reports whether jobs are free for what the app does, though its quota counts
// in this bucket.
func (e *Expedited) Exempt(at int64, a *Ask) bool {
	p := e.profile
	return a.chargesFree() || a.free(p) || at < e.TopGrace ||
		a.Bucket != Restricted && a.Bucket != Never && (a.AllowListed || at < e.AllowListGrace)
}

// Within reports whether a job may run as expedited.
func (e *Expedited) Within(at int64, a *Ask) bool {
	return e.Exempt(at, a) || e.Remaining(at, a.Bucket) > 0
}

func (e *Expedited) limit(b Bucket) int64 {
	if b == Never {
		return 0
	}
	limit := e.profile.of(expeditedTime, b)
	if e.Installer {
		limit += e.profile.values[expeditedInstaller]
	}
	return limit
}

// forget pays back what is older than the window.
func (e *Expedited) forget(at int64) {
	from := at - e.profile.values[expeditedWindow]
	for e.Forgotten < len(e.List) && e.List[e.Forgotten].End <= from {
		e.Debt = max(0, e.Debt-(e.List[e.Forgotten].End-e.List[e.Forgotten].Start))
		e.Forgotten++
	}
}

// debt returns what counts at an instant.
func (e *Expedited) debt(at int64) int64 {
	e.forget(at)
	debt := e.Debt
	if from := at - e.profile.values[expeditedWindow]; e.Forgotten < len(e.List) && e.List[e.Forgotten].Start < from {
		debt -= from - e.List[e.Forgotten].Start
	}
	debt = max(0, debt-e.topReward(at))
	if e.Jobs > 0 {
		debt += max(0, e.active(at)+e.Adjust)
	}
	return debt
}

// Remaining returns how much time is left. It is negative after the app moved into a
// bucket that has less than it used.
func (e *Expedited) Remaining(at int64, b Bucket) int64 {
	if b == Never {
		return 0
	}
	return e.limit(b) - e.debt(at)
}

// RegainsAt returns the instant at which a bucket has quota again, with some time to
// run, if no job runs until then and the app is not used; false: it has quota now.
func (e *Expedited) RegainsAt(at int64, b Bucket) (int64, bool) {
	limit := e.limit(b)
	if limit <= 0 {
		return never, true
	}
	debt := e.debt(at)
	if debt < limit {
		return 0, false
	}
	window := e.profile.values[expeditedWindow]
	over := debt - max(0, limit-e.profile.values[quotaBuffer])
	for i := e.Forgotten; i < len(e.List); i++ {
		start := max(e.List[i].Start, at-window)
		if over <= e.List[i].End-start {
			return start + over + window, true
		}
		over -= e.List[i].End - start
	}
	return at + window, true // the stretch that goes on is too long by itself
}

// Lasts returns for how long jobs can go on running before the quota is used up.
func (e *Expedited) Lasts(at int64, b Bucket) int64 {
	left := e.Remaining(at, b)
	if left <= 0 {
		return 0
	}
	return min(e.limit(b), lasts(e.List[e.Forgotten:], at-e.profile.values[expeditedWindow], left))
}
