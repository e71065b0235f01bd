package android

// Window is when the system may run a periodic job. WorkManager does not use such
// jobs: its periodic rows are jobs that run once.
type Window struct {
	Earliest, Latest int64
}

// NextWindow returns the window that follows a run of a periodic job. Its own window
// ended at latest, the run ended now. Apps that ask for periods and flexes out of
// range get the nearest that is in it.
func (p *Profile) NextWindow(period, flex, latest, now int64) Window {
	if latest < 0 || latest == never {
		latest = now // the system has lost it
	}
	period = min(max(period, p.values[periodicMin]), p.values[periodicMax])
	flex = min(max(flex, p.values[periodicFlexMin], period*p.values[periodicFlexShare]/100), period)
	early := int64(0) // what is cut from the front of the window
	off := now - latest
	switch part := period / p.values[periodicLateShare]; {
	case off > 0:
		skipped := off/period + 1
		if flex < period && p.tooClose(period, flex, off) {
			skipped++
		}
		latest += period * skipped
	default:
		latest += period
		if -off < p.values[periodicLateDelay] && -off < part {
			early = min(p.values[periodicLateDelay], part+off)
		}
	}
	if latest < now {
		return Window{now + period - flex, now + period}
	}
	return Window{latest - min(flex, period-early), latest}
}

// tooClose reports whether a run that came so long after its window was so close to
// the next one that this is skipped.
func (p *Profile) tooClose(period, flex, late int64) bool {
	rest := period - flex
	if p.Version < Android12 {
		return late > min(p.values[periodicLateDelay], rest/2)
	}
	return rest-late%period <= flex/p.values[periodicLateShare]
}
