package experiments

import (
	"context"
	"math"
	"strings"
	"testing"
)

// digest plays a sweep that comes with the project, so many runs a point, with changes of
// the command line.
func digest(t *testing.T, name string, c Change) *Digested {
	t.Helper()
	e, ok := FindSweep(name)
	if !ok {
		t.Fatalf("no sweep %s", name)
	}
	return digestOf(t, name, string(e.Source), c)
}

// digestOf plays the sweep of a text.
func digestOf(t *testing.T, name, text string, c Change) *Digested {
	t.Helper()
	spec, err := ReadSpec(name+".yaml", []byte(text), nil, EmbeddedScenario)
	if err == nil {
		err = spec.Apply(&c)
	}
	if err != nil {
		t.Fatal(err)
	}
	p, err := spec.Plan("test")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(t.TempDir(), p, false)
	if err == nil {
		err = r.Play(context.Background(), How{Workers: 2})
	}
	if err != nil {
		t.Fatal(err)
	}
	d, err := r.Assemble("csv", false)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestSweepsThatComeAlongAgreeWithTheirClosedForms: at every point, where the rules have a
// law, and none of its assumptions is missing at any.
func TestSweepsThatComeAlongAgreeWithTheirClosedForms(t *testing.T) {
	runs := 200
	if testing.Short() {
		runs = 60
	}
	for _, tc := range []struct {
		name   string
		change Change
		column string
		points int // that have a closed form
	}{
		{"crash", Change{Runs: runs, Vary: []string{"clients.worker.timeout=4s..40s/9s", "ensemble.tickTime=200ms,2s"}}, "detection_marked", 10},
		{"pause-law", Change{Runs: runs}, "needless", 24},
		{"kip-537", Change{Runs: runs}, "needless", 2},
		{"kip-537", Change{Runs: runs}, "detection_marked", 2},
	} {
		d := digest(t, tc.name, tc.change)
		k, err := d.Plan.column(tc.column)
		if err != nil {
			t.Fatal(err)
		}
		with := 0
		for i := range d.Plan.Points {
			b, m := &d.Beside[i][k], &d.Summaries[i][k]
			if b.Why != "" {
				continue
			}
			with++
			if verdict := b.Agreement(m); verdict != "yes" {
				t.Errorf("%s, %s: %s: law %+v, runs %+v", tc.name, d.Plan.Describe(i), verdict, b, m.Summary)
			}
		}
		if with != tc.points {
			t.Errorf("%s, %s: closed forms at %d points: want %d", tc.name, tc.column, with, tc.points)
		}
	}
}

// TestThreeFailuresInARowOfHelix1018: with one name for n servers of which one is dead a
// client has no session after three attempts with probability 1/n³, and with the
// addresses of all it always has one (C-36, C-16).
func TestThreeFailuresInARowOfHelix1018(t *testing.T) {
	const runs = 1000
	d := digest(t, "helix-1018", Change{Runs: runs})
	k, err := d.Plan.column("connecting")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0, 1.0 / 125, 0, 1.0 / 27} {
		m := &d.Summaries[i][k]
		if b := &d.Beside[i][k]; math.Abs(1-b.Share-want) > 1e-12 || b.Agreement(m) != "yes" {
			t.Errorf("%s: closed form %v (%s), %s: want %v, and yes", d.Plan.Describe(i), b.Share, b.Why, b.Agreement(m), 1-want)
		}
		// A failure costs k, 100 ms, and the second of C-16 where the list has one entry.
		if cost := m.Max - m.Min; i%2 == 1 && math.Abs(cost-2*(10_000+100+1000)) > 5 {
			t.Errorf("%s: two failures cost %v ms, want 22,200", d.Plan.Describe(i), cost)
		}
		if p := binomialTest(m.Never, runs, want); p < 0.01/4 {
			t.Errorf("%s: %d of %d without a session, p = %.2g: want %.2f %%", d.Plan.Describe(i), m.Never, runs, p, 100*want)
		}
	}
}

// TestASessionAmongDeadServersNeedsItsAssumptions: what the closed form of C-36 says, and
// where it says nothing.
func TestASessionAmongDeadServersNeedsItsAssumptions(t *testing.T) { // C-16, C-36
	const text = `
run: 33s
ensemble: {servers: 5, leader: 1}
clients:
  worker: {open: 1s, timeout: 10s, connect_string: one name}
faults:
  - lose: server5
    at: 0s
`
	for _, tc := range []struct {
		sets  []string
		share float64
		want  string
	}{
		{nil, 1 - 1.0/125, ""},                     // attempts at 1, 12.1 and 23.2 s
		{[]string{"run=23s"}, 1 - 1.0/25, ""},      // two of them
		{[]string{"run=23.5s"}, 0, "hardly begun"}, // the third may or may not
		{[]string{"ensemble.observers=1"}, 1 - 1.0/216, ""},
		{[]string{"clients.worker.connect_string=addresses"}, 1, ""},
		{[]string{"clients.worker.connect_string=addresses", "run=3s"}, 0, "before a second attempt"},
		{[]string{"clients.worker.attach=2"}, 0, "begins at one instant with any of all servers"},
		{[]string{"clients.worker.open={uniform: [1s, 2s]}"}, 0, "begins at one instant"},
		{[]string{"faults.0.at=2s"}, 0, "before the client begins"},
		{[]string{"ensemble.leaderServes=no"}, 0, "the leader serves no clients"},
	} {
		b := besideOf(t, text, "connecting", tc.sets...)
		if tc.want == "" && (b.Why != "" || math.Abs(b.Share-tc.share) > 1e-12) || tc.want != "" && !strings.Contains(b.Why, tc.want) {
			t.Errorf("%v: %v (%s): want %v, or why not: %q", tc.sets, b.Share, b.Why, tc.share, tc.want)
		}
	}
}

// TestClosedFormsSayWhichAssumptionIsMissing goes through them, one change at a time.
func TestClosedFormsSayWhichAssumptionIsMissing(t *testing.T) {
	const crash = "{uniform: [3s, 9s]}" // two periods of 3 s, T being 9 s
	base := []string{"clients.worker.timeout=9s", "faults.0.at=" + crash}
	for _, tc := range []struct {
		sets   []string
		column string
		want   string // empty: a closed form
	}{
		{nil, "detection_marked", ""},
		{[]string{"clients.worker.attach=3"}, "detection_marked", ""},
		{[]string{"clients.worker.version=3.8.0", "clients.worker.read_every=1s", "faults.0.at={uniform: [3s, 5s]}"}, "detection_marked", ""},
		{[]string{"faults.0.at=12s"}, "detection_marked", "not uniform over whole periods of the client's messages (3s)"},
		{[]string{"faults.0.at={uniform: [3s, 8s]}"}, "detection_marked", "not uniform over whole periods"},
		{[]string{"faults.0.at={uniform: [3s, 9s], max: 8s}"}, "detection_marked", "not uniform over whole periods"},
		{[]string{"faults.0.at=12s", "clients.worker.open={uniform: [0s, 3s]}"}, "detection_marked", ""},
		{[]string{"network.loss=1%"}, "detection_marked", "lost at random"},
		{[]string{"network.latency={uniform: [1ms, 2ms]}"}, "detection_marked", "latencies vary"},
		{[]string{"ensemble.clocks={server3: {offset: 100ms}}"}, "detection_marked", "the phase of its buckets"},
		{[]string{"ensemble.clocks={server1: {ppm: 50}}"}, "detection_marked", "different rates"},
		{[]string{"ensemble.ping_phase=100ms"}, "detection_marked", "phase of the leader's PINGs"},
		{[]string{"clients.worker.library=kazoo", "clients.worker.version=2.11.0"}, "detection_marked", "pings of kazoo do not come at equal distances"},
		{[]string{"clients.worker.write_every=1s"}, "detection_marked", "the client writes"},
		{[]string{"clients.worker.count=2", "faults.0.kill=worker1"}, "detection_marked", "several clients alike"},
		{nil, "notice", "no silent cut"},
		{nil, "needless", "no pause of the client alone"},
	} {
		t.Run(strings.Join(append(tc.sets, tc.column), " "), func(t *testing.T) {
			s := embedded(t, "crash", append(append([]string(nil), base...), tc.sets...)...)
			for _, c := range NewGauge(s, Metrics).Columns {
				if c.Name != tc.column {
					continue
				}
				b := ClosedForm(s, &c)
				switch {
				case tc.want == "" && b.Why != "":
					t.Errorf("no closed form: %s", b.Why)
				case tc.want != "" && (!strings.Contains(b.Why, tc.want) || !math.IsNaN(b.Mean)):
					t.Errorf("%+v: want no numbers, for %q", b, tc.want)
				}
			}
		})
	}
}

// TestClosedFormsBesideHaveTheNumbersOfTheRules takes T = 9000, τ = 2000, at a follower,
// one way 1 ms between client and server and servers: p = 3000, so the range is 6000 + 2
// to 12000 + 2 and the mean 9000 − 1500 + 1000 + 500 + 2.
func TestClosedFormsBesideHaveTheNumbersOfTheRules(t *testing.T) {
	s := embedded(t, "crash", "clients.worker.timeout=9s", "faults.0.at={uniform: [3s, 9s]}", "network.latency=1ms", "network.servers=1ms")
	columns := NewGauge(s, Metrics).Columns
	b := ClosedForm(s, &columns[0])
	if b.Mean != 9002 || b.Min != 6002 || b.Max != 12002 || len(b.Quantiles) != len(Quantiles) || math.Abs(b.Quantiles[0]-9002) > 1e-6 {
		t.Errorf("%+v: want mean and median 9002, in 6002 to 12002 ms", b)
	}
	if want := math.Sqrt((2000*2000 + 1000*1000 + 3000*3000) / 12.0); math.Abs(b.SD-want) > 1e-9 {
		t.Errorf("sd %v: want %v (Q-4)", b.SD, want)
	}
}
