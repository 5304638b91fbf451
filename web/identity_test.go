package web

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"testing"

	"zksim/sim"
)

// writeTimeline is a timeline as Call gives it, which is what zksim run writes (see
// TestThePageSavesWhatTheCommandLineWrites of cmd/zksim).
func writeTimeline(t testing.TB, scenario, format string) string {
	t.Helper()
	question, err := json.Marshal(TimelineQuery{RunRequest: RunRequest{Scenario: scenario}, Format: format})
	if err != nil {
		t.Fatal(err)
	}
	var a TimelineAnswer
	text := Call("timeline", question, nil)
	if r := refusalIn(t, text); r != nil {
		t.Fatalf("%s, %s: %s", scenario, format, r.Message)
	}
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	return a.Text
}

// TestTimelinesInThePageAreThoseOfTheCommandLine holds every embedded scenario, as records
// and as text, against both engines, byte by byte: the one of a server and the one in the
// page.
func TestTimelinesInThePageAreThoseOfTheCommandLine(t *testing.T) {
	formats := []string{"jsonl", "text"}
	var asked []map[string]string
	want := map[string]string{}
	for _, e := range sim.Embedded() {
		for _, f := range formats {
			asked = append(asked, map[string]string{"scenario": e.Name, "format": f})
			want[e.Name+" "+f] = fmt.Sprintf("%x", sha256.Sum256([]byte(writeTimeline(t, e.Name, f))))
		}
	}
	list, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	for _, engine := range []func(testing.TB) string{served, sited} {
		b := visit(t, engine(t), desktop, light)
		b.until(`document.querySelector('#stage svg')`)
		// A part at a time: none may take longer than the patience of a tab.
		const part = 20
		for from := 0; from < len(asked); from += part {
			got := eval[map[string]string](b, fmt.Sprintf(`(async () => {
				const { call } = await import('zksim/engine');
				const sums = {};
				for (const q of %s.slice(%d, %d)) {
					const { text } = await call('timeline', q, { keep: false });
					const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
					sums[q.scenario + ' ' + q.format] = [...sum].map((x) => x.toString(16).padStart(2, '0')).join('');
				}
				return sums;
			})()`, list, from, from+part))
			for _, q := range asked[from:min(from+part, len(asked))] {
				key := q["scenario"] + " " + q["format"]
				if got[key] != want[key] {
					t.Errorf("%s, %s: SHA-256 %s, want %s", b.address, key, got[key], want[key])
				}
			}
		}
	}
}

// TestRefusalsInThePageAreThoseOfAServer: what cannot be played is refused by the engine in
// the page in the same words, and the page goes on.
func TestRefusalsInThePageAreThoseOfAServer(t *testing.T) {
	questions := []RunRequest{
		{Scenario: "fak"},
		{Scenario: "run: 30s\nclients: [\n"},
		{Scenario: "run: 30s\n\x00\x01"},
		{Scenario: small + "ensemble:\n  tickTim: 2s\n"},
		{Scenario: "faq", Set: []string{"clients.worker.count=1000"}},
		{Scenario: "faq", Seed: "1e3"},
		{Scenario: "faq", Client: "nobody"},
	}
	b := visit(t, sited(t)+"#s=faq", desktop, light)
	b.until(`document.querySelector('#stage svg')`)
	list, err := json.Marshal(questions)
	if err != nil {
		t.Fatal(err)
	}
	got := eval[[]string](b, fmt.Sprintf(`(async () => {
		const { call } = await import('zksim/engine');
		const told = [];
		for (const q of %s) told.push(await call('run', q, { keep: false }).then((a) => 'played ' + a.digest, (e) => e.line + ' ' + e.field + ' ' + e.message));
		told.push(await call('run', { scenario: 'faq' }, { keep: false }).then((a) => a.digest));
		return told;
	})()`, list))
	for i, q := range questions {
		question, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		r := refused(t, "run", string(question))
		if want := fmt.Sprintf("%d %s %s", r.Line, r.Field, r.Message); got[i] != want {
			t.Errorf("%s: %s; want %s", question, got[i], want)
		}
	}
	if after := got[len(questions)]; after != "84b89fe0" {
		t.Errorf("afterwards the FAQ's story has digest %s", after)
	}
}
