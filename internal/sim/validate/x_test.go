package validate
import ("testing";"fmt";"time";"os";"strings")
func hms(us int64) string { return fmt.Sprintf("%dd%02d:%02d:%02d", us/day, us%day/hour, us%hour/minute, us%minute/second) }
func TestX(t *testing.T){
 for _,c:=range Cases() { if v:=os.Getenv("ID"); v!="" && !strings.Contains(v,c.ID){continue}
  b:=time.Now()
  r,err:=c.Run(); if err!=nil{t.Error(err);continue}
  fmt.Printf("%s %s %s\n   %s\n   %v\n",c.ID,r.State,time.Since(b).Round(time.Millisecond),r.Simulated,r.Causes)
 }
}
