package plan

import (
	"slices"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/lullwork/lull/work"
)

// iosOnly and androidOnly say which kinds a key has a meaning for. Keys that are not
// listed go with all.
var iosOnly = map[string][]work.Kind{
	"id":        {work.KindRefresh, work.KindProcessing, work.KindHealth, work.KindContinued},
	"power":     {work.KindProcessing, work.KindHealth},
	"network":   {work.KindProcessing, work.KindHealth},
	"earliest":  {work.KindRefresh, work.KindProcessing, work.KindHealth},
	"resubmit":  {work.KindRefresh, work.KindProcessing, work.KindHealth},
	"completes": {work.KindRefresh, work.KindProcessing, work.KindHealth, work.KindContinued, work.KindPush},
	"registers": {work.KindRefresh, work.KindProcessing, work.KindHealth},
	"started":   {work.KindTransfer},
	"strategy":  {work.KindContinued},
	"priority":  {work.KindPush},
	"visible":   {work.KindPush},
	"entries":   {work.KindWidget},
	"reload":    {work.KindWidget},
	"views":     {work.KindWidget},
	"repeats":   {work.KindNotification},
}

var androidOnly = map[string][]work.Kind{
	"flex":      {work.KindWork},
	"expedited": {work.KindWork},
	"priority":  {work.KindPush},
	"visible":   {work.KindPush},
	"ttl":       {work.KindPush},
	"mode":      {work.KindAlarm, work.KindNotification},
	"reboot":    {work.KindAlarm, work.KindNotification},
	"service":   {work.KindService},
}

// hostOnly are keys that only a task of this machine has. What to run is none of them: a
// program can stand in for the app (lull run --as ios).
var hostOnly = []string{"on-demand", "after", "cron"}

// checkPhone refuses what a task of a phone app cannot be, and fills in defaults.
func (t *taskDraft) checkPhone() {
	if !t.HasPhone() {
		for _, k := range []string{"submit", "model", "at", "expect", "via"} {
			if t.has(k) {
				t.at[k].refuse("write what the task is there, as ios: {as: refresh} or android: {as: periodic}", "needs ios or android")
			}
		}
		return
	}
	for _, k := range hostOnly {
		if t.has(k) {
			t.at[k].refuse("make it a task of its own: this one has ios: or android:", "is for a task on this machine, not for one of a phone app")
		}
	}
	if t.draft.plan.App == nil {
		t.self.refuse("write app: at the top of the plan: via, android, ios", "is a task of a phone app, and the plan says nothing of the app")
	}
	t.checkIOS()
	t.checkAndroid()
	t.checkSubmit()
	t.checkExpect()
	t.phoneDefaults()
}

func named(fields []field, key string) (field, bool) {
	i := slices.IndexFunc(fields, func(f field) bool { return f.keyName() == key })
	if i < 0 {
		return field{}, false
	}
	return fields[i], true
}

// only refuses the keys that mean nothing for a kind.
func only(fields []field, kind work.Kind, kindName string, table map[string][]work.Kind) {
	for _, f := range fields {
		kinds, ok := table[f.keyName()]
		if !ok || slices.Contains(kinds, kind) {
			continue
		}
		names := make([]string, len(kinds))
		for i, k := range kinds {
			if names[i] = string(k); k == work.KindWork {
				names[i] = "periodic or one-off"
			}
		}
		f.refuse("it goes with as: "+orList(names), "has no meaning with as: %s", kindName)
	}
}

func (t *taskDraft) checkIOS() {
	i := t.Phone.IOS
	if i == nil {
		return
	}
	as, ok := named(t.ios, "as")
	if !ok {
		if t.at["ios"].val.Kind != yaml.MappingNode {
			return // wrong, and told
		}
		t.at["ios"].refuse("write ios: {as: refresh}", "has no as")
		return
	}
	if i.As == "" {
		return // wrong, and told
	}
	only(t.ios, i.As, string(i.As), iosOnly)
	if via, ok := named(t.ios, "via"); ok && i.Via == ViaFirebase && i.As != work.KindPush {
		via.fail("firebase brings pushes only", "%s does not go through firebase", string(i.As))
	}
	if f, ok := named(t.ios, "reload"); ok && i.Reload == "after" && t.Request.Every == 0 {
		f.fail("write every: 30m", "after what? the task has no every")
	}
	if i.As == work.KindNotification && t.Phone.At == nil && t.Request.Every == 0 {
		as.fail(`write at: {cron: "0 9 * * *", zone: device}, or every`, "a notification needs times")
	}
}

func (t *taskDraft) checkAndroid() {
	a := t.Phone.Android
	if a == nil {
		return
	}
	as, ok := named(t.android, "as")
	if !ok {
		if t.at["android"].val.Kind != yaml.MappingNode {
			return // wrong, and told
		}
		t.at["android"].refuse("write android: {as: periodic}", "has no as")
		return
	}
	word := string(a.As)
	switch {
	case a.Periodic:
		word = "periodic"
	case a.As == work.KindWork:
		word = "one-off"
	}
	only(t.android, a.As, word, androidOnly)
	switch {
	case a.Periodic && t.Request.Every == 0 && !t.has("every"):
		as.fail("write every: 1h", "periodic work needs every")
	case a.Periodic && a.Expedited:
		as.fail("expedited work runs once", "periodic work cannot be expedited")
	case slices.Contains([]work.Kind{work.KindAlarm, work.KindNotification}, a.As) && t.Phone.At == nil && !t.has("every"):
		as.fail(`write at: {cron: "0 9 * * *", zone: device}, or every`, "%s needs times", word)
	}
	if f, ok := named(t.android, "flex"); ok {
		switch {
		case !a.Periodic:
			f.refuse("it goes with as: periodic", "has no meaning with as: %s", word)
		case t.Request.Every > 0 && a.Flex > t.Request.Every:
			f.fail("flex is the end of each period in which it may run", "is longer than every")
		}
	}
	if via, ok := named(t.android, "via"); ok && a.Via == ViaFirebase && a.As != work.KindPush {
		via.fail("firebase brings pushes only", "%s does not go through firebase", word)
	}
}

func (t *taskDraft) checkSubmit() {
	s := &t.Phone.Submit
	for _, k := range []struct {
		key   string
		whens []When
	}{{"rate", []When{Arrival, Clock}}, {"during", []When{Arrival}}} {
		if f, ok := named(t.submit, k.key); ok && s.When != "" && !slices.Contains(k.whens, s.When) {
			f.refuse("it goes with when: "+string(k.whens[0]), "has no meaning with when: %s", string(s.When))
		}
	}
	if f, ok := named(t.submit, "when"); ok && (s.When == Arrival || s.When == Clock) {
		if _, has := named(t.submit, "rate"); !has {
			f.fail("write rate: 4/day", "%s needs a rate", string(s.When))
		}
	}
}

func (t *taskDraft) checkExpect() {
	e := t.Phone.Expect
	if e == nil {
		return
	}
	f := t.at["expect"]
	count := 0
	for _, k := range []string{"fresh", "within", "runs-per-day"} {
		if _, ok := named(t.expect, k); ok {
			count++
		}
	}
	_, devices := named(t.expect, "devices")
	_, works := named(t.expect, "works")
	_, within := named(t.expect, "within")
	switch {
	case count == 0:
		f.refuse("write fresh: 24h, within: 1h or runs-per-day: 4", "says nothing that could be expected")
	case count > 1:
		f.refuse("keep one; a second expectation needs a second task", "fresh, within and runs-per-day exclude each other")
	case within && devices:
		f.refuse("write works: 95%", "within is a share of works, not of devices")
	case !within && works:
		f.refuse("write devices: 90%", "fresh and runs-per-day are a share of devices, not of works")
	}
}

// phoneDefaults fills in what the plan leaves out.
func (t *taskDraft) phoneDefaults() {
	p, app := &t.Phone, t.draft.plan.App
	if p.Via == "" && app != nil {
		p.Via = app.Via
	}
	if p.Via == "" {
		p.Via = ViaNative
	}
	or := func(s *string, def string) {
		if *s == "" {
			*s = def
		}
	}
	if p.Submit.When == "" {
		p.Submit.When = AppStart
	}
	or(&p.Submit.During, "anytime")
	p.Submit.Count = max(1, p.Submit.Count)
	if p.Model.Takes == 0 {
		p.Model.Takes = 5 * time.Second
	}
	if _, ok := named(t.model, "succeeds"); !ok {
		p.Model.Succeeds = whole
	}
	if i := p.IOS; i != nil {
		or((*string)(&i.Via), string(p.Via))
		or(&i.ID, t.Name)
		or(&i.Resubmit, "first")
		or(&i.Completes, "always")
		or(&i.Registers, "launch")
		or(&i.Started, "background")
		or(&i.Strategy, "queue")
		or(&i.Reload, "at-end")
		if i.Priority == 0 {
			i.Priority = 5
		}
	}
	if a := p.Android; a != nil {
		or((*string)(&a.Via), string(p.Via))
		or(&a.Priority, "normal")
		or(&a.Mode, "inexact")
		or(&a.Reboot, "lost")
		or(&a.Service, "data-sync")
		if a.TTL == 0 {
			a.TTL = 28 * 24 * time.Hour // FCM's default and most: firebase.google.com/docs/cloud-messaging/concept-options
		}
	}
	if e := p.Expect; e != nil {
		for _, s := range []*int64{&e.Devices, &e.Works} {
			if *s == 0 {
				*s = whole
			}
		}
	}
}
