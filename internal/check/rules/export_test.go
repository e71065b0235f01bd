package rules

// Configuration are the rules that TestConfiguration tries.
func Configuration() []*Rule { return configurationRules() }
