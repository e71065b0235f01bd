package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/work"
)

// short writes a duration with the precision that a person wants.
func short(d time.Duration) string {
	switch neg := d < 0; {
	case neg:
		return "-" + short(-d)
	case d < 100*time.Millisecond:
		return strconv.FormatInt(d.Milliseconds(), 10) + "ms"
	case d < 10*time.Second:
		return strconv.FormatFloat(d.Truncate(100*time.Millisecond).Seconds(), 'f', 1, 64) + "s"
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds())) + "s"
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd%02dh", int(d.Hours())/24, int(d.Hours())%24)
}

// clock writes an instant, with the day if it is not today.
func clock(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	t = t.Local()
	if y, m, d := time.Now().Date(); t.Year() == y && t.Month() == m && t.Day() == d {
		return t.Format("15:04:05")
	}
	return t.Format("2006-01-02 15:04:05")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// oneReason puts the reasons of a work into one line; when says how a reason's end
// is told.
func oneReason(rs []work.Reason, when func(time.Time) string) string {
	parts := make([]string, len(rs))
	for i, r := range rs {
		parts[i] = r.Message
		if !r.Until.IsZero() {
			parts[i] += ", " + when(r.Until)
		}
	}
	return strings.Join(parts, "; ")
}

func until(t time.Time) string { return "until " + clock(t) }

// remaining is until for what is shown again each second.
func remaining(t time.Time) string {
	if soon(t) {
		return whole(max(time.Until(t), 0)+time.Second-1) + " more"
	}
	return until(t)
}

// soon reports whether an instant is so near that seconds are counted.
func soon(t time.Time) bool {
	return !t.IsZero() && time.Until(t) < time.Hour
}

// whole is short without parts of a second.
func whole(d time.Duration) string {
	if d = d.Truncate(time.Second); d < 10*time.Second {
		return strconv.Itoa(int(d.Seconds())) + "s"
	}
	return short(d)
}

// table writes rows in columns.
func table(w io.Writer, rows ...[]string) {
	var widths []int
	for _, r := range rows {
		for i, cell := range r {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columns(cell))
		}
	}
	for _, r := range rows {
		var b strings.Builder
		for i, cell := range r {
			b.WriteString(cell + strings.Repeat(" ", widths[i]-columns(cell)+2))
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// latest keeps of each task the unfinished works and, if there is none, the one that
// finished last, in the order of arrival. Works come unfinished first, then from the
// newest; the first so many are kept (0: all).
func latest(works []lull.Info, most int) []lull.Info {
	var out []lull.Info
	seen := map[string]bool{}
	for _, w := range works {
		if most > 0 && len(out) == most {
			break
		}
		if !w.State.Finished() || !seen[w.Task] {
			seen[w.Task] = true
			out = append(out, w)
		}
	}
	slices.SortFunc(out, func(a, b lull.Info) int { return cmp.Compare(a.Seq, b.Seq) })
	return out
}

// last says how a work's last run ended.
func last(w *lull.Info) string {
	if w.Last == nil {
		return "-"
	}
	return string(w.Last.Outcome) + " after " + short(w.Last.Ended.Sub(w.Last.Started))
}
