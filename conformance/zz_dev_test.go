package conformance
import ("testing";"os";"fmt";"sort";"strings")
func TestDev(t *testing.T){
  files:=strings.Fields(os.Getenv("FILES"))
  type st struct{n,in,miss,inv int; errs []float64}
  m:=map[string]*st{}
  only:=os.Getenv("ONLY"); show:=os.Getenv("SHOW")
  for _,f:=range files { trs,err:=ReadFile(f); if err!=nil{t.Fatal(err)}
   for _,tr:=range trs { if only!=""&&!strings.HasSuffix(tr.Header.ID,only){continue}
    g,err:=Guide(tr); if err!=nil{fmt.Println(err);continue}
    for _,c:=range g.Compared { k:=c.Kind+map[bool]string{true:" D",false:""}[c.Drawn]; if m[k]==nil{m[k]=&st{}}; s:=m[k]
      s.n++
      switch{case c.Missing():s.miss++;case c.Invented():s.inv++;default: e:=float64(c.Error())/1e6; s.errs=append(s.errs,e); if e<25&&e> -25{s.in++}}
      bad:=c.Missing()||c.Invented()||c.Error()>25e6||c.Error()< -25e6||c.WrongBucket
      if only!=""||(show!=""&&bad&&(show=="all"||strings.HasPrefix(k,show))||c.WrongBucket) { z:=tr.Events[0].T; fmt.Printf("%-30s %-20s %-9s %-5s pred %8.1f..%8.1f rec %8.1f err %7.1f miss=%v inv=%v wb=%v\n",c.Recording,k,c.Node,c.Rule,float64(c.Predicted.Lo-z)/1e6,float64(c.Predicted.Hi-z)/1e6,float64(c.Recorded-z)/1e6,float64(c.Error())/1e6,c.Missing(),c.Invented(),c.WrongBucket)}
    }}}
  var ks []string; for k:=range m{ks=append(ks,k)}; sort.Strings(ks)
  for _,k:=range ks{s:=m[k]; sort.Float64s(s.errs); q:=func(p float64)float64{if len(s.errs)==0{return 0};return s.errs[int(p*float64(len(s.errs)-1))]}
   fmt.Printf("%-24s n=%5d in=%5d miss=%3d inv=%3d min %.1f p50 %.1f p95 %.1f p99 %.1f max %.1f\n",k,s.n,s.in,s.miss,s.inv,q(0),q(.5),q(.95),q(.99),q(1))}
}
