package validate

const (
	tracingIOS = "github.com/corona-warn-app/cwa-app-ios/issues/"
	appleForum = "developer.apple.com/forums/thread/"
)

func iosCases() []Case {
	return []Case{
		{
			ID: "I1", Platform: "iOS", Kind: measured, Source: "cwa-app-ios#918, 2020", Link: tracingIOS + "918",
			World: "processing with the exposure-notification entitlement, not before 24 h; profile of iOS 13.5 to 13.6; app opened once a week", Observed: "gaps of 28.2, 37.7, 32.7, 39 h",
			Assert: "every gap at least 24 h, median 28 to 38 h, most runs more than an hour later in the day than the one before",
			Remark: "In the simulator a launch takes no time, so that a gap can be exactly 24 h. The chance of a slot in the profile of this version was fitted to figures like these: that the median holds is no prediction. Without the entitlement, by the defaults alone, it would hold as well.",
			Expect: Met, try: tryDailyExposure,
		},
		{
			ID: "I2", Platform: "iOS", Kind: measured, Source: "cwa-app-ios#916, 2020", Link: tracingIOS + "916",
			World: "the same, app not opened", Observed: "gaps of 164.6, 26.5, 66.5 h; others up to 65 h; a third over 30 h",
			Assert: "gaps of more than 2 days happen",
			Remark: "A gap of a week does not come up.",
			Expect: Met, try: tryUnopenedExposure,
		},
		{
			ID: "I3", Platform: "iOS", Kind: reported, Source: "cwa-app-ios#740, cwa-documentation#432, 2020", Link: tracingIOS + "740",
			World: "the same task, asked for again 2 h after each wake, its work done at the first wake a day after the last; profile of iOS 13.7 and later", Observed: "about 2 h later each day, no run on one day in 12",
			Assert: "1 to 3 h later each day, no run on one day in 6 to 18",
			Remark: "What is about so is taken to be within half of it. The version is not stated. With the profile of iOS 13.5 to 13.6, fitted to the gaps of I1, it would be missed by far: the two measurements contradict each other, on phones of which one ran the task mostly on the charger and one around the clock. It is the 4 h of the profile rather than the 2 h of the app that make it creep.",
			Expect: Met, try: tryCreep,
		},
		{
			ID: "I4", Platform: "iOS", Kind: reported, Source: "cwa-app-ios#916, #1631, #1884, 2020 and 2021", Link: tracingIOS + "1884",
			World: "the same task, not before 4 h; profile of iOS 13.7 and later", Observed: "4 to 6 runs a day on Wi-Fi, gaps of 4 to 8 h",
			Assert: "4 to 6 runs a day, mean gap 1.0 to 1.5 of the minimum, slots are skipped (a gap of 8 h and more)",
			Remark: "The profile's chance of a slot is the one that all refreshes have.",
			Expect: Met, try: tryFourHours,
		},
		{
			ID: "I5", Platform: "iOS", Kind: reported, Source: "nightguard#99, #181, #354", Link: "github.com/nightscout/nightguard/issues/99",
			World: "a refresh that asks for the next one 10 min ahead; app opened daily, 3 times", Observed: "1 to 2 runs an hour on an iPhone",
			Assert: "1 to 2 runs an hour from 7 to 23 o'clock",
			Remark: "It does not run more often, but it runs less often. An app that shows glucose values is likely to be opened more than 3 times a day; opened 20 times, it comes close to one run an hour.",
			Expect: Missed, try: tryDailyRefresh,
		},
		{
			ID: "I6", Platform: "iOS", Kind: reported, Source: "flutter_workmanager#196, 2020", Link: flutter + "196",
			World: "a refresh of an app that was just installed, and is opened 3 times a day", Observed: "first run after more than 24 h, then 4 about 15 min apart, then none for hours",
			Assert: "no run in the first day on any phone; within a week 3 runs and more, each within 20 min of the one before, and then none for 2 h, on a quarter of the phones at least",
			Remark: "With another seed one phone of 60 does have a run in its first day: it was booted, and until it was unlocked the system took the app for one that is as likely as not to be opened.",
			Expect: Met, try: tryFreshInstall,
		},
		{
			ID: "I7", Platform: "iOS", Kind: measured, Source: "owntracks/ios#839, 2025", Link: "github.com/owntracks/ios/issues/839",
			World: "a refresh of an app that is opened at 7:30, 12:30 and 17:00 only", Observed: "12.3 h without a run, from 17:09 on",
			Assert: "no run from 23 to 5 o'clock in 95 nights of 100; median gap over night 8 to 16 h",
			Expect: Met, try: tryNight,
		},
		{
			ID: "I8", Platform: "iOS", Kind: reported, Source: "Apple developer forums, 780956", Link: appleForum + "780956",
			World: "a refresh that takes 25 of its 30 s, on phones that are used a lot", Observed: "expired after 2 to 5 s rather than 30",
			Assert: "a run during which the user unlocks the phone expires 2 to 5 s later, and the next one comes all the same",
			Remark: "The 2 s are taken from this very report. What is tried is that runs which are cut so short do no harm.",
			Expect: Met, try: tryUnlock,
		},
		{
			ID: "I9", Platform: "iOS", Kind: documented, Source: "WWDC21, session 10048", Link: "developer.apple.com/videos/play/wwdc2021/10048",
			World: "a widget that asks for a new timeline every 5 min, seen 20 times a day, or never", Observed: "40 to 70 reloads a day for one that is often seen",
			Assert: "40 to 70 a day, fewer than half of that if it is not seen; reloads while the app is in front cost nothing and are not counted",
			Expect: Met, try: tryWidget,
		},
		{
			ID: "I10", Platform: "iOS", Kind: documented, Source: "Apple developer forums, 773486 and 776933", Link: appleForum + "776933",
			World: "two background pushes an hour; two days in Low Power Mode off the charger, and one without", Observed: "a few an hour or none; the newest is kept for each app",
			Assert: "a day without a delivery, only the newest held push is delivered then, launches at least 15 min apart",
			Expect: Met, try: tryHeldPush,
		},
	}
}
