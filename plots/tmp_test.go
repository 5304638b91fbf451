package plots

import (
	"os"
	"strings"
	"testing"
	"zksim/clock"
	"zksim/sim"
)

func storyOf(t *testing.T, name string, clients ...string) *timeline {
	e, _ := sim.FindEmbedded(name)
	s, err := sim.ReadScenario(name+".yaml", e.Source, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := sim.NewCollector(s)
	c.KeepMessages()
	w, err := sim.New(s, s.Seed, 0, c)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := w.Run(clock.Instant(s.Length), nil)
	if err != nil {
		t.Fatal(err)
	}
	tl := c.Timeline(w, sum)
	if len(clients) == 0 {
		clients = []string{""}
	}
	out := &timeline{engine: "zksim test"}
	for _, cl := range clients {
		p, err := tl.Picture(cl)
		if err != nil {
			t.Fatal(err)
		}
		out.stories = append(out.stories, p)
	}
	return out
}
func TestTmp(t *testing.T) {
	for _, name := range strings.Fields(os.Getenv("NAMES")) {
		for _, size := range strings.Fields(os.Getenv("SIZES")) {
			d := storyOf(t, name)
			d.messages = os.Getenv("MSG") != ""
			th := os.Getenv("THEME")
			if th == "" {
				th = "light"
			}
			b := drawn(t, d, Look{th, size}, "png")
			os.WriteFile("/tmp/x/"+name+"-"+size+"-"+th+".png", b, 0644)
		}
	}
}
func TestTmpStack(t *testing.T){
  for _,size:=range []string{"double","single","slide"} {
  d:=storyOf(t,"libraries","java38","java39","c","go","kazoo","curator")
  os.WriteFile("/tmp/x/stack-"+size+".png",drawn(t,d,Look{"light",size},"png"),0644)
  }
}
