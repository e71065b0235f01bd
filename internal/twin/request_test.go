package twin

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim"
	"github.com/lullwork/lull/work"
)

// fields splits a line at blanks, but not those between single quotes.
func fields(line string) []string {
	var out []string
	var f strings.Builder
	quoted, begun := false, false
	for _, c := range line {
		switch {
		case c == '\'':
			quoted, begun = !quoted, true
		case c == ' ' && !quoted:
			if begun {
				out = append(out, f.String())
				f.Reset()
				begun = false
			}
		default:
			f.WriteRune(c)
			begun = true
		}
	}
	if begun {
		out = append(out, f.String())
	}
	return out
}

// order is a parsed line: words, then key=value pairs.
type order struct {
	verb  string
	words []string
	keys  []string
	vals  map[string]string
	used  map[string]bool
}

func parseOrder(line string) order {
	o := order{vals: map[string]string{}, used: map[string]bool{}}
	for i, f := range fields(line) {
		k, v, ok := strings.Cut(f, "=")
		switch {
		case i == 0:
			o.verb = f
		case ok:
			o.keys = append(o.keys, k)
			o.vals[k] = v
		default:
			o.words = append(o.words, f)
		}
	}
	return o
}

func (o *order) get(key string) string {
	o.used[key] = true
	return o.vals[key]
}

func (o *order) word(i int) string {
	if i < len(o.words) {
		return o.words[i]
	}
	return ""
}

func (o *order) list(key string) []string {
	if v := o.get(key); v != "" {
		return strings.Split(v, ",")
	}
	return nil
}

func (o *order) time(key string) time.Duration { return mustDuration(o.get(key)) }

func (o *order) number(key string) int {
	v := o.get(key)
	if v == "" {
		return 0
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", key, err))
	}
	return n
}

func (o *order) json(key string) json.RawMessage {
	if v := o.get(key); v != "" {
		return json.RawMessage(v)
	}
	return nil
}

// done finds keys that nobody asked for.
func (o *order) done() {
	for _, k := range o.keys {
		if !o.used[k] {
			panic(fmt.Sprintf("%s: unknown key %q", o.verb, k))
		}
	}
}

// mustDuration reads a duration; a day is d.
func mustDuration(s string) time.Duration {
	if s == "" {
		return 0
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil {
			panic(err)
		}
		return time.Duration(n) * 24 * time.Hour
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		panic(err)
	}
	return d
}

func microsOf(s string) int64 { return mustDuration(s).Microseconds() }

// request reads what a line asks for. Wall times are relative to start.
func (o *order) request(start int64) work.Request {
	q := work.Request{
		ID: work.ID(o.get("id")), Task: o.word(0), Input: o.json("input"), Needs: o.needs(), Delay: o.time("delay"),
		Every: o.time("every"), Flex: o.time("flex"), Cron: o.get("cron"), Zone: o.get("zone"), Missed: work.Missed(o.get("missed")),
		Attempts: o.number("attempts"), OnFailure: work.OnFailure(o.get("on-failure")), Tags: o.list("tags"), Group: o.get("group"),
		Budget: o.time("budget"), Grace: o.time("grace"), Expedited: o.get("expedited") == "yes", Merger: work.Merger(o.get("merger")),
		Require: layersOf(o.list("require")), Retention: o.time("retention"), ClearNextRun: o.get("next-run") == "clear", BackoffOnInterruption: o.get("backoff-on-stop") == "yes",
	}
	if b := o.get("backoff"); b != "" {
		policy, delay, _ := strings.Cut(b, ":")
		q.Backoff = work.Backoff{Policy: work.BackoffPolicy(policy), Delay: mustDuration(delay)}
	}
	if n := o.get("next-run"); n != "" && n != "clear" {
		q.NextRun = time.UnixMicro(start + microsOf(n)).UTC()
	}
	return q
}

func layersOf(words []string) []work.Layer {
	var out []work.Layer
	for _, w := range words {
		out = append(out, work.Layer(w))
	}
	return out
}

func (o *order) needs() work.Constraints {
	c := work.Constraints{Between: o.get("between"), Zone: o.get("between-zone")}
	for _, n := range o.list("needs") {
		switch n {
		case "charging":
			c.Charging = true
		case "battery":
			c.BatteryNotLow = true
		case "storage":
			c.StorageNotLow = true
		case "idle":
			c.Idle = true
		case "load":
			c.LoadLow = true
		case "power-saver-off":
			c.LowPowerOff = true
		default:
			if err := c.Network.UnmarshalText([]byte(n)); err != nil {
				panic(err)
			}
		}
	}
	return c
}

// nodes reads a chain: one node a line, after=ID,ID naming those before it.
func nodes(lines []string, start int64) []work.Node {
	var out []work.Node
	at := map[string]int{}
	for _, line := range lines {
		o := parseOrder("node " + line)
		n := work.Node{Request: o.request(start)}
		for _, a := range o.list("after") {
			i, ok := at[a]
			if !ok {
				panic("after=" + a + ": no such node before this one")
			}
			n.After = append(n.After, i)
		}
		o.get("hash")
		o.done()
		if n.Request.ID == "" {
			n.Request.ID = work.ID(n.Request.Task)
		}
		at[string(n.Request.ID)] = len(out)
		out = append(out, n)
	}
	return out
}

// facts reads signal=value pairs: yes, no, unknown or a number.
func (o *order) facts(settles int64) []record.Fact {
	var out []record.Fact
	for _, k := range o.keys {
		if o.used[k] {
			continue
		}
		s, ok := record.SignalByName(k)
		if !ok {
			panic("unknown signal " + k)
		}
		f := record.Fact{Signal: s, Value: value(o.get(k)), Source: "test"}
		if settles != 0 {
			f.Next, f.Settles = f.Value, settles
		}
		out = append(out, f)
	}
	return out
}

func value(s string) int64 {
	switch s {
	case "yes":
		return 1
	case "no":
		return 0
	case "unknown":
		return record.Unknown
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

// behaviours reads "takes=5s outcome=retry | takes=1s".
func behaviours(s string) []sim.Behaviour {
	var out []sim.Behaviour
	for part := range strings.SplitSeq(s, "|") {
		o := parseOrder("isolate " + part)
		takes := int64(record.Never)
		if t := o.get("takes"); t != "forever" {
			takes = microsOf(t)
		}
		b := sim.Behaviour{
			Takes: takes, Outcome: work.Outcome(o.get("outcome")), Message: o.get("message"),
			Output: o.json("output"), Stops: microsOf(o.get("stops")),
		}
		if b.Outcome == "" {
			b.Outcome = work.Success
		}
		if p := o.get("progress"); p != "" {
			after, data, _ := strings.Cut(p, ":")
			b.Progress = []sim.Progress{{After: microsOf(after), Data: json.RawMessage(data)}}
		}
		o.done()
		out = append(out, b)
	}
	return out
}
