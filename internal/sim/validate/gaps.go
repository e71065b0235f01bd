package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lullwork/lull/work"
)

// of returns the runs of a task that ended by themselves.
func (s *seen) of(task string) []run {
	var out []run
	for _, r := range s.runs {
		if r.task == task && (r.out == work.Success || r.out == work.Failure) {
			out = append(out, r)
		}
	}
	return out
}

// gaps returns the times between the beginnings of runs that follow one another.
func gaps(runs []run) []int64 {
	var out []int64
	for i := 1; i < len(runs); i++ {
		out = append(out, runs[i].at-runs[i-1].at)
	}
	return out
}

// quantile returns that of a share, in percent, of a list; 0: it is empty.
func quantile(list []int64, percent int) int64 {
	if len(list) == 0 {
		return 0
	}
	list = slices.Sorted(slices.Values(list))
	return list[min(len(list)*percent/100, len(list)-1)]
}

func median(list []int64) int64 { return quantile(list, 50) }

func most(list []int64) int64 { return quantile(list, 100) }

func mean(list []int64) int64 {
	if len(list) == 0 {
		return 0
	}
	var sum int64
	for _, x := range list {
		sum += x
	}
	return sum / int64(len(list))
}

// emptyDays returns how many of the first days have no run.
func emptyDays(runs []run, days int) int {
	ran := make([]bool, days)
	for _, r := range runs {
		if d := r.at / day; d < int64(days) {
			ran[d] = true
		}
	}
	n := 0
	for _, x := range ran {
		if !x {
			n++
		}
	}
	return n
}

// hours writes a time in hours with one decimal.
func hours(us int64) string {
	tenths := (us + hour/20) / (hour / 10)
	return fmt.Sprintf("%d.%d", tenths/10, tenths%10)
}

// ratio writes a quotient with two decimals.
func ratio(a, b int64) string {
	if b == 0 {
		return "-"
	}
	n := (a*100 + b/2) / b
	return fmt.Sprintf("%d.%02d", n/100, n%100)
}

// list writes values one after the other.
func list(us []int64, write func(int64) string) string {
	out := make([]string, len(us))
	for i, x := range us {
		out[i] = write(x)
	}
	return strings.Join(out, ", ")
}

func seconds(us int64) string { return fmt.Sprint((us + second/2) / second) }

// lasts returns how long each phase of a state lasted, in their order, but for the one
// that goes on at the end.
func lasts(phases []phase, state string) []int64 {
	var out []int64
	for i := 0; i+1 < len(phases); i++ {
		if phases[i].state == state {
			out = append(out, phases[i+1].at-phases[i].at)
		}
	}
	return out
}

// at returns the state of an instant.
func at(phases []phase, when int64) string {
	state := ""
	for _, p := range phases {
		if p.at > when {
			break
		}
		state = p.state
	}
	return state
}

func sum(list []int64) (n int64) {
	for _, x := range list {
		n += x
	}
	return n
}
