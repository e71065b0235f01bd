package android

import "github.com/lullwork/lull/internal/core"

// services is how long services of the app ran whose type may not run for long, oldest
// first. Each type has a time of its own.
type services struct {
	Spent     []Session `json:"spent,omitempty"`
	Processed []Session `json:"processed,omitempty"`
}

// of returns what services of the type of one have spent.
func (v *services) of(x *slot) *[]Session {
	if x.Processes {
		return &v.Processed
	}
	return &v.Spent
}

// reset forgets all: the user came back to the app.
func (v *services) reset() { *v = services{} }

// add notes the run of a service.
func (v *services) add(x *slot, at int64) {
	if x.Limited {
		spent := v.of(x)
		*spent = append(*spent, Session{x.Started, at, 1})
	}
}

// used sums up what services of the type of one have spent in a window.
func (v *services) used(x *slot, at, window int64) (t int64) {
	for _, y := range *v.of(x) {
		t += max(0, y.End-max(y.Start, at-window))
	}
	return t
}

// serving reports whether a foreground service runs.
func (s *System) serving() bool { return s.services > 0 }

// serviceLeft returns how long a service may run now; record.Never: as long as it likes.
func (s *System) serviceLeft(at int64, x *slot) int64 {
	p := s.p
	if !x.Limited || p.values[serviceDataTime] == never || int64(p.Target) < p.values[serviceDataTarget] {
		return never
	}
	return max(0, p.values[serviceDataTime]-s.Service.used(x, at, p.values[serviceDataWindow]))
}

// mayStart reports whether the app may start a service now.
func (s *System) mayStart() bool {
	a := &s.App
	return !s.p.on(serviceStartRefused) || s.p.Target < apiServiceStarts || s.top() || a.Exempt || a.Allowed || a.Starts || a.Media
}

// serviceHolds returns what holds a service that the app wants to start later.
func (s *System) serviceHolds(at int64, x *slot) gateSet {
	var h gateSet
	h.addIf(gateRestricted, s.App.Restricted && !s.top())
	h.addIf(gateService, !s.mayStart())
	h.addIf(gateServiceQuota, s.serviceLeft(at, x) == 0)
	return h
}

// serve is that a service starts.
func (s *System) serve(at int64, x *slot) {
	s.turns()
	s.services++
	s.Standby.Held(at, FirstService)
	x.Limit = 0
	if left := s.serviceLeft(at, x); left != never && !x.Cleared.has(gateServiceQuota) {
		x.Limit = at + left
	}
}

// admitService refuses a service that the app starts at once and may not.
func (s *System) admitService(at int64, x *slot, mode string) error {
	if missing := s.p.serviceLacks(mode); missing != "" {
		return &core.Refusal{Domain: "java.lang", Name: "SecurityException", Text: "the manifest lacks the permission " + missing, Fatal: true}
	}
	if x.Due > at {
		return nil
	}
	no := func(text string) error {
		return &core.Refusal{Domain: "android.app", Name: "ForegroundServiceStartNotAllowedException", Text: text, Fatal: true}
	}
	switch {
	case !s.mayStart():
		return no("the app is in the background")
	case s.serviceLeft(at, x) == 0:
		return no("services of its type have used up their time of the day")
	}
	return nil
}

// serviceLacks names the permission that a service of a type lacks; "": none.
func (p *Profile) serviceLacks(mode string) string {
	dataSync := mode == "" || mode == "data-sync"
	switch {
	case p.Target >= apiServicePermission && !p.Permissions.Has(ForegroundService):
		return "foreground-service"
	case p.Target >= apiServiceTypes && dataSync && !p.Permissions.Has(ForegroundServiceDataSync):
		return "foreground-service-data-sync"
	}
	return ""
}
