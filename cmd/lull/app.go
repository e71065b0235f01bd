package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lullwork/lull/internal/core"
	"github.com/lullwork/lull/internal/httpapi"
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/policy/platform"
	"github.com/lullwork/lull/internal/record"
	"github.com/lullwork/lull/internal/sim/app"
)

// appVerb is one thing that a user can let happen to a phone on a desk.
type appVerb struct {
	name  string
	takes string // "": nothing; TASK; else the words that it takes
	does  string
	only  string // the platform that knows it; "": both
	do    func(d *desk, ctx context.Context, arg string) (string, error)
}

const onOff = "on|off"

func appVerbs() []appVerb {
	return []appVerb{
		{"open", "", "the user opens the app", "", (*desk).appOpen},
		{"background", "", "the user leaves the app; its process goes on", "", senses(core.SenseAppLeft)},
		{"force-quit", "", "the user swipes the app away", "", senses(core.SenseAppSwiped)},
		{"force-stop", "", "the user stops the app in the settings", platform.Android, senses(core.SenseForceStop)},
		{"kill", "", "the system ends the app's process", "", senses(core.SenseAppDied)},
		{"crash", "", "the app's process ends by itself", "", senses(core.SenseAppCrashed)},
		{"update", "", "a new version of the app is installed", "", senses(core.SenseUpdated)},
		{"reboot", "", "the phone is switched off and on; nobody has unlocked it", "", senses(core.SenseShutdown, core.SenseBooted)},
		{"unlock", "", "the user unlocks the phone", "", senses(core.SenseUnlocked)},
		{"push", "TASK", "a push of the task arrives", "", (*desk).appPush},
		{"launch", "TASK", "a debugger launches what waits of the task", "", (*desk).appLaunch},
		{"expire", "TASK", "a debugger ends the time of the task's run", "", (*desk).appExpire},
		{"cancel", "TASK", "the user cancels the task's run in the system's own display", "", tells(core.SenseUserCancels)},
		{"stall", "TASK", "the task's run makes no progress", "", tells(core.SenseStalled)},
		{"notice", "", "the user sees a notification of the app", "", senses(core.SenseNotified)},
		{"interact", "", "the user touches a notification or a widget of the app", "", senses(core.SenseInteracted)},
		{"widget-seen", "", "the user looks at a widget of the app", "", senses(core.SenseWidgetSeen)},
		{"screen", onOff, "the screen", "", switches(core.SenseScreen)},
		{"motion", onOff, "whether the phone is moved", "", switches(core.SenseMotion)},
		{"refresh", onOff, "Background App Refresh, or background use, of the app", "", switches(core.SenseRefresh)},
		{"refresh-all", onOff + "|wifi", "Background App Refresh of all apps; wifi: on Wi-Fi only", platform.IOS, refreshAll},
		{"media", onOff, "whether the app plays audio or navigates", "", switches(core.SenseMedia)},
		{"restrict", onOff, "whether the user restricts the app's battery use", platform.Android, switches(core.SenseRestricted)},
		{"exempt", onOff, "whether the app is exempt from battery optimisation", platform.Android, switches(core.SenseExempt)},
		{"thermal", onOff, "whether the phone is hot", "", switches(core.SenseThermal)},
		{"busy", onOff, "whether other apps use the processor", "", switches(core.SenseCPUBusy)},
		{"charge", onOff + "|auto", "the charger", "", facts(map[string][]record.Fact{
			"on": {{Signal: record.Charging, Value: 1}}, "off": {{Signal: record.Charging}},
		})},
		{"low-power", onOff + "|auto", "Low Power Mode, or battery saver", "", facts(map[string][]record.Fact{
			"on": {{Signal: record.LowPower, Value: 1}}, "off": {{Signal: record.LowPower}},
		})},
		{"network", "wifi|cellular|off|auto", "the network", "", facts(map[string][]record.Fact{
			"wifi":     network(1, 0),
			"cellular": network(1, 1),
			"off":      network(0, 0),
		})},
		{"battery", "full|half|low|empty|auto", "the battery: 100 %, 50 %, 15 % or 4 %", "", facts(map[string][]record.Fact{
			"full": battery(100, 0), "half": battery(50, 0), "low": battery(15, 1), "empty": battery(4, 1),
		})},
	}
}

func network(connected, metered int64) []record.Fact {
	return []record.Fact{
		{Signal: record.Connected, Value: connected},
		{Signal: record.Validated, Value: connected},
		{Signal: record.Metered, Value: metered},
		{Signal: record.Roaming},
	}
}

func battery(level, low int64) []record.Fact {
	return []record.Fact{{Signal: record.BatteryLevel, Value: level}, {Signal: record.BatteryLow, Value: low}}
}

func appCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "app",
		Short: "let something happen to the app of lull run --as",
		Long: "app tells an engine that runs as a phone (lull run PLAN --as ios) what happens to the app and\n" +
			"to the phone: what its user does, what a debugger does, what the phone is like.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			var names []string
			for _, v := range appVerbs() {
				names = append(names, v.name)
			}
			return usage(plan.DidYouMean(args[0], names), "app: nothing is called %q", args[0])
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	for _, v := range appVerbs() {
		s := &cobra.Command{
			Use: strings.TrimSpace(v.name + " " + v.takes), Short: v.does, DisableFlagsInUseLine: true, ValidArgsFunction: completeVerb(v.takes),
			RunE: func(c *cobra.Command, args []string) error {
				q := httpapi.AppRequest{Do: v.name}
				if len(args) > 0 {
					q.Arg = args[0]
				}
				return askApp(c, q)
			},
		}
		if s.Args = exactly(); v.takes != "" {
			s.Args = exactly(v.takes)
		}
		if v.only != "" {
			s.Short += " (" + platform.Title(v.only) + ")"
		}
		c.AddCommand(s)
	}
	return c
}

func askApp(c *cobra.Command, q httpapi.AppRequest) error {
	s, err := findState(c)
	if err != nil {
		return err
	}
	a, err := httpapi.Ask(c.Context(), s.socket(), "app", q)
	if errors.Is(err, httpapi.ErrNobody) {
		return usage("lull run PLAN --as ios starts one", "no engine runs on this state")
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(c.OutOrStdout(), a.Text)
	return nil
}

// carryOut lets something happen that the user asks for.
func (d *desk) carryOut(ctx context.Context, q httpapi.AppRequest) (string, error) {
	var names []string
	for _, v := range appVerbs() {
		names = append(names, v.name)
		if v.name != q.Do {
			continue
		}
		if v.only != "" && v.only != d.setup.Name {
			return "", appError("", fmt.Sprintf("%s knows no %s", platform.Title(d.setup.Name), q.Do), "it is "+platform.Title(v.only)+"'s; lull app --help lists the others")
		}
		return d.inTurn(ctx, func(ctx context.Context) (string, error) { return v.do(d, ctx, q.Arg) })
	}
	return "", appError("", fmt.Sprintf("nothing is called %q", q.Do), plan.DidYouMean(q.Do, names))
}

// inTurn calls f between two things that happen.
func (d *desk) inTurn(ctx context.Context, f func(context.Context) (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	c := make(chan answer, 1)
	select {
	case d.calls <- func(ctx context.Context) {
		text, err := f(ctx)
		c <- answer{text, err}
	}:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	select {
	case a := <-c:
		return a.text, a.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// did is what a command prints: the last thing that happened.
func did(kinds ...core.SenseKind) string {
	if text := worlds[kinds[len(kinds)-1]]; text != "" {
		return text
	}
	return kinds[len(kinds)-1].String()
}

func (d *desk) appOpen(ctx context.Context, _ string) (string, error) {
	for _, s := range []core.Sense{{Kind: core.SenseScreen, Value: 1}, {Kind: core.SenseUnlocked}, {Kind: core.SenseAppOpened}} {
		d.tell(s)
		d.sense(ctx, s)
	}
	return did(core.SenseAppOpened), nil
}

// senses lets things happen that have no value.
func senses(kinds ...core.SenseKind) func(*desk, context.Context, string) (string, error) {
	return func(d *desk, ctx context.Context, _ string) (string, error) {
		for _, k := range kinds {
			d.tell(core.Sense{Kind: k})
			d.sense(ctx, core.Sense{Kind: k})
		}
		return did(kinds...), nil
	}
}

// tells lets something happen to the run of a task.
func tells(k core.SenseKind) func(*desk, context.Context, string) (string, error) {
	return func(d *desk, ctx context.Context, word string) (string, error) {
		i, err := d.find(word)
		if err != nil {
			return "", err
		}
		d.sense(ctx, core.Sense{Kind: k, Task: d.tasks[i].Name})
		return k.String() + " " + d.tasks[i].Name, nil
	}
}

// switches lets something be on or off.
func switches(k core.SenseKind) func(*desk, context.Context, string) (string, error) {
	return func(d *desk, ctx context.Context, arg string) (string, error) {
		s := core.Sense{Kind: k}
		switch arg {
		case "on":
			s.Value = 1
		case "off":
		default:
			return "", unknownWord(arg, []string{"on", "off"})
		}
		d.sense(ctx, s)
		return k.String() + " " + arg, nil
	}
}

func refreshAll(d *desk, ctx context.Context, arg string) (string, error) {
	if arg != "wifi" {
		return switches(core.SenseRefreshAll)(d, ctx, arg)
	}
	d.sense(ctx, core.Sense{Kind: core.SenseRefreshAll, Value: core.OnWiFi})
	return core.SenseRefreshAll.String() + " " + arg, nil
}

func unknownWord(word string, known []string) error {
	return appError("", fmt.Sprintf("unknown value %q", word), plan.DidYouMean(word, known))
}

// facts lets the phone be like something, whatever the machine and the world say.
func facts(words map[string][]record.Fact) func(*desk, context.Context, string) (string, error) {
	return func(d *desk, _ context.Context, arg string) (string, error) {
		if arg == "auto" {
			for _, list := range words {
				d.facts.tell(true, list...)
			}
			d.eng.Refresh()
			return "as the machine and the world say", nil
		}
		list, ok := words[arg]
		if !ok {
			known := []string{"auto"}
			for w := range words {
				known = append(known, w)
			}
			return "", unknownWord(arg, known)
		}
		d.facts.tell(false, list...)
		d.eng.Refresh()
		return list[0].Signal.String() + " " + arg, nil
	}
}

var _ app.Host = (*desk)(nil)
