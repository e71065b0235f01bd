package rules

// configurationRules are the rules on what stands beside Dart code: property lists,
// manifests, builds and native code.
func configurationRules() []*Rule {
	var all []*Rule
	for _, of := range [][]*Rule{
		iosLaunchRules(), iosIdentifierRules(), iosModeRules(), androidRules(), notificationRules(), serviceRules(),
		nativeIOSRules(),
	} {
		all = append(all, of...)
	}
	return all
}
