//go:build !js

package experiments

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Merge brings the chunks of several folders of one sweep together in another, which may
// be one of them. Two copies of a chunk that are both whole and differ are an error.
// Damaged ones are named and left out.
func Merge(dir string, from []string, remark func(string)) (*Results, error) {
	var whole *Results
	var first *saved
	var stores []*store
	for _, f := range from {
		v, err := readSaved(f)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: no results of a sweep (%s is missing); want folders that zksim sweep -o made", f, SweepFile)
		}
		if err != nil {
			return nil, err
		}
		if first == nil {
			first = v
		} else if !bytes.Equal(first.identity(), v.identity()) {
			return nil, fmt.Errorf("%s: another sweep than that of %s (%s); want shards of one", f, from[0], differences(first, v))
		}
		stores = append(stores, &store{dir: f})
	}
	plan, err := first.spec().Plan(first.Engine)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(from[0], SweepFile), err)
	}
	if whole, err = Open(dir, plan, false); err != nil {
		return nil, err
	}
	for point := range plan.Points {
		for _, c := range plan.chunks(point, plan.most()) {
			found, err := whole.gather(&c, stores, remark)
			if err != nil {
				return nil, err
			}
			if !found && plan.Spec.Until != nil {
				break // no further round was played
			}
		}
	}
	whole.store.syncFolders()
	return whole, nil
}

// most is how many runs a point can have.
func (p *Plan) most() uint32 {
	sizes := p.sizes()
	return sizes[len(sizes)-1]
}

// gather finds the copies of a chunk, compares them, and keeps one in the whole.
func (r *Results) gather(c *chunk, from []*store, remark func(string)) (found bool, err error) {
	var kept []byte
	var where string
	for _, s := range append([]*store{r.store}, from...) {
		file, err := s.load(c.key)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			_, _, err = r.Plan.decode(c, file, nil)
		}
		switch {
		case err != nil:
			remark(fmt.Sprintf("%s: %v; it is left out", s.path(c.key), reason(err)))
		case kept == nil:
			kept, where = file, s.path(c.key)
		case !bytes.Equal(kept, file):
			return false, fmt.Errorf("%s and %s differ: %s, runs %d to %d\nThe same program, scenario and seed must give the same bytes everywhere. This is a bug of zksim: please report it with both files",
				where, s.path(c.key), r.Plan.Describe(c.point), c.from, c.to-1)
		}
	}
	if kept == nil {
		return false, nil
	}
	own := r.store.path(c.key)
	if where == own {
		return true, nil
	}
	if err := os.Remove(own); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("%s: %w", own, reason(err))
	}
	return true, r.store.save(c.key, kept)
}
