package rules

// configurationRules are the rules on what stands beside Dart code: property lists,
// manifests, builds and native code.
func configurationRules() []*Rule {
	var all []*Rule
	for _, of := range [][]*Rule{
		iosLaunchRules(), channelRules(), crossPlatformRules(), pushSetupRules(), iosIdentifierRules(), iosModeRules(), androidRules(), notificationRules(), serviceRules(), serviceForegroundRules(),
		hiltRules(), nativeIOSRules(), iosCallbackRules(), iosSessionRules(), nativeWorkRules(), nativeWorkerRules(), pendingIntentRules(), bootAlarmRules(),
	} {
		all = append(all, of...)
	}
	return all
}

// natives are the looks at Kotlin and Java for mistakes that Dart code can have too, by
// the name of their rule.
func natives() map[string]func(*Pass) {
	return map[string]func(*Pass){
		"period-too-short":   nativePeriods,
		"expedited-setup":    nativeExpedited,
		"idle-with-backoff":  nativeIdleBackoff,
		"idle-with-charging": nativeIdleCharging,
		"input-not-storable": nativeInput,

		"network-without-constraint": nativeNetwork,
		"not-awaited":                nativeNotAwaited,
		"service-time-limit":         nativeTimeLimit,
		"service-undeclared":         nativeUndeclared,
		"service-channel-missing":    nativeServiceChannel,

		"notification-permission": nativeNotificationPermission,
		"exact-alarm-permission":  nativeExactAlarms,
		"boot-permission-missing": nativeBoot,
	}
}

// alsoNative lets rules look at native code after Dart.
func alsoNative(all Table) Table {
	native := natives()
	for _, r := range all {
		if look, ok := native[r.Name]; ok {
			dart := r.Check
			r.Check = func(p *Pass) {
				dart(p)
				look(p)
			}
		}
	}
	return all
}
