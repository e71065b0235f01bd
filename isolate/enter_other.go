//go:build !linux

package isolate

import "errors"

const codeRefused = 70 // EX_SOFTWARE of sysexits.h

// enterMain is not used here.
func enterMain() int { return notAChild(errors.New("no sandbox on this system")) }
