package report

import (
	"slices"
	"strconv"
	"strings"

	"github.com/lullwork/lull/work"
)

// verdicts writes what became of the expectations: for each, those archetypes together
// for which it came to the same, and for the same reason.
func (p *printer) verdicts(vs []Verdict) {
	if len(vs) == 0 {
		return
	}
	p.Line("")
	p.Line("expected")
	counts := map[State]int64{}
	for len(vs) > 0 {
		n := 1
		for n < len(vs) && vs[n].Task == vs[0].Task && vs[n].Platform == vs[0].Platform {
			n++
		}
		p.expectation(vs[:n])
		for i := range n {
			counts[vs[i].State]++
		}
		vs = vs[n:]
	}
	var sum []string
	for _, s := range []State{Met, Missed, Undecided, Unseen} {
		if counts[s] > 0 {
			sum = append(sum, strconv.FormatInt(counts[s], 10)+" "+string(s))
		}
	}
	p.Line(" %s", strings.Join(sum, ", "))
}

// fewPhones is told of a verdict that chance may have made.
const fewPhones = "so few phones may be chance: more --devices decide it"

// outcome is what is told together.
type outcome struct {
	state  State
	reason work.Code
	change string
	hinges string
	few    bool
}

func (v *Verdict) outcome() outcome {
	return outcome{v.State, v.Reason, v.Change, strings.Join(v.Hinges, ", "), v.Few}
}

func (p *printer) expectation(vs []Verdict) {
	first := &vs[0]
	p.Line(" %s on %s: %s, %s of %s", first.Task, PlatformName(first.Platform), first.Expect, Percent(first.Want), first.Share)
	var seen []outcome
	for _, state := range []State{Missed, Undecided, Met, Unseen} {
		for i := range vs {
			v := &vs[i]
			o := v.outcome()
			if v.State != state || slices.Contains(seen, o) {
				continue
			}
			seen = append(seen, o)
			p.Hang("   "+pad(string(state), 10), strings.Join(alike(vs, o), ", "))
			const in = "             "
			if o.reason != "" {
				p.Hang(in, "held most by "+string(o.reason)+": "+Meaning(o.reason))
			}
			if o.change != "" && state == Missed {
				p.Hang(in, "what helps: "+o.change)
			}
			if o.hinges != "" {
				p.Hang(in, "another value of an assumption changes the answer: "+o.hinges)
			}
			if o.few {
				p.Hang(in, fewPhones)
			}
		}
	}
}

// alike lists the archetypes with an outcome, and what was got for each.
func alike(vs []Verdict, o outcome) []string {
	var out []string
	for i := range vs {
		v := &vs[i]
		if v.outcome() != o {
			continue
		}
		text := v.Archetype
		if v.State != Unseen {
			text += " " + tight(v.got())
		}
		out = append(out, text)
	}
	return out
}

// got is the share that was got. One that is missed is never written as what was
// wanted.
func (v *Verdict) got() string {
	s := Percent(v.Got)
	if v.State == Unseen {
		return "-"
	}
	if v.Got < v.Want && s == Percent(v.Want) {
		const permille = million / 1000
		tenth := v.Got / permille
		return strconv.FormatInt(tenth/10, 10) + "." + strconv.FormatInt(tenth%10, 10) + " %"
	}
	return s
}

func pad(s string, n int) string { return s + strings.Repeat(" ", max(0, n-len(s))) }
