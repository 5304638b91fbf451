//go:build !js

package experiments

import (
	"context"
	"time"
)

// A Forecast is what a sweep will take.
type Forecast struct {
	Runs       int64
	Chunks     int64
	Work       time.Duration // of one processor
	RowBytes   int64
	ChunkBytes int64
}

// Estimate plays a few runs of a few points, the first and the last among them. The time
// is the caller's to tell.
func (p *Plan) Estimate(ctx context.Context, clock func() time.Duration) (*Forecast, error) {
	const points, enough, most = 8, 30 * time.Millisecond, 200
	e := &Forecast{}
	y := newPlayer(p, func() bool { return ctx.Err() != nil })
	row := make([]Value, len(p.Columns))
	var work float64 // ns a run, summed over the samples
	var samples float64
	last := -1
	for k := range points {
		i := k * (len(p.Points) - 1) / (points - 1)
		if i == last {
			continue
		}
		last = i
		began, runs := clock(), 0
		for runs < most && (runs == 0 || clock()-began < enough) {
			runs++
			if _, err := y.play(i, uint32(runs), row); err != nil {
				return nil, err
			}
		}
		work += float64(clock()-began) / float64(runs)
		samples++
		e.RowBytes += int64(len(p.appendRows(nil, i, uint32(runs), row)))
	}
	perPoint := int64(p.runs())
	e.Runs = perPoint * int64(len(p.Points))
	e.Chunks = int64(len(p.cut(0, 1, p.runs()+1))) * int64(len(p.Points))
	e.Work = time.Duration(work / samples * float64(e.Runs))
	e.RowBytes = e.RowBytes / int64(samples) * e.Runs
	e.ChunkBytes = e.Runs*8*int64(len(p.Columns)) + e.Chunks*600
	return e, nil
}
