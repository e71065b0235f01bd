package validate

// Kinds of sources.
const (
	documented = "documented" // by the vendor
	measured   = "measured"   // a log or a dump of a phone, which somebody published
	reported   = "reported"   // written down by hand by users or maintainers
)

const (
	tracing = "github.com/corona-warn-app/cwa-app-android/issues/"
	flutter = "github.com/fluttercommunity/flutter_workmanager/issues/"
)

func androidCases() []Case {
	return []Case{
		{
			ID: "A1", Platform: "Android", Kind: measured, Source: "bug report of a Trimble T70 with Android 15, 2026-02-24",
			World:    "lies still on battery for 144.6 h, screen lit 14 times for 523 s in all; idle 15 min, factor 2, at most 6 h; inactive 1 min; idle after inactive 1 min",
			Observed: "deep idle 97.6 % of the time in 74 cycles, longest 6.0 h; light 1.9 %",
			Assert:   "evenly spaced: deep at least 95 %, longest at most 6 h 5 min, 28 (undisturbed) to 90 (disturbed each time) cycles",
			Remark:   "Whether the phone was unlocked when its screen was lit is not told: a screen that is lit behind a lock ends nothing. Both are tried; what was measured lies between them. Disturbed at even intervals of 9.6 h it never gets to its 6 h, so the longest idle time of 6 h is asked of the other one.",
			Expect:   Met, try: tryStillPhone,
		},
		{
			ID: "A2", Platform: "Android", Kind: measured, Source: "dumpsys deviceidle of a Xiaomi phone with HyperOS, 2026-06",
			World:    "profile of the vendor: light Doze after 4 min, windows that grow by 5 min; deep Doze ended six times by motion or by the user",
			Observed: "light windows after 301 to 360 s, then 603 s; maintenance 5.1 to 6.2 s; longest deep idle 3147 s",
			Assert:   "first window after 300 to 360 s, second after 600 to 720 s, maintenance with nothing to do 5 to 7 s, no deep idle of 1 h completed",
			Remark:   "How long a deep idle lasts is the script's doing: that motion and an unlock end it is what is tried.",
			Expect:   Met, try: tryLightWindows,
		},
		{
			ID: "A3", Platform: "Android", Kind: reported, Source: "android-job#537, 2018", Link: "github.com/Evernote/android-job/issues/537",
			World: "an hourly job without conditions, a phone that is left alone; Android 11, the oldest profile", Observed: "gaps of 1, 2, 4 h",
			Assert: "in deep Doze all runs are in maintenance windows, after 1, 2 and 4 h",
			Expect: Met, try: tryHourlyInDoze,
		},
		{
			ID: "A4", Platform: "Android", Kind: measured, Source: "cwa-app-android#933, 2020", Link: tracing + "933",
			World: "daily work with a network and a battery that is not low, app never opened, not exempt; AOSP 11", Observed: "gaps of 23.6, 35.5, 45.0, 14.1 h",
			Assert: "mean gap 1 to 2 days, one of at least 35 h, a day without a run each week",
			Remark: "By AOSP's rules a daily run of 20 s fits the quota of the rare bucket, and JobScheduler asks for an exception from the bucket's lack of network. The vendor of the phone is not told. Google's documentation says that apps in the rare bucket have no network in the background; were that so for jobs too, the app would run on the charger only, with longer gaps, though still with fewer days without a run than were measured.",
			Expect: Missed, try: tryUnopenedDaily,
		},
		{
			ID: "A5", Platform: "Android", Kind: measured, Source: "cwa-app-android#1241, 2020", Link: tracing + "1241",
			World: "daily work, exempt from battery optimisation, on the charger every night, app opened once a week; profile OnePlus, and AOSP 11", Observed: "gaps of 43.5 and 47.0 h on a OnePlus 5T with Android 10",
			Assert: "OnePlus: most phones miss a day (a gap of 36 h and more); AOSP: none does",
			Remark: "How often the app was opened is not told. Of the profile it is the missing autostart after a boot, the exemption that reverts, and the kill with the screen off that matter; opened daily, the app misses no day.",
			Expect: Met, try: tryExemptButKilled,
		},
		{
			ID: "A6", Platform: "Android", Kind: reported, Source: "cwa-app-android#1141, 2020", Link: tracing + "1141",
			World: "daily work, not exempt, on the charger every night, app opened once a week; AOSP 11, and the profile of Samsung", Observed: "runs on 15 days of 62",
			Assert: "AOSP: runs on 9 days of 10 at least, as charging lifts the limits; Samsung: 15 of 62 is in the range of 30 phones",
			Remark: "The users noted the contradiction themselves. Neither the vendor nor how often the app was opened is told, so that this shows no more than that a vendor's rule can do it: an app that is not opened for 3 days sleeps.",
			Expect: Met, try: tryChargedNights,
		},
		{
			ID: "A7", Platform: "Android", Kind: reported, Source: "covid-alert-app#1313, 2020", Link: "github.com/cds-snc/covid-alert-app/issues/1313",
			World: "work every 4 h with a network, app not opened after its installation; Pixel, Android 11; exempted from the limits of its bucket after 3 weeks", Observed: "two gaps of 7 days; exempted, several runs a day",
			Assert: "after 2 weeks about one run a day or fewer; exempted, the full rate at once",
			Remark: "The second half holds. AOSP's rare bucket starts up to 3 sessions a day, and as many as are due on the charger. What made the app wait for a week is not known.",
			Expect: Missed, try: tryExemption,
		},
		{
			ID: "A8", Platform: "Android", Kind: reported, Source: "flutter_workmanager#177, 2020", Link: flutter + "177",
			World: "periodic work of 10 h with the default flex, through the workmanager plugin; opened 3 times a day", Observed: "gaps of 5 and 7 h, never 10",
			Assert: "every gap is above 0 and below two periods",
			Remark: "It holds, but no gap is below the period: with the default flex WorkManager's next run is due one period after the last one began.",
			Expect: Met, try: tryDefaultFlex,
		},
		{
			ID: "A9", Platform: "Android", Kind: measured, Source: "UsageLogger, 24 h of one phone, 2019", Link: "github.com/davidaellis/UsageLoggerPublished",
			World: "an app that is opened once; Android 11, the oldest profile", Observed: "1671 changes of bucket of 166 apps in a day, 1212 of them in moments in which about 130 change; one app is looked at every 60 min; first change 60.0 min after use",
			Assert: "the first change comes 60 min after the last use, idle apps are looked at every hour, and one trigger re-buckets about 130 apps",
			Remark: "The first part holds, where a predictor says that the app is seldom used. The hourly look is the vendor's predictor, whose rhythm is in no profile, and what moves 130 apps at once is not known.",
			Expect: Missed, try: tryBuckets,
		},
		{
			ID: "A10", Platform: "Android", Kind: documented, Source: "Android Developers Blog, 2015-10: how Google Cloud Messaging handles Doze", Link: "android-developers.googleblog.com/2015/10/",
			World:    "messages of normal priority, kept for 4 weeks, for 10 min, or not at all; a phone that is left alone for two days",
			Observed: "held until the next maintenance window, delivered together; dropped if their time to live runs out before, at once if it is 0",
			Assert:   "exactly that, for every message",
			Expect:   Met, try: tryMessages,
		},
	}
}
