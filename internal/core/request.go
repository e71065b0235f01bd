package core

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lullwork/lull/internal/core/calendar"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// LocalZone is the name of the machine's own time zone in specs and zone tables.
const LocalZone = "Local"

// Normalize checks a request against a platform's rules, fills in defaults and
// raises or lowers what is out of range, as WorkManager does. It returns the
// values that works share and a row with the others; the row is not placed yet, and
// its Override is wall time.
func Normalize(r *Rules, now int64, q *work.Request) (*record.Spec, *record.Work, error) {
	s := new(record.Spec)
	w := new(record.Work)
	if err := normalize(r, now, q, s, w); err != nil {
		return nil, nil, err
	}
	return s, w, nil
}

// normalize is Normalize into a spec and a row that are there.
func normalize(r *Rules, now int64, q *work.Request, s *record.Spec, w *record.Work) error {
	if err := checkNames(q); err != nil {
		return err
	}
	if err := checkInput(q.Input); err != nil {
		return err
	}
	*s = record.Spec{
		Task: q.Task, Needs: q.Needs, OnFailure: orDefault(q.OnFailure, work.OnFailureRetry), Group: q.Group,
		Expedited: q.Expedited, DropQuota: q.DropWithoutQuota, Merger: orDefault(q.Merger, work.Overwriting),
		Retention: max(0, micros(q.Retention)), BackoffStop: q.BackoffOnInterruption, Phone: q.Phone, Chain: q.Chain,
	}
	if q.TraceTag != "" && q.TraceTag != q.Task {
		s.TraceTag = cut(q.TraceTag, work.MaxTraceTag)
	}
	for _, check := range []func(*Rules, *work.Request, *record.Spec) error{
		setPeriod, setCalendar, setBackoff, setLimits, checkRequire, checkExpedited, checkHours, checkChoices,
	} {
		if err := check(r, q, s); err != nil {
			return err
		}
	}
	delay := micros(q.Delay)
	if q.Delay < 0 {
		return invalid("delay %v is negative", q.Delay)
	}
	if q.Delay == math.MaxInt64 || DelayOverflows(now, delay) {
		return work.ErrDelayOverflow
	}
	tags := tagsOf(r, q)
	*w = record.Work{}
	w.ID, w.State, w.Tags, w.Input, w.InitialDelay, w.StopReason = q.ID, work.Enqueued, tags, q.Input, delay, work.NotStopped
	w.LastEnqueue, w.Due, w.Override = record.NotEnqueued, record.Never, record.Never
	if !q.NextRun.IsZero() {
		if !s.Periodic() {
			return invalid("next run can be set for periodic work only")
		}
		w.Override, w.OverrideGen = q.NextRun.UnixMicro(), 1
	}
	return nil
}

// DelayOverflows reports whether a delay from now ends at or after the end of
// time (WorkManager: Long.MAX - now <= delay). The unit does not matter.
func DelayOverflows(now, delay int64) bool { return math.MaxInt64-now <= delay }

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", work.ErrInvalid, fmt.Sprintf(format, args...))
}

func micros(d time.Duration) int64 { return int64(d / time.Microsecond) }

func orDefault[T ~string](v, d T) T {
	if v == "" {
		return d
	}
	return v
}

func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// tagsOf returns the tags of a request.
func tagsOf(r *Rules, q *work.Request) []string {
	t := slices.Clone(q.Tags)
	if r.TagTask {
		t = append(t, q.Task)
	}
	if len(t) == 0 {
		return nil
	}
	slices.Sort(t)
	return slices.Compact(t)
}

// chainIDLen is how much longer than its own ID those of the works are that come
// after each success of a periodic work.
const chainIDLen = 32

func checkNames(q *work.Request) error {
	if q.Task == "" {
		return invalid("no task")
	}
	if err := checkID(q); err != nil {
		return err
	}
	if err := checkName("task", q.Task); err != nil {
		return err
	}
	if err := checkName("group", q.Group); err != nil {
		return err
	}
	for _, t := range q.Tags {
		if t == "" {
			return invalid("a tag is empty")
		}
		if err := checkName("tag", t); err != nil {
			return err
		}
	}
	return nil
}

func checkID(q *work.Request) error {
	if len(q.ID) > work.MaxIDLen {
		return invalid("ID is %d bytes long, the limit is %d", len(q.ID), work.MaxIDLen)
	}
	if len(q.Chain) > 0 && len(q.ID) > work.MaxIDLen-chainIDLen {
		return invalid("ID is %d bytes long, the limit for work with a chain is %d", len(q.ID), work.MaxIDLen-chainIDLen)
	}
	for _, c := range []byte(q.ID) {
		if c <= ' ' || c > '~' {
			return invalid("ID %q holds a byte that is not printable ASCII", q.ID)
		}
	}
	return nil
}

func checkName(what, s string) error {
	if len(s) > work.MaxName {
		return invalid("%s is %d bytes long, the limit is %d", what, len(s), work.MaxName)
	}
	if ascii(s) {
		return nil
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return invalid("%s %q holds control characters or is not UTF-8", what, s)
	}
	return nil
}

// ascii reports whether a text is printable ASCII, as nearly all names are.
func ascii(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

func checkInput(in json.RawMessage) error {
	if len(in) > work.MaxData {
		return fmt.Errorf("%w: input is %d bytes of JSON, the limit is %d", work.ErrDataTooLarge, len(in), work.MaxData)
	}
	if len(in) > 0 && !json.Valid(in) {
		return invalid("input is no valid JSON")
	}
	return nil
}

func setPeriod(r *Rules, q *work.Request, s *record.Spec) error {
	if q.Every < 0 || q.Flex < 0 {
		return invalid("every and flex cannot be negative")
	}
	if q.Every == 0 {
		if q.Flex != 0 {
			return invalid("flex without every")
		}
		return nil
	}
	s.Every = max(micros(q.Every), r.MinPeriod, 1)
	s.Flex = s.Every
	if q.Flex != 0 {
		s.Flex = min(max(micros(q.Flex), r.MinFlex), s.Every)
	}
	return nil
}

func setCalendar(r *Rules, q *work.Request, s *record.Spec) error {
	if q.Cron == "" {
		if q.Zone != "" || q.Missed != "" {
			return invalid("zone and missed belong to cron, which is not set")
		}
		if len(q.Chain) > 0 && q.Every == 0 {
			return invalid("a chain to enqueue after each success needs periodic work")
		}
		return nil
	}
	if !r.Calendar {
		return fmt.Errorf("%w: %s has no calendar schedules", work.ErrUnsupported, r.Name)
	}
	if q.Every != 0 {
		return invalid("every and cron exclude each other")
	}
	x, err := calendar.Parse(q.Cron)
	if err != nil {
		return fmt.Errorf("%w: cron: %w", work.ErrInvalid, err)
	}
	s.Cron, s.Zone, s.Missed = x.String(), orDefault(q.Zone, LocalZone), orDefault(q.Missed, work.MissedOnce)
	return nil
}

func setBackoff(r *Rules, q *work.Request, s *record.Spec) error {
	s.Backoff, s.Delay = orDefault(q.Backoff.Policy, work.Exponential), r.DefaultBackoff
	if s.Backoff != work.Exponential && s.Backoff != work.Linear {
		return invalid("unknown backoff policy %q: use exponential or linear", s.Backoff)
	}
	if q.Backoff == (work.Backoff{}) {
		return nil
	}
	if q.Needs.Idle && !r.CountFailures {
		return work.ErrBackoffIdle
	}
	if q.Backoff.Delay < 0 {
		return invalid("backoff delay %v is negative", q.Backoff.Delay)
	}
	if q.Backoff.Delay > 0 || !r.CountFailures {
		s.Delay = ClampBackoff(r, micros(q.Backoff.Delay))
	}
	return nil
}

// ClampBackoff brings a backoff delay into the platform's range.
func ClampBackoff(r *Rules, delay int64) int64 { return min(max(delay, r.MinBackoff), r.MaxBackoff) }

func setLimits(r *Rules, q *work.Request, s *record.Spec) error {
	switch s.Attempts = q.Attempts; {
	case q.Attempts == 0:
		s.Attempts = r.Attempts
	case q.Attempts < 0:
		s.Attempts = 0
	}
	switch s.Budget = micros(q.Budget); {
	case q.Budget == 0:
		s.Budget = r.Budget
	case q.Budget < 0:
		s.Budget = 0
	}
	if q.Grace < 0 || q.Retention < 0 {
		return invalid("grace and retention cannot be negative")
	}
	s.Grace = micros(q.Grace)
	if q.Grace == 0 {
		s.Grace = r.Grace
	}
	return nil
}

func checkExpedited(_ *Rules, q *work.Request, _ *record.Spec) error {
	if !q.Expedited {
		return nil
	}
	if n := q.Needs; n.Charging || n.Idle || n.BatteryNotLow || n.ContentURIs > 0 {
		return fmt.Errorf("%w: only network and storage-not-low go with it", work.ErrExpeditedNeeds)
	}
	if q.Delay > 0 {
		return work.ErrExpeditedDelayed
	}
	if q.Every != 0 || q.Cron != "" {
		return work.ErrExpeditedPeriodic
	}
	return nil
}

func checkHours(_ *Rules, q *work.Request, s *record.Spec) error {
	if q.Needs.Between == "" {
		if q.Needs.Zone != "" {
			return invalid("needs: zone belongs to between, which is not set")
		}
		return nil
	}
	win, err := calendar.ParseWindow(q.Needs.Between)
	if err != nil {
		return fmt.Errorf("%w: between: %w", work.ErrInvalid, err)
	}
	s.Needs.Between, s.Needs.Zone = win.String(), orDefault(q.Needs.Zone, LocalZone)
	return nil
}

func checkChoices(_ *Rules, q *work.Request, s *record.Spec) error {
	if q.Needs.Network > work.TemporarilyUnmetered {
		return invalid("unknown network %d", q.Needs.Network)
	}
	if q.Needs.ContentURIs < 0 {
		return invalid("number of content URI triggers is negative")
	}
	if s.OnFailure != work.OnFailureRetry && s.OnFailure != work.OnFailureFail {
		return invalid("unknown on-failure %q: use retry or fail", s.OnFailure)
	}
	if s.Merger != work.Overwriting && s.Merger != work.ArrayCreating {
		return invalid("unknown merger %q: use overwrite or array", s.Merger)
	}
	switch s.Missed {
	case "", work.MissedOnce, work.MissedSkip, work.MissedAll:
		return nil
	}
	return invalid("unknown missed %q: use once, skip or all", s.Missed)
}
