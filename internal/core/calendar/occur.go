package calendar

// maxCount is more than the minutes that microseconds can express.
const maxCount = 2*maxSec/minuteSec + 2

// Next returns the first occurrence strictly after an instant. ok is false only
// if there is none before the end of what microseconds can express, or expr is
// the zero value. See Zone.Covers for how far the answer can be relied on.
func Next(expr Expr, zone Zone, after int64) (at int64, ok bool) {
	from := floorDiv(after, microSec) + 1
	for i := zone.spanAt(from); i <= len(zone.Transitions); i++ {
		if sec, ok := expr.firstIn(zone.span(i), from, maxSec+1); ok {
			return sec * microSec, true
		}
	}
	return 0, false
}

// Last returns the last occurrence in (after, upTo]. It searches backwards, so
// its cost does not grow with the length of the interval.
func Last(expr Expr, zone Zone, after, upTo int64) (at int64, ok bool) {
	from, to := floorDiv(after, microSec)+1, floorDiv(upTo, microSec)+1
	for i := zone.spanAt(to - 1); i >= 0 && from < to; i-- {
		s := zone.span(i)
		if sec, ok := expr.lastIn(s, from, to); ok {
			return sec * microSec, true
		}
		if s.start <= from {
			break
		}
	}
	return 0, false
}

// Count returns the number of occurrences in (after, upTo], at most limit.
func Count(expr Expr, zone Zone, after, upTo int64, limit int) int {
	from, to := floorDiv(after, microSec)+1, floorDiv(upTo, microSec)+1
	most := min(int64(max(limit, 0)), maxCount)
	var n int64
	for i := zone.spanAt(from); i <= len(zone.Transitions) && n < most; i++ {
		s := zone.span(i)
		if s.start >= to {
			break
		}
		n += expr.countIn(s, from, to, most-n)
	}
	return int(min(n, most))
}

// local returns the local times at which the expression can run in the part of a
// span that lies within the unix seconds [from, to). Wherever the result is used
// for a fixed expression, the span's gap must be looked at as well.
func (e Expr) local(s span, from, to int64) (lo, hi int64) {
	lo, hi = max(s.start, from)+s.offset, min(s.end, to)+s.offset
	if !e.hourly() {
		lo = max(lo, s.floor)
	}
	return lo, hi
}

// caughtUp reports whether the span's start, which must lie within [from, to), is
// an occurrence because the gap before it holds matched times.
func (e Expr) caughtUp(s span, from, to int64) bool {
	if e.hourly() || s.start < from || s.start >= to || s.start >= s.end {
		return false
	}
	_, ok := e.first(s.floor, s.start+s.offset)
	return ok
}

func (e Expr) firstIn(s span, from, to int64) (int64, bool) {
	if e.caughtUp(s, from, to) {
		return s.start, true
	}
	local, ok := e.first(e.local(s, from, to))
	return local - s.offset, ok
}

func (e Expr) lastIn(s span, from, to int64) (int64, bool) {
	if local, ok := e.last(e.local(s, from, to)); ok {
		return local - s.offset, true
	}
	return s.start, e.caughtUp(s, from, to)
}

func (e Expr) countIn(s span, from, to, most int64) int64 {
	lo, hi := e.local(s, from, to)
	n := e.count(lo, hi, most)
	if e.caughtUp(s, from, to) {
		start := s.start + s.offset
		if _, both := e.first(start, start+1); !both {
			n++
		}
	}
	return n
}

// days returns the days of a month that match, as a set, and the month's first
// day number.
func (e Expr) days(month int64) (set uint64, start int64) {
	start = monthStart(month)
	if !has(e.month, int(floorMod(month, 12))+1) {
		return 0, start
	}
	length := monthStart(month+1) - start
	const weeks = 1 | 1<<7 | 1<<14 | 1<<21 | 1<<28 | 1<<35
	byWeek := e.dow * weeks >> weekday(start) << 1
	if e.domStar || e.dowStar {
		set = e.dom & byWeek
	} else {
		set = e.dom | byWeek
	}
	return set & (1<<(length+1) - 2), start
}

// first returns the first matched local time in [lo, hi).
func (e Expr) first(lo, hi int64) (int64, bool) {
	if lo >= hi || e.IsZero() {
		return 0, false
	}
	day, minute := splitLocal(lo + minuteSec - 1)
	month, dom := monthOf(day)
	for ; ; month++ {
		days, start := e.days(month)
		if start*daySec >= hi {
			return 0, false
		}
		for d := next(days, dom); d > 0; d = next(days, d+1) {
			from := 0
			if start+int64(d)-1 == day {
				from = minute
			}
			if m := e.minuteFrom(from); m >= 0 {
				at := (start+int64(d)-1)*daySec + int64(m)*minuteSec
				return at, at < hi
			}
		}
		dom = 1
	}
}

// last returns the last matched local time in [lo, hi).
func (e Expr) last(lo, hi int64) (int64, bool) {
	if lo >= hi || e.IsZero() {
		return 0, false
	}
	day, minute := splitLocal(hi - 1)
	month, dom := monthOf(day)
	for ; ; month-- {
		days, start := e.days(month)
		for d := previous(days, dom); d > 0; d = previous(days, d-1) {
			from := dayMinutes - 1
			if start+int64(d)-1 == day {
				from = minute
			}
			if m := e.minuteUpTo(from); m >= 0 {
				at := (start+int64(d)-1)*daySec + int64(m)*minuteSec
				return at, at >= lo
			}
		}
		if start*daySec <= lo {
			return 0, false
		}
		dom = 31
	}
}

// count returns the number of matched local times in [lo, hi); it may stop early
// once that is at least most.
func (e Expr) count(lo, hi, most int64) int64 {
	if lo >= hi || e.IsZero() {
		return 0
	}
	// Rounded up: a full minute is before x exactly if it is before x rounded up.
	firstDay, fromMinute := splitLocal(lo + minuteSec - 1)
	lastDay, toMinute := splitLocal(hi + minuteSec - 1)
	perDay := e.minutesBefore(dayMinutes)
	n := perDay * e.countDays(firstDay, lastDay, most/perDay+2)
	if e.onDay(firstDay) {
		n -= e.minutesBefore(fromMinute)
	}
	if e.onDay(lastDay) {
		n += e.minutesBefore(toMinute)
	}
	return n
}

// countDays returns the number of matched days in [from, to), or at least enough.
func (e Expr) countDays(from, to, enough int64) int64 {
	var n int64
	for month, dom := monthOf(from); n < enough; month, dom = month+1, 1 {
		days, start := e.days(month)
		days = days >> dom << dom
		if to < monthStart(month+1) {
			return n + count(days&(1<<(to-start+1)-1))
		}
		n += count(days)
	}
	return n
}

func (e Expr) onDay(day int64) bool {
	month, dom := monthOf(day)
	days, _ := e.days(month)
	return has(days, dom)
}

// splitLocal returns the day number and the minute of the day.
func splitLocal(local int64) (day int64, minute int) {
	day = floorDiv(local, daySec)
	return day, int(local-day*daySec) / minuteSec
}

// minuteFrom returns the first matched minute of the day that is >= from, or -1.
func (e Expr) minuteFrom(from int) int {
	h := from / 60
	if has(e.hour, h) {
		if m := next(e.minute, from%60); m >= 0 {
			return h*60 + m
		}
	}
	if h = next(e.hour, h+1); h < 0 {
		return -1
	}
	return h*60 + next(e.minute, 0)
}

// minuteUpTo returns the last matched minute of the day that is <= from, or -1.
func (e Expr) minuteUpTo(from int) int {
	h := from / 60
	if has(e.hour, h) {
		if m := previous(e.minute, from%60); m >= 0 {
			return h*60 + m
		}
	}
	if h = previous(e.hour, h-1); h < 0 {
		return -1
	}
	return h*60 + previous(e.minute, 59)
}

// minutesBefore counts the matched minutes of the day before one.
func (e Expr) minutesBefore(minute int) int64 {
	h := minute / 60
	n := count(e.hour&(1<<h-1)) * count(e.minute)
	if has(e.hour, h) {
		n += count(e.minute & (1<<(minute%60) - 1))
	}
	return n
}
