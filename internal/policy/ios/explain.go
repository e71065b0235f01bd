package ios

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
)

// Explain puts a gate into words, with what was seen.
func (s *System) Explain(at int64, j core.Job, g core.Gate, f *record.Facts) (message, fix string) {
	if !s.Begun {
		s.look(at, f)
	}
	wait := "wait"
	if g.Until != record.Never {
		wait = "wait " + core.InWords((g.Until-at+second-1)/second*second)
	}
	p := s.find(j.Work.Seq)
	if p == nil {
		var x pending
		s.describe(&x, j)
		p = &x
	}
	m, d := s.m, &s.Dev
	switch g.Code {
	case GateTooEarly:
		return "iOS starts nothing before its earliest time, nor within " + core.InWords(m.MinDelay) + " of the submit", wait
	case GateForceQuit:
		return "the user swiped the app away in the app switcher: iOS launches it no more", "open the app"
	case GateRefreshOff:
		of := "the app"
		if !d.RefreshAll {
			of = "all apps"
		}
		return "Background App Refresh is off for " + of, "switch it on in Settings, General, Background App Refresh"
	case GateLowPower:
		return "Low Power Mode is on, and the phone is not charging at " + percent(m.PowerReleasePercent) + " or more (" + battery(d) + ")",
			"switch Low Power Mode off, or charge the phone"
	case GateForeground:
		return "the app is in front: it gets no background time", "wait until the user leaves the app, and refresh in the foreground meanwhile"
	case GateNoNetwork:
		switch {
		case g.Edit.Signal == record.Metered && p.Type != kindTransfer:
			return "Background App Refresh is on for Wi-Fi only", "connect to Wi-Fi, or allow mobile data in Settings, General, Background App Refresh"
		case g.Edit.Signal == record.Metered:
			return "iOS keeps a transfer that was begun in the background for Wi-Fi", "begin it in the foreground, or connect to Wi-Fi"
		}
		return "there is no network", "connect the phone"
	case GateUnused:
		return fmt.Sprintf("the user has not opened the app for %d days", d.DaysSinceUse), "open the app"
	case GateBattery:
		return "the battery is low: " + battery(d), "charge the phone"
	case GateInUse:
		if d.InUse {
			return "the phone is in use", "leave the phone alone"
		}
		return "the phone has to lie on its charger, unused, for " + core.InWords(m.ProcessingIdle), wait + ", with the phone left alone on its charger"
	case GateNotCharging:
		return s.explainCharger(p, d), "put the phone on its charger"
	case GateSpacing:
		return s.explainSpacing(p), wait
	case GateBudget:
		return s.explainBudget(p, wait, g)
	case GateScore:
		r := s.outlook(at, p).Score
		return fmt.Sprintf("the user is not likely to open the app soon: score %s, threshold %s (app %s, phone in use %s, battery %s)",
			score(r.Total), score(r.Theta), score(r.App), score(r.Device), score(r.Battery)), "wait: the threshold falls until the end of the window; an app that is used more often scores higher"
	case GateSlot:
		if s.Busy {
			return "other apps use the processor", "wait"
		}
		return "other apps go first in this quarter of an hour", "wait for the next rescoring, at most " + core.InWords(m.Rescore)
	case GateRunning:
		return "the last run of this identifier goes on", "wait until it is over"
	case GateNoRoom:
		return fmt.Sprintf("as many continued tasks go on as there is room for (%d)", m.ContinuedRoom), "wait until one of them ends"
	case GateNotRunning:
		return "it lives in the app's process, which does not run", "open the app; for work that outlives the process use refresh or processing"
	case GateSuspended:
		return "it lives in the app's process, which is suspended", "open the app; for work in the background use refresh or processing"
	case GateOff:
		return "the phone is off", "switch it on"
	case GateNotPending:
		return "no such request is pending: it was never submitted, was started and not submitted again, or was dropped", "submit it, and again at the beginning of each run"
	}
	return string(g.Code), wait
}

func (s *System) explainCharger(p *pending, d *Device) string {
	switch {
	case p.Type == kindTransfer:
		return "iOS keeps a transfer that was begun in the background for when the phone charges"
	case p.Power:
		return "it asked for external power (" + battery(d) + ")"
	case d.Pad:
		return "processing needs the charger below " + percent(s.m.PadProcessingPercent) + " (" + battery(d) + ")"
	}
	return "an iPhone needs its charger for processing, whatever the request says"
}

func (s *System) explainSpacing(p *pending) string {
	switch p.Type {
	case kindProcessing:
		return "the app's last processing run is less than " + core.InWords(s.m.ProcessingSpacing) + " ago"
	case kindPush:
		return "iOS launches an app for a push once in " + core.InWords(s.m.PushSpacing) + " at most"
	case kindWidget:
		return "the widget's last reload is less than " + core.InWords(s.m.WidgetGap) + " ago"
	case kindTransfer:
		return "the app was resumed for transfers before: those that it begins in the background wait the longer for it"
	}
	return "the app was launched in the background less than " + core.InWords(s.m.LaunchSpacing) + " ago"
}

func (s *System) explainBudget(p *pending, wait string, g core.Gate) (message, fix string) {
	switch {
	case p.Type == kindPush:
		return fmt.Sprintf("iOS launches an app for %d pushes an hour at most", s.m.PushesPerHour), wait + "; an alert that the user sees is not held back"
	case p.Type == kindWidget:
		return fmt.Sprintf("the widget's reloads are used up: it earns %s a day", score(s.earned())), "give timelines more entries, or reload while the app is in front"
	case g.Edit.Kind == core.EditFact:
		return fmt.Sprintf("the run moves %d bytes, and %d are left of the app's cellular data", p.Bytes, s.Accounts.Cell), "connect to Wi-Fi, or move less than 100 KB a run"
	}
	return "the app's energy budget is used up (" + score(s.Accounts.Energy) + " of " + strconv.FormatInt(s.m.BudgetCapacity, 10) + " units)", "charge the phone, or wait"
}

// score writes millionths with two decimals, rounded down.
func score(v int64) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	return fmt.Sprintf("%s%d.%02d", sign, v/one, v%one/10_000)
}

func percent(v int64) string { return strconv.FormatInt(v, 10) + " %" }

// battery says what is known of the battery.
func battery(d *Device) string {
	var b strings.Builder
	if d.Battery < 0 {
		b.WriteString("its level is not known")
	} else {
		b.WriteString("at " + percent(d.Battery))
	}
	if d.Charging {
		b.WriteString(", charging")
	} else {
		b.WriteString(", not charging")
	}
	return b.String()
}
