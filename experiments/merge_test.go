package experiments

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestShardsMergedInAnyOrderAreTheWhole plays five parts on their own, also of a sweep whose
// points are played until they are known well enough, and merges them in drawn orders, some
// twice: every file is that of one machine alone.
func TestShardsMergedInAnyOrderAreTheWhole(t *testing.T) {
	const shards = 5
	luck := rand.New(rand.NewPCG(11, 5))
	for _, c := range []Change{{}, {Precision: "20% of mean(detection) from 4 to 32"}} {
		whole := t.TempDir()
		tables(t, sweep(t, plan(t, small, c), whole, How{Workers: 2}))
		want := contents(t, whole)
		var dirs []string
		for i := range shards {
			dirs = append(dirs, t.TempDir())
			sweep(t, plan(t, small, c), dirs[i], How{Workers: 1, Shard: i + 1, Shards: shards})
		}
		for range 3 {
			order := append([]string(nil), dirs...)
			order = append(order, dirs[luck.IntN(shards)])
			luck.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			dir := t.TempDir()
			r, err := Merge(dir, order, func(text string) { t.Errorf("a remark: %s", text) })
			if err != nil {
				t.Fatal(err)
			}
			tables(t, r)
			alike(t, fmt.Sprintf("%+v, merged as %v", c.Precision, order), contents(t, dir), want)
		}
	}
}
