package experiments

import (
	"time"

	"zksim/model"
)

// NeverHealed bounds when an application whose client is never connected again is
// told that its session is over, counted from the last word of a server; ok says
// whether it is told at all. Of Curator, percent is its own (L-U3) and under
// the Java client below it; the other libraries take no notice of the two.
func (s Setting) NeverHealed(l, under *model.Library, percent, n int) (r Range, ok bool) {
	silence := s.LocalExpiry(n)
	own := Range{silence.Least + 2*teardown, silence.Most + 2*teardown} // C-20
	if l.Name != "curator" {
		return own, l.LocalExpiry
	}
	injected := s.readTimeout() + teardown + s.Timeout*time.Duration(percent)/100 // L-U5
	if !under.LocalExpiry {
		return Range{injected, injected}, true
	}
	return Range{min(own.Least, injected), min(own.Most, injected)}, true // L-U6
}
