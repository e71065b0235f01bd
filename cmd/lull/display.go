package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/lullwork/lull"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// display shows what an engine does: a line for each thing that happens and, on a
// terminal, what runs and what waits below them. Elsewhere a line tells when a work
// begins to wait for the device.
type display struct {
	stdout, stderr io.Writer
	screen         *screen // nil: no terminal
	tty            *tty    // of the screen, from begin on
	colour         bool

	mu      sync.Mutex
	words   words
	running []going
	waits   []lull.Explained
	said    map[work.ID]string // what was last told of a work that waits
	changed chan struct{}      // of the journal
	passed  int64              // seq of the last entry shown
	over    bool
}

// going is a run that is not over.
type going struct {
	id    work.ID
	task  string
	since time.Time
	stops bool
}

func (g going) stopped() bool { return g.stops }

func newDisplay(stdout, stderr io.Writer) *display {
	d := &display{stdout: stdout, stderr: stderr, words: newWords(), said: map[work.ID]string{}, changed: make(chan struct{}, 1)}
	if size := terminal(stdout); size != nil {
		d.screen = &screen{w: stdout, size: size}
		d.colour = coloured()
	}
	return d
}

// terminal returns how to ask a terminal for its size; nil: it is none.
func terminal(w io.Writer) func() (width, height int) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return func() (int, int) {
		width, height, err := term.GetSize(int(f.Fd()))
		if err != nil {
			return 0, 0
		}
		return width, height
	}
}

// coloured reports whether a terminal may get colours (https://no-color.org).
func coloured() bool { return os.Getenv("NO_COLOR") == "" }

// begin takes the terminal over. The end gives it back, or the first interrupt: the
// second one leaves no time for it.
func (d *display) begin() {
	if f, ok := d.stdout.(*os.File); ok && d.screen != nil {
		d.tty = quiet(f, func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.screen.drawn = nil // whatever it was, a shell has written below it
			d.put()
		})
	}
}

// talk tells the user something on stderr.
func (d *display) talk(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.screen != nil {
		d.screen.show(nil, nil)
	}
	fmt.Fprintf(d.stderr, "lull: "+format+"\n", args...)
	d.put()
}

// note prints a line of its own.
func (d *display) note(word, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.put(d.line(time.Now(), word, text))
}

func (d *display) line(at time.Time, word, text string) string {
	return at.Local().Format("15:04:05") + "  " + paint(d.colour, word) + " " + printable(text)
}

// paint pads a word that begins a line, and colours it.
func paint(colour bool, word string) string {
	padded := fmt.Sprintf("%-9s", word)
	code := ""
	switch word {
	case "done":
		code = "32"
	case "failed", "refused":
		code = "31"
	case "retry", "stop", "lost", "cancelled", "held", "wait":
		code = "33"
	}
	if !colour || code == "" {
		return padded
	}
	return "\x1b[" + code + "m" + padded + "\x1b[0m"
}

// put prints lines above what is drawn below.
func (d *display) put(lines ...string) {
	switch {
	case d.screen == nil || d.over:
		for _, l := range lines {
			fmt.Fprintln(d.stdout, l)
		}
	default:
		d.screen.show(lines, d.below())
	}
}

// follow shows the journal from seq on until ctx is done.
func (d *display) follow(ctx context.Context, eng *lull.Engine, seq int64) {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { d.lookOn(ctx, eng) })
	for e, err := range eng.Watch(ctx, seq) {
		if err != nil {
			d.talk("run log: %v", err)
			return
		}
		d.show(&e)
	}
}

// settle waits until everything that has happened is shown.
func (d *display) settle(eng *lull.Engine) {
	const patience = 2 * time.Second
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		d.mu.Lock()
		done := d.passed >= eng.Seq()
		d.mu.Unlock()
		if done {
			return
		}
	}
}

func (d *display) show(e *record.Entry) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.passed = e.Seq
	now, err := time.Parse(time.RFC3339Nano, e.Time)
	if err != nil {
		return
	}
	d.words.learn(e, now)
	word, text, r := d.words.tell(e, now)
	d.words.forget(e)
	d.track(e, now)
	if r == news {
		d.put(d.line(now, word, text))
	}
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// track keeps the list of what runs.
func (d *display) track(e *record.Entry, now time.Time) {
	switch e.Kind {
	case record.EntryStarted:
		d.running = append(d.running, going{id: e.Work, task: e.Task, since: now})
	case record.EntryStopping:
		for i := range d.running {
			d.running[i].stops = d.running[i].stops || d.running[i].id == e.Work
		}
	case record.EntryEnded, record.EntryReaped:
		for i := range d.running {
			if d.running[i].id == e.Work {
				d.running = append(d.running[:i], d.running[i+1:]...)
				return
			}
		}
	}
}

// lookOn keeps what waits, and for how long something runs, up to date.
func (d *display) lookOn(ctx context.Context, eng *lull.Engine) {
	r, err := eng.Reader(ctx)
	if err != nil {
		d.talk("%v", err)
		return
	}
	defer r.Close()
	const pause = 250 * time.Millisecond // between two looks, at least
	const share = 20                     // a look may take a 20th of the time: a large state takes long
	const step = time.Second             // of what is counted
	tick := time.NewTicker(step)
	defer tick.Stop()
	var next time.Time
	for {
		ticks := tick.C
		if !d.counts() {
			ticks = nil // an idle engine does not wake for its display
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks:
			d.reap(ctx, r)
			continue
		case <-d.changed:
		}
		began := time.Now()
		if wait := next.Sub(began); wait > 0 {
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
			began = time.Now()
		}
		d.look(ctx, r)
		next = time.Now().Add(max(pause, share*time.Since(began)))
	}
}

// counts reports whether something is known that changes by time alone: what a
// terminal shows, or a stopped run that will be gone.
func (d *display) counts() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.screen == nil {
		return slices.ContainsFunc(d.running, going.stopped)
	}
	for i := range d.waits {
		for _, r := range d.waits[i].Reasons {
			if soon(r.Until) {
				return true
			}
		}
	}
	return len(d.running) > 0
}

// reap drops stopped runs that are gone, which the journal does not tell of finished
// works, and counts on.
func (d *display) reap(ctx context.Context, r *lull.Reader) {
	d.mu.Lock()
	some := slices.ContainsFunc(d.running, going.stopped)
	d.mu.Unlock()
	var left []work.ID
	var err error
	if some {
		left, err = r.Stopping(ctx)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if some && err == nil {
		d.running = slices.DeleteFunc(d.running, func(g going) bool { return g.stops && !slices.Contains(left, g.id) })
	}
	d.put()
}

// look finds out what waits.
func (d *display) look(ctx context.Context, r *lull.Reader) {
	const most = 100
	waits, err := r.Waiting(ctx, true, lull.Filter{Limit: most})
	if err != nil {
		return // the next look may succeed
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waits = waits
	if d.screen != nil {
		d.put()
		return
	}
	said := map[work.ID]string{}
	for i := range waits {
		w := &waits[i]
		text := firstReasons(ofDevice(w.Reasons), w.Work.Task)
		if text == "" {
			continue
		}
		said[w.Work.ID] = text
		if d.said[w.Work.ID] != text {
			d.put(d.line(time.Now(), "wait", w.Work.Task+": "+text))
		}
	}
	d.said = said
}

// firstReasons puts the first few reasons into one line: a phone has many.
func firstReasons(rs []work.Reason, task string) string {
	const most = 2
	if len(rs) <= most {
		return oneReason(rs, until)
	}
	return fmt.Sprintf("%s; and %d more: lull why %s", oneReason(rs[:most], until), len(rs)-most, task)
}

// ofDevice keeps the reasons that neither a run's end nor time clears.
func ofDevice(rs []work.Reason) []work.Reason {
	var out []work.Reason
	for _, r := range rs {
		switch r.Code {
		case work.ReasonDelay, work.ReasonBackoff, work.ReasonSlots, work.ReasonGroup, work.ReasonPreviousRun,
			work.ReasonBlocked, work.ReasonEngineDown, work.ReasonShutdown, work.ReasonSettling:
		default:
			out = append(out, r)
		}
	}
	return out
}

// below is what runs and what waits, line by line.
func (d *display) below() []string {
	if d.tty != nil && !d.tty.foreground() {
		return nil
	}
	const mostRuns, mostWaits, widest = 12, 10, 28
	wide := 0
	for i := range d.running {
		wide = max(wide, len(d.running[i].task))
	}
	for i := range d.waits[:min(mostWaits, len(d.waits))] {
		wide = max(wide, len(d.waits[i].Work.Task))
	}
	wide = min(wide, widest)
	var lines []string
	add := func(first bool, head, task, text string) {
		if !first {
			head = ""
		}
		lines = append(lines, printable(fmt.Sprintf("  %-6s %-*s  %s", head, wide, cut(task, wide), text)))
	}
	for i := range d.running {
		g := &d.running[i]
		if i == mostRuns {
			add(false, "", "", fmt.Sprintf("and %d more", len(d.running)-i))
			break
		}
		text := whole(time.Since(g.since))
		if g.stops {
			text += ", is asked to stop"
		}
		add(i == 0, "runs", g.task, text)
	}
	for i := range d.waits {
		if i == mostWaits {
			add(false, "", "", "and more: lull ls")
			break
		}
		w := &d.waits[i]
		add(i == 0, "waits", w.Work.Task, mainReason(w))
	}
	return lines
}

// mainReason leaves out that there is no room while there are other reasons.
func mainReason(w *lull.Explained) string {
	rs := slices.DeleteFunc(slices.Clone(w.Reasons), func(r work.Reason) bool {
		return len(w.Reasons) > 1 && r.Code == work.ReasonSlots
	})
	if len(rs) == 0 {
		return "is about to start"
	}
	return withoutIDs(oneReason(rs, remaining), w.Work.After)
}

// withoutIDs drops the IDs of works whose tasks are named before them.
func withoutIDs(s string, ids []work.ID) string {
	for _, id := range ids {
		s = strings.ReplaceAll(s, " ("+string(id)+")", "")
	}
	return s
}

// stopping says what an interrupt leads to.
func (d *display) stopping() {
	if d.tty != nil {
		d.tty.close()
	}
	d.mu.Lock()
	runs := 0
	for _, g := range d.running {
		if !g.stops {
			runs++
		}
	}
	d.mu.Unlock()
	if runs == 0 {
		d.talk("stopping")
		return
	}
	d.talk("stopping: %s asked to end, and killed when the grace is over; interrupt again to kill them at once", count(runs, "run"))
}

// end removes what is below for good.
func (d *display) end() {
	if d.tty != nil {
		d.tty.close()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.screen != nil {
		d.screen.show(nil, nil)
	}
	d.over = true
}
