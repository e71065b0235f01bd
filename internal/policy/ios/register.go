package ios

import (
	"fmt"
	"slices"

	"github.com/lullwork/lull/work"
)

// Register registers a launch handler for an identifier. It answers false where the app
// does not declare the identifier; other mistakes are fatal. Handlers of continued work
// may also be registered after launch.
func (c *Contract) Register(kind work.Kind, id string) (bool, error) {
	if c.app.Kind.extension() {
		return false, c.crash(fatal(FatalExtension, "an extension cannot register launch handlers: the app does"))
	}
	if !c.app.Permits(kind, id) {
		return false, nil
	}
	c.wake()
	p := &c.Process
	switch {
	case !p.Registering && kind != work.KindContinued:
		return false, c.crash(fatal(FatalLateRegister, fmt.Sprintf("the handler of %q is registered after the app finished launching", id)))
	case slices.Contains(p.Handlers, id):
		return false, c.crash(fatal(FatalDuplicate, fmt.Sprintf("%q has a launch handler already", id)))
	}
	p.Handlers = append(p.Handlers, id)
	return true, nil
}

// handles reports whether the app has a launch handler for an identifier.
func (c *Contract) handles(id string) bool {
	if c.driven {
		return !slices.Contains(c.app.Late, id)
	}
	return slices.Contains(c.Process.Handlers, id)
}
