package lulltest_test

import (
	"fmt"
	"time"

	"github.com/lullwork/lull/lulltest"
	"github.com/lullwork/lull/work"
)

// An iPhone whose owner opens the app twice a week and charges by day only: how old is
// what they see? In a test, pass its t in the place of nil.
func ExamplePhone_Live() {
	phone := lulltest.Phone{
		Person: lulltest.Person{OpensPerWeek: 2, NoNightCharger: true},
		Tasks:  []lulltest.PhoneTask{{Name: "sync", Every: time.Hour, Needs: work.Constraints{Network: work.Connected}}},
	}
	sync := phone.Live(nil, 14).Task("sync")

	fmt.Println("runs every hour, as it asks to:", sync.RunsPerDay() > 20)
	fmt.Println("never older than 6 hours:", sync.Stale.Max() < 6*time.Hour)
	fmt.Println("it waits for", sync.Waits[0].Code)
	// Output:
	// runs every hour, as it asks to: false
	// never older than 6 hours: false
	// it waits for score_below_threshold
}

// The same app on the phones of two kinds of people.
func ExamplePhone_Crowd() {
	life := lulltest.Phone{System: lulltest.Android}.Crowd(nil, 20, 14,
		lulltest.Person{Like: "heavy", Weight: 3},
		lulltest.Person{Like: "weekly", NoWifi: true},
	)
	refresh := life.Task("refresh")

	fmt.Println("phones:", refresh.Phones)
	fmt.Println("phones without a run:", refresh.Idle)
	fmt.Println("data of at most a day at 9 of 10 openings:", refresh.Stale.At(90) < 24*time.Hour)
	// Output:
	// phones: 20
	// phones without a run: 0
	// data of at most a day at 9 of 10 openings: true
}

// A test that moves time and a phone by itself, and asks what holds a task.
func ExamplePhone_Take() {
	phone := lulltest.Phone{Plan: `
app: {ios: {permitted: [sync], modes: [fetch]}}
tasks:
  sync:
    every: 1h
    ios: {as: refresh, resubmit: first}
`}
	h := phone.Take(nil)
	fmt.Println("installed:", h.Codes("sync"))
	h.Open()
	h.Leave()
	h.Advance(30 * time.Minute)
	fmt.Println("asked for:", h.Codes("sync")[0])
	h.Swipe()
	h.Advance(7 * 24 * time.Hour)
	fmt.Println("swiped away:", h.Codes("sync"), len(h.Runs("sync")), "runs")
	h.Open()
	fmt.Println("opened again:", len(h.Codes("sync")) > 0, h.Stale("sync"))
	// Output:
	// installed: [not_pending]
	// asked for: too_early
	// swiped away: [not_pending] 0 runs
	// opened again: true 0s
}
