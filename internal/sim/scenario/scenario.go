// Package scenario turns the plan of a phone app into what a simulated phone needs: the
// tasks of the app on one platform, as the layer between the app and its system hands
// them on.
package scenario

import (
	"time"

	"github.com/lullwork/lull/internal/core/calendar"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/policy/flutter"
	"github.com/lullwork/lull/internal/policy/ios"
	"github.com/lullwork/lull/internal/sim"
	"github.com/lullwork/lull/internal/sim/app"
	"github.com/lullwork/lull/work"
)

// Tasks returns the tasks of the plan that exist on a platform, in the plan's order.
func Tasks(p *plan.Plan, platform string) []app.Task {
	var out []app.Task
	for i := range p.Tasks {
		t := &p.Tasks[i]
		switch {
		case platform == IOS && t.Phone.IOS != nil:
			out = append(out, iosTask(t))
		case platform == Android && t.Phone.Android != nil:
			out = append(out, androidTask(t))
		}
	}
	return out
}

var whens = map[plan.When]app.When{
	plan.AppStart: app.AppStart, plan.AppOpen: app.AppOpen, plan.Once: app.Once, plan.Arrival: app.Arrival, plan.Clock: app.Clock,
}

// base is what a task is everywhere.
func base(t *plan.Task) app.Task {
	s, m := &t.Phone.Submit, &t.Phone.Model
	x := app.Task{
		Name: t.Name, When: whens[s.When], Count: int64(s.Count), During: s.During == string(plan.AppOpen),
		Period: t.Request.Every.Microseconds(),
		Takes:  m.Takes.Microseconds(), Varies: m.Varies, Succeeds: m.Succeeds, Throws: m.Throws, Forgets: m.Forgets, CPU: m.CPU, Up: m.Up, Down: m.Down,
		Unsuccessful: work.Retry, Thrown: work.Failure,
		Request: work.Request{
			Task: t.Name, Needs: t.Request.Needs, Delay: t.Request.Delay, Backoff: t.Request.Backoff, Tags: t.Request.Tags,
			Input: t.Request.Input, Budget: t.Request.Budget, Grace: t.Request.Grace,
		},
		Unique: work.Unique{Name: t.Name, Policy: s.Policy},
	}
	x.Request.Phone.Bytes = m.Up + m.Down
	// What no phone's system can be asked for is not handed on.
	n := &x.Request.Needs
	n.Between, n.Zone, n.LoadLow, n.LowPowerOff = "", "", false, false
	if s.Rate.Times > 0 {
		x.Mean = s.Rate.Per.Microseconds() / s.Rate.Times
	}
	if at := t.Phone.At; at != nil {
		// The plan has been checked.
		expr, _ := calendar.Parse(at.Cron)
		x.At = &expr
		if x.Local = at.Device || at.Zone == ""; !x.Local {
			x.Zone = at.Table(time.UnixMicro(sim.DefaultStart))
		}
		x.Period = 24 * time.Hour.Microseconds()
	}
	if e := t.Phone.Expect; e != nil {
		x.Fresh, x.Within, x.PerDay = e.Fresh.Microseconds(), e.Within.Microseconds(), e.PerDay
	}
	return x
}

// IOSApp returns what the app of a plan declares on iOS.
func IOSApp(p *plan.Plan) ios.App {
	if p.App == nil {
		return ios.App{}
	}
	a := p.App.IOS
	out := ios.App{Permitted: a.Permitted, Modes: a.Modes, Entitlements: a.Entitlements}
	for i := range p.Tasks {
		if x := p.Tasks[i].Phone.IOS; x != nil && x.Registers == "late" {
			out.Late = append(out.Late, x.ID)
		}
	}
	return out
}

// Views returns how often a day the widgets of a plan's app are seen, in thousandths; 0:
// the plan does not say. Of several the one counts that is seen most often.
func Views(p *plan.Plan) (perDay int64) {
	for i := range p.Tasks {
		if x := p.Tasks[i].Phone.IOS; x != nil && x.Views.Times > 0 {
			perDay = max(perDay, x.Views.Times*1000*(24*time.Hour).Microseconds()/x.Views.Per.Microseconds())
		}
	}
	return perDay
}

func iosTask(t *plan.Task) app.Task {
	i, x := t.Phone.IOS, base(t)
	layer := flutter.LayerFor(string(i.Via), i.As)
	q := &x.Request
	q.Phone.Kind, q.Phone.Identifier = i.As, i.ID
	q.Backoff = work.Backoff{}
	x.Unique = work.Unique{Name: i.ID, Policy: work.Replace}
	x.Unsuccessful = work.Failure
	if i.Completes == "never" {
		x.Forgets = million
	} else if i.Completes == "on-success" {
		x.Hangs = true
	}
	switch i.As {
	case work.KindRefresh, work.KindProcessing, work.KindHealth:
		iosScheduled(t, &layer, &x)
	case work.KindContinued:
		q.Phone.Fail = i.Strategy == "fail"
	case work.KindTransfer:
		q.Phone.Foreground = i.Started == "foreground"
		x.Unique = work.Unique{}
	case work.KindPush:
		q.Phone.Priority = "5"
		if i.Priority == 10 {
			q.Phone.Priority = "10"
		}
		q.Needs = work.Constraints{}
		if x.Period, x.Cut = 0, layer.Cut; i.Visible {
			// Each one is shown, and its extension is no business of a layer.
			q.Phone.Visible, x.Unique, x.Cut = true, work.Unique{}, 0
		}
	case work.KindWidget:
		x.Delay = x.Period * max(1, int64(i.Entries))
		if x.Again = app.AgainLast; i.Reload == "never" {
			x.Again = app.AgainNever
		} else if i.Reload == "after" {
			x.Delay = x.Period
		}
	case work.KindNotification:
		notification(t, &x)
		if i.Repeats && t.Phone.At == nil {
			// What iOS takes comes again by being asked for again; what it refuses is refused here.
			if x.Count = 1; t.Request.Every.Microseconds() < ios.DefaultLimits().MinRepeat {
				q.Every = t.Request.Every
			}
		}
	}
	if layer.OneOffIsTimer && i.As == work.KindAssertion {
		q.Phone.Kind = work.KindTimer
	}
	return x
}

const million = 1_000_000

// iosScheduled is a task of BGTaskScheduler.
func iosScheduled(t *plan.Task, layer *flutter.Layer, x *app.Task) {
	i, q := t.Phone.IOS, &x.Request
	earliest := time.Duration(x.Period) * time.Microsecond
	switch {
	case i.Earliest != nil:
		earliest = *i.Earliest
	case layer.FrequencyIgnored:
		earliest = q.Delay
	}
	q.Needs.Charging = i.Power
	q.Needs.Idle = false // the system decides that itself
	if i.As == work.KindRefresh {
		q.Needs = work.Constraints{} // a refresh has none
	} else if q.Needs.Network = layer.Network(q.Needs.Network); q.Needs.Network > work.Connected {
		q.Needs.Network = work.NoNetwork // a request knows a network or none
	}
	if i.Network {
		q.Needs.Network = work.Connected
	}
	q.Needs.BatteryNotLow, q.Needs.StorageNotLow = false, false
	q.Delay = earliest
	x.Count = 1 // a request takes the place of the one with its identifier
	switch {
	case i.Resubmit == "never":
		x.Again = app.AgainNever
	case i.Resubmit == "last":
		x.Again = app.AgainLast
	default:
		x.Again = app.AgainFirst
	}
	// An app can ask what is pending before it submits; a layer that does not ask replaces
	// it, and with it the time from which it may begin.
	if x.Unique.Policy = work.Replace; t.Phone.Submit.Policy == work.Keep && layer.Name == "native" {
		x.Unique.Policy = work.Keep
	}
	if layer.SubmitsAgain && i.As == work.KindRefresh {
		x.Again = app.AgainFirst
	}
	x.Deaf = layer.ExpiryHidden
	if layer.FalseSucceeds && i.As != work.KindRefresh {
		x.Unsuccessful, x.Thrown = work.Success, work.Success
	}
}

// notification is a reminder that is shown by the system, again and again or for as many
// times of day as the app asks for in advance.
func notification(t *plan.Task, x *app.Task) {
	x.Takes, x.Varies, x.Succeeds, x.Forgets, x.Up, x.Down, x.CPU = 1, 0, million, 0, 0, 0, 0
	x.Request.Needs, x.Request.Backoff = work.Constraints{}, work.Backoff{}
	x.Request.Phone.Bytes = 0
	x.Unique = work.Unique{Name: t.Name, Policy: work.Replace}
	if t.Phone.At == nil {
		x.Again, x.Delay = app.AgainLast, x.Period
	}
}

func androidTask(t *plan.Task) app.Task {
	a, x := t.Phone.Android, base(t)
	layer := flutter.LayerFor(string(a.Via), a.As)
	q := &x.Request
	q.Phone.Kind, q.Phone.Identifier = a.As, t.Name
	x.HandleLost = layer.HandleLost
	if a.As != work.KindWork && a.As != work.KindUserInitiated {
		q.Needs, q.Backoff, x.Unsuccessful = work.Constraints{}, work.Backoff{}, work.Failure // only jobs have conditions and retries
	}
	switch a.As {
	case work.KindWork:
		q.Expedited = a.Expedited
		if layer.BackoffWhole && (q.Backoff.Policy == "" || q.Backoff.Delay == 0) {
			q.Backoff = work.Backoff{}
		}
		if a.Periodic {
			q.Every, q.Flex = t.Request.Every, a.Flex
			if x.Unique.Policy == "" {
				x.Unique.Policy = layer.PeriodicPolicy
			}
			if layer.DelayIgnored && q.Flex == 0 {
				q.Delay = 0
			}
			break
		}
		if x.Unique.Policy == "" {
			x.Unique.Policy = layer.OneOffPolicy
		}
		if p := &x.Unique.Policy; layer.NoUpdate && (*p == work.Update || *p == work.Append) {
			*p = work.AppendOrReplace
		}
	case work.KindUserInitiated:
		q.Phone.Foreground = x.During
		if q.Needs.Network == work.NoNetwork {
			q.Needs.Network = work.Connected // it must name one: developer.android.com user-initiated data transfer
		}
		x.Unique = work.Unique{}
	case work.KindPush:
		q.Phone.Priority, q.Phone.Visible = a.Priority, a.Visible
		q.Phone.TTL = a.TTL
		x.Unique, x.Period = work.Unique{}, 0
		if layer.OneAtATime {
			q.Group = layer.Name
		}
	case work.KindAlarm, work.KindNotification:
		q.Phone.Mode, q.Phone.Rearm = a.Mode, a.Reboot == "rearm"
		if a.As == work.KindNotification {
			notification(t, &x)
			break
		}
		x.Unique.Policy = work.Replace
		if t.Phone.At == nil || t.Phone.Submit.Count <= 1 {
			x.Again, x.Delay = app.AgainLast, x.Period
		}
	case work.KindWidget:
		// updatePeriodMillis is the system's own to repeat.
		q.Every = t.Request.Every
		x.Unique.Policy = work.Keep
	case work.KindService:
		q.Phone.Mode = a.Service
		x.Unique.Policy = work.Keep
	}
	return x
}
