package link

// How the two sides of a ring wait for each other, as step machines without effects: the
// ring performs the steps on shared memory, and a test walks through all interleavings.
//
// Each direction has two indices, tail (bytes written) and head (bytes read), each stored
// by one side only, and two flags. A side that is about to sleep raises its own flag,
// looks again, and sleeps only while the flag is up. The other side publishes its index
// first and looks at the flag then; to lower the flag and to decide on the wake-up are
// one atomic step. Lowering it after the wake-up would lose a flag that the sleeper, long
// awake, has raised anew.

// action is one atomic step.
type action uint8

const (
	loadPeer action = iota // the result is the index of the other side
	linger                 // the same, after a while if need be
	publish                // own index = arg
	raise                  // own flag = arg
	sleep                  // while the own flag is arg, until woken or tired: the result
	peek                   // the result is the flag of the other side
	take                   // the same, and it becomes nobody
	wake                   // wake the other side, which sleeps as arg says
	finish                 // the machine is done
	corrupt                // so is the peer
)

// Values of a flag: how its side sleeps.
const (
	nobody  uint64 = iota
	napping        // in a futex: quick, but it occupies a thread
	parked         // until a message on the socket, for as long as it takes
	dozing         // in a futex, for as long as it takes
)

// Results of sleep.
const (
	woken uint64 = iota // maybe for nothing
	tired               // a nap was too long
)

type step struct {
	do  action
	arg uint64
}

// waiter waits for bytes or, if it writes, for space.
type waiter struct {
	writes    bool
	own, size uint64 // own index, bytes of the ring
	need      uint64 // is enough
	patient   bool   // linger before a sleep
	dozes     bool   // rather than nap
	avail     uint64 // the outcome
	kind      uint64
	at        uint8
}

// next takes the result of the step before, of which the first one has none.
func (w *waiter) next(result uint64) step {
	const (
		begin = iota
		looked
		lingered
		raised
		lookedAgain
		slept
		end
	)
	switch w.at {
	case begin:
		w.at, w.kind = looked, w.first()
		return step{do: loadPeer}
	case looked, lingered:
		if w.judge(result) {
			return step{do: corrupt}
		}
		if w.avail >= w.need {
			return step{do: finish}
		}
		if w.patient && w.at == looked {
			w.at = lingered
			return step{do: linger}
		}
		w.at = raised
		return step{raise, w.kind}
	case raised:
		w.at = lookedAgain
		return step{do: loadPeer}
	case lookedAgain:
		if w.judge(result) {
			return step{do: corrupt}
		}
		if w.avail >= w.need {
			w.at = end
			return step{raise, nobody}
		}
		w.at = slept
		return step{sleep, w.kind}
	case slept:
		if result == tired {
			w.kind, w.at = parked, raised
			return step{raise, w.kind}
		}
		w.patient = w.kind != napping // who calls for nothing is about to have something
		w.at, w.kind = looked, w.first()
		return step{do: loadPeer}
	}
	return step{do: finish}
}

// first is the kind of sleep that a wait begins with.
func (w *waiter) first() uint64 {
	if w.dozes {
		return dozing
	}
	return napping
}

// judge computes what is there. It is true if no sound peer has this index.
func (w *waiter) judge(peer uint64) bool {
	if w.writes {
		used := w.own - peer
		w.avail = w.size - used
		return used > w.size
	}
	w.avail = peer - w.own
	return w.avail > w.size
}

// notifier publishes an index and wakes the other side if it sleeps.
type notifier struct {
	index uint64
	quiet bool // the other side would have too little to do
	at    uint8
}

func (n *notifier) next(result uint64) step {
	const (
		begin = iota
		published
		peeked
		taken
		end
	)
	switch n.at {
	case begin:
		n.at = published
		return step{publish, n.index}
	case published:
		if !n.quiet {
			n.at = peeked
			return step{do: peek}
		}
	case peeked:
		if result != nobody {
			n.at = taken
			return step{do: take}
		}
	case taken:
		if result != nobody {
			n.at = end
			return step{wake, result}
		}
	}
	return step{do: finish}
}

// enoughSpace is how much space a writer of n bytes waits for, and quietRead whether a
// reader that leaves avail bytes lets it sleep on. A reader that sleeps has left none.
func enoughSpace(n, size uint64) uint64 { return min(n, max(size/4, 1)) }
func quietRead(avail, size uint64) bool { return avail > size/2 }
