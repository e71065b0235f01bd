package link

import "time"

// lingerTime is how long a side looks again and again before it sleeps, at most. A peer that
// is at work answers within it; to sleep and be woken takes 3 to 50 us.
const lingerTime = 50 * time.Microsecond

// expectTime is the same for a message that the peer was just asked for and that it has to
// wake up for: in a virtual machine 50 us and more. That this side sleeps meanwhile saves little,
// and costs a second wake-up.
const expectTime = 250 * time.Microsecond

// patience decides whether a side lingers before a sleep. Where that is in vain it takes the
// processor from others, maybe from the very peer. So each time that it was, the next try is
// put off for twice as many waits; one that was not in vain makes good for all. A short
// sleep does not: two sides on one processor are quick, and lingering is in vain.
type patience struct {
	never  bool // there is one processor
	vain   uint8
	resume uint8 // waits until the next try
}

const mostVain = 7

// try is asked once for each wait.
func (p *patience) try() bool {
	if p.resume > 0 {
		p.resume--
	}
	return p.resume == 0 && !p.never
}

// putOff makes the next two waits sleeps.
func (p *patience) putOff() { p.resume = 3 }

// lingered says what came of it.
func (p *patience) lingered(enough bool) {
	if enough {
		p.vain = 0
		return
	}
	p.vain = min(p.vain+1, mostVain)
	p.resume = 1 << p.vain
}
