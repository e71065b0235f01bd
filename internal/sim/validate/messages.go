package validate

import (
	"slices"

	"github.com/lullwork/lull/internal/sim/scenario"
)

// held reports whether Doze holds things at an instant.
func (s *seen) held(when int64) bool {
	light := at(s.light, when)
	return at(s.deep, when) == "IDLE" || light == "IDLE" || light == "WAITING_FOR_NETWORK"
}

// opens returns when Doze holds nothing any more, from an instant on.
func (s *seen) opens(from int64) int64 {
	for _, when := range s.turns() {
		if when > from && !s.held(when) {
			return when
		}
	}
	return -1
}

// turns are the instants at which a state of Doze changes.
func (s *seen) turns() []int64 {
	var out []int64
	for _, p := range slices.Concat(s.deep, s.light) {
		out = append(out, p.at)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func tryMessages() (f finding, err error) {
	w := scene{plan: "messages.yaml", platform: scenario.Android, android: "11", days: 2, script: begin()}
	phones, err := w.play()
	if err != nil {
		return f, err
	}
	y := &phones[0]
	// How long a message of a task is kept.
	kept := map[string]int64{"kept": 28 * day, "brief": 10 * minute, "now": 0}
	arrived, waited, batches := 0, 0, map[int64]int{}
	for _, r := range y.runs {
		arrived++
		switch open := y.opens(r.asked); {
		case !y.held(r.asked):
			f.must(r.at == r.asked, "a message that came in no Doze waited %s s", seconds(r.at-r.asked))
		default:
			waited++
			batches[r.at]++
			f.must(r.at == open, "a message that waited for a window was not delivered with it")
			f.must(open-r.asked < kept[r.task], "a message was delivered after its time to live")
		}
	}
	dropped := 0
	for _, r := range y.dropped {
		open := y.opens(r.asked)
		if open < 0 && r.task == "kept" {
			continue
		}
		arrived, dropped = arrived+1, dropped+1
		f.must(y.held(r.asked), "a message was dropped that came in no Doze")
		f.must(open < 0 || open-r.asked >= kept[r.task], "a message was dropped before its time to live ran out")
		f.must(r.at-r.asked <= kept[r.task]+1, "a message was dropped late")
	}
	f.causes = slices.Compact(f.causes)
	f.say("%d messages: %d waited for %d windows, %d dropped as their time to live ran out, all others delivered at once", arrived, waited, len(batches), dropped)
	f.must(waited > 2*len(batches) && dropped > 0, "nothing waited, or nothing was dropped")
	return f, nil
}
