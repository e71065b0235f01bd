package ios_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/lullwork/lull/internal/policy/ios"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

const (
	second = 1_000_000 // µs
	never  = record.Never
)

var defaults = ios.DefaultLimits()

// player feeds the steps of a case to the contract.
type player struct{ c *ios.Contract }

func newPlayer(l ios.Limits, env vectorEnv) (*player, error) {
	a := ios.App{
		Kind: appKinds[env.App.Kind], Permitted: env.App.Permitted, Modes: env.App.Modes,
		Entitlements: env.App.Entitlements, Apple: env.App.Apple,
	}
	if _, ok := appKinds[env.App.Kind]; !ok {
		return nil, fmt.Errorf("unknown kind of app %q", env.App.Kind)
	}
	d := ios.DefaultDevice()
	if len(env.Device) > 0 {
		if err := readDevice(env.Device, &d); err != nil {
			return nil, err
		}
	}
	return &player{ios.New(l, a, d)}, nil
}

var appKinds = map[string]ios.AppKind{"": ios.KindApp, "app": ios.KindApp, "extension": ios.KindExtension, "simulator": ios.KindSimulator}

var idioms = map[string]bool{"phone": false, "pad": true}

var networks = map[string]ios.Network{"none": ios.NetworkNone, "cell": ios.NetworkCell, "wifi": ios.NetworkWiFi}

var kinds = map[string]work.Kind{
	"": work.KindRefresh, "refresh": work.KindRefresh, "processing": work.KindProcessing, "health": work.KindHealth, "continued": work.KindContinued,
}

// readDevice lays what a case says of a device over it.
func readDevice(b []byte, d *ios.Device) error {
	v := struct {
		Idiom        *string  `json:"idiom"`
		Battery      *float64 `json:"battery"`
		Charging     *bool    `json:"charging"`
		LowPower     *bool    `json:"lowPower"`
		BarGlobal    *bool    `json:"barGlobal"`
		BarApp       *bool    `json:"barApp"`
		Network      *string  `json:"network"`
		InUse        *bool    `json:"inUse"`
		FocalApp     *bool    `json:"focalApp"`
		DaysSinceUse *float64 `json:"daysSinceUse"`
		CPBusy       *bool    `json:"cpBusy"`
	}{}
	if err := strict(b, &v); err != nil {
		return err
	}
	// A device has whole percents, of which limits say "below", and whole days, of which
	// they say "more than".
	if v.Battery != nil {
		d.Battery = whole(math.Floor(*v.Battery))
	}
	if v.DaysSinceUse != nil {
		d.DaysSinceUse = whole(math.Ceil(*v.DaysSinceUse))
	}
	set(&d.Charging, v.Charging)
	set(&d.LowPower, v.LowPower)
	set(&d.RefreshAll, v.BarGlobal)
	set(&d.RefreshApp, v.BarApp)
	set(&d.InUse, v.InUse)
	set(&d.Focal, v.FocalApp)
	set(&d.ContinuedBusy, v.CPBusy)
	if v.Idiom != nil {
		pad, ok := idioms[*v.Idiom]
		if !ok {
			return fmt.Errorf("unknown idiom %q", *v.Idiom)
		}
		d.Pad = pad
	}
	if v.Network != nil {
		n, ok := networks[*v.Network]
		if !ok {
			return fmt.Errorf("unknown network %q", *v.Network)
		}
		d.Network = n
	}
	return nil
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// args are those of a step by name; positional ones have the names that the call gives
// them.
type args struct {
	named map[string]json.RawMessage
	rest  []json.RawMessage
	err   error
}

func (a *args) read(name string, v any) {
	if b, ok := a.named[name]; ok {
		delete(a.named, name)
		if err := json.Unmarshal(b, v); err != nil && a.err == nil {
			a.err = fmt.Errorf("argument %s: %w", name, err)
		}
	}
}

func (a *args) str(name string) (s string) { a.read(name, &s); return s }
func (a *args) yes(name string) (b bool)   { a.read(name, &b); return b }

// num reads a number that is whole, however it is written.
func (a *args) num(name string) int64 {
	var f float64
	if a.read(name, &f); f != math.Trunc(f) && a.err == nil {
		a.err = fmt.Errorf("argument %s: %v is not whole", name, f)
	}
	return whole(f)
}

// time reads seconds as µs.
func (a *args) time(name string) int64 {
	var s float64
	a.read(name, &s)
	return micros(s)
}

func micros(s float64) int64 { return whole(math.Round(s * second)) }

// whole turns what is beyond all time into its end.
func whole(f float64) int64 {
	switch {
	case f >= never:
		return never
	case f <= -never:
		return -never
	}
	return int64(f)
}

// later is an instant a while after another.
func later(at, d int64) int64 {
	if d > never-at {
		return never
	}
	return at + d
}

// seconds turns µs into what cases count in.
func seconds(at int64) float64 { return float64(at) / second }

type call struct {
	names []string // of positional arguments
	run   func(c *ios.Contract, a *args) (any, error)
}

func (p *player) play(s vectorStep) (any, error) {
	k, ok := calls[s.Call]
	if !ok {
		return nil, misread{fmt.Errorf("unknown call %q", s.Call)}
	}
	a := &args{named: map[string]json.RawMessage{}}
	for name, v := range s.Args {
		a.named[name] = v
	}
	for i, v := range s.Pos {
		if i < len(k.names) {
			a.named[k.names[i]] = v
		} else {
			a.rest = append(a.rest, v)
		}
	}
	value, err := k.run(p.c, a)
	if len(k.names) > 0 {
		for _, v := range a.rest {
			a.err = errors.Join(a.err, fmt.Errorf("one argument too many: %s", v))
		}
	}
	if a.err == nil && len(a.named) > 0 {
		a.err = fmt.Errorf("arguments %v are not known here", text(a.named))
	}
	if a.err != nil {
		err = errors.Join(err, misread{a.err})
	}
	return value, err
}

// misread is what of a step cannot be played. No expectation is met by it.
type misread struct{ error }

func launched(ok bool, err error) (any, error) { return map[string]any{"launched": ok}, err }

func eligible(blockedBy []work.Code) any {
	return map[string]any{"eligible": len(blockedBy) == 0, "blockedBy": blockedBy}
}

func plain(run func(c *ios.Contract)) call {
	return call{run: func(c *ios.Contract, _ *args) (any, error) { run(c); return nil, nil }}
}

func byID(run func(c *ios.Contract, id string)) call {
	return call{[]string{"id"}, func(c *ios.Contract, a *args) (any, error) { run(c, a.str("id")); return nil, nil }}
}

func query(run func(c *ios.Contract) any) call {
	return call{run: func(c *ios.Contract, _ *args) (any, error) { return run(c), nil }}
}

var calls = map[string]call{
	"launch": plain((*ios.Contract).Launch),
	"finishLaunching": {[]string{"mode"}, func(c *ios.Contract, a *args) (any, error) {
		return nil, c.FinishLaunching(a.str("mode") != "background")
	}},
	"enterBackground":   plain((*ios.Contract).EnterBackground),
	"appBackgrounded":   plain((*ios.Contract).Backgrounded),
	"terminateBySystem": plain((*ios.Contract).Terminate),
	"forceQuit":         plain((*ios.Contract).ForceQuit),
	"userOpens":         {run: func(c *ios.Contract, _ *args) (any, error) { return nil, c.Open() }},
	"userForegrounds":   {run: func(c *ios.Contract, _ *args) (any, error) { return nil, c.Open() }},
	"register": {[]string{"id", "for"}, func(c *ios.Contract, a *args) (any, error) {
		return c.Register(kinds[a.str("for")], a.str("id"))
	}},
	"submit": {[]string{"type", "id", "ebd", "power", "net", "strategy"}, func(c *ios.Contract, a *args) (any, error) {
		return nil, c.Submit(ios.Request{
			Kind: kinds[a.str("type")], ID: a.str("id"), Earliest: a.time("ebd"), Power: a.yes("power"), Network: a.yes("net"),
			Fail: a.str("strategy") == "fail",
		})
	}},
	"cancel":     byID((*ios.Contract).Cancel),
	"cancelAll":  plain((*ios.Contract).CancelAll),
	"getPending": query(func(c *ios.Contract) any { return c.Pending() }),
	"window": {[]string{"id"}, func(c *ios.Contract, a *args) (any, error) {
		r, ok := c.Request(a.str("id"))
		if !ok {
			return nil, nil
		}
		return map[string]any{"startAfter": seconds(r.StartAfter), "startBefore": instant(r.StartBefore)}, nil
	}},
	"eligible": {[]string{"id"}, func(c *ios.Contract, a *args) (any, error) { return eligible(c.BlockedBy(a.str("id"))), nil }},
	"systemLaunch": {run: func(c *ios.Contract, a *args) (any, error) {
		var ids []string
		a.read("ids", &ids)
		for _, v := range a.rest {
			var id string
			a.err = errors.Join(a.err, json.Unmarshal(v, &id))
			ids = append(ids, id)
		}
		return launched(c.SystemLaunch(ids...))
	}},
	"setExpirationHandler": byID((*ios.Contract).SetExpirationHandler),
	"systemExpire":         byID((*ios.Contract).Expire),
	"graceOver":            byID((*ios.Contract).GraceOver),
	"setTaskCompleted": {[]string{"id", "ok"}, func(c *ios.Contract, a *args) (any, error) {
		return map[string]any{"effect": c.SetTaskCompleted(a.str("id"), a.yes("ok"))}, nil
	}},
	"releaseTask":          byID((*ios.Contract).ReleaseTask),
	"userCancelsContinued": byID((*ios.Contract).CancelContinued),
	"runningTasks":         query(func(c *ios.Contract) any { return c.Running() }),
	"suspended":            query(func(c *ios.Contract) any { return c.Suspended() }),
	"processState":         query(func(c *ios.Contract) any { return c.State() }),
	"setDevice": {run: func(c *ios.Contract, a *args) (any, error) {
		d := c.Device()
		a.err = readDevice([]byte(text(a.named)), &d)
		clear(a.named)
		return nil, c.SetDevice(d)
	}},
	"setBAR": {[]string{"app", "glob"}, func(c *ios.Contract, a *args) (any, error) {
		d := c.Device()
		a.read("app", &d.RefreshApp)
		a.read("glob", &d.RefreshAll)
		return nil, c.SetRefresh(d.RefreshApp, d.RefreshAll)
	}},
	"advance": {[]string{"sec"}, func(c *ios.Contract, a *args) (any, error) {
		c.AdvanceTo(later(c.Now(), a.time("sec")))
		return nil, nil
	}},
	"simulateLaunch":      {[]string{"id"}, func(c *ios.Contract, a *args) (any, error) { return launched(c.SimulateLaunch(a.str("id"))) }},
	"simulateExpiration":  byID((*ios.Contract).SimulateExpiration),
	"beginBackgroundTask": {[]string{"name"}, func(c *ios.Contract, a *args) (any, error) { return nil, c.BeginAssertion(a.str("name")) }},
	"endBackgroundTask":   {[]string{"name"}, func(c *ios.Contract, a *args) (any, error) { c.EndAssertion(a.str("name")); return nil, nil }},
	"watchdog":            plain((*ios.Contract).Watchdog),
	"pushValidate": {[]string{"type", "priority", "aps"}, func(_ *ios.Contract, a *args) (any, error) {
		aps := json.RawMessage("{}")
		a.read("aps", &aps)
		m, err := ios.ParsePush(a.str("type"), a.num("priority"), aps)
		return m.Validate(), err
	}},
	"pushArrives": {[]string{"id", "decision"}, func(c *ios.Contract, a *args) (any, error) {
		decision := ios.ThrottleHold
		a.read("decision", &decision)
		c.PushArrives(a.str("id"), decision)
		return nil, nil
	}},
	"heldPush": query(func(c *ios.Contract) any {
		if h := c.Held(); h.Held {
			return h.ID
		}
		return nil
	}),
	"notify": {[]string{"id", "interval", "repeats"}, func(c *ios.Contract, a *args) (any, error) {
		return nil, c.Notify(a.str("id"), a.time("interval"), a.yes("repeats"))
	}},
	"notifyMany": {[]string{"n", "start", "step"}, func(c *ios.Contract, a *args) (any, error) {
		n, start, step := a.num("n"), a.time("start"), a.time("step")
		if n > 1_000_000 {
			return nil, fmt.Errorf("%d notifications are more than anybody schedules", n)
		}
		for i := range n {
			if err := c.Notify(fmt.Sprint("n", i), start+i*step, false); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}},
	"notifPending": query(func(c *ios.Contract) any {
		list := c.Notifications()
		out := map[string]any{"count": len(list), "first": nil, "last": nil}
		if len(list) > 0 {
			out["first"], out["last"] = list[0].ID, list[len(list)-1].ID
		}
		return out
	}),
	"transferStart": {[]string{"id"}, func(c *ios.Contract, a *args) (any, error) {
		discretionary, delayed := c.StartTransfer(a.str("id"))
		return map[string]any{"discretionary": discretionary, "delayed": delayed}, nil
	}},
	"transferDone": byID((*ios.Contract).TransferDone),
	"widgetInit": {[]string{"budget"}, func(c *ios.Contract, a *args) (any, error) {
		budget := float64(defaults.WidgetReloads)
		a.read("budget", &budget)
		c.SetWidget(whole(budget))
		return nil, nil
	}},
	"widgetReload": {[]string{"reason", "appForeground", "mediaSession"}, func(c *ios.Contract, a *args) (any, error) {
		reloaded, counted := c.ReloadWidget(ios.Reload{
			Reason: ios.ReloadReason(a.str("reason")), Foreground: a.yes("appForeground"), Media: a.yes("mediaSession"),
		})
		return map[string]any{"reloaded": reloaded, "counted": counted}, nil
	}},
	"widgetPolicy": {[]string{"policy", "entries", "after"}, func(c *ios.Contract, a *args) (any, error) {
		var entries []float64
		a.read("entries", &entries)
		at := make([]int64, len(entries))
		for i, s := range entries {
			at[i] = micros(s)
		}
		next, ok := ios.NextReload(ios.TimelinePolicy(a.str("policy")), c.Now(), at, a.time("after"))
		if !ok {
			return nil, nil
		}
		return seconds(next), nil
	}},
	"legacyFetchEligible": {[]string{"minInterval", "daysSinceUse"}, func(c *ios.Contract, a *args) (any, error) {
		return eligible(c.LegacyFetchBlockedBy(a.time("minInterval"), a.num("daysSinceUse"))), nil
	}},
}

// instant is seconds, or null for no instant.
func instant(at int64) any {
	if at == never {
		return nil
	}
	return seconds(at)
}
