package ios

import "github.com/lullwork/lull/internal/core/chance"

// quantiles are those of the standard normal distribution, in millionths: of 1/512,
// 1/64, 2/64 and so on to 63/64, and of 511/512.
var quantiles = [...]int64{
	-2885635, -2153875, -1862732, -1675940, -1534121, -1417797, -1318011, -1229859, -1150349, -1077516, -1009990, -946782,
	-887147, -830511, -776422, -724514, -674490, -626099, -579132, -533410, -488776, -445097, -402250, -360130,
	-318639, -277690, -237202, -197099, -157311, -117770, -78412, -39176, 0, 39176, 78412, 117770,
	157311, 197099, 237202, 277690, 318639, 360130, 402250, 445097, 488776, 533410, 579132, 626099,
	674490, 724514, 776422, 830511, 887147, 946782, 1009990, 1077516, 1150349, 1229859, 1318011, 1417797,
	1534121, 1675940, 1862732, 2153875, 2885635,
}

// processingLimit draws how long a processing run may take: log-normal around what is
// typical, within what was seen.
func (m *model) processingLimit(c chance.Stream) int64 {
	const steps = int64(len(m.limits) - 1)
	x := c.Below(steps << 20)
	i, part := x>>20, x&(1<<20-1)
	return m.limits[i] + (m.limits[i+1]-m.limits[i])/1024*part/1024
}

// untilIdle returns when the phone has been left alone for long enough to process, on
// its charger if it is on one.
func (s *System) untilIdle() int64 {
	since := s.Left
	if s.Dev.Charging {
		since = max(since, s.Plugged)
	}
	return since + s.m.ProcessingIdle
}
