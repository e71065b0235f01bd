package ios

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/core/nearest"
)

// Params are the numbers by which iOS decides, those of the contract and those of the
// model. The zero value means the defaults; [Zero] stands for a number that is to be 0.
// Each is held as the table of [Parameters] says: durations in µs, shares, scores and
// probabilities in millionths, everything else in its unit.
type Params struct {
	Limits
	Model
}

// Zero is the value of a field of [Params] that is to be 0, not its default.
const Zero = -1

// Units of parameters. Others name what is counted.
const (
	unitSeconds = "s"
	unitShare   = "share" // held in millionths
	unitSwitch  = "true or false"
)

// Parameter is one of the numbers of [Params].
type Parameter struct {
	Name    string
	Default int64 // in its unit, a share in millionths
	Unit    string
	Since   string // version that it holds from
	Source  string
	// Tag is the evidence: doc, observed, 3rd, mem, assumed; two where the number stands
	// on more than one, as in observed+3rd.
	Tag   string
	field func(*Params) *int64
}

// Parameters lists everything that can be set by name.
func Parameters() []Parameter {
	var out []Parameter
	for _, c := range Constants() {
		out = append(out, Parameter{c.Name, c.Value, c.Unit, c.Since, c.Source, c.Tag, func(p *Params) *int64 { return c.field(&p.Limits) }})
	}
	for _, c := range modelConstants() {
		out = append(out, Parameter{c.name, c.value, c.unit, c.since, c.source, c.tag, func(p *Params) *int64 { return c.field(&p.Model) }})
	}
	return out
}

// ParameterByName finds a parameter. The error of an unknown name names the nearest.
func ParameterByName(name string) (Parameter, error) {
	all := Parameters()
	for _, d := range all {
		if d.Name == name {
			return d, nil
		}
	}
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	hint := "docs/platforms.md lists them"
	if near := nearest.Word(name, names); near != "" {
		hint = "do you mean " + near + "?"
	}
	return Parameter{}, fmt.Errorf("unknown parameter %q of ios: %s", name, hint)
}

// Assumed lists the names of the parameters that are, in part, assumptions of ours.
func Assumed() []string {
	var out []string
	for _, d := range Parameters() {
		if d.Assumed() {
			out = append(out, d.Name)
		}
	}
	return out
}

// Assumed reports whether the number is, in part, an assumption of ours.
func (d *Parameter) Assumed() bool { return strings.Contains(d.Tag, "assumed") }

// Of returns the parameter's value, in its unit.
func (d *Parameter) Of(p *Params) int64 {
	switch v := *d.field(p); v {
	case 0:
		return d.Default
	case Zero:
		return 0
	default:
		return v / d.scale()
	}
}

func (d *Parameter) put(p *Params, v int64) {
	if v *= d.scale(); v == 0 {
		v = Zero
	}
	*d.field(p) = v
}

func (d *Parameter) scale() int64 {
	if d.Unit == unitSeconds {
		return second
	}
	return 1
}

// Text writes a value of the parameter in its unit.
func (d *Parameter) Text(v int64) string {
	switch d.Unit {
	case unitShare:
		s := fmt.Sprintf("%d.%06d", v/one, v%one)
		return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	case unitSwitch:
		return strconv.FormatBool(v != 0)
	}
	return strconv.FormatInt(v, 10)
}

// read is Text backwards.
func (d *Parameter) read(s string) (v int64, err error) {
	switch d.Unit {
	case unitSwitch:
		var b bool
		if b, err = strconv.ParseBool(s); b {
			v = 1
		}
	case unitShare:
		whole, part, dot := strings.Cut(s, ".")
		if dot && part == "" || len(part) > 6 || strings.Contains(part, "_") {
			return 0, fmt.Errorf("%s: %q is no number with at most six decimals", d.Name, s)
		}
		v, err = strconv.ParseInt(whole+(part + "000000")[:6], 10, 64)
	default:
		v, err = strconv.ParseInt(s, 10, 64)
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %q does not fit: it takes a value like %s (%s)", d.Name, s, d.Text(d.Default), d.Unit)
	}
	return v, d.check(v)
}

// bounds are the least and the most that a parameter may be. Where tables of a fixed
// size depend on it they are narrow.
func (d *Parameter) bounds() (least, most int64) {
	switch d.Name {
	case "predictor_days":
		return 1, maxDays
	case "predictor_slot_s":
		return day / second / maxSlots, day / second
	case "widget_slots_per_day":
		return 1, maxSlots
	case "budget_slots_per_day":
		return 1, 1440
	case "rescore_s":
		return 60, day / second
	case "lookahead_redraw_s", "pushes_per_hour", "widget_views_full":
		return 1, 3600
	case "w_battery":
		return 1, 1000
	case "battery_floor_pct":
		return 0, 99
	}
	switch d.Unit {
	case unitShare:
		return 0, 10 * one
	case unitSwitch:
		return 0, 1
	case unitSeconds:
		return 0, 100 * 365 * day / second
	}
	return 0, 1 << 40
}

func (d *Parameter) check(v int64) error {
	if least, most := d.bounds(); v < least || v > most {
		return fmt.Errorf("%s: %s is out of range: it may be %s to %s", d.Name, d.Text(v), d.Text(least), d.Text(most))
	}
	return nil
}

// Set gives the parameter of a name a value, written in its unit: 0.8, 450, true.
func (p *Params) Set(name, value string) error {
	d, err := ParameterByName(name)
	if err != nil {
		return err
	}
	v, err := d.read(value)
	if err == nil {
		d.put(p, v)
	}
	return err
}

// Scale multiplies the parameter of a name by so many percent, as far as its range goes.
func (p *Params) Scale(name string, percent int64) error {
	d, err := ParameterByName(name)
	if err != nil {
		return err
	}
	least, most := d.bounds()
	d.put(p, min(max(d.Of(p)*percent/100, least), most))
	return nil
}

// filled returns the numbers with every default in its place.
func (p Params) filled() (Params, error) {
	var bad []error
	for _, d := range Parameters() {
		v := d.Of(&p)
		if err := d.check(v); err != nil {
			bad = append(bad, err)
		}
		*d.field(&p) = v * d.scale()
	}
	if p.ProcessingLeast > p.ProcessingMost {
		bad = append(bad, errors.New("processing_limit_min_s is above processing_limit_max_s"))
	}
	return p, errors.Join(bad...)
}
