package calendar

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// field describes one of the five, in their order.
type field struct {
	kind     int
	name     string
	min, max int // of what may be written: in dow 7 is a second name of 0
	names    string
}

const (
	minuteField = iota
	hourField
	domField
	monthField
	dowField
)

func fields() [5]field {
	return [5]field{
		{kind: minuteField, name: "minute", max: 59},
		{kind: hourField, name: "hour", max: 23},
		{kind: domField, name: "day-of-month", min: 1, max: 31},
		{kind: monthField, name: "month", min: 1, max: 12, names: "jan feb mar apr may jun jul aug sep oct nov dec"},
		{kind: dowField, name: "day-of-week", max: 7, names: "sun mon tue wed thu fri sat"},
	}
}

const (
	fieldOrder = "minute hour day-of-month month day-of-week"
	maxInput   = 1000
)

// every returns the set that "*/step" means.
func (f field) every(step int) uint64 { return f.bits(f.min, f.max, step) }

func (f field) bits(lo, hi, step int) uint64 {
	var set uint64
	for v := lo; v <= hi; v += step {
		if f.kind == dowField && v == 7 {
			set |= 1
			continue
		}
		set |= 1 << v
	}
	return set
}

// Parse reads a cron expression: five fields (minute 0-59, hour 0-23,
// day-of-month 1-31, month 1-12 or jan-dec, day-of-week 0-7 or sun-sat, 0 and 7
// are Sunday), each a list of values, ranges "a-b", stars, and steps "*/n" and
// "a-b/n"; or one of @hourly @daily @midnight @weekly @monthly @yearly @annually.
// Case does not matter. Errors are *SyntaxError; a date that does not exist in
// any year wraps ErrNever.
func Parse(expr string) (Expr, error) {
	p := parser{input: expr}
	if len(expr) > maxInput {
		return Expr{}, p.fail("", maxInput+1, "the expression is longer than 1000 bytes", "")
	}
	words := split(expr)
	if len(words) == 0 {
		return Expr{}, p.fail("", 1, "the expression is empty", "write five fields: "+fieldOrder)
	}
	first := words[0]
	if strings.HasPrefix(first.text, "@") {
		return p.macro(words)
	}
	if strings.Contains(first.text, "=") {
		return Expr{}, p.fail("", first.column, fmt.Sprintf("%s is not part of an expression", quote(first.text)), "set the time zone apart from it")
	}
	if len(words) != 5 {
		return Expr{}, p.wrongCount(words)
	}
	var e Expr
	sets := []*uint64{&e.minute, &e.hour, &e.dom, &e.month, &e.dow}
	for i, f := range fields() {
		set, err := p.field(f, words[i])
		if err != nil {
			return Expr{}, err
		}
		*sets[i] = set
	}
	e.domStar = words[domField].text[0] == '*'
	e.dowStar = words[dowField].text[0] == '*'
	if e.never() {
		err := p.fail(fields()[domField].name, words[domField].column,
			fmt.Sprintf("day %s of month %s never happens", words[domField].text, words[monthField].text), "no such month has that day")
		err.Err = ErrNever
		return Expr{}, err
	}
	return e, nil
}

// never reports whether no month has one of the allowed days. Any date that
// exists falls on each day of the week in some year, so the day-of-week field
// matters only by offering an alternative.
func (e Expr) never() bool {
	if !e.domStar && !e.dowStar {
		return false
	}
	for month := 1; month <= 12; month++ {
		if has(e.month, month) && previous(e.dom, longest(month)) > 0 {
			return false
		}
	}
	return true
}

func longest(month int) int {
	switch month {
	case 2:
		return 29
	case 4, 6, 9, 11:
		return 30
	default:
		return 31
	}
}

type word struct {
	text   string
	column int
}

func split(s string) []word {
	var words []word
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(" \t\r\n", s[i]) >= 0 {
			continue
		}
		end := i + 1
		for end < len(s) && strings.IndexByte(" \t\r\n", s[end]) < 0 {
			end++
		}
		words = append(words, word{text: lower(s[i:end]), column: i + 1})
		i = end
	}
	return words
}

// lower changes ASCII only: strings.ToLower may change the length of other text,
// and with it the columns of errors.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

type parser struct{ input string }

func (p parser) fail(field string, column int, problem, hint string) *SyntaxError {
	return &SyntaxError{Input: clip(p.input), Field: field, Column: column, Problem: problem, Hint: hint}
}

func quote(s string) string { return strconv.Quote(clip(s)) }

func (p parser) macro(words []word) (Expr, error) {
	name := words[0]
	if len(words) > 1 {
		hint := "a macro stands alone"
		if name.text == "@every" {
			hint = "intervals are not cron: write every: " + clip(words[1].text)
		}
		return Expr{}, p.fail("", words[1].column, fmt.Sprintf("unexpected %s after %s", quote(words[1].text), clip(name.text)), hint)
	}
	switch name.text {
	case "@hourly":
		return Parse("0 * * * *")
	case "@daily", "@midnight":
		return Parse("0 0 * * *")
	case "@weekly":
		return Parse("0 0 * * 0")
	case "@monthly":
		return Parse("0 0 1 * *")
	case "@yearly", "@annually":
		return Parse("0 0 1 1 *")
	}
	hint := "known are @hourly @daily @midnight @weekly @monthly @yearly @annually"
	if name.text == "@reboot" {
		hint = "an expression has instants only; a start of the machine is none"
	}
	return Expr{}, p.fail("", name.column, fmt.Sprintf("unknown macro %s", quote(name.text)), hint)
}

func (p parser) wrongCount(words []word) error {
	n := len(words)
	if n < 5 {
		missing := strings.Fields(fieldOrder)[n:]
		return p.fail(missing[0], len(strings.TrimRight(p.input, " \t\r\n"))+1,
			fmt.Sprintf("%s is missing: an expression has 5 fields, not %d", missing[0], n), "the fields are "+fieldOrder)
	}
	hint := "the fields are " + fieldOrder
	last := words[n-1].text
	switch year := strings.TrimLeft(last, "0123456789"); {
	case n == 6 && len(last)-len(year) == 4:
		hint = "years are not supported: drop the last field"
	case n == 6:
		hint = "seconds are not supported: drop the first field"
	case n == 7:
		hint = "seconds and years are not supported: drop the first and the last field"
	}
	return p.fail("", words[5].column, fmt.Sprintf("an expression has 5 fields, not %d", n), hint)
}

func (p parser) field(f field, w word) (uint64, error) {
	var set uint64
	column := w.column
	for item := range strings.SplitSeq(w.text, ",") {
		bits, err := p.item(f, word{text: item, column: column})
		if err != nil {
			return 0, err
		}
		set |= bits
		column += len(item) + 1
	}
	return set, nil
}

// item reads "*", "a", "a-b", each with an optional "/n" but for the single value.
func (p parser) item(f field, w word) (uint64, error) {
	if w.text == "" {
		return 0, p.fail(f.name, w.column, fmt.Sprintf("%s has an empty list item", f.name), "drop the extra comma")
	}
	body, stepText, stepped := strings.Cut(w.text, "/")
	step := 1
	if stepped {
		var err error
		if step, err = p.step(f, word{text: stepText, column: w.column + len(body) + 1}); err != nil {
			return 0, err
		}
	}
	if body == "*" {
		return f.bits(f.min, f.max, step), nil
	}
	loText, hiText, ranged := strings.Cut(body, "-")
	lo, err := p.value(f, word{text: loText, column: w.column})
	if err != nil {
		return 0, err
	}
	if !ranged {
		if stepped {
			return 0, p.fail(f.name, w.column, fmt.Sprintf("%s %s has a step but no range", f.name, quote(w.text)),
				fmt.Sprintf("write %d-%d/%d", lo%(f.top()+1), f.top(), step))
		}
		return f.bits(lo, lo, 1), nil
	}
	hi, err := p.value(f, word{text: hiText, column: w.column + len(loText) + 1})
	if err != nil {
		return 0, err
	}
	if hiText == "sun" && lo > 0 {
		hi = 7
	}
	if lo > hi {
		return 0, p.fail(f.name, w.column, fmt.Sprintf("%s range %s runs backwards", f.name, quote(body)), f.unwrapped(lo, hi))
	}
	return f.bits(lo, hi, step), nil
}

// top is the largest value to suggest: 7 would name Sunday twice.
func (f field) top() int {
	if f.kind == dowField {
		return 6
	}
	return f.max
}

// unwrapped suggests how to write a range that wraps around.
func (f field) unwrapped(lo, hi int) string {
	part := func(a, b int) string {
		if a == b {
			return strconv.Itoa(a)
		}
		return fmt.Sprintf("%d-%d", a, b)
	}
	return fmt.Sprintf("write %s,%s", part(lo, max(lo, f.top())), part(f.min, hi))
}

func (p parser) step(f field, w word) (int, error) {
	step, ok := number(w.text)
	switch {
	case !ok:
		return 0, p.fail(f.name, w.column, fmt.Sprintf("%s step %s is not a number", f.name, quote(w.text)), "write a step as */2 or 10-20/2")
	case step == 0:
		return 0, p.fail(f.name, w.column, fmt.Sprintf("%s step 0 never advances", f.name), "the smallest step is 1")
	case step > f.max:
		return 0, p.fail(f.name, w.column, fmt.Sprintf("%s step %s exceeds the range %d-%d", f.name, clip(w.text), f.min, f.max),
			"a step starts anew in each range; for longer periods use every:")
	}
	return step, nil
}

func (p parser) value(f field, w word) (int, error) {
	v, ok := number(w.text)
	if !ok {
		if i := slices.Index(strings.Fields(f.names), w.text); i >= 0 {
			return f.min + i, nil
		}
		return 0, p.fail(f.name, w.column, fmt.Sprintf("%s %s is not a value", f.name, quote(w.text)), f.hint(w.text))
	}
	if v < f.min || v > f.max {
		hint := ""
		switch {
		case f.kind == hourField && v == 24:
			hint = "midnight is hour 0"
		case f.kind == minuteField && v == 60:
			hint = "the full hour is minute 0"
		}
		return 0, p.fail(f.name, w.column, fmt.Sprintf("%s %s is out of range %d-%d", f.name, clip(w.text), f.min, f.max), hint)
	}
	return v, nil
}

// hint explains what was probably meant by something that is no value.
func (f field) hint(text string) string {
	switch {
	case text == "":
		return fmt.Sprintf("write a value of %d-%d or *", f.min, f.max)
	case text == "?":
		return "write * for any"
	case strings.HasPrefix(text, "*"):
		return "a star stands alone or before a step: * or */2"
	case text[0] == '+':
		return "write the number without a sign"
	case strings.Contains(text, "#"):
		return "n-th days are not supported"
	case f.names != "":
		names := strings.Fields(f.names)
		for _, name := range names {
			if strings.HasPrefix(text, name) {
				return "write " + name
			}
		}
		if strings.HasSuffix(text, "l") {
			return "last days are not supported"
		}
		return fmt.Sprintf("write %d-%d or %s-%s", f.min, f.max, names[0], names[len(names)-1])
	case f.kind == domField && strings.ContainsAny(text, "lw"):
		return "last and nearest days are not supported"
	case text[0] == 'h':
		return "hashed values are not supported: choose a number"
	}
	return fmt.Sprintf("write a value of %d-%d or *", f.min, f.max)
}

// number reads plain digits; what is too large for any field is capped, so that
// it is out of range rather than no number.
func number(s string) (int, bool) {
	if s == "" {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = min(n*10+int(s[i]-'0'), 100_000)
	}
	return n, true
}
