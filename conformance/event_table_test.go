package conformance

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strconv"
	"testing"
)

// TestTheTableOfEventsSaysWhatTheReportSays: counted by kind and verdict, the lines of the
// table are the rows of the report; and an error is the recorded instant less the predicted
// one, or its distance from the interval.
func TestTheTableOfEventsSaysWhatTheReportSays(t *testing.T) {
	traces, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	j := NewJudge(DefaultTolerance)
	if err := j.WriteEvents(&b, "zksim test"); err != nil {
		t.Fatal(err)
	}
	for _, trace := range traces {
		if err := j.Add(trace); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(rows[0], EventColumns) {
		t.Fatalf("begins with %q", rows[0])
	}
	type count struct{ n, inside int }
	counts, verdicts := map[kindKey]count{}, map[string]int{}
	at := func(name string) int { return slices.Index(EventColumns, name) }
	for _, row := range rows[1:] {
		verdicts[row[at("verdict")]]++
		if row[at("error_ms")] == "" {
			continue
		}
		key := kindKey{row[at("event")], row[at("drawn")] == "yes"}
		c := counts[key]
		if c.n++; row[at("verdict")] == "inside" {
			c.inside++
		}
		counts[key] = c
		number := func(name string) float64 {
			v, err := strconv.ParseFloat(row[at(name)], 64)
			if err != nil {
				t.Fatalf("%q: %s: %v", row, name, err)
			}
			return v
		}
		from, recorded := number("predicted_ms"), number("recorded_ms")
		to := from
		if key.drawn {
			to = number("predicted_to_ms")
		}
		want := 0.0
		if recorded < from {
			want = recorded - from
		} else if recorded > to {
			want = recorded - to
		}
		// Three numbers, each rounded to a microsecond.
		if got := number("error_ms"); got-want > 0.00151 || want-got > 0.00151 {
			t.Errorf("%q: an error of %v, want %v", row, got, want)
		}
	}
	r := j.Report()
	for i := range r.Kinds {
		k := &r.Kinds[i]
		if c := counts[kindKey{k.Kind, k.Drawn}]; c != (count{k.N, k.Inside}) {
			t.Errorf("%s, drawn %v: %v in the table, %d and %d in the report", k.Kind, k.Drawn, c, k.N, k.Inside)
		}
		delete(counts, kindKey{k.Kind, k.Drawn})
	}
	if len(counts) > 0 || len(r.Kinds) < 20 {
		t.Errorf("%d kinds in the report; in the table alone: %v", len(r.Kinds), counts)
	}
	if verdicts["missing"] != r.Missing || verdicts["invented"] != r.Invented || verdicts["wrong bucket"] != r.WrongBucket ||
		verdicts["inside"] != r.FixedInside+r.DrawnInside {
		t.Errorf("verdicts %v; the report has %d missing, %d invented, %d in a wrong bucket", verdicts, r.Missing, r.Invented, r.WrongBucket)
	}
}

// TestATableThatCannotBeWrittenIsAnError, as of a disk that is full.
func TestATableThatCannotBeWrittenIsAnError(t *testing.T) {
	traces, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("full")
	if err := NewJudge(DefaultTolerance).WriteEvents(&failing{0, full}, ""); !errors.Is(err, full) {
		t.Errorf("header: error %v, want the writer's", err)
	}
	j := NewJudge(DefaultTolerance)
	if err := j.WriteEvents(&failing{1, full}, ""); err != nil {
		t.Fatal(err)
	}
	if err := j.Add(traces[0]); !errors.Is(err, full) {
		t.Errorf("events: error %v, want the writer's", err)
	}
}

// A failing writer takes so many writes.
type failing struct {
	left int
	err  error
}

func (f *failing) Write(b []byte) (int, error) {
	if f.left--; f.left < 0 {
		return 0, f.err
	}
	return len(b), nil
}
