package ios

import "github.com/lullwork/lull/internal/core"

// Domain is that of the errors of a submit.
const Domain = "BGTaskSchedulerErrorDomain"

// Codes of the errors of a submit.
const (
	CodeUnavailable  = 1
	CodeTooMany      = 2
	CodeNotPermitted = 3
	CodeIneligible   = 4
)

// Names of what ends the app: mistakes of its programmer.
const (
	FatalNoHandler      = "no_launch_handler_registered"
	FatalLateRegister   = "register_after_launch_finished"
	FatalDuplicate      = "duplicate_registration"
	FatalExtension      = "register_not_available_in_extension"
	FatalInterval       = "time_interval_must_be_positive"
	FatalRepeatInterval = "repeating_interval_below_60s"
)

// NoPushMode is the name of what keeps a silent push from an app that does not say that
// it takes any.
const NoPushMode = "no_push_mode"

var codeNames = [...]string{
	CodeUnavailable:  "unavailable",
	CodeTooMany:      "tooManyPendingTaskRequests",
	CodeNotPermitted: "notPermitted",
	CodeIneligible:   "immediateRunIneligible",
}

func refuse(code int, text string) error {
	return &core.Refusal{Domain: Domain, Code: code, Name: codeNames[code], Text: text}
}

func fatal(name, text string) error {
	return &core.Refusal{Name: name, Text: text, Fatal: true}
}
