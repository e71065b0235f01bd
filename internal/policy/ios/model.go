package ios

import "github.com/lullwork/lull/internal/record"

// model is what the numbers of Params come to: tables made once, so that no decision
// has to work them out again.
type model struct {
	slots         int // of the predictor, a day
	slotLength    int64
	cliffSquare   int64 // likelihoods from here on score 1
	weights       int64 // of all parts of a score
	unusedRefresh int64 // so long after its last use an app is not used any more, µs
	recent        int64 // apps used so long ago are among the recent ones, µs
	pushEvery     int64 // µs
	budgetSlots   int
	budgetLength  int64
	budgetPart    int64 // share of a slot
	widgetSlots   int
	widgetPart    int64
	widgetLength  int64
	middles       []int // slots of the predictor in which those of the budget have their middle
	Params
	pad          bool // it processes off the charger while it is well charged
	batteryScore [101]int64
	pluggedScore [101]int64
	// batteryStep changes where a decision may: every 5 %, and at each limit.
	batteryStep [101]uint8
	limits      [len(quantiles)]int64 // of processing, µs
}

func newModel(p Params, pad bool) (*model, error) {
	p, err := p.filled()
	if err != nil {
		return nil, err
	}
	m := &model{Params: p, pad: pad || p.ProcessingAnyway != 0}
	m.slotLength = p.PredictorSlot
	m.slots = int((day + m.slotLength - 1) / m.slotLength)
	m.budgetSlots, m.budgetLength = slotsOf(p.BudgetSlots)
	m.widgetSlots, m.widgetLength = slotsOf(p.WidgetSlots)
	m.middles = make([]int, m.budgetSlots)
	for i := range m.middles {
		m.middles[i] = slotOf(int64(i)*m.budgetLength+m.budgetLength/2, m.slotLength)
	}
	m.budgetPart, m.widgetPart = int64(one)/int64(m.budgetSlots), int64(one)/int64(m.widgetSlots)
	m.cliffSquare = (p.AppCliff + 1) * (p.AppCliff + 1) / one
	for m.cliffSquare > 0 && scoreRoot(m.cliffSquare-1) > p.AppCliff {
		m.cliffSquare--
	}
	for m.cliffSquare <= one && scoreRoot(m.cliffSquare) <= p.AppCliff {
		m.cliffSquare++
	}
	m.unusedRefresh = p.UnusedRefresh*day + 1
	m.weights = p.WeightApp + p.WeightDevice + p.WeightBattery
	m.recent = p.RecentApps * p.RecentPerApp
	m.pushEvery = 3600 * second / p.PushesPerHour
	marks := [...]int64{p.CriticalPercent, p.PowerReleasePercent, p.PadProcessingPercent, p.UtilityPercent}
	for level := range int64(101) {
		b := int64(0)
		if level > p.CriticalPercent {
			b = scorePower((level-p.CriticalPercent)*one/(100-p.CriticalPercent), p.BatteryExponent)
		}
		m.batteryScore[level] = b
		m.pluggedScore[level] = min(ofScore(b, p.BatteryPlugMult), one)
		step := level / 5
		for _, at := range marks {
			if level >= at {
				step++
			}
		}
		m.batteryStep[level] = uint8(step)
	}
	for i, z := range quantiles {
		m.limits[i] = min(max(p.ProcessingLimit/1000*exponential(p.ProcessingSpread*z/one)/1000, p.ProcessingLeast), p.ProcessingMost)
	}
	return m, nil
}

// slotsOf divides a day.
func slotsOf(n int64) (slots int, length int64) {
	length = (day + n - 1) / n
	return int((day + length - 1) / length), length
}

// level returns a battery level that tables can be asked for; -1: not known.
func level(f *record.Facts) int64 {
	if v := f[record.BatteryLevel].Value; v >= 0 {
		return min(v, 100)
	}
	return -1
}
