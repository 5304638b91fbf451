//go:build !js

package experiments

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
)

// How is how a plan is played. None of it changes what comes out.
type How struct {
	Workers int // 0: as many as there are processors
	// Shard and Shards say which part of the chunks is played; 0 of 0 is all.
	Shard, Shards int
	// Progress hears of the beginning and of each chunk that is there, Remark what the user should know. Both are
	// called by one goroutine at a time.
	Progress func(Progress)
	Remark   func(string)
}

// Progress says how far a sweep has come.
type Progress struct {
	Runs, Kept int64 // that are there, and those of them that were there before
	Total      int64 // 0 if nobody knows yet
}

// Results is a folder with a plan's chunks.
type Results struct {
	Plan  *Plan
	store *store
}

// Play computes the replications that are missing. When the context ends, what is being
// computed is finished and kept, and the error is the context's.
func (r *Results) Play(ctx context.Context, how How) error {
	if how.Workers < 1 {
		how.Workers = processors()
	}
	c := &crew{results: r, ctx: ctx, how: how, work: newWork(r.Plan, how)}
	c.wake = sync.NewCond(&c.mutex)
	c.progress.Total = c.work.total()
	if how.Progress != nil {
		how.Progress(c.progress)
	}
	c.saving = make(chan finished, how.Workers)
	var computing, saving sync.WaitGroup
	for range how.Workers {
		computing.Go(c.compute)
	}
	for range min(how.Workers, 4) {
		saving.Go(c.save)
	}
	computing.Wait()
	close(c.saving)
	saving.Wait()
	r.store.syncFolders()
	if c.failure != nil {
		return c.failure
	}
	return ctx.Err()
}

// A crew is the goroutines that play a plan.
type crew struct {
	results *Results
	ctx     context.Context
	how     How
	saving  chan finished

	mutex    sync.Mutex
	wake     *sync.Cond
	work     *work
	busy     int // chunks that are being made
	progress Progress
	failure  error
}

// A finished chunk waits to be written.
type finished struct {
	chunk   chunk
	content []byte
}

// compute is one worker: chunk after chunk, until none is left.
func (c *crew) compute() {
	p := c.results.Plan
	player := newPlayer(p, nil)
	var values []Value
	for {
		next, ok := c.take()
		if !ok {
			return
		}
		var kept bool
		if kept, values = c.kept(player, &next, values[:0]); kept {
			c.count(&next, true)
			continue
		}
		values = values[:0]
		var first uint64
		for run := next.from; run < next.to; run++ {
			n := len(values)
			for range p.Columns {
				values = append(values, 0)
			}
			digest, err := player.play(next.point, run, values[n:])
			if err != nil {
				c.fail(err)
				return
			}
			if run == next.from {
				first = digest
			}
		}
		c.saving <- finished{next, p.encode(&next, values, first)}
	}
}

// kept says whether a chunk is there and right. Its first run is played again: a program
// that gives another digest did not write it.
func (c *crew) kept(player *player, next *chunk, values []Value) (bool, []Value) {
	file, err := c.results.store.load(next.key)
	if errors.Is(err, fs.ErrNotExist) {
		return false, values
	}
	var digest uint64
	if err == nil {
		values, digest, err = c.results.Plan.decode(next, file, values)
	}
	if err == nil {
		row := make([]Value, len(c.results.Plan.Columns))
		again, failed := player.play(next.point, next.from, row)
		if failed == nil && again == digest && same(row, values[:len(row)]) {
			return true, values
		}
		err = errForeign
	}
	c.remark(fmt.Sprintf("%s: %v; %s, runs %d to %d, is computed anew", c.results.store.path(next.key), reason(err), c.results.Plan.Describe(next.point), next.from, next.to-1))
	return false, values
}

// same compares values; not happened is like not happened.
func same(a, b []Value) bool {
	for i := range a {
		if a[i] != b[i] && (a[i] == a[i] || b[i] == b[i]) {
			return false
		}
	}
	return true
}

// save writes what has been computed.
func (c *crew) save() {
	for f := range c.saving {
		if err := c.results.store.save(f.chunk.key, f.content); err != nil {
			c.fail(err)
			continue
		}
		c.count(&f.chunk, false)
	}
}

// take gives the next chunk to make. It waits while it is open whether there will be one.
func (c *crew) take() (chunk, bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for {
		if c.failure != nil || c.ctx.Err() != nil {
			c.wake.Broadcast()
			return chunk{}, false
		}
		if next, ok := c.work.next(); ok {
			c.busy++
			return next, true
		}
		if c.busy == 0 {
			return chunk{}, false
		}
		c.wake.Wait()
	}
}

// count takes note of a chunk that is there.
func (c *crew) count(done *chunk, before bool) {
	more, err := c.work.after(done, c.results)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.busy--
	if err != nil && c.failure == nil {
		c.failure = err
	}
	c.work.add(more)
	c.progress.Runs += int64(done.runs())
	if before {
		c.progress.Kept += int64(done.runs())
	}
	if c.how.Progress != nil {
		c.how.Progress(c.progress)
	}
	c.wake.Broadcast()
}

func (c *crew) fail(err error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.busy--
	if c.failure == nil {
		c.failure = err
	}
	c.wake.Broadcast()
}

func (c *crew) remark(text string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.how.Remark != nil {
		c.how.Remark(text)
	}
}
