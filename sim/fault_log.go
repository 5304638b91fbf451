package sim

import "slices"

// slowLog makes flushes that begin from now on take longer (G-9).
func (w *World) slowLog(f *liveFault) {
	for _, i := range f.nodes {
		w.hosts[i].env.slow = append(w.hosts[i].env.slow, f.index)
	}
}

func (w *World) healSlowLog(f *liveFault) {
	for _, i := range f.nodes {
		e := &w.hosts[i].env
		e.slow = slices.DeleteFunc(e.slow, func(k int) bool { return k == f.index })
	}
}
