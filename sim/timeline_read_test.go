package sim

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zksim/model"
)

// small is a timeline of two records, with the digest that its reader wants.
func small(t testing.TB) string {
	t.Helper()
	f := &TimelineFile{TimelineHeader: TimelineHeader{Scenario: "s", Seed: 1, Nodes: []TimelineNode{{"server1", "server"}, {"a", "client"}}}}
	f.Records = []Record{
		{ID: 1, Node: 1, Note: model.Note{Kind: model.KindOpen, Rule: "N-6", Peer: model.NoNode, A: 10000}},
		{ID: 2, At: 5, Node: 1, Note: model.Note{Kind: model.KindTold, Rule: "C-25", Session: 1 << 56, Peer: model.NoNode, Text: "Sync\"\\\n\x7fConnected", Cause: 1}},
	}
	var d digest
	for i := range f.Records {
		d.add(&f.Records[i])
	}
	f.Summary = Summary{Seed: 1, End: 9, Digest: uint64(d), Events: 3, Records: 2}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTimelineComesBackAsItWasWritten(t *testing.T) {
	source := small(t)
	f, err := ReadTimeline("a.jsonl", strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	r := f.Records[1]
	if r.Text != "Sync\"\\\n\x7fConnected" || r.Cause != 1 || r.Session != 1<<56 || r.At != 5 || r.Peer != model.NoNode {
		t.Errorf("second record = %+v", r)
	}
	if f.Summary.End != 9 || f.Summary.Events != 3 || f.Seed != 1 {
		t.Errorf("summary = %+v, seed %d", f.Summary, f.Seed)
	}
}

func TestReaderSkipsFieldsThatItDoesNotKnow(t *testing.T) {
	source := strings.Replace(small(t), `"id":1,`, `"id":1,"later":{"x":[1]},`, 1)
	if _, err := ReadTimeline("a.jsonl", strings.NewReader(source)); err != nil {
		t.Error(err)
	}
}

// TestDamagedTimelineIsRefusedWithItsPlace changes one thing at a time.
func TestDamagedTimelineIsRefusedWithItsPlace(t *testing.T) {
	good := small(t)
	for _, tc := range []struct{ old, new, want string }{
		{good, "", `a.jsonl: empty`},
		{`"zksim_timeline":1`, `"zksim_timeline":2`, `a.jsonl:1: header: version 2: want 1`},
		{`{"zksim_timeline":1,`, `{`, `a.jsonl:1: header: no "zksim_timeline"`},
		{`"name":"a"`, `"name":"server1"`, `a.jsonl:1: header: node "server1" is there twice`},
		{`"id":2`, `"id":3`, `a.jsonl:3: id 3: want 2`},
		{`"t_ns":0`, `"t_ns":6`, `a.jsonl:3: t_ns 5: want 6 or later`},
		{`"t_ns":0`, `"t_ns":0.5`, `a.jsonl:2: t_ns "0.5": want a whole number`},
		{`"node":"a","kind":"open"`, `"node":"b","kind":"open"`, `a.jsonl:2: node "b": want a node that the header names`},
		{`"kind":"open"`, `"kind":"opened"`, `a.jsonl:2: kind "opened"`},
		{`"session":"0x`, `"session":"`, `a.jsonl:3: session "100000000000000": want 0x`},
		{`"cause":1`, `"cause":2`, `a.jsonl:3: cause "2": want a whole number from 0 to 1`},
		{`"cause":1`, `"cause":1,"cause":1`, `a.jsonl:3: "cause" is there twice`},
		{`"requested_ms":10000`, `"requested_ms":10001`, `a.jsonl:4: digest`},
		{`"records":2`, `"records":3`, `a.jsonl:4: records 3: the timeline has 2`},
		{`{"end":true`, `{"ended":true`, `a.jsonl:4: id 0: want 3`},
		{good[strings.Index(good, `{"end"`):], "", `a.jsonl:3: no line {"end":true,...}: the timeline is cut off`},
		{`"records":2}`, `"records":2}` + "\n{}", `a.jsonl:5: a line behind the end`},
		{`{"id":1`, `["id",1]{"id":1`, `want a JSON object`},
		{`"requested_ms":10000}`, `"requested_ms":10000`, `a.jsonl:2: `},
	} {
		source := strings.Replace(good, tc.old, tc.new, 1)
		if source == good {
			t.Errorf("%s is not in the timeline", tc.old)
			continue
		}
		_, err := ReadTimeline("a.jsonl", strings.NewReader(source))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s for %s: error %v, want %s", tc.new, tc.old, err, tc.want)
		}
	}
}

func TestLineWithoutEndIsRefused(t *testing.T) {
	_, err := ReadTimeline("a.jsonl", strings.NewReader(strings.Repeat("x", MaxTimelineLine+1)))
	if err == nil || !strings.Contains(err.Error(), "a.jsonl:1: line of more than") {
		t.Errorf("error %v", err)
	}
}

// TestRecordFieldsHaveNamesOfTheirOwn: what the kinds' rows call their numbers and
// their text must not be the name of another field of the line.
func TestRecordFieldsHaveNamesOfTheirOwn(t *testing.T) {
	for _, rows := range [][]model.KindRow{model.Kinds, WorldKinds} {
		for _, row := range rows {
			taken := map[string]bool{"id": true, "t_ns": true, "node": true, "kind": true, "session": true, "peer": true, "rule": true, "cause": true, "end": true}
			for _, name := range []string{row.A, row.B, row.Text} {
				if name != "" && taken[name] {
					t.Errorf("kind %s: field %q is there twice", row.Name, name)
				}
				taken[name] = true
			}
		}
	}
}

func FuzzReadTimeline(f *testing.F) {
	f.Add([]byte(small(f)))
	if source, err := os.ReadFile(filepath.Join("testdata", "golden", "close.jsonl")); err == nil {
		f.Add(source[:min(len(source), 4000)])
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		file, err := ReadTimeline("f", bytes.NewReader(source))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := file.Write(&b); err != nil {
			t.Fatal(err)
		}
		again, err := ReadTimeline("f", bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatalf("what was read and written again is refused: %v\n%s", err, b.String())
		}
		var c bytes.Buffer
		if err := again.Write(&c); err != nil || !bytes.Equal(b.Bytes(), c.Bytes()) {
			t.Fatalf("second writing differs (%v):\n%s\n%s", err, b.String(), c.String())
		}
	})
}
