package android_test

import ("testing";"fmt")

func TestDbg(t *testing.T) {
	for seed := range 60 {
		w := newWorld(t, uint64(seed))
		for i := range 120 {
			n := 0
			w.phone.dbg = func() {
				n++
				if n > 20000 && n < 20040 { fmt.Println(seed, i, clock(w.At), clock(w.Wake), clock(w.sys.Next()), len(w.runs)) }
				if n == 20050 { b, _ := w.sys.Save(); fmt.Println(string(b)); t.Fatal("x") }
			}
			w.step()
		}
	}
}
