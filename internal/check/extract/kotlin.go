package extract

import (
	"strconv"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
)

func itoa(n int) string { return strconv.Itoa(n) }

// units are the names of java.util.concurrent.TimeUnit and of java.time.Duration's
// constructors, in microseconds.
var units = map[string]int64{
	"MILLISECONDS": millisecond, "SECONDS": 1_000_000, "MINUTES": minute, "HOURS": 60 * minute, "DAYS": 24 * 60 * minute,
	"ofMillis": millisecond, "ofSeconds": 1_000_000, "ofMinutes": minute, "ofHours": 60 * minute, "ofDays": 24 * 60 * minute,
	"milliseconds": millisecond, "seconds": 1_000_000, "minutes": minute, "hours": 60 * minute, "days": 24 * 60 * minute,
}

// kotlin reads the work that native Android code asks for.
func (x *reader) kotlin() {
	if x.project.Android == nil {
		return
	}
	seen := map[*code.Program]bool{}
	for _, mod := range x.project.Android.Modules {
		if mod.Code == nil || seen[mod.Code] {
			continue
		}
		seen[mod.Code] = true
		p := mod.Code
		m := newMoments(p)
		for _, b := range []struct{ name, kind string }{
			{"PeriodicWorkRequestBuilder", "periodic"},
			{"PeriodicWorkRequest.Builder", "periodic"},
			{"OneTimeWorkRequestBuilder", "one-off"},
			{"OneTimeWorkRequest.Builder", "one-off"},
		} {
			last := b.name[strings.LastIndexByte(b.name, '.')+1:]
			for _, c := range p.Calls(last) {
				if worker := worker(c, b.name); worker != "" {
					x.request(site{p, c}, m, worker, b.kind)
				}
			}
		}
		x.jobs(p, m)
		x.pushService(p)
	}
}

// worker is the class of a request's worker: of Builder<Sync>() and Builder(Sync::class.java).
func worker(c code.Call, name string) string {
	if outer, _, dotted := strings.Cut(name, "."); dotted {
		f := c.Node.Kids[0]
		if f.Kind != island.Member || len(f.Kids) == 0 || f.Kids[0].Name != outer {
			return ""
		}
		if arg := c.Node.Positional(0); arg != nil {
			text, _, _ := strings.Cut(c.Unit.Text(arg.Span), "::")
			text, _, _ = strings.Cut(text, ".class")
			return text
		}
		return ""
	}
	if len(c.Node.TypeArgs) == 1 {
		return c.Node.TypeArgs[0]
	}
	return ""
}

// times is a duration setting out of a number and a unit, or out of a Duration.
func (s site) times(key string, n, unit *island.Node, fallback string) Setting {
	if n == nil {
		return Setting{}
	}
	if unit != nil {
		if u, ok := units[s.enum(unit)]; ok {
			return s.duration(key, n, u, "", fallback)
		}
	}
	if n.Kind == island.Call {
		if u, ok := units[island.CalleeName(n)]; ok {
			return s.duration(key, n.Positional(0), u, "", fallback)
		}
	}
	if n.Kind == island.Member && len(n.Kids) > 0 {
		if u, ok := units[n.Name]; ok {
			return s.duration(key, n.Kids[0], u, "", fallback)
		}
	}
	return s.duration(key, n, 1, "", fallback)
}

// chain are the calls made on what a call gives: Builder().setA().setB(). They are found
// around it in the body that it stands in.
func (s site) chain() map[string]*island.Node {
	out := map[string]*island.Node{}
	if s.In == nil {
		return out
	}
	inside := s.Node
	for again := true; again; {
		again = false
		island.Walk(s.In.Body(), func(n *island.Node) bool {
			if n.Kind == island.Call && n != inside && len(n.Kids) > 0 && n.Kids[0].Kind == island.Member && len(n.Kids[0].Kids) > 0 && n.Kids[0].Kids[0] == inside {
				out[n.Kids[0].Name] = n
				inside, again = n, true
				return false
			}
			return n.Start <= s.Node.Start
		})
	}
	return out
}

// request reads a WorkRequest's builder and where it is enqueued.
func (x *reader) request(s site, m *moments, worker, kind string) {
	chain := s.chain()
	at := s.place(nil)
	for _, call := range chain {
		at.End = max(at.End, call.End)
	}
	t := x.task(worker, "work "+kind, at)
	if kind == "periodic" {
		first := 0
		if strings.HasSuffix(island.CalleeName(s.Node), ".Builder") || island.CalleeName(s.Node) == "Builder" {
			first = 1
		}
		every := s.times("every", s.Node.Positional(first), s.Node.Positional(first+1), "15m")
		if every.Key == "" {
			every = Setting{Key: "every", Value: "15m", Open: "its period is not known; 15m stands here for it", At: s.place(nil)}
		}
		put(&t.Common, every)
		put(&t.Android, set("as", "periodic"))
		if n := s.Node.Positional(first + 2); n != nil {
			put(&t.Android, s.times("flex", n, s.Node.Positional(first+3), ""))
		}
	} else {
		put(&t.Android, set("as", "one-off"))
	}
	if c := chain["setConstraints"]; c != nil {
		put(&t.Common, group("needs", workNeeds(s, c.Positional(0))...))
	}
	if c := chain["setInitialDelay"]; c != nil && kind == "one-off" {
		put(&t.Common, s.times("delay", c.Positional(0), c.Positional(1), ""))
	}
	if c := chain["setBackoffCriteria"]; c != nil {
		if k := strings.ToLower(s.enum(c.Positional(0))); k == "linear" || k == "exponential" {
			put(&t.Common, group("backoff", set("policy", k), s.times("delay", c.Positional(1), c.Positional(2), "")))
		}
	}
	if chain["setExpedited"] != nil && kind == "one-off" {
		put(&t.Android, set("expedited", "true"))
	}
	put(&t.Android, x.via(native))
	put(&t.Common, m.submit(s, x.workPolicy(s)))
}

// workPolicy is the policy of the enqueue call beside a request's builder.
func (x *reader) workPolicy(s site) Setting {
	if s.In == nil {
		return Setting{}
	}
	name := ""
	island.Walk(s.In.Body(), func(n *island.Node) bool {
		if n.Kind == island.Call && strings.HasPrefix(island.CalleeName(n), "enqueueUnique") || n.Kind == island.Call && island.CalleeName(n) == "beginUniqueWork" {
			name = s.enum(n.Positional(1))
		}
		return name == ""
	})
	return policy(name)
}

// workNeeds reads Constraints.Builder().set...().build() and Constraints(...).
func workNeeds(s site, n *island.Node) []Setting {
	if n == nil {
		return nil
	}
	nodes := s.behind(n)
	var out []Setting
	yes := func(call *island.Node) bool {
		arg := call.Positional(0)
		return arg == nil || s.yes(arg)
	}
	for _, n := range nodes {
		island.Walk(n, func(n *island.Node) bool {
			if n.Kind != island.Call {
				return true
			}
			switch island.CalleeName(n) {
			case "setRequiredNetworkType":
				put(&out, set("network", network(s.enum(n.Positional(0)))))
			case "setRequiresCharging":
				if yes(n) {
					put(&out, set("charging", "true"))
				}
			case "setRequiresDeviceIdle":
				if yes(n) {
					put(&out, set("idle", "true"))
				}
			case "setRequiresBatteryNotLow":
				if yes(n) {
					put(&out, set("battery", "not-low"))
				}
			case "setRequiresStorageNotLow":
				if yes(n) {
					put(&out, set("storage", "not-low"))
				}
			case "Constraints":
				put(&out, dartNeeds(s, n)...)
				put(&out, set("network", network(s.enum(n.Arg("requiredNetworkType")))))
			}
			return true
		})
	}
	if len(out) == 0 && n.Kind != island.Call {
		return []Setting{{Key: "network", Open: s.source(n) + " is not known", At: s.place(n)}}
	}
	return out
}

// jobs reads JobScheduler's jobs.
func (x *reader) jobs(p *code.Program, m *moments) {
	for _, c := range p.Calls("Builder") {
		f := c.Node.Kids[0]
		if f.Kind != island.Member || len(f.Kids) == 0 || f.Kids[0].Name != "JobInfo" {
			continue
		}
		s := site{p, c}
		chain := s.chain()
		t := x.task(where(s), "job", s.place(nil))
		if periodic := chain["setPeriodic"]; periodic != nil {
			put(&t.Common, s.duration("every", periodic.Positional(0), millisecond, "", "15m"))
			put(&t.Android, set("as", "periodic"))
		} else if chain["setUserInitiated"] != nil {
			put(&t.Android, set("as", "user-initiated"))
		} else {
			put(&t.Android, set("as", "one-off"))
		}
		put(&t.Common, m.submit(s, Setting{}))
		put(&t.Android, x.via(native))
	}
}

// pushService reads the app's own FirebaseMessagingService.
func (x *reader) pushService(p *code.Program) {
	for _, u := range p.Units() {
		for _, d := range u.Decls {
			for _, super := range d.Supers {
				if super != "FirebaseMessagingService" {
					continue
				}
				s := site{p, code.Call{Unit: u, Node: &island.Node{Span: island.Span{Start: d.NameAt, End: d.NameAt + len(d.Name)}}}}
				t := x.task(d.Name, "push service", s.place(nil))
				put(&t.Common, arrival(s, Setting{}))
				put(&t.Android, set("as", "push"), Setting{Key: "priority", Value: "normal", Open: "it is for the sender to say; normal stands here for it", At: s.place(nil)}, x.via(native))
			}
		}
	}
}
