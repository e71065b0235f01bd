package validate
import ("testing";"fmt";"time")
func hms(us int64) string { return fmt.Sprintf("%dd%02d:%02d:%02d", us/day, us%day/hour, us%hour/minute, us%minute/second) }
func TestX(t *testing.T){
 _ = time.Second
 s:=scene{plan:"every-10h.yaml",platform:"android",days:14,settle:28}
  r,err:=s.play(); if err!=nil{t.Fatal(err)}
  var last int64
  for _,x:=range r[0].runs { fmt.Println(hms(x.at), "gap", hms(x.at-last), "took", x.took/1000,"ms", x.out, "due asked", hms(x.asked)); last=x.at }
  fmt.Println(len(r[0].buckets)); for _,b:=range r[0].buckets[:10] {fmt.Println(hms(b.at),b.state)}
}
