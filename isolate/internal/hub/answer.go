package hub

// maxAnswers is how many answers may wait to be sent over an edge. Who asks has a port for
// each answer, and no sound peer has so many.
const maxAnswers = MaxNamed

// answer is what is said to somebody who asked.
type answer struct {
	to   *Ref
	m    Message
	size int
}

// Answer sends to who asked, without waiting. There is room for it: who asks opens a port
// for one answer. A peer that has none, or does not read what it asked for, goes without.
func (r *Ref) Answer(m Message) {
	if r == nil {
		return
	}
	h, size := r.hub, m.size()
	h.mu.Lock()
	if r.dead || len(r.waiting) > 0 || !r.out.fits(size) || r.edge != nil && len(r.edge.answers) >= maxAnswers {
		h.mu.Unlock()
		return
	}
	r.out.add(size)
	if r.port != nil {
		_ = r.transmit(m, size)
		return
	}
	e := r.edge
	e.answers = append(e.answers, answer{r, m, size})
	if !e.answering {
		e.answering = true
		h.helpers++
		go e.answer()
	}
	h.mu.Unlock()
}

// answer sends the answers in their order.
func (e *Edge) answer() {
	h := e.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(e.answers) > 0 && !e.gone {
		a := e.answers[0]
		e.answers[0] = answer{}
		e.answers = e.answers[1:]
		if a.to.dead {
			continue
		}
		_ = a.to.transmit(a.m, a.size) // an error: it goes without
		h.mu.Lock()
	}
	e.answering, e.answers = false, nil
	h.helpers--
}
