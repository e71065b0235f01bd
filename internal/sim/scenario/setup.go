package scenario

import (
	"github.com/lullwork/lull/internal/plan"
	"github.com/lullwork/lull/internal/policy/platform"
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
		s.Target, s.Permissions = app.Android.Target, app.Android.Permissions
		if s.Permissions == nil {
			s.Permissions = []string{} // it declares none
		}
	}
	return s
}
