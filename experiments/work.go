//go:build !js

package experiments

import (
	"slices"
	"sync"
)

// Work is the chunks of a plan that one process is to make, one after another. With a
// fixed number of replications they are known; with a precision a point goes on until it
// is reached.
type work struct {
	plan  *Plan
	how   How
	point int
	from  uint32
	index int     // of the chunk, over all points
	more  []chunk // of points that are not precise enough

	rounds []stage // by point, with a precision
	mutex  sync.Mutex
}

// A stage is the replications of a point that are made before its precision is looked at
// again.
type stage struct {
	size    uint32 // runs, with those of the rounds before
	waiting int    // chunks that are still to come
}

func newWork(p *Plan, how How) *work {
	w := &work{plan: p, how: how, from: 1}
	if p.Spec.Until != nil {
		w.rounds = make([]stage, len(p.Points))
		for i := range w.rounds {
			w.rounds[i] = stage{uint32(p.Spec.Until.First), len(p.cut(i, 1, uint32(p.Spec.Until.First)+1))}
		}
	}
	return w
}

// runs is how many replications each point begins with.
func (p *Plan) runs() uint32 {
	if p.Spec.Until != nil {
		return uint32(p.Spec.Until.First)
	}
	return uint32(p.Spec.Runs)
}

// cut divides the runs of a point into chunks.
func (p *Plan) cut(point int, from, to uint32) []chunk {
	var all []chunk
	for from < to {
		end := min(to, from+uint32(p.Spec.Chunk))
		all = append(all, p.chunk(point, from, end))
		from = end
	}
	return all
}

// mine says whether a chunk is of the shard that is played. A point whose number of runs
// depends on its results is whole in one shard.
func (w *work) mine(point, index int) bool {
	if w.how.Shards == 0 {
		return true
	}
	if w.rounds != nil {
		index = point
	}
	return index%w.how.Shards == w.how.Shard-1
}

// next gives the next chunk.
func (w *work) next() (chunk, bool) {
	if n := len(w.more); n > 0 {
		c := w.more[n-1]
		w.more = w.more[:n-1]
		return c, true
	}
	for w.point < len(w.plan.Points) {
		end := w.plan.runs() + 1
		point, from, index := w.point, w.from, w.index
		to := min(end, from+uint32(w.plan.Spec.Chunk))
		w.from, w.index = to, w.index+1
		if to == end {
			w.point, w.from = w.point+1, 1
		}
		if w.mine(point, index) {
			return w.plan.chunk(point, from, to), true
		}
	}
	return chunk{}, false
}

// total is how many replications there will be, 0 if that depends on the results.
func (w *work) total() int64 {
	if w.rounds != nil {
		return 0
	}
	if w.how.Shards == 0 {
		return int64(len(w.plan.Points)) * int64(w.plan.runs())
	}
	count := work{plan: w.plan, how: w.how, from: 1}
	n := int64(0)
	for {
		c, ok := count.next()
		if !ok {
			return n
		}
		n += int64(c.runs())
	}
}

// after is what follows from a chunk's being there: more chunks, if the point is not
// precise enough.
func (w *work) after(done *chunk, r *Results) ([]chunk, error) {
	if w.rounds == nil {
		return nil, nil
	}
	w.mutex.Lock()
	at := &w.rounds[done.point]
	at.waiting--
	size, ready := at.size, at.waiting == 0
	w.mutex.Unlock()
	if !ready {
		return nil, nil
	}
	enough, next, err := r.enough(done.point, size)
	if err != nil || enough {
		return nil, err
	}
	more := w.plan.cut(done.point, size+1, next+1)
	w.mutex.Lock()
	w.rounds[done.point] = stage{next, len(more)}
	w.mutex.Unlock()
	return more, nil
}

// add puts chunks in front of the others, the first of them first.
func (w *work) add(more []chunk) {
	slices.Reverse(more)
	w.more = append(w.more, more...)
}

// enough says whether a point is precise enough after so many runs, which is one of its
// sizes, and otherwise what the next size is. It must be so at two sizes in a row: a
// single narrow interval may be luck.
func (r *Results) enough(point int, size uint32) (bool, uint32, error) {
	u := r.Plan.Spec.Until
	if size >= uint32(u.Most) {
		return true, 0, nil
	}
	next := uint32(min(uint64(size)*2, uint64(u.Most)))
	if size == uint32(u.First) {
		return false, next, nil // nothing to compare with yet
	}
	column, err := r.Plan.column(u.Column)
	if err != nil {
		return false, 0, err
	}
	half, whole := NewSample(&r.Plan.Columns[column]), NewSample(&r.Plan.Columns[column])
	columns := uint32(len(r.Plan.Columns))
	err = r.point(point, size, func(from uint32, rows []Value) error {
		for i := uint32(0); i*columns < uint32(len(rows)); i++ {
			v := rows[i*columns+uint32(column)]
			if whole.Add(v); from+i <= size/2 {
				half.Add(v)
			}
		}
		return nil
	})
	if err != nil {
		return false, 0, err
	}
	precise := func(s *Sample) bool {
		return estimate(u.Stat, &r.Plan.Columns[column], s).Precision() <= u.Relative
	}
	return precise(half) && precise(whole), next, nil
}

// sizes are how many runs a point has after each of its rounds; with a fixed number that
// alone.
func (p *Plan) sizes() []uint32 {
	if p.Spec.Until == nil {
		return []uint32{uint32(p.Spec.Runs)}
	}
	var all []uint32
	for n := uint64(p.Spec.Until.First); ; n = min(2*n, uint64(p.Spec.Until.Most)) {
		all = append(all, uint32(n))
		if n == uint64(p.Spec.Until.Most) {
			return all
		}
	}
}

// chunks lists the chunks of a point's first so many runs, round by round as they were
// made.
func (p *Plan) chunks(point int, size uint32) []chunk {
	var all []chunk
	from := uint32(1)
	for _, n := range p.sizes() {
		if from > size {
			break
		}
		all = append(all, p.cut(point, from, n+1)...)
		from = n + 1
	}
	return all
}

// point visits the rows of a point's first so many runs, chunk by chunk.
func (r *Results) point(point int, size uint32, visit func(from uint32, rows []Value) error) error {
	var rows []Value
	for _, c := range r.Plan.chunks(point, size) {
		file, err := r.store.load(c.key)
		if err == nil {
			rows, _, err = r.Plan.decode(&c, file, rows[:0])
		}
		if err != nil {
			return &chunkError{r, c, err}
		}
		if err := visit(c.from, rows); err != nil {
			return err
		}
	}
	return nil
}
