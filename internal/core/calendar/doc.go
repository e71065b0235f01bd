// Package calendar is the arithmetic of wall-clock schedules: cron expressions
// and time-of-day windows, evaluated in a time zone that is passed in as a plain
// table. It is pure. Instants are int64 microseconds since the Unix epoch (wall
// UTC); intervals between instants are open at the start and closed at the end,
// so a caller walks them without gap or overlap.
//
// # Words
//
// The local time of an instant is its UTC seconds plus the zone's offset. An
// expression matches a set of local times, all on a full minute. A gap is a
// range of local times that a forward transition jumps over; an overlap is one
// that a backward transition repeats. The transition's size and cause do not
// matter: half an hour (Lord Howe), a whole day (Apia, 2011-12-30), DST or a
// change of standard time, they all follow the same table.
//
// # Rules
//
// An expression is hourly if its hour field allows all 24 hours ("*", "*/1",
// "0-23"), else it is fixed.
//
//	                            fixed ("30 2 * * *",           hourly ("0 * * * *",
//	                            "*/15 2 * * *", "0 */6 * * *")  "*/15 * * * *", "5 0-23 * * *")
//	matched time exists once    runs then                      runs then
//	matched times in a gap      one run for all of them, at    no run
//	                            the first instant after it
//	the instant after a gap     still one run                  runs, as any other match
//	matches as well
//	matched time in an overlap  runs in the first pass only    runs in both passes
//	all of a day in a gap       one run at the first instant   no run
//	                            of the next day that exists
//
// Put shortly: a fixed expression runs when local time first reaches or passes a
// matched time, an hourly one whenever local time equals it. So a fixed
// expression never loses and never doubles a period, and an hourly one keeps its
// rhythm in elapsed time. The day fields are compared with the matched local
// time, not with the day of the instant at which a gap's run takes place.
//
// If a time was jumped over and a later backward transition makes it exist after
// all, the run after the gap has served it.
//
// # Relation to other crons
//
// The split into fixed and hourly is the one that the manual pages of ISC-derived
// crons describe ("jobs that run with a granularity greater than one hour",
// cronie cron(8); FreeBSD cron(8), option -s). Vixie cron's code tells the two
// apart by a star at the start of the minute or the hour field instead, so there
// "0 */6 * * *" loses its midnight run where the gap is at midnight, and
// "*/15 2 * * *" runs twice in an overlap. It also leaves changes of three hours
// and more alone.
//
// The day fields follow Vixie cron: if neither starts with a star, a day matches
// when either field does; else both must match. ("*/2" starts with a star, "1-31"
// does not.)
package calendar
