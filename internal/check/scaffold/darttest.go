package scaffold

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/project"
	"github.com/lullwork/lull/internal/check/source"
)

// testData is what the templates of tests are filled with.
type testData struct {
	Package       string
	Imports       []string
	DeviceImports []string
	Callbacks     []testCallback
	Spawned       []testCallback
	Dispatcher    string
	Tasks         []string
	Async         bool // there is a dispatcher whose tasks can be asked for
}

// testCallback is a callback as a test sees it.
type testCallback struct {
	Function string // how to name it
	Simple   string // without its class
	File     string
	Case     string
	Argument string
	Await    bool
}

// argument is what a callback gets in a test, by the type of its parameter.
var arguments = map[string]struct{ text, uri string }{
	"RemoteMessage":        {"const RemoteMessage()", "package:firebase_messaging/firebase_messaging.dart"},
	"HeadlessTask":         {"HeadlessTask('test', false)", "package:background_fetch/background_fetch.dart"},
	"NotificationResponse": {"const NotificationResponse(notificationResponseType: NotificationResponseType.selectedNotification)", "package:flutter_local_notifications/flutter_local_notifications.dart"},
	"int":                  {"0", ""},
	"Uri?":                 {"null", ""},
}

// dartTests writes the tests of a project's callbacks.
func (m *maker) dartTests(p *project.Project, callbacks []callback) {
	d := testData{Package: p.Name}
	for _, c := range callbacks {
		d.add(m, p, c)
	}
	if len(d.Callbacks) == 0 {
		return
	}
	if d.Dispatcher != "" {
		d.Tasks = taskNames(p)
		d.Async = len(d.Tasks) > 0
	}
	if d.Async {
		d.DeviceImports = append(d.DeviceImports, "package:workmanager/workmanager.dart")
	}
	d.DeviceImports = append(d.DeviceImports, d.Imports...)
	for _, s := range []*[]string{&d.Imports, &d.DeviceImports} {
		slices.Sort(*s)
		*s = slices.Compact(*s)
	}
	m.write(join(p.Dir, "test/background_callbacks_test.dart"), "callbacks_test.dart.tmpl", d)
	m.write(join(p.Dir, "integration_test/background_callbacks_test.dart"), "callbacks_device_test.dart.tmpl", d)
	m.write(join(p.Dir, "test_driver/integration_test.dart"), "driver.dart.tmpl", nil)
	m.needsIntegrationTest(p)
}

func (d *testData) add(m *maker, p *project.Project, c callback) {
	from, inside := uri(p, c.Unit.Path)
	name := c.Decl.Name
	if parent := c.Decl.Parent; parent != nil {
		name = parent.Name + "." + name
	}
	if from == "" || c.Decl.Has(island.Private) || c.Decl.Parent != nil && c.Decl.Parent.Has(island.Private) {
		m.byHand(c.Unit.Place(c.Decl.Span), "%s is private, so that a test cannot start it: make it public, or test it from its own library", name)
		return
	}
	d.Imports = append(d.Imports, from)
	t := testCallback{Function: name, Simple: c.Decl.Name, File: inside, Case: fmt.Sprintf("case%d", len(d.Callbacks)), Await: !strings.HasPrefix(c.Decl.Type, "void") && c.Decl.Type != ""}
	d.Callbacks = append(d.Callbacks, t)
	switch {
	case c.entry.Inner != "":
		if d.Dispatcher == "" {
			d.Dispatcher = name
		}
		return
	case len(c.Decl.Params) == 1:
		a, ok := arguments[c.Decl.Params[0].Type]
		if !ok {
			m.byHand(c.Unit.Place(c.Decl.Span), "start %s in integration_test/background_callbacks_test.dart with a %s of your own", name, c.Decl.Params[0].Type)
			return
		}
		t.Argument = a.text
		if a.uri != "" {
			d.DeviceImports = append(d.DeviceImports, a.uri)
		}
	case len(c.Decl.Params) > 1:
		m.byHand(c.Unit.Place(c.Decl.Span), "start %s in integration_test/background_callbacks_test.dart with arguments of your own", name)
		return
	}
	d.Spawned = append(d.Spawned, t)
}

// taskNames are the names that the project gives to workmanager's tasks, as Dart writes them.
func taskNames(p *project.Project) []string {
	var names []string
	for _, name := range []string{"registerOneOffTask", "registerPeriodicTask", "registerProcessingTask"} {
		for _, call := range p.Dart.Calls(name) {
			arg := call.Node.Positional(1)
			if arg == nil {
				continue
			}
			for _, s := range p.Dart.Value(call.In, call.Unit, arg).Strings() {
				if s != "" && !strings.Contains(s, code.Hole) {
					names = append(names, quote(s))
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// needsIntegrationTest adds the package that tests on a device need.
func (m *maker) needsIntegrationTest(p *project.Project) {
	if _, ok := p.Plugins["integration_test"]; ok {
		return
	}
	file := p.Pubspec.Path
	src, err := m.files.Read(file)
	if err != nil {
		return
	}
	text := "  integration_test:\n    sdk: flutter\n"
	key := "\ndev_dependencies:"
	at := strings.Index("\n"+string(src), key)
	if at < 0 {
		if len(src) > 0 && src[len(src)-1] != '\n' {
			text = "\ndev_dependencies:\n" + text
		} else {
			text = "dev_dependencies:\n" + text
		}
		m.insert(file, len(src), text)
		return
	}
	end := strings.IndexByte(string(src[at:]), '\n')
	if end < 0 || strings.TrimSpace(stripComment(string(src[at+len(key)-1:at+end]))) != "" {
		m.byHand(source.NewText(file, src).Place(at, at+len(key)-1), "add integration_test (sdk: flutter) to dev_dependencies")
		return
	}
	m.insert(file, at+end+1, text)
}

func stripComment(line string) string {
	before, _, _ := strings.Cut(line, "#")
	return before
}
