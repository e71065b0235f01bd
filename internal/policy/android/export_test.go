package android

// Rows returns how many rows the table of the system's values has.
func Rows() int { return len(table()) }

// Row returns a row: its parameter, and in words from when and for whom it holds.
func Row(i int) (x Param, holds string) {
	r := table()[i]
	return r.param, r.since.String() + " " + r.vendor
}

// BentProfile is a profile of a table in which one row has another value: a larger one
// or a smaller one.
func BentProfile(i int, larger bool, v Version, vendor string) *Profile {
	t := table()
	switch r := &t[i]; {
	case r.param.Unit() == unitFlag:
		r.value = 1 - r.value
	case r.value == never:
		r.value = hour
	case r.value == 0 && r.param.Unit() == unitTime:
		r.value = second
	case r.value == 0:
		r.value = 1
	case larger:
		r.value *= 2
	default:
		r.value /= 2
	}
	if vendor == "" {
		vendor = AOSP
	}
	return newProfile(t, v, vendor)
}
