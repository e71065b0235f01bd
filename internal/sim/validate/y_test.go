package validate
import ("testing";"fmt";"github.com/lullwork/lull/internal/sim/world";"github.com/lullwork/lull/internal/policy/android")
func show(name string, s scene, task string){
  all,err:=s.play(); if err!=nil{panic(err)}
  for i:=range all { rs:=all[i].of(task); g:=gaps(rs); fmt.Println(name,i,"runs",len(rs),"per day",ratio(int64(len(rs)),int64(s.days)),"empty",emptyDays(rs,s.days),"gap mean",hours(mean(g)),"med",hours(median(g)),"p90",hours(quantile(g,90)),"max",hours(most(g)), "refused",all[i].refused, "dropped", len(all[i].dropped)) }
}
func TestY(t *testing.T){
 no:=[]change{{world.Exempt,0},{world.Restricted,0},{world.NightPlug,1000000}}
 for _,who:=range []string{"weekly"} {
 for _,v:=range android.Vendors() {
 show("A6 "+who+" "+v, scene{plan:"daily.yaml",platform:"android",who:who,set:no,android:"11",vendor:v,days:62,settle:28,devices:3},"check")
 }}
 on:=[]change{{world.RefreshOff,0}}
 show("I5 daily", scene{plan:"refresh.yaml",platform:"ios",set:on,days:14,settle:28,devices:3},"refresh")
 show("I5 heavy", scene{plan:"refresh.yaml",platform:"ios",who:"heavy",set:on,days:14,settle:28,devices:3},"refresh")
 show("I9", scene{plan:"widget.yaml",platform:"ios",who:"heavy",set:[]change{{world.WidgetOwners,1000000},{world.WidgetViewsPerDay,20000}},days:14,settle:28,devices:3},"widget")
 show("I9 unseen", scene{plan:"widget.yaml",platform:"ios",who:"heavy",set:[]change{{world.WidgetOwners,0}},days:14,settle:28,devices:3},"widget")
 for _,w:=range []string{"weekly","dormant"} {
 show("I1 "+w, scene{plan:"exposure-24h.yaml",platform:"ios",who:w,set:on,days:28,settle:7,devices:3},"check")
 show("I3 "+w, scene{plan:"exposure-2h.yaml",platform:"ios",who:w,set:on,days:28,settle:7,devices:3},"check")
 show("I4 "+w, scene{plan:"exposure-4h.yaml",platform:"ios",who:w,set:on,days:28,settle:7,devices:3},"check")
 }
}
