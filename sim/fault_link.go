package sim

import "slices"

// A cut, a delay or a loss is in force while it is in the weather.

func (w *World) cut(f *liveFault)       { w.weather.links = append(w.weather.links, f.index) }
func (w *World) healCut(f *liveFault)   { w.weather.end(f.index) }
func (w *World) slow(f *liveFault)      { w.weather.links = append(w.weather.links, f.index) }
func (w *World) healSlow(f *liveFault)  { w.weather.end(f.index) }
func (w *World) lossy(f *liveFault)     { w.weather.links = append(w.weather.links, f.index) }
func (w *World) healLossy(f *liveFault) { w.weather.end(f.index) }

func (wt *weather) end(i int) {
	wt.links = slices.DeleteFunc(wt.links, func(j int) bool { return j == i })
}
