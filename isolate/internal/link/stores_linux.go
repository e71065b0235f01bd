//go:build amd64 || arm64 || riscv64

package link

import "time"

// stores decides how a side writes into the ring: by ordinary stores, or by such that go past
// the caches. Where the processors of both sides share a cache, ordinary ones are as fast,
// and let the other side find in the cache what it reads. Where they do not, to take each
// line away from the cache of the other one is ten times as slow. Nobody tells which it is,
// and it changes while both run. So the time of each piece is taken, and now and then one
// is written in the way that was slower last time.
type stores struct {
	cost [2]uint64 // of a KiB, ordinary and past the caches, in sixteenths of a ns; 0: not known
	next int       // pieces until the other way is tried
}

const (
	measured   = 8 << 10 // bytes of a piece that is worth it
	betweenTry = 32      // pieces, times how much slower the other way is
	mostTry    = 4096
)

// past decides for a piece. took must follow.
func (s *stores) past() bool {
	switch {
	case s.cost[0] == 0:
		return false
	case s.cost[1] == 0:
		return true
	}
	past := s.cost[0] > 2*s.cost[1]
	if s.next--; s.next <= 0 {
		better, other := s.cost[0], s.cost[1]
		if past {
			better, other = other, better
		}
		s.next = int(min(betweenTry*max(1, other/better), mostTry))
		return !past
	}
	return past
}

// within is how many bytes were written in so much time, lately and in the better way; 0 if that
// is not known.
func (s *stores) within(d time.Duration) int {
	cost := s.cost[0]
	if cost == 0 || s.cost[1] > 0 && s.cost[1] < cost {
		cost = s.cost[1]
	}
	if cost == 0 {
		return 0
	}
	return int(uint64(d) << 14 / cost)
}

// took says how long a piece took. One that took far longer than usual was interrupted.
func (s *stores) took(past bool, bytes int, d time.Duration) {
	cost := max(1, uint64(max(0, d))<<14/uint64(bytes))
	c := &s.cost[0]
	if past {
		c = &s.cost[1]
	}
	if *c == 0 || cost < *c {
		*c = cost
		return
	}
	*c += (min(cost, 4**c) - *c + 7) / 8
}
