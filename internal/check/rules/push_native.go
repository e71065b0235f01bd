package rules

import (
	"path"
	"slices"
	"strings"

	"github.com/lullwork/lull/internal/check/code"
	"github.com/lullwork/lull/internal/check/finding"
	"github.com/lullwork/lull/internal/check/island"
	"github.com/lullwork/lull/internal/check/plist"
	"github.com/lullwork/lull/internal/check/project"
)

const (
	proxyKey    = "FirebaseAppDelegateProxyEnabled"
	flutterFire = "https://github.com/firebase/flutterfire"
)

func pushSetupRules() []*Rule {
	return []*Rule{
		{
			Name: "push-proxy-off", IDs: []string{"F01"}, Group: Push, Certainty: finding.Warning, Platforms: []string{OnIOS},
			Title: "Firebase is told not to take the push token, and nobody hands it over",
			Detail: "With " + proxyKey + " set to NO Firebase does not look into the AppDelegate. The app then passes the APNs token on by itself: Messaging.messaging().apnsToken = deviceToken. " +
				"FlutterFire asks to leave the key alone. It is a boolean; a string has no effect.",
			Seen:   "getToken() fails with apns-token-not-set, or no push arrives on iOS",
			Fix:    "Remove the key, or set it to a boolean and hand the token over in didRegisterForRemoteNotificationsWithDeviceToken",
			Source: []string{flutterFire + "/issues/12978", flutterFire + "/issues/2854", flutterFire + "/issues/1041", "https://firebase.google.com/docs/cloud-messaging/flutter/client (swizzling must not be disabled)"},
			Example: Example{
				Lang: "xml",
				Bad:  "<key>FirebaseAppDelegateProxyEnabled</key>\n<string>NO</string>\n",
				Good: "<key>FirebaseAppDelegateProxyEnabled</key>\n<false/>\n<!-- and Messaging.messaging().apnsToken = deviceToken -->\n",
			},
			Check: checkPushProxy,
		},
		{
			Name: "push-delegate-without-super", IDs: []string{"F02"}, Group: Push, Certainty: finding.Error, Platforms: []string{OnIOS},
			Title:  "the AppDelegate keeps pushes from the plugins",
			Detail: "FlutterAppDelegate passes remote notifications and the push token on to the plugins. A method that overrides it and does not call super takes them away from all of them.",
			Seen:   "onBackgroundMessage is not called on iOS, or there is no token",
			Fix:    "Call super with the same arguments",
			Source: []string{flutterFire + "/issues/17206", "flutter/engine FlutterAppDelegate.mm"},
			Example: Example{
				Lang: "swift",
				Bad:  "override func application(_ a: UIApplication, didReceiveRemoteNotification i: [AnyHashable: Any],\n    fetchCompletionHandler done: @escaping (UIBackgroundFetchResult) -> Void) {\n  log(i); done(.newData)\n}\n",
				Good: "override func application(_ a: UIApplication, didReceiveRemoteNotification i: [AnyHashable: Any],\n    fetchCompletionHandler done: @escaping (UIBackgroundFetchResult) -> Void) {\n  log(i)\n  super.application(a, didReceiveRemoteNotification: i, fetchCompletionHandler: done)\n}\n",
			},
			Check: checkPushSuper,
		},
		{
			Name: "push-sender-headers", IDs: []string{"F05"}, Group: Push, Certainty: finding.Hint, Platforms: []string{OnAndroid, OnIOS},
			Title: "a data message is sent without what wakes a phone",
			Detail: "A message with data only arrives on Android in Doze only with high priority, and on iOS only as a background push: content-available 1, apns-push-type background, apns-priority 5. " +
				"Without them the phones deliver it when the app is opened, or not at all. High priority on Android is for what the user sees; Firebase lowers it otherwise.",
			Seen:   "messages arrive in a bunch when the phone is used, on iOS often never",
			Fix:    "Set android.priority and the apns headers of the message",
			Source: []string{flutterFire + "/issues/6290", "https://firebase.google.com/docs/cloud-messaging/android/message-priority", appleDocs + "usernotifications/pushing-background-updates-to-your-app"},
			Example: Example{
				Lang: "javascript",
				Bad:  "getMessaging().send({ token, data: { kind: 'sync' } });\n",
				Good: "getMessaging().send({ token, data: { kind: 'sync' }, android: { priority: 'high' },\n  apns: { headers: { 'apns-priority': '5', 'apns-push-type': 'background' },\n    payload: { aps: { 'content-available': 1 } } } });\n",
			},
			Check: checkPushSender,
		},
	}
}

func checkPushProxy(p *Pass) {
	if !p.has("firebase_messaging") {
		return
	}
	p.plists(func(t *project.Target) {
		v := t.InfoPlist.Find(proxyKey)
		if v == nil {
			return
		}
		if v.Kind == plist.String {
			f := p.Report(v.At, "%s is the string %q, not a boolean", proxyKey, v.Text)
			f.Edits = []finding.Edit{p.Replace(v.At, "<"+yesNo(v)+"/>")}
		}
		if v.Kind == plist.String || v.True() || p.handsToken() {
			return
		}
		f := p.Report(v.At, "%s is off, and no native code sets Messaging's apnsToken", proxyKey)
		f.Subject, f.Certainty = "apnsToken", finding.Hint // the plugin may get it as a delegate
	})
}

func yesNo(v *plist.Value) string {
	if v.True() {
		return "true"
	}
	return "false"
}

// handsToken tells whether native code hands the push token to Firebase.
func (p *Pass) handsToken() bool {
	native := p.Project.IOS.Code
	return native == nil || len(native.Mentions("apnsToken"))+len(native.Mentions("APNSToken"))+len(native.Calls("setAPNSToken")) > 0
}

// pushMethods are methods of an AppDelegate by the label that tells them apart.
var pushMethods = []string{"didReceiveRemoteNotification", "didRegisterForRemoteNotificationsWithDeviceToken"}

func checkPushSuper(p *Pass) {
	if !p.Project.Flutter {
		return
	}
	for _, d := range p.delegates() {
		if !supers(d.class, "FlutterAppDelegate") {
			continue
		}
		for _, m := range d.class.Members {
			label := ""
			for i := range m.Params {
				if slices.Contains(pushMethods, m.Params[i].Label) {
					label = m.Params[i].Label
				}
			}
			if label == "" || !m.Has(island.Override) || m.Body() == nil {
				continue
			}
			if label != pushMethods[0] && p.handsToken() && len(p.Project.IOS.Code.Mentions("apnsToken")) > 0 {
				continue // Firebase gets the token another way
			}
			calls := false
			island.Walk(m.Body(), func(n *island.Node) bool {
				calls = calls || n.Kind == island.Super
				return true
			})
			if !calls {
				p.Report(p.Name(d.unit, m), "application(_:%s:) does not call super: plugins do not get it", label).Subject = label
			}
		}
	}
}

// senders are files of a project's server that may send messages.
var senders = []string{".js", ".ts", ".mjs", ".cjs"}

// checkPushSender reads messages in JavaScript and TypeScript: an object literal there looks
// much like a map of Dart.
func checkPushSender(p *Pass) {
	if !p.has("firebase_messaging") {
		return
	}
	for _, dir := range []string{"functions", "server", "backend", "cloud_functions"} {
		for _, file := range p.Files.Under(path.Join(p.Project.Dir, dir)) {
			if !slices.Contains(senders, path.Ext(file)) || strings.Contains(file, "node_modules") || strings.HasSuffix(file, ".d.ts") {
				continue
			}
			src, err := p.Files.Read(file)
			if err != nil || !strings.Contains(string(src), "firebase-admin") {
				continue
			}
			u := &code.Unit{Path: file, File: island.Parse(island.Dart, src)}
			for _, off := range u.Uses("data") {
				if object := around(u, off); object != nil {
					p.sent(u, object, off)
				}
			}
		}
	}
}

// around is the object literal that a property stands in; nil for another use of its name.
func around(u *code.Unit, off int) []byte {
	if rest := strings.TrimLeft(string(u.Src[min(off+len("data"), len(u.Src)):]), " \t"); !strings.HasPrefix(rest, ":") {
		return nil
	}
	open, depth := -1, 0
	for i := off - 1; i >= 0 && open < 0; i-- {
		switch u.Src[i] {
		case '}', ')', ']':
			depth++
		case '{', '(', '[':
			if depth == 0 {
				open = i
			}
			depth--
		}
	}
	if open < 0 || u.Src[open] != '{' {
		return nil
	}
	depth = 0
	for i := open; i < len(u.Src); i++ {
		switch u.Src[i] {
		case '{', '(', '[':
			depth++
		case '}', ')', ']':
			if depth--; depth == 0 {
				return u.Src[open : i+1]
			}
		}
	}
	return nil
}

// keys are the names of an object literal's own properties.
func keys(object []byte) []string {
	var all []string
	depth, start := 0, 1
	for i, c := range object {
		switch c {
		case '{', '(', '[':
			depth++
			continue
		case '}', ')', ']':
			depth--
		}
		if depth > 1 || depth == 1 && c != ',' {
			continue
		}
		name, _, _ := strings.Cut(string(object[start:max(i, start)]), ":")
		all = append(all, strings.Trim(strings.TrimSpace(name), `"'`))
		start = i + 1
	}
	return all
}

// sent reports a message with data only that lacks what wakes a phone.
func (p *Pass) sent(u *code.Unit, object []byte, off int) {
	own := keys(object)
	to := slices.ContainsFunc(own, func(key string) bool {
		return key == "token" || key == "tokens" || key == "topic" || key == "condition"
	})
	if !to || slices.Contains(own, "notification") {
		return
	}
	text := string(object)
	var lacks []string
	if !strings.Contains(text, "priority") {
		lacks = append(lacks, "android.priority")
	}
	if !strings.Contains(text, "content-available") && !strings.Contains(text, "contentAvailable") {
		lacks = append(lacks, "content-available for iOS")
	}
	if len(lacks) > 0 {
		p.Report(p.Span(u, island.Span{Start: off, End: off + len("data")}), "a message with data only, without %s", list(lacks))
	}
}
