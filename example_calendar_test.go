package lull_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/lullwork/lull/work"
)

// Calendar work goes by local time: at nine on workdays in Paris, over a weekend
// and a change to daylight saving time. What is missed while the machine sleeps is
// made up for once.
func Example_calendar() {
	ctx := context.Background()
	eng := newStage()
	defer eng.close()
	eng.clock.Set(time.Date(2030, 3, 28, 12, 0, 0, 0, time.UTC))
	eng.run()

	q := Resize.Request(Photo{Path: "a.jpg"})
	q.Cron, q.Zone, q.Missed = "0 9 * * mon-fri", "Europe/Paris", work.MissedOnce
	id, err := eng.Enqueue(ctx, q)
	if err != nil {
		log.Fatal(err)
	}
	paris, err := time.LoadLocation(q.Zone)
	if err != nil {
		log.Fatal(err)
	}
	show := func() {
		w, err := eng.Get(ctx, id)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("runs:", w.Periods, "next:", w.Due.In(paris).Format("Mon 2 Jan 15:04 MST"))
	}
	show()
	eng.pass(24 * time.Hour)
	show()
	eng.clock.Sleep(7 * 24 * time.Hour) // over five of its times
	eng.settle()
	show()
	// Output:
	// runs: 0 next: Fri 29 Mar 09:00 CET
	// runs: 1 next: Mon 1 Apr 09:00 CEST
	// runs: 2 next: Mon 8 Apr 09:00 CEST
}
