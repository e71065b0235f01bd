package ios

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/work"
)

// Standing is what counts of the app besides what it declares when it submits.
type Standing struct {
	Handler bool // its process has a launch handler for the identifier
	Front   bool // it is in the foreground
	AnyID   bool // nobody says which identifiers it declares: whatever it asks for
	AnyMode bool // nor which modes
	// How many requests are pending without one of the same identifier, which the new
	// one replaces.
	Refresh, Processing int64
}

// Count adds a pending request to those that count when one with identifier id is
// submitted.
func (s *Standing) Count(r *Request, id string) {
	switch {
	case r.ID == id:
	case r.Kind == work.KindRefresh:
		s.Refresh++
	case r.Kind == work.KindProcessing || r.Kind == work.KindHealth:
		s.Processing++
	}
}

// Admit says whether the system takes a request. What it refuses with is a
// core.Refusal: an error that the app gets, or a fatal one. The first that applies
// counts.
func (l *Limits) Admit(a *App, d *Device, s Standing, r *Request) error {
	permitted := s.AnyID || a.Permits(r.Kind, r.ID)
	continued, health := r.Kind == work.KindContinued, r.Kind == work.KindHealth
	if !s.Handler && !a.Kind.extension() && !continued {
		if permitted {
			return fatal(FatalNoHandler, fmt.Sprintf("no launch handler is registered for %q: register one before launch ends", r.ID))
		}
		return notDeclared(r.ID)
	}
	switch {
	case r.Kind != work.KindRefresh && r.Kind != work.KindProcessing && !health && !continued:
		return refuse(CodeUnavailable, fmt.Sprintf("%q is no kind of request that the scheduler knows", r.Kind))
	case a.Kind == KindSimulator:
		return refuse(CodeUnavailable, "Apple's Simulator does not schedule background tasks: use a device")
	case a.Kind == KindShutExtension:
		return refuse(CodeUnavailable, "this extension may not schedule: it is a keyboard without open access, or of a type that cannot")
	case r.ID == "" || int64(utf8.RuneCountInString(r.ID)) > l.IdentifierLength:
		return refuse(CodeNotPermitted, fmt.Sprintf("an identifier has 1 to %d characters", l.IdentifierLength))
	case strings.HasPrefix(r.ID, "com.apple.") && !a.Apple:
		return refuse(CodeNotPermitted, "identifiers that begin with com.apple. are Apple's")
	case health && !slices.Contains(a.Entitlements, HealthEntitlement):
		return refuse(CodeUnavailable, "health research needs the entitlement com.apple.developer.backgroundtasks.healthresearch")
	case continued && !s.Front:
		return refuse(CodeUnavailable, "continued work can only be submitted from the foreground")
	case !health && !d.refreshes():
		return refuse(CodeUnavailable, "Background App Refresh is off")
	case !s.AnyMode && !a.hasMode(r.Kind):
		return refuse(CodeNotPermitted, fmt.Sprintf("UIBackgroundModes lacks the mode of %s requests", r.Kind))
	case !permitted:
		return notDeclared(r.ID)
	case r.Kind == work.KindRefresh && s.Refresh+1 > l.RefreshRequests:
		return tooMany("refresh", s.Refresh)
	case (r.Kind == work.KindProcessing || health) && s.Processing+1 > l.ProcessingRequests:
		return tooMany("processing", s.Processing)
	case continued && r.Fail && d.ContinuedBusy:
		return refuse(CodeIneligible, "there is no room for continued work now, and its strategy is to fail")
	}
	return nil
}

func notDeclared(id string) error {
	return refuse(CodeNotPermitted, fmt.Sprintf("%q is not among BGTaskSchedulerPermittedIdentifiers", id))
}

// tooMany is the refusal of an app that has as many requests pending as it may.
func tooMany(kind string, pending int64) error {
	text := "%d %s requests are pending, and an app may have no more: cancel one, or use its identifier again"
	if pending == 1 {
		text = "%d %s request is pending, and an app may have no more: cancel it, or use its identifier again"
	}
	return refuse(CodeTooMany, fmt.Sprintf(text, pending, kind))
}

// Submit is the app's call. A request of the same identifier is replaced, and is gone
// even if the new one then finds no room.
func (c *Contract) Submit(r Request) error {
	if err := c.admit(&r); err != nil {
		return err
	}
	p := c.fresh(kindOf(r.Kind))
	p.Request = r
	return c.accept(p)
}

// admit says whether the system takes a request, and does what follows if it does not.
func (c *Contract) admit(r *Request) error {
	s := Standing{
		Handler: c.handles(r.ID), Front: c.Dev.Focal,
		AnyID: c.driven && c.app.Permitted == nil, AnyMode: c.driven && c.app.Modes == nil,
	}
	for _, p := range c.Waits {
		s.Count(&p.Request, r.ID)
	}
	err := c.limits.Admit(&c.app, &c.Dev, s, r)
	var refusal *core.Refusal
	switch {
	case !errors.As(err, &refusal):
	case refusal.Fatal:
		return c.crash(err)
	case refusal.Code == CodeTooMany || refusal.Code == CodeIneligible:
		c.cancel(r.ID, "replaced")
	}
	return err
}

// accept makes a request pending that was admitted.
func (c *Contract) accept(p *pending) error {
	c.cancel(p.ID, "replaced")
	p.Window = c.limits.Window(p.Kind, c.now, p.Earliest)
	p.LowPower = c.Dev.LowPower
	c.Waits = append(c.Waits, p)
	return c.pump()
}
