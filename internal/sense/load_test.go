package sense

import (
	"testing"
	"time"

	"github.com/lullwork/lull/internal/record"
)

func TestLoad(t *testing.T) {
	const calm = "some avg10=9.99 avg60=0.00 avg300=0.00 total=1\nfull avg10=99.00 avg60=0.00 avg300=0.00 total=0"
	const busy = "some avg10=10.00 avg60=0.00 avg300=0.00 total=1"
	const cpus = "cpu  1 2 3\ncpu0 1 2 3\ncpu1 1 2 3\nintr 5"
	for _, c := range []struct {
		name   string
		files  map[string]string
		want   int64
		source string
	}{
		{"calm", map[string]string{"cpu": calm, "io": calm, "memory": calm}, 0, "PSI cpu, io, memory"},
		{"processor", map[string]string{"cpu": busy, "io": calm, "memory": calm}, 1, "PSI cpu"},
		{"disk", map[string]string{"cpu": calm, "io": busy, "memory": calm}, 1, "PSI io"},
		{"memory", map[string]string{"cpu": calm, "io": calm, "memory": busy}, 1, "PSI memory"},
		{"only one", map[string]string{"io": calm}, 0, "PSI io"},
		{"garbled", map[string]string{"cpu": "some avg10=x", "../loadavg": "1.99 0.00 0.00 1/2 3", "../stat": cpus}, 0, "load average"},
		{"no PSI, calm", map[string]string{"../loadavg": "1.99 0.00 0.00 1/2 3", "../stat": cpus}, 0, "load average"},
		{"no PSI, busy", map[string]string{"../loadavg": "2.00 0.00 0.00 1/2 3", "../stat": cpus}, 1, "load average"},
		{"nothing", nil, record.Unknown, ""},
	} {
		files := map[string]string{}
		for name, text := range c.files {
			files["proc/pressure/"+name] = text
		}
		fired := newTriggered()
		fired.heed()
		root := fakeRoot(t, files)
		r, again := readLoad(root, fired)
		r[record.LoadHigh].check(t, c.name, c.want, c.source, "")
		if high := c.want == 1 && c.source != "load average"; (again > 0) != high {
			t.Errorf("%s: reads again after %v", c.name, again)
		}
		if _, again := readLoad(root, newTriggered()); again > 0 {
			t.Errorf("%s: reads again after %v although nobody asks for the load", c.name, again)
		}
	}

	root := fakeRoot(t, map[string]string{"proc/pressure/io": calm})
	fired, calmed := newTriggered(), 0
	fired.heeded.Store(true)
	fired.look = func() { calmed++ }
	fired.fire(1)
	r, again := readLoad(root, fired)
	r[record.LoadHigh].check(t, "trigger", 1, "PSI io", "")
	if !fired.high.Load() || again != recheckPressure {
		t.Errorf("high %v, again after %v", fired.high.Load(), again)
	}
	fired.start = fired.start.Add(-triggerHolds)
	r, again = readLoad(root, fired)
	r[record.LoadHigh].check(t, "trigger over", 0, "PSI io", "")
	if fired.high.Load() || calmed != 1 || again != 0 {
		t.Errorf("high %v, calmed %d times, again after %v", fired.high.Load(), calmed, again)
	}
	if fired.set(true); fired.set(false) != 0 || calmed != 2 {
		t.Errorf("calmed %d times", calmed)
	}
	fired.set(true)
	fired.start = fired.start.Add(-time.Minute)
	if again := fired.set(true); again < time.Minute {
		t.Errorf("high for a minute, again after %v", again)
	}
}
