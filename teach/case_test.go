package teach

import (
	"math/rand/v2"
	"testing"

	"zksim/model"
	"zksim/sim"
)

// TestTimelinesThatNoRunWroteDoNoHarm: records changed at random are explained somehow or
// refused, and nothing panics.
func TestTimelinesThatNoRunWroteDoNoHarm(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	explained, refused := 0, 0
	for _, name := range []string{"faq", "vain", "curator-460", "fenced"} {
		good := examine(t, name).File
		for range 60 {
			f := *good
			f.Scenario = "nothing of ours"
			f.Records = append([]sim.Record{}, good.Records...)
			for range 1 + r.IntN(20) {
				k := &f.Records[r.IntN(len(f.Records))]
				switch r.IntN(6) {
				case 0:
					k.Node = model.NodeID(r.IntN(len(f.Nodes)+1) - 1)
				case 1:
					k.Peer = model.NodeID(r.IntN(len(f.Nodes)+1) - 1)
				case 2:
					k.Kind = f.Records[r.IntN(len(f.Records))].Kind
				case 3:
					k.A, k.B = int64(r.Uint64()), r.Int64N(1<<40)
				case 4:
					k.Cause = model.RecordID(r.Int64N(int64(k.ID)))
				case 5:
					k.Session, k.Text = model.SessionID(r.Uint64()), ""
				}
			}
			c, err := ExamineFile(&f, "", nil)
			if err != nil {
				refused++
				continue
			}
			if _, err := c.Explain(""); err != nil {
				refused++
				continue
			}
			explained++
			for id := 1; id <= len(f.Records); id += 11 {
				if _, err := c.Narrator.Why(model.RecordID(id)); err != nil {
					t.Errorf("%s: record %d: %v", name, id, err)
				}
			}
		}
	}
	if explained < 20 {
		t.Errorf("%d explained, %d refused", explained, refused)
	}
}
