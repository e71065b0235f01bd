package android

import (
	"fmt"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// Admit is asked when the app asks for a work.
func (s *System) Admit(at int64, j core.Job, _ *record.Facts) error {
	s.catchUp(at)
	t := &j.Spec.Phone
	k, ok := kindOf(t.Kind)
	if !ok {
		return fmt.Errorf("%w: Android has no %s", work.ErrUnsupported, t.Kind)
	}
	switch k {
	case kindWork, kindPush, kindWidget:
		return nil
	case kindTimer:
		if !s.App.Alive {
			return &core.Refusal{Domain: "android", Name: "noProcess", Text: "the app has no process that a timer could run in"}
		}
		return nil
	}
	x := newSlot(j)
	switch k {
	case kindUser:
		return s.admitTransfer(at, &x)
	case kindAlarm, kindNotification:
		return s.admitAlarm(&x)
	case kindService:
		return s.admitService(at, &x, t.Mode)
	}
	return nil
}

// admitTransfer refuses a transfer that the system does not take as begun by the user.
func (s *System) admitTransfer(at int64, x *slot) error {
	p := s.p
	if !p.on(userInitiatedJobs) {
		return fmt.Errorf("%w: Android %s has no user-initiated transfers; they came with Android 14", work.ErrUnsupported, p.Version)
	}
	no := func(name, text string) error {
		return &core.Refusal{Domain: "java.lang", Name: name, Text: text, Fatal: true}
	}
	jobs := int64(0)
	for i := range s.Slots {
		if y := &s.Slots[i]; y.Kind == kindUser || y.Kind == kindWork && y.Job == jobGiven {
			jobs++
		}
	}
	switch {
	case !p.Permissions.Has(RunUserInitiatedJobs):
		return no("SecurityException", "a user-initiated transfer needs the permission RUN_USER_INITIATED_JOBS")
	case x.Network == work.NoNetwork:
		return no("IllegalArgumentException", "a user-initiated transfer has to ask for a network")
	case jobs >= p.values[jobsPerApp]:
		return no("IllegalStateException", "the app has as many jobs as it may")
	case !s.Scheduled.under(at, p.values[scheduleRate]):
		return no("IllegalStateException", "the app schedules jobs too often")
	case !s.top():
		return &core.Refusal{Domain: "android.app.job", Name: "RESULT_FAILURE", Text: "a user-initiated transfer begins while the app is in front"}
	}
	s.Scheduled.add(at, 1, p.values[scheduleRateWindow])
	return nil
}
