package promised

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/policy/promise"
)

// onVendors is what vendors leave of a promise, and the names of what they do.
func (x *Promise) onVendors() string {
	list := x.lesser()
	effects := []string{}
	for i := range x.Vendors {
		if e := x.Vendors[i].Effect; !slices.Contains(effects, e) {
			effects = append(effects, e)
		}
	}
	return strings.Join(append(list, strings.Join(effects, ", ")), "; ")
}

// lesser names the vendors that leave another class of a promise.
func (x *Promise) lesser() (out []string) {
	for _, l := range x.Lesser {
		out = append(out, fmt.Sprintf("%s on %s", l.Class, strings.Join(l.Vendors, ", ")))
	}
	return out
}

// vendors says which vendors do something, and after how long.
func vendors(v *promise.Vendor) string {
	timed := slices.ContainsFunc(v.By, func(y promise.By) bool { return y.After > 0 })
	var out []string
	for i := 0; i < len(v.By); {
		first, names := v.By[i], []string{}
		for ; i < len(v.By) && v.By[i].After == first.After && v.By[i].Assumed == first.Assumed; i++ {
			names = append(names, v.By[i].Vendor)
		}
		mark, text := "", strings.Join(names, ", ")
		if first.Assumed {
			mark = "~"
		}
		switch {
		case first.After > 0:
			text += " after " + mark + words(first.After)
		case timed:
			text += " " + mark + "at once"
		case first.Assumed:
			text = mark + text
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

// vendored is something that vendors do, with the tasks that they do it to.
type vendored struct {
	*promise.Vendor
	by    string
	tasks []string
}

// vendored lists what vendors do, each thing once: where it ends long runs, that is told
// also of tasks that have none.
func (r *Report) vendored() []vendored {
	var out []vendored
	for i := range r.Tasks {
		t := &r.Tasks[i]
		for k := range t.Platforms {
			list := t.Platforms[k].Vendors
			for n := range list {
				v := &list[n]
				by := vendors(v)
				at := slices.IndexFunc(out, func(o vendored) bool { return o.Effect == v.Effect && o.Clears == v.Clears && o.by == by })
				switch {
				case at < 0:
					at, out = len(out), append(out, vendored{Vendor: v, by: by})
				case len(v.Gets) > len(out[at].Gets):
					out[at].Vendor = v
				}
				if o := &out[at]; !slices.Contains(o.tasks, t.Name) {
					o.tasks = append(o.tasks, t.Name)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b vendored) int { return strings.Compare(a.Effect, b.Effect) })
	return out
}

// ofVendors tells what vendors do.
func (p *printer) ofVendors(r *Report) {
	list := r.vendored()
	if len(list) == 0 {
		return
	}
	p.Line("")
	p.Line("what vendors add to Android")
	for i := range list {
		v := &list[i]
		p.Hang("  ", fmt.Sprintf("%s (%s)", v.Effect, strings.Join(v.tasks, ", ")))
		p.Hang("    ", fmt.Sprintf("%s: %s [%s]", v.When, v.Gets, v.Source))
		p.Hang("    by     ", v.by)
		if v.Clears != "" {
			p.Hang("    clears ", v.Clears)
		}
	}
}

// ofVendorsInCells tells what vendors do as a table.
func (p *printer) ofVendorsInCells(r *Report) {
	list := r.vendored()
	if len(list) == 0 {
		return
	}
	p.Line("")
	p.Line("## What vendors add to Android")
	p.Line("")
	p.Cells("", "to", "when", "gets", "what clears it", "by", "source")
	p.Cells("---", "---", "---", "---", "---", "---", "---")
	for i := range list {
		v := &list[i]
		p.Cells(v.Effect, strings.Join(v.tasks, ", "), v.When, v.Gets, v.Clears, v.by, v.Source)
	}
}
