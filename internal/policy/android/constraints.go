package android

import (
	"strings"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/work"
)

// InProcess is how WorkManager's own scheduler judges constraints while the app's
// process lives.
type InProcess struct {
	Left bool // it does not: they are left to JobScheduler
	Met  bool
	Stop work.StopReason // of the first that is unmet
}

// InProcess judges constraints in process.
func (p Policy) InProcess(n work.Constraints, f *record.Facts) InProcess {
	if n.Idle || n.ContentURIs > 0 {
		return InProcess{Left: true}
	}
	for _, need := range core.NeedsOf(n) {
		if v := p.Judge(need, f); v.State != record.Met {
			return InProcess{Stop: v.Stop}
		}
	}
	return InProcess{Met: true}
}

// BatteryLowAtFirst reports whether a battery counts as low when WorkManager begins to
// look at it.
func (p *Profile) BatteryLowAtFirst(level int64) bool { return level <= p.values[factBatteryLow] }

// BatteryLow reports whether a battery counts as low after the system said so, or said
// the opposite, last: what lies between the two levels changes nothing.
func (p *Profile) BatteryLow(level int64, plugged, was bool) bool {
	return !plugged && (level <= p.values[factBatteryLow] || was && level < p.values[factBatteryOkay])
}

// network judges a need of the network: by the request where the API has requests, else
// by the type.
func (p Policy) network(n core.Need, f *record.Facts) core.Verdict {
	if n.Request != "" && p.api() >= apiRequest {
		return requested(n.Request, f)
	}
	return networkVerdict(p.networkType(n.Network, f), n.Network.String())
}

func networkVerdict(met bool, kind string) core.Verdict {
	unmet := ""
	if !met {
		unmet = "no " + kind + " network"
	}
	return verdict(met, work.ReasonNetwork, pendingNetwork, work.StopConnectivity, unmet)
}

func (p Policy) networkType(kind work.Network, f *record.Facts) bool {
	connected, api := f[record.Connected].Value == 1, p.api()
	switch {
	case kind == work.NoNetwork, kind == work.TemporarilyUnmetered && api < apiTemporary:
		return true
	case !connected:
		return false
	case kind == work.Connected:
		return api < apiValidated || f[record.Validated].Value == 1
	case kind == work.NotRoaming:
		return api < apiRoaming || f[record.Roaming].Value == 0
	case kind == work.Metered:
		return api < apiMetered || f[record.Metered].Value == 1
	}
	return f[record.Metered].Value == 0
}

// capabilities are those of NetworkCapabilities that facts tell, or that every network
// of an ordinary app has.
var capabilities = []struct {
	name   string
	signal record.Signal
	value  int64
}{
	{"internet", record.Connected, 1},
	{"not-restricted", record.Connected, 1},
	{"trusted", record.Connected, 1},
	{"not-vpn", record.Connected, 1},
	{"not-suspended", record.Connected, 1},
	{"validated", record.Validated, 1},
	{"not-metered", record.Metered, 0},
	{"temporarily-not-metered", record.Metered, 0},
	{"not-roaming", record.Roaming, 0},
}

// requested judges a custom request: the names of capabilities with commas between.
// One that facts do not tell of is unknown, and so holds the work.
func requested(request string, f *record.Facts) core.Verdict {
	v := networkVerdict(f[record.Connected].Value == 1, "requested")
next:
	for word := range strings.SplitSeq(request, ",") {
		word = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(word)), "_", "-")
		word = strings.TrimPrefix(word, "net-capability-")
		for _, c := range capabilities {
			if c.name != word {
				continue
			}
			if f[c.signal].Value != c.value && v.State == record.Met {
				v = networkVerdict(false, word)
			}
			continue next
		}
		v.State, v.Code = record.NotKnown, work.ReasonUnknown
		v.Message = "whether a network has the capability " + word + " is not known"
		v.Fix = "request capabilities among internet, validated, not-metered, not-roaming"
		return v
	}
	return v
}
