package validate

func otherCases() []Case {
	return []Case{
		{
			ID: "M1", Platform: "macOS", Kind: measured, Source: "eclecticlight.co, 2017-05-14, 2023-07-11, 2025-02-14", Link: "eclecticlight.co",
			World: "Time Machine: every 60 min with a grace of 30", Observed: "gaps of 60 to 70 min; started at a score of 0.8535",
			Assert: "runs when its score passes the threshold, 60 to 70 min apart",
			Expect: NotApplicable, try: func() (finding, error) {
				return finding{none: "there is no model of the scheduler of macOS: on a Mac lull schedules by itself"}, nil
			},
		},
		{
			ID: "P1", Platform: "people", Kind: documented, Source: "FedScale on the FLASH data set: a keyboard app on 136,000 phones", Link: "github.com/SymbioticLab/FedScale/blob/master/benchmark/dataset/README.md",
			World: "300 phones of the default population, 28 days", Observed: "189 events of charger, screen, network and battery a phone and day",
			Assert: "180 to 198 events a phone and day",
			Remark: "The generator was fitted to this figure.",
			Expect: Met, try: tryEventRate,
		},
		{
			ID: "P2", Platform: "people", Kind: measured, Source: "logs of four phones: niimpy sample data (MIT), UsageLogger (Apache-2.0), iPhone Battery Telemetry (CC BY 4.0)", Link: "github.com/digitraceslab/niimpy",
			World: "300 phones of the default population, 28 days",
			Observed: "plug-ins a day 2.15 to 2.71, over 4 h on the charger a day 0.76 to 1.32, share of time plugged 0.274 to 0.528, screen on a day 49 to 119, " +
				"off for over 30 min a day 3.8 to 8.2, share of time that deep Doze could take 0.028 to 0.203, share idle and plugged 0.35 to 0.382",
			Assert: "each mean is within its range",
			Remark: "The generator was fitted to these ranges. Four phones are no population.",
			Expect: Met, try: tryHabits,
		},
	}
}
