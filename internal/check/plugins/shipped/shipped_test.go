package shipped

import (
	"slices"
	"strings"
	"testing"

	"github.com/lullwork/lull/internal/check/gradle"
	"github.com/lullwork/lull/internal/check/manifest"
	"github.com/lullwork/lull/internal/check/pub"
)

func names(f *manifest.File) (all []string) {
	for _, p := range f.Permissions() {
		all = append(all, strings.TrimPrefix(p.Name, "android.permission."))
	}
	for _, c := range f.Components("") {
		all = append(all, c.Class[strings.LastIndex(c.Class, ".")+1:]+":"+strings.Join(c.Types, "|"))
	}
	slices.Sort(all)
	return all
}

func TestVersionsDecide(t *testing.T) {
	for _, c := range []struct {
		plugin, versions, flag string
		has, hasNot            string
	}{
		{"flutter_local_notifications", "15.1.3", "", "RECEIVE_BOOT_COMPLETED ScheduledNotificationBootReceiver: ActionBroadcastReceiver: POST_NOTIFICATIONS", ""},
		{"flutter_local_notifications", "16.0.0", "", "POST_NOTIFICATIONS VIBRATE", "RECEIVE_BOOT_COMPLETED ScheduledNotificationReceiver:"},
		{"flutter_local_notifications", "9.3.0", "", "RECEIVE_BOOT_COMPLETED", "POST_NOTIFICATIONS ActionBroadcastReceiver:"},
		{"flutter_local_notifications", ">=15.0.0 <17.0.0", "", "RECEIVE_BOOT_COMPLETED VIBRATE", ""},
		{"flutter_local_notifications", "any", "", "RECEIVE_BOOT_COMPLETED", ""},
		{"workmanager", "0.5.2", "", "RECEIVE_BOOT_COMPLETED SystemForegroundService:", "POST_NOTIFICATIONS"},
		{"workmanager_android", "0.9.0+2", "", "POST_NOTIFICATIONS RECEIVE_BOOT_COMPLETED SystemForegroundService:", "FOREGROUND_SERVICE_DATA_SYNC"},
		{"workmanager_android", "0.10.2", "", "FOREGROUND_SERVICE_DATA_SYNC SystemForegroundService:dataSync|shortService", ""},
		{"workmanager_android", "0.10.6", "", "SystemForegroundService:shortService", "FOREGROUND_SERVICE_DATA_SYNC"},
		{"workmanager_android", "0.10.6", "true", "SystemForegroundService:dataSync|shortService FOREGROUND_SERVICE_DATA_SYNC", ""},
		{"workmanager_android", "0.10.6", "false", "SystemForegroundService:shortService", "FOREGROUND_SERVICE_DATA_SYNC"},
		{"firebase_messaging", "15.1.0", "", "POST_NOTIFICATIONS com.google.android.c2dm.permission.RECEIVE FlutterFirebaseMessagingReceiver:", "RECEIVE_BOOT_COMPLETED"},
		{"flutter_foreground_task", "8.0.0", "", "RebootReceiver:", "BootReceiver:"},
		{"background_fetch", "1.3.8", "", "RECEIVE_BOOT_COMPLETED", "POST_NOTIFICATIONS"},
	} {
		r, ok := pub.ParseRange(c.versions)
		if !ok {
			t.Fatal(c.versions)
		}
		m := Manifest(pub.Package{Name: c.plugin, Range: r}, func(key string) string {
			if key == dataSync {
				return c.flag
			}
			return ""
		})
		if m == nil {
			t.Errorf("%s %s brings nothing", c.plugin, c.versions)
			continue
		}
		all := names(m)
		for _, name := range strings.Fields(c.has) {
			if !slices.Contains(all, name) {
				t.Errorf("%s %s has no %s: %s", c.plugin, c.versions, name, all)
			}
		}
		for _, name := range strings.Fields(c.hasNot) {
			if slices.Contains(all, name) {
				t.Errorf("%s %s has %s", c.plugin, c.versions, name)
			}
		}
	}
	if Manifest(pub.Package{Name: "http"}, func(string) string { return "" }) != nil {
		t.Error("a package that is not known brings something")
	}
}

func TestLibraries(t *testing.T) {
	build := &gradle.File{Dependencies: []gradle.Dependency{{Configuration: "implementation", Group: "androidx.work", Name: "work-runtime-ktx"}}}
	if all := Libraries(build); len(all) != 1 || all[0].From != "androidx.work" {
		t.Errorf("%v", all)
	}
	build.Dependencies[0].Configuration = "androidTestImplementation"
	if all := Libraries(build); len(all) != 0 {
		t.Error("a test's library is part of the app")
	}
}

// Each row is in order, and each version of a plugin that has several rows is in one of them only.
func TestTable(t *testing.T) {
	seen := map[string][]pub.Range{}
	for _, r := range table {
		versions, ok := pub.ParseRange(r.versions)
		if !ok || r.source == "" || r.needs != "" && libraries[r.needs].source == "" {
			t.Errorf("%s %s", r.plugin, r.versions)
		}
		for _, other := range seen[r.plugin] {
			if versions.Within(other) != pub.No {
				t.Errorf("%s: %v and %v", r.plugin, versions, other)
			}
		}
		seen[r.plugin] = append(seen[r.plugin], versions)
		for _, p := range r.parts {
			if p.kind != "service" && p.kind != "receiver" || !strings.Contains(p.class, ".") {
				t.Errorf("%s: %+v", r.plugin, p)
			}
		}
	}
}
