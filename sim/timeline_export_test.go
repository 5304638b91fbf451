package sim

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"zksim/clock"
	"zksim/model"
)

// exported writes a timeline in one format, twice, and wants the same bytes.
func exported(t *testing.T, f *TimelineFile, name string, opts ExportOptions) []byte {
	t.Helper()
	at := slices.IndexFunc(ExportFormats, func(f ExportFormat) bool { return f.Name == name })
	if at < 0 {
		t.Fatalf("no export %q", name)
	}
	var once, again bytes.Buffer
	for _, b := range []*bytes.Buffer{&once, &again} {
		if err := ExportFormats[at].Write(b, f, opts); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(once.Bytes(), again.Bytes()) {
		t.Errorf("%s: two exports of one timeline differ", name)
	}
	return once.Bytes()
}

// told is the golden timeline of a scenario.
func told(t *testing.T, name string) *TimelineFile {
	t.Helper()
	file, err := os.Open("testdata/golden/" + name + ".jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	f, err := ReadTimeline(name, file)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestGoldenExports(t *testing.T) {
	for _, e := range []struct {
		scenario, format, file string
		opts                   ExportOptions
	}{
		{"faq", "mermaid", "export/faq.mmd", ExportOptions{}},
		{"faq", "mermaid", "export/faq.short.mmd", ExportOptions{Client: "other", Limit: 4}},
		{"vain", "mermaid", "export/vain.mmd", ExportOptions{}},
		{"heal-in-time", "shiviz", "export/heal-in-time.shiviz", ExportOptions{}},
		{"heal-in-time", "csv", "export/heal-in-time.csv", ExportOptions{}},
	} {
		golden(t, e.file, exported(t, told(t, e.scenario), e.format, e.opts))
	}
}

// TestAnExportOfARunIsThatOfItsTimeline: it makes no difference whether a scenario is
// exported or the timeline that it wrote.
func TestAnExportOfARunIsThatOfItsTimeline(t *testing.T) {
	e, _ := FindEmbedded("faq")
	s, err := ReadScenario("faq.yaml", e.Source, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range ExportFormats {
		format := &ExportFormats[i]
		var b bytes.Buffer
		x := NewExporter(&b, s, s.Seed, 0, format, ExportOptions{})
		w, err := New(s, s.Seed, 0, x)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := w.Run(clock.Instant(s.Length), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := x.Finish(w, sum); err != nil {
			t.Fatal(err)
		}
		if want := exported(t, told(t, "faq"), format.Name, ExportOptions{}); !bytes.Equal(b.Bytes(), want) {
			t.Errorf("%s: of the run %d bytes, of the timeline %d, or others", format.Name, b.Len(), len(want))
		}
	}
}

// TestCSVHoldsEveryRecord reads the table with the standard library's reader, makes
// records of it, and wants the digest of the run.
func TestCSVHoldsEveryRecord(t *testing.T) {
	for _, f := range goldenFiles(t) {
		rows, err := csv.NewReader(bytes.NewReader(exported(t, f, "csv", ExportOptions{}))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != len(f.Records)+1 {
			t.Fatalf("%s: %d rows, want one for each of %d records, and the names", f.Scenario, len(rows), len(f.Records))
		}
		var d digest
		for _, row := range rows[1:] {
			cells := map[string]string{}
			for i, cell := range row {
				cells[rows[0][i]] = cell
			}
			number := func(name string) int64 {
				if cells[name] == "" {
					return 0
				}
				n, err := strconv.ParseInt(cells[name], 0, 64)
				if err != nil {
					t.Fatalf("%s, record %s: %s: %v", f.Scenario, cells["id"], name, err)
				}
				return n
			}
			node := func(name string) model.NodeID {
				return model.NodeID(slices.IndexFunc(f.Nodes, func(n TimelineNode) bool { return n.Name == cells[name] }))
			}
			kind, ok := kindByName(cells["kind"])
			if !ok {
				t.Fatalf("%s, record %s: kind %q", f.Scenario, cells["id"], cells["kind"])
			}
			k := KindOf(kind)
			r := Record{ID: model.RecordID(number("id")), At: clock.Instant(number("t_ns")), Node: node("node"), Note: model.Note{
				Kind: kind, Peer: node("peer"), Cause: model.RecordID(number("cause")), Session: model.SessionID(number("session"))}}
			own := []string{k.A, k.B, k.Text}
			if k.A != "" {
				r.A = number(k.A)
			}
			if k.B != "" {
				r.B = number(k.B)
			}
			if k.Text != "" {
				r.Text = cells[k.Text]
			}
			for _, name := range rows[0][len(commonColumns):] {
				if cells[name] != "" && !slices.Contains(own, name) {
					t.Errorf("%s, record %s of kind %s: it has no %s, yet there is %q", f.Scenario, cells["id"], k.Name, name, cells[name])
				}
			}
			d.add(&r)
		}
		if uint64(d) != f.Summary.Digest {
			t.Errorf("%s: the digest of what was read is %016x, that of the run %016x", f.Scenario, uint64(d), f.Summary.Digest)
		}
	}
}

// TestShiVizClocksAreTheCauses parses the log by the expression that the help gives,
// and wants: a host's own count goes up by one with each event, and one event is
// before another by their clocks exactly if it is by node and cause.
func TestShiVizClocksAreTheCauses(t *testing.T) {
	pattern := regexp.MustCompile("(?m)^" + ShiVizPattern + "$")
	for _, f := range goldenFiles(t) {
		log := string(exported(t, f, "shiviz", ExportOptions{}))
		events := pattern.FindAllStringSubmatch(log, -1)
		if len(events) != len(f.Records) || strings.Count(log, "\n") != 2*len(events) {
			t.Fatalf("%s: %d events on %d lines, want %d on two each", f.Scenario, len(events), strings.Count(log, "\n"), len(f.Records))
		}
		if len(events) > 400 {
			continue // the rest is quadratic
		}
		clocks := make([]map[string]int, len(events))
		before := make([][]bool, len(events)) // by record: those that it follows from
		last := map[string]int{}
		for i, e := range events {
			host := e[pattern.SubexpIndex("host")]
			if err := json.Unmarshal([]byte(e[pattern.SubexpIndex("clock")]), &clocks[i]); err != nil {
				t.Fatal(err)
			}
			r := &f.Records[i]
			if r.Node >= 0 && host != f.Nodes[r.Node].Name || r.Node < 0 && host != "world" {
				t.Fatalf("%s, record %d: host %s", f.Scenario, r.ID, host)
			}
			before[i] = make([]bool, len(events))
			parents := []int{int(r.Cause) - 1}
			own := 1
			if p, ok := last[host]; ok {
				parents = append(parents, p)
				own = clocks[p][host] + 1
			}
			if clocks[i][host] != own {
				t.Errorf("%s, record %d: the clock of %s says %d, want %d", f.Scenario, r.ID, host, clocks[i][host], own)
			}
			last[host] = i
			for _, p := range parents {
				if p >= 0 {
					before[i][p] = true
					for j := range p {
						before[i][j] = before[i][j] || before[p][j]
					}
				}
			}
			for j := range i {
				// One event is before another if the other has heard of it.
				h := events[j][pattern.SubexpIndex("host")]
				if heard := clocks[i][h] >= clocks[j][h]; heard != before[i][j] {
					t.Fatalf("%s: record %d before %d: by the clocks %v, by the causes %v", f.Scenario, j+1, i+1, heard, before[i][j])
				}
			}
		}
	}
}

// TestMermaidKeepsItsLimitAndTellsOfTheThreeExpiries looks at every golden timeline.
func TestMermaidKeepsItsLimitAndTellsOfTheThreeExpiries(t *testing.T) {
	for _, f := range goldenFiles(t) {
		if !slices.ContainsFunc(f.Nodes, func(n TimelineNode) bool { return n.Kind == "client" }) {
			continue
		}
		for _, limit := range []int{1, 7, DefaultSteps, MaxSteps} {
			steps := 0
			for line := range strings.Lines(string(exported(t, f, "mermaid", ExportOptions{Limit: limit}))) {
				if strings.Contains(line, " s: ") {
					steps++
				}
			}
			if steps > limit {
				t.Errorf("%s: %d steps, want at most %d", f.Scenario, steps, limit)
			}
		}
	}
	diagram := string(exported(t, told(t, "faq"), "mermaid", ExportOptions{Limit: 11}))
	// The instants of testdata/golden/faq.txt.
	for _, want := range []string{
		"Note over n2: 9.809 s: MARKED", "Note over n2: 9.811 s: the end is committed", "Note over n3: 17.108 s: told Expired",
		"n1->>n4: 9.812 s: /lock is gone", "Note over n3: 4.831 s: told Disconnected", "0.000 s: fault: worker cut off silently from all servers", "lesser steps left out: 8",
	} {
		if !strings.Contains(diagram, want) {
			t.Errorf("no %q in\n%s", want, diagram)
		}
	}
}

// parsed is what Mermaid's own parser understood.
type parsed struct {
	Type, Title      string
	Actors, Messages []string
}

// TestMermaidsOwnParserReadsTheDiagrams gives every golden timeline's diagram, and one
// with every character that Mermaid gives a meaning, to the parser of the npm package.
func TestMermaidsOwnParserReadsTheDiagrams(t *testing.T) {
	bundle := os.Getenv("ZKSIM_MERMAID")
	if bundle == "" {
		if os.Getenv("ZKSIM_FORBID_SKIP") == "1" {
			t.Fatal("ZKSIM_MERMAID is not set, and ZKSIM_FORBID_SKIP=1 forbids going on without it")
		}
		t.Skip("ZKSIM_MERMAID does not name mermaid.min.js of the npm package mermaid (see .ci/run)")
	}
	var input bytes.Buffer
	var diagrams []string
	add := func(f *TimelineFile, limit int) {
		d := string(exported(t, f, "mermaid", ExportOptions{Limit: limit}))
		line, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		input.Write(append(line, '\n'))
		diagrams = append(diagrams, d)
	}
	for _, f := range goldenFiles(t) {
		if slices.ContainsFunc(f.Nodes, func(n TimelineNode) bool { return n.Kind == "client" }) {
			add(f, DefaultSteps)
		}
	}
	add(told(t, "vain"), MaxSteps)
	odd := told(t, "faq")
	odd.Title = "a;b #35; <i>\nend %% {c} \"d\""
	for i := range odd.Nodes {
		odd.Nodes[i].Name = "end; as #" + odd.Nodes[i].Name
	}
	add(odd, DefaultSteps)

	cmd := exec.Command("node", "testdata/mermaid_parse.cjs", bundle)
	cmd.Stdin = &input
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaint.String())
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(diagrams) {
		t.Fatalf("%d answers to %d diagrams", len(lines), len(diagrams))
	}
	for i, line := range lines {
		var got parsed
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		var want parsed
		want.Type = "sequence"
		for line := range strings.Lines(diagrams[i]) {
			line = strings.TrimSpace(line)
			if title, ok := strings.CutPrefix(line, "title "); ok {
				want.Title = title
			} else if strings.HasPrefix(line, "participant ") {
				want.Actors = append(want.Actors, line[strings.Index(line, " as ")+4:])
			} else if _, said, ok := strings.Cut(line, ": "); ok {
				want.Messages = append(want.Messages, said)
			}
		}
		// How Mermaid keeps an entity until it draws it.
		entities := strings.NewReplacer("ﬂ°°", "#", "¶ß", ";")
		got.Title = entities.Replace(got.Title)
		for _, list := range [][]string{got.Actors, got.Messages} {
			for j := range list {
				list[j] = entities.Replace(list[j])
			}
		}
		if got.Type != want.Type || got.Title != want.Title || !slices.Equal(got.Actors, want.Actors) || !slices.Equal(got.Messages, want.Messages) {
			t.Errorf("Mermaid understood\n%+v\nwant\n%+v\nof\n%s", got, want, diagrams[i])
		}
	}
}

// TestExportsOfOddTimelinesDoNotPanic: a timeline that was written by something else
// may say anything that the reader lets through.
func TestExportsOfOddTimelinesDoNotPanic(t *testing.T) {
	f := &TimelineFile{TimelineHeader: TimelineHeader{Nodes: []TimelineNode{{"a b\n", "client"}, {"world", "server"}, {"", "?"}}}}
	for _, rows := range [][]model.KindRow{model.Kinds, WorldKinds} {
		for _, row := range rows {
			for _, node := range []model.NodeID{model.NoNode, 0, 1, 2} {
				for _, n := range []int64{math.MinInt64, 0, math.MaxInt64} {
					id := model.RecordID(len(f.Records) + 1)
					f.Records = append(f.Records, Record{ID: id, At: clock.Instant(id), Node: node,
						Note: model.Note{Kind: row.Kind, Peer: 2 - node, A: n, B: n, Text: "\xff;\n", Cause: id / 2, Session: 1}})
				}
			}
		}
	}
	for i := range f.Records {
		f.Records[i].Peer = model.NodeID(int(f.Records[i].ID)%4) - 1
	}
	for i := range ExportFormats {
		exported(t, f, ExportFormats[i].Name, ExportOptions{})
		exported(t, &TimelineFile{TimelineHeader: f.TimelineHeader}, ExportFormats[i].Name, ExportOptions{})
	}
}
