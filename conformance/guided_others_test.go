package conformance

import (
	"cmp"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// sample is 41 recordings of clients stopped, followers cut off, leaders killed and
// stopped, packets dropped one way, and of every library.
func sample(t *testing.T) []*Trace {
	t.Helper()
	all, err := ReadFile("testdata/sample.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 41 {
		t.Fatalf("%d recordings, want 41", len(all))
	}
	return all
}

// content reports what of a report a release must not have.
func content(t *testing.T, r *Report, share float64) {
	t.Helper()
	if r.Share() < share {
		t.Errorf("%.2f %% of the fixed events within %v, want %.0f %%", 100*r.Share(), DefaultTolerance, 100*share)
	}
	if r.WrongBucket != 0 || len(r.NotJudged) != 0 || len(r.ServersAlone) != 0 {
		t.Errorf("%d in a wrong bucket, not judged %v, without their clients %v: want none", r.WrongBucket, r.NotJudged, r.ServersAlone)
	}
	x, err := EmbeddedExplanations()
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Events {
		if c := &r.Events[i]; !c.Met() {
			if _, ok := x.Covers(c); !ok {
				t.Errorf("no explanation: %s", r.describe(c))
			}
		}
	}
	for _, idle := range x.Idle(r) {
		t.Error(idle)
	}
}

// Roles that change (F-3, F-8, F-15), servers that wake (G-5, G-6), and the libraries
// (L-C, L-G, L-K, L-U).
func TestGuidedReplayOfOtherScenariosAndLibraries(t *testing.T) {
	content(t, judgeAll(t, sample(t), wrong{}), 0.97)
}

// All recordings there are, if the folder lies beside the checkout.
func TestGuidedReplayOfEveryRecording(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "shared", "traces", "*.jsonl.gz"))
	if err != nil || len(files) == 0 {
		t.Skipf("the full set of recordings is not at %s beside the repository root", filepath.Join("..", "shared", "traces"))
	}
	if testing.Short() {
		t.Skip("1226 recordings")
	}
	var all []*Trace
	for _, file := range files {
		traces, err := ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, traces...)
	}
	content(t, judgeAll(t, all, wrong{}), 0.97)
}

// What other recordings hold that these lack must be judged too, if not well: here
// faults that the recorded roles do not answer to.
func TestFaultsOfAnyKindAreJudged(t *testing.T) {
	kinds := []string{FaultBlackhole, FaultSigkillClient, FaultSigstopClient, FaultServerPartition, FaultSigkillServer,
		FaultSigstopServer, FaultServerStarted, FaultC2SDropped, FaultS2CDropped, FaultAllServersPartitioned, FaultDelayStep, "earthquake"}
	for _, tr := range sample(t) {
		for _, kind := range kinds {
			for server := range 3 {
				c := *tr
				c.Events = slices.Clone(tr.Events)
				c.Header.Params = Fields{{Name: "delay_ms", Value: []byte("400")}, {Name: "jitter_ms", Value: []byte("60")}}
				for i := range c.Events {
					if e := &c.Events[i]; e.Class() == ClassLab {
						e.Kind, e.Server = kind, server+1
					}
				}
				if err := NewJudge(DefaultTolerance).Add(&c); err != nil {
					t.Errorf("%s with %s of server %d: %v", tr.Header.ID, kind, server+1, err)
				}
			}
		}
	}
}

func TestGuidedReplaySurvivesDamageInOtherScenarios(t *testing.T) {
	all := sample(t)
	rapid.Check(t, func(rt *rapid.T) {
		tr := *all[rapid.IntRange(0, len(all)-1).Draw(rt, "recording")]
		events := slices.Clone(tr.Events)
		for range rapid.IntRange(1, 10).Draw(rt, "damages") {
			i := rapid.IntRange(0, len(events)-1).Draw(rt, "event")
			switch rapid.IntRange(0, 2).Draw(rt, "damage") {
			case 0:
				events = slices.Delete(events, i, i+1)
			case 1:
				events[i].T = events[rapid.IntRange(0, len(events)-1).Draw(rt, "instant")].T
			case 2:
				events[i].Role = rapid.SampledFrom([]string{roleLostLeader, roleSteppingDown, roleLooking, roleLeading, roleFollowing, roleObserving, "x"}).Draw(rt, "role")
				events[i].Ev = EvRole
				events[i].Node = rapid.SampledFrom([]string{"server1", "server2", "server3"}).Draw(rt, "node")
			}
			if len(events) == 0 {
				return
			}
		}
		slices.SortStableFunc(events, func(a, b Event) int { return cmp.Compare(a.T, b.T) })
		tr.Events = events
		if err := NewJudge(DefaultTolerance).Add(&tr); err != nil {
			rt.Fatal(err)
		}
	})
}

func TestAnAttemptThatStartsBeforeTheHealMayMissIt_W2(t *testing.T) {
	const s = int64(1e9)
	p := path{cuts: []cut{{from: 0, to: 1_010_000_000, toServer: true, back: true, server: everybody}}}
	up, ok := p.connects(0, 0, 4*s) // repeated 1 s to 1.03125 s after the attempt, the heal at 1.01 s
	if !ok || up != (Span{1_010_000_000, 1_031_250_000}) {
		t.Fatalf("%v %v, want 1010 to 1031.25 ms", up, ok)
	}
	if next, unsure := p.unsure(0, 0, up); !unsure || next != (Span{2 * s, 2*s + 2*s/32}) {
		t.Errorf("%v %v, want the repetition behind it, 2000 to 2062.5 ms", next, unsure)
	}
	if _, unsure := p.unsure(0, 0, Span{2 * s, 2*s + s/16}); unsure {
		t.Error("a repetition that is due behind the heal may miss it")
	}
}
