package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func freeReport() *FreeReport {
	return &FreeReport{Played: 7, NotPlayed: []error{errors.New("recording S0/zebra/X3-0001: its client is strange")}, Rows: []FreeRow{
		{Latency: "detection", N: 7, D: 0.1, P: 0.5, Rejected: true, Outside: []string{"S7/c/X3-0002"}},
		{Latency: "Disconnected", P: 1},
		{Scenario: "S1_kill9", Library: "java", Latency: "detection", N: 3, D: 0.25, P: 0.75},
		{Scenario: "S1_kill9", Library: "java", Latency: "Disconnected", P: 1},
		{Scenario: "S7", Library: "c", Latency: "detection", N: 4, D: 0.3, P: 0.01, Rejected: true, Outside: []string{"S7/c/X3-0002"}},
		{Scenario: "S7", Library: "c", Latency: "Disconnected", P: 1},
	}}
}

// TestFreeRowsAreGrouped: a scenario and a library are named once, rows without ranks are
// left out but for the total's, and a recording outside is named in one place.
func TestFreeRowsAreGrouped(t *testing.T) {
	var out bytes.Buffer
	if err := WriteFreeText(&out, freeReport()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range strings.Split(out.String(), "\n") {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	want := `Free: 7 recordings, ranks of latencies among simulations of their own

scenario library latency n D p
all all detection 7 0.1000 0.5000 rejected
Disconnected 0 0.0000 1.0000
S1_kill9 java detection 3 0.2500 0.7500
S7 c detection 4 0.3000 0.0100 rejected
outside the simulated range: detection of S7/c/X3-0002
not played: recording S0/zebra/X3-0001: its client is strange
`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

// TestFreeRowsAsJSON: latency, n, d and p of each row, and whose it is.
func TestFreeRowsAsJSON(t *testing.T) {
	var out bytes.Buffer
	if err := WriteJSON(&out, NewJudge(0).Report(), freeReport(), nil, false); err != nil {
		t.Fatal(err)
	}
	var got struct{ Free []map[string]any }
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Free) != 6 {
		t.Fatalf("%d rows, want 6", len(got.Free))
	}
	for key, want := range map[string]any{"scenario": "S7", "library": "c", "latency": "detection", "n": 4.0, "d": 0.3, "p": 0.01, "rejected": true} {
		if got.Free[4][key] != want {
			t.Errorf("%s: %v, want %v", key, got.Free[4][key], want)
		}
	}
}
