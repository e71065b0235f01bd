package validate
import ("testing";"fmt";"github.com/lullwork/lull/internal/sim/scenario")
func TestY(t *testing.T){
  w := scene{plan: "every-10h.yaml", platform: scenario.Android, android: "11", set: plain, days: 28, settle: 28, devices: 10}
  ph,_:=w.play(); 
  for i:=range ph { rs:=ph[i].of("job"); for k:=1;k<len(rs);k++ { if rs[k].at-rs[k-1].at>18*hour { for _,r:=range ph[i].runs { if r.at>=rs[k-1].at && r.at<=rs[k].at {fmt.Println(i,hms(r.at),r.out,r.took,r.work)}}}}}
}
