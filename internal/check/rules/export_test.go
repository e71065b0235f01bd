package rules

// Configuration are the rules that TestConfiguration tries.
func Configuration() []*Rule { return configurationRules() }

// What archives of small projects say.
var (
	RulesOf = rulesOf
	Wanted  = wanted
)
