package sim

import "io"

// WritePlan writes what there is to say about a run before anything happens in it: its
// header, and its faults on an axis. Nothing in it tells what comes of them, neither the
// axis, which reaches to the end of the faults or for two timeouts, nor who leads later;
// only the instant of a fault that waits for an event tells when that came.
func WritePlan(w io.Writer, t *Timeline, opts TextOptions) error {
	s, err := t.Select(opts.Client)
	if err != nil {
		return err
	}
	p := newPage(opts)
	t.header(p, s, false)
	if len(t.Faults) == 0 {
		return p.flush(w)
	}
	to := t.Origin
	if s != nil {
		to = to.Add(2 * s.Timeout)
	}
	for i := range t.Faults {
		f := &t.Faults[i]
		if to = max(to, f.Begin.At); f.End.Happened() {
			to = max(to, f.End.At)
		}
	}
	pic := newPicture(p.width, tail, t.Origin, t.Origin, to)
	p.blank()
	t.axis(p, pic)
	t.faultLanes(p, pic)
	return p.flush(w)
}
