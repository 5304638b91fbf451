package experiments

import (
	"fmt"
	"strings"
	"testing"
)

// A point's values are held in memory, so their number is bounded, whatever the columns.
func TestAPointHoldsABoundedNumberOfValues(t *testing.T) {
	s, err := ReadSpec("small.yaml", []byte(small), nil, EmbeddedScenario)
	if err != nil {
		t.Fatal(err)
	}
	columns := len(plan(t, small).Columns)
	most := MaxValues / columns
	for runs, refused := range map[int]bool{most: false, most + 1: true} {
		if err := s.Apply(&Change{Runs: runs}); err != nil {
			t.Fatal(err)
		}
		_, err := s.Plan("test")
		if said := err != nil && strings.Contains(err.Error(), fmt.Sprintf("want at most %d", most)); said != refused || !refused && err != nil {
			t.Errorf("%d runs of %d columns: %v", runs, columns, err)
		}
	}
}
