package scenario

import (
	"slices"

	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/policy/platform"
	"github.com/lullwork/lull/work"
)

// Names of the platforms.
const (
	Android = platform.Android
	IOS     = platform.IOS
)

// Setup describes a platform with the app of a plan.
func Setup(p *plan.Plan, name string) platform.Setup {
	s := platform.Setup{Name: name}
	app := p.App
	switch {
	case app == nil:
	case name == IOS:
		s.App = IOSApp(p)
	default:
		s.Target = app.Android.Target
		s.Permissions = append([]string{}, app.Android.Permissions...) // none: it declares none
		if slices.ContainsFunc(p.Tasks, func(t plan.Task) bool { return t.Phone.Android != nil && t.Phone.Android.As == work.KindWork }) {
			// WorkManager's manifest, which is merged into the app's, asks for these.
			s.Permissions = append(s.Permissions, "receive-boot-completed", "foreground-service")
		}
	}
	return s
}
