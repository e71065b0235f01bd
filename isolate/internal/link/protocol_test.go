package link

import (
	"fmt"
	"strings"
	"testing"
)

const modelRing = 4 // bytes at most

// machine is a waiter or a notifier.
type machine interface{ next(result uint64) step }

// process is one side of the model: it waits, copies bytes one by one, publishes.
type process struct {
	phase   uint8 // of a round
	wait    waiter
	note    notifier
	todo    step // what it does next, if it waits or publishes
	asleep  bool
	own     uint64
	avail   uint64
	copied  uint64
	message int
	left    uint64 // of the message
}

const (
	inWait uint8 = iota
	inCopy
	inNote
	over
)

// world is the whole state: it can be compared.
type world struct {
	index [2]uint64 // tail, head
	flag  [2]uint64 // of the writer, of the reader
	token [2]bool   // a message on the socket came
	ring  [modelRing]byte
	side  [2]process
}

// model is what to explore.
type model struct {
	size     uint64
	messages []uint64
	tires    bool // naps may be too long
	spurious bool // sleepers may wake for nothing
	patient  bool // both linger before they sleep
	dozes    bool // the reader naps for as long as it takes
	// lateClear is the naive protocol: look at the flag, wake, lower the flag.
	lateClear bool

	seen   map[world]struct{}
	states []world
	from   []int // the place of the state before, in states
}

func (m *model) enter(w *world, side int) {
	p := &w.side[side]
	writes := side == 0
	if p.left == 0 {
		if p.message == len(m.messages) {
			p.phase = over
			return
		}
		p.left = m.messages[p.message]
		p.message++
	}
	need := uint64(1)
	if writes {
		need = enoughSpace(p.left, m.size)
	}
	p.phase = inWait
	p.wait = waiter{writes: writes, own: p.own, size: m.size, need: need, patient: m.patient, dozes: m.dozes && !writes}
	p.todo = p.wait.next(0)
}

// step lets one side do one step. It is nil if the side cannot.
func (m *model) step(w world, side int) (*world, error) {
	p := &w.side[side]
	if p.phase == over || p.asleep {
		return nil, nil
	}
	if p.phase == inCopy {
		return &w, m.copyByte(&w, side)
	}
	result := uint64(0)
	switch other := 1 - side; p.todo.do {
	case loadPeer, linger: // lingering ends at any time, and has seen what is there then
		result = w.index[other]
	case publish:
		w.index[side] = p.todo.arg
	case raise:
		w.flag[side] = p.todo.arg
	case sleep:
		if p.todo.arg != parked && w.flag[side] == p.todo.arg {
			p.asleep = true
			return &w, nil
		}
		if p.todo.arg == parked && !w.token[side] {
			p.asleep = true
			return &w, nil
		}
		if p.todo.arg == parked {
			w.token[side] = false
		}
	case peek:
		result = w.flag[other]
	case take:
		result = w.flag[other]
		if m.lateClear { // the step only looks, and the flag falls with the wake-up
			break
		}
		w.flag[other] = nobody
	case wake:
		m.wakeUp(&w, other, p.todo.arg)
		if m.lateClear {
			p.todo = step{do: lower}
			return &w, nil
		}
	case lower:
		w.flag[other] = nobody
	case corrupt:
		return nil, fmt.Errorf("side %d takes the other one for corrupt", side)
	}
	m.advance(&w, side, result)
	return &w, nil
}

// lower is the late step of the naive protocol.
const lower action = 100

func (m *model) wakeUp(w *world, side int, kind uint64) {
	p := &w.side[side]
	switch {
	case p.asleep && p.todo.arg == kind:
		p.asleep = false
		m.advance(w, side, woken)
	case kind == parked:
		w.token[side] = true
	}
}

// advance gives a result to the machine and enters the next phase at its end.
func (m *model) advance(w *world, side int, result uint64) {
	p := &w.side[side]
	var run machine = &p.note
	if p.phase == inWait {
		run = &p.wait
	}
	if p.todo = run.next(result); p.todo.do != finish {
		return
	}
	if p.phase == inWait {
		p.phase, p.avail, p.copied = inCopy, p.wait.avail, 0
		return
	}
	m.enter(w, side)
}

// copyByte moves one byte. Which byte it is tells its place in the stream.
func (m *model) copyByte(w *world, side int) error {
	p := &w.side[side]
	cell := &w.ring[p.own%m.size]
	if side == 0 {
		*cell = byte(p.own + 1)
	} else if *cell != byte(p.own+1) {
		return fmt.Errorf("byte %d is that of place %d: overtaken or torn", p.own, int(*cell)-1)
	}
	p.own, p.copied, p.left = p.own+1, p.copied+1, p.left-1
	if p.left > 0 && p.copied < p.avail {
		return nil
	}
	p.phase = inNote
	p.note = notifier{index: p.own, quiet: side == 1 && quietRead(p.avail-p.copied, m.size)}
	p.todo = p.note.next(0)
	return nil
}

// explore visits every state. The error names a bad one and the way to it.
func (m *model) explore() error {
	m.seen = map[world]struct{}{}
	var first world
	m.enter(&first, 0)
	m.enter(&first, 1)
	m.visit(first, 0)
	for at := 0; at < len(m.states); at++ {
		w := m.states[at]
		moved := false
		for side := range 2 {
			next, err := m.step(w, side)
			if err != nil {
				return fmt.Errorf("%w\n%s", err, m.way(at))
			}
			if next != nil {
				moved = true
				m.visit(*next, at)
			}
			if p := w.side[side]; p.asleep {
				moved = m.disturb(w, side, at) || moved
			}
		}
		if !moved && (w.side[0].phase != over || w.side[1].phase != over) {
			return fmt.Errorf("deadlock: a wake-up was lost\n%s", m.way(at))
		}
	}
	return nil
}

// disturb ends a sleep without a wake-up, where the model allows it. It is no way out of
// a deadlock unless a nap gets too long, which the real one does.
func (m *model) disturb(w world, side, at int) bool {
	out := false
	try := func(result uint64) {
		next := w
		next.side[side].asleep = false
		m.advance(&next, side, result)
		m.visit(next, at)
	}
	kind := w.side[side].todo.arg
	if m.spurious {
		try(woken)
	}
	if m.tires && kind == napping {
		try(tired)
		out = true
	}
	return out
}

func (m *model) visit(w world, from int) {
	if _, ok := m.seen[w]; !ok {
		m.seen[w] = struct{}{}
		m.states, m.from = append(m.states, w), append(m.from, from)
	}
}

// way prints the last states before the one at a place.
func (m *model) way(at int) string {
	var lines []string
	for range 30 {
		w := m.states[at]
		line := fmt.Sprintf("index %v flags %v", w.index, w.flag)
		for side, p := range w.side {
			line += fmt.Sprintf(" | %s phase %d step %v asleep %v", []string{"writer", "reader"}[side], p.phase, p.todo, p.asleep)
		}
		lines = append([]string{line}, lines...)
		if at == 0 {
			break
		}
		at = m.from[at]
	}
	return strings.Join(lines, "\n")
}

func models(lateClear bool) []*model {
	var list []*model
	for _, size := range []uint64{1, 2, 4} {
		scripts := [][]uint64{{1, 1, 1}, {2, 3}}
		if *long {
			scripts = append(scripts, []uint64{2, 1, 2}, []uint64{3, 5, 1}, []uint64{1, 7, 2, 1}, []uint64{6, 6})
		}
		for _, messages := range scripts {
			for _, tires := range []bool{false, true} {
				for _, spurious := range []bool{false, true} {
					if tires != spurious && !*long {
						continue
					}
					for _, patient := range []bool{false, true} {
						if tires && !patient && !*long {
							continue
						}
						for _, dozes := range []bool{false, true} {
							list = append(list, &model{
								size: size, messages: messages, tires: tires, spurious: spurious, patient: patient, dozes: dozes,
								lateClear: lateClear,
							})
						}
					}
				}
			}
		}
	}
	return list
}

// TestAllInterleavings walks through every order of steps of a writer and a reader.
func TestAllInterleavings(t *testing.T) {
	states := 0
	for _, m := range models(false) {
		if err := m.explore(); err != nil {
			t.Fatalf("ring of %d, messages %v, tires %v, spurious %v, patient %v, dozes %v: %v",
				m.size, m.messages, m.tires, m.spurious, m.patient, m.dozes, err)
		}
		states += len(m.states)
		m.seen, m.states, m.from = nil, nil, nil
	}
	t.Logf("%d states", states)
}

// TestExplorerFindsLateClear is the control: the naive protocol, in which the flag falls
// after the wake-up, must be caught.
func TestExplorerFindsLateClear(t *testing.T) {
	found := 0
	var last error
	for _, m := range models(true) {
		if err := m.explore(); err != nil && strings.HasPrefix(err.Error(), "deadlock") {
			found++
			last = err
		}
		m.seen, m.states, m.from = nil, nil, nil
	}
	if found == 0 {
		t.Fatal("the lost wake-up of the naive protocol was not found")
	}
	t.Logf("found in %d models, for instance:\n%v", found, last)
}

// TestWaiterRejects gives indices that no sound peer has.
func TestWaiterRejects(t *testing.T) {
	for _, test := range []struct {
		writes    bool
		own, peer uint64
	}{
		{false, 100, 99},
		{false, 100, 100 + 65},
		{false, 0, 1 << 63},
		{true, 100, 101},
		{true, 100, 100 - 65},
		{true, 0, 1 << 63},
	} {
		w := waiter{writes: test.writes, own: test.own, size: 64, need: 1}
		w.next(0)
		if s := w.next(test.peer); s.do != corrupt {
			t.Errorf("%+v: %v", test, s)
		}
	}
}
