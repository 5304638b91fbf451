package conformance

import (
	"strings"
	"testing"
)

func named(ids ...string) []*Trace {
	var traces []*Trace
	for _, id := range ids {
		traces = append(traces, &Trace{Header: Header{ID: id}})
	}
	return traces
}

func TestPickTakesAnIDOrItsUniqueTail(t *testing.T) {
	traces := named("S1/java/C3-0012", "S2/java/C3-0013", "S2/go/C3-0014", "S3/go/C3-0014", "C3-0014")
	for _, c := range []struct{ id, want string }{
		{"S1/java/C3-0012", "S1/java/C3-0012"},
		{"java/C3-0013", "S2/java/C3-0013"},
		{"C3-0013", "S2/java/C3-0013"},
		{"C3-0014", "C3-0014"}, // exact before tails
		{"S3/go/C3-0014", "S3/go/C3-0014"},
	} {
		got, err := Pick(traces, c.id)
		if err != nil {
			t.Errorf("%s: %v", c.id, err)
		} else if got.Header.ID != c.want {
			t.Errorf("%s picks %s, want %s", c.id, got.Header.ID, c.want)
		}
	}
}

func TestPickSaysWhatComesNear(t *testing.T) {
	traces := named("S1/java/C3-0012", "S2/java/A1-0040", "S2/go/C3-0014", "S3/go/C3-0014",
		"S4/c/A1-0051", "S4/c/A1-0052", "S4/c/A1-0053", "S4/c/A1-0054")
	for _, c := range []struct {
		id   string
		want []string
	}{
		{"go/C3-0014", []string{`"go/C3-0014"`, "2 recordings", "S2/go/C3-0014, S3/go/C3-0014"}},
		{"C3-0013", []string{`"C3-0013"`, "none of 8", "near it: S1/java/C3-0012, S2/go/C3-0014, S3/go/C3-0014, "}}, // one edit each
		{"3-0012", []string{"none of 8", "near it: S1/java/C3-0012"}},                                               // part of a name is no tail
		{"", []string{"none of 8"}},
	} {
		_, err := Pick(traces, c.id)
		if err == nil {
			t.Errorf("%q is picked, want an error", c.id)
			continue
		}
		for _, part := range c.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q: %v\nwant %q in it", c.id, err, part)
			}
		}
	}
	if _, err := Pick(nil, "a"); err == nil || !strings.Contains(err.Error(), "no recordings") {
		t.Errorf("of nothing: %v, want it to say so", err)
	}
}

func TestEditsIsTheLevenshteinDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"C3-0012", "C3-0013", 1}, {"flaw", "lawn", 2}} {
		if got := edits(c.a, c.b); got != c.want {
			t.Errorf("edits(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestShortTellsTheRecordingInOneLine(t *testing.T) {
	tr := fromTestdata(t, "S3_heal_after.java.jsonl.gz", "C3-0012")
	line := tr.Short()
	// The blackhole lasts from 1550190.9 to 1566782.6 ms.
	for _, part := range []string{"S3_heal_after/java/C3-0012 ", "3×3.8.0", "tick 2000", "T 10000", "at server1 (follower)", "blackhole for 16591 ms"} {
		if !strings.Contains(line, part) {
			t.Errorf("%s\nwant %q in it", line, part)
		}
	}
	if strings.ContainsAny(line, "\n") || strings.Contains(line, "unknown") {
		t.Errorf("%s\nwant one line without unknown names", line)
	}
	odd := readOne(t, `{"t_ns":1,"node":"server1","ev":"flush"}`)
	if !strings.Contains(odd.Short(), "no fault") || !strings.Contains(odd.Short(), "1 unknown names") {
		t.Errorf("%s\nwant no fault and 1 unknown names in it", odd.Short())
	}
}
