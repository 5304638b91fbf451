package experiments

import (
	"math"
	"strings"
	"testing"

	"zksim/sim"
)

// lockText is an owner and an heir, and what strikes the owner. T = 9 s, so that p = 3 s is
// three of the leader's PINGs.
const lockText = `
run: 100s
ensemble: {servers: 3, leader: 3, tickTime: 2s}
network: {latency: 30ms, servers: 60ms}
clients:
  worker: {version: 3.8.0, attach: 1, open: 0s, timeout: 9s, owns: /lock}
  heir: {version: 3.9.5, attach: 2, open: 300ms, timeout: 9s, owns: /lock}
faults:
`

const (
	cutText    = lockText + "  - partition: {between: worker, and: servers}\n    at: {uniform: [6s, 9s]}\n"
	serverText = lockText + "  - partition: {between: server1, and: servers}\n    at: {uniform: [6s, 9s]}\n"
	pauseText  = lockText + "  - pause: worker\n    at: {uniform: [6s, 9s]}\n    for: 16s\n"
)

// lockSweep is a sweep of such a scenario over the owners that are given.
func lockSweep(scenario, metrics string, workers ...string) string {
	text := "scenario:" + strings.ReplaceAll(scenario, "\n", "\n  ") + "\nvary:\n  clients.worker:\n"
	for _, w := range workers {
		text += "    - {open: 0s, timeout: 9s, owns: /lock, " + w + "}\n"
	}
	return text + "metrics: [" + metrics + "]\n"
}

// TestClosedFormsAfterACutAgreeWithTheRuns: of every library, healed and not; where the
// owner stands, and what it stops on.
func TestClosedFormsAfterACutAgreeWithTheRuns(t *testing.T) {
	runs := 200
	if testing.Short() {
		runs = 60
	}
	const all = "learning, gap, zombie, overlap"
	healed := cutText + "    for: 20s\n"
	for _, tc := range []struct {
		name, text string
		sets       []string
		columns    int // with numbers, at all points together
	}{
		{"healed", lockSweep(healed, all, "version: 3.8.0, attach: 1", "library: c, attach: 3", "library: go, attach: 1, stops_on: disconnected", "library: kazoo, attach: 1",
			"version: 3.9.5, attach: 2", "library: curator, zookeeper: 3.8.0, injection_race: 0%, attach: 1"), nil, 6 * 8},
		{"standalone, healed", lockSweep(healed, all, "version: 3.8.0"),
			[]string{"ensemble.servers=1", "ensemble.leader=1", "clients.heir.attach=1"}, 8},
		{"for good", lockSweep(cutText, all, "version: 3.9.5, attach: 1", "version: 3.9.5, attach: 3", "version: 3.9.5, servers: [1]", "version: 3.9.5",
			"library: curator, zookeeper: 3.8.0, injection_race: 0%, attach: 3", "library: curator, zookeeper: 3.8.0, injection_race: 0%, percent: 33, attach: 1",
			"library: curator, zookeeper: 3.9.5, attach: 1", "version: 3.8.0, attach: 3"), []string{"run=60s"}, 7*7 - 1 + 3}, // all but since_heal; with 33 % nobody has a gap; the last is never told
		{"a follower cut off", lockSweep(serverText, all, "attach: 1, stops_on: disconnected"), []string{"run=60s"}, 3},
		{"a pause", lockSweep(pauseText, "overlap", "attach: 3, stops_on: disconnected", "attach: 3", "attach: 3, version: 3.9.5", "attach: 3, library: go, stops_on: disconnected"),
			nil, 4 * 2},
		{"a pause, lost or not", lockSweep(pauseText, "needless, survival", "attach: 3", "attach: 3, library: c", "attach: 3, library: go", "attach: 3, library: curator"),
			[]string{"faults.0.for=8s", "network.servers=0s"}, 4 * 2},
	} {
		d := digestOf(t, "lock", tc.text, Change{Runs: runs, Set: tc.sets})
		with := 0
		for i := range d.Plan.Points {
			for k, c := range d.Plan.Columns {
				b, m := &d.Beside[i][k], &d.Summaries[i][k]
				if b.Rule == "" || b.Why != "" || m.N == 0 {
					continue
				}
				with++
				if verdict := b.Agreement(m); verdict != "yes" {
					t.Errorf("%s, %s, %s: %s: law %v (%v to %v), runs %v (%v to %v)", tc.name, d.Plan.Describe(i), c.Name, verdict,
						b.Mean, b.Min, b.Max, m.Mean, m.Min, m.Max)
				}
			}
		}
		if with != tc.columns {
			t.Errorf("%s: closed forms of %d columns: want %d", tc.name, with, tc.columns)
		}
	}
}

// besideOf is the closed form of a column of the scenario of a text.
func besideOf(t *testing.T, text, column string, sets ...string) Beside {
	t.Helper()
	s, err := sim.ReadScenarioWith("lock", []byte(text), nil, sets)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range NewGauge(s, Metrics).Columns {
		if c.Name == column {
			return ClosedForm(s, &c)
		}
	}
	t.Fatalf("no column %s", column)
	return Beside{}
}

// TestClosedFormsAfterACutByHand works some out, in ms: T = 9000, τ = 2000, h = 1000,
// p = 3000, R = 6000, X = 12000; d1 = d2 = 30, df = 60, a flush of 1.
func TestClosedFormsAfterACutByHand(t *testing.T) {
	none := math.NaN()
	three, own := "clients.worker.version=3.9.5", "clients.worker.stops_on=disconnected"
	for _, tc := range []struct {
		name, text, column string
		sets               []string
		mean, least, most  float64
	}{
		// SYNs go out at 0, 1 and 2 s of k = 3 s; the last second of it, 100 + 1000 + 999, two
		// round trips of 60, and 2·60 for asking the leader.
		{"Q-11", cutText, "learning_worker_since_heal", []string{"faults.0.for=20s"}, none, 0, 1000 + 2099 + 120 + 120},
		// From 20000 less the latest expiry, T + τ + h + df, to that news less the soonest, T − p.
		{"Q-11", cutText, "gap_worker", []string{"faults.0.for=20s"}, none, 20000 - 12060, 20000 + 3339 - 6000},
		// A second for TCP, of which SYNs leave nothing but the second; and a second's wait.
		{"Q-11, go", cutText, "learning_worker_since_heal", []string{"faults.0.for=20s", "clients.worker.library=go", "clients.worker.version=1.0.4"}, none, 0, 1000 + 1000 + 240},
		// Of 2T/3 = 6 s the last SYN goes out at 5 s, the next would at 7 s; and T/60 = 150.
		{"Q-11, C", cutText, "learning_worker_since_heal", []string{"faults.0.for=20s", "clients.worker.library=c", "clients.worker.version=3.9.5"}, none, 0, 1000 + 150 + 240},
		// Of T = 9 s the last SYN goes out at 7 s. In 20 s there is no whole cycle of 27 s, so
		// the wait is the first, of 140 at most.
		{"Q-11, kazoo", cutText, "learning_worker_since_heal", []string{"faults.0.for=20s", "clients.worker.library=kazoo", "clients.worker.version=2.11.0"}, none, 0, 2000 + 140 + 240},
		// R + 2·(100 + k) + 200 + d2, two waits of up to 999, less the age of the last answer.
		{"Q-12", cutText, "learning_worker_since_fault", []string{three}, 12430 - 1500 + 999, 12430 - 3000, 12430 + 1998},
		// One address: R + 100 + 1000 + 9000 + 200 + d2 and one wait.
		{"Q-12, one address", cutText, "learning_worker_since_fault", []string{three, "clients.worker={servers: [1], timeout: 9s, open: 0s, version: 3.9.5, owns: /lock}"},
			16330 - 1500 + 499.5, 16330 - 3000, 16330 + 999},
		// It stops 3000 − 30 − 100 before the soonest expiry.
		{"Q-20", cutText, "zombie_worker_stops", nil, 0, 0, 0},
		{"Q-20, overlap", cutText, "overlap", []string{own}, 0, 0, 0},
		// Three PINGs between two of the client's, one lost: S − T − df + 3h, and d2 + 100 less
		// c + dw = 3·60 + 1 + 30.
		{"Q-20, follower", serverText, "zombie_worker_stops", nil, none, 0, 10000 - 9000 - 60 + 3000 + 130 - 211},
		// The rule's bound, S − T + 4h, and d2 + 100.
		{"Q-20, follower, overlap", serverText, "overlap", []string{own}, none, 0, 10000 - 9000 + 4000 + 130},
		// Woken after 16 s, told 100 ms later; the expiry comes after 6 s at the soonest.
		{"Q-20, pause", pauseText, "overlap_believed", []string{own}, none, 0, 16000 + 100 - 6000},
		{"Q-20, pause", pauseText, "overlap", []string{own}, none, 0, 100},
	} {
		b := besideOf(t, tc.text, tc.column, tc.sets...)
		near := func(got, want float64) bool { return math.IsNaN(want) || math.Abs(got-want) < 1e-6 }
		if b.Why != "" || !near(b.Mean, tc.mean) || !near(b.Min, tc.least) || !near(b.Max, tc.most) {
			t.Errorf("%s, %s: mean %v, %v to %v (%s): want %v, %v to %v", tc.name, tc.column, b.Mean, b.Min, b.Max, b.Why, tc.mean, tc.least, tc.most)
		}
	}
}

// TestClosedFormsAfterACutSayWhatIsMissing goes through them, one change at a time.
func TestClosedFormsAfterACutSayWhatIsMissing(t *testing.T) {
	for _, tc := range []struct {
		text, column string
		sets         []string
		want         string // empty: there are numbers
	}{
		{cutText, "learning_worker_since_heal", nil, "the fault does not end"},
		{cutText, "gap_worker", nil, "java is never told (Q-25)"},
		{cutText, "gap_worker", []string{"faults.0.for=12s"}, "may heal before the session has expired"}, // 12.06 s would do
		{cutText, "gap_worker", []string{"faults.0.for=12.07s"}, ""},
		{cutText, "gap_worker", []string{"faults.0.for={uniform: [10s, 30s]}"}, "may heal before the session has expired"},
		{cutText, "gap_worker", []string{"faults.0.for=20s", "clients.worker.connect_string=one name"}, "one name stands for all servers (C-36)"},
		{cutText, "gap_worker", []string{"faults.0.for=20s", "network.syn=older"}, "before Linux 6.5"},
		{cutText, "gap_worker", []string{"faults.0.for=20s", "network.loss=1%"}, "lost at random"},
		{cutText, "gap_worker", []string{"faults.0.for=20s", "ensemble.leaderServes=no"}, "the leader serves no clients"},
		// A bound asks for no phases, and a law gives way to one.
		{cutText, "gap_worker", []string{"faults.0.for=20s", "faults.0.at=7s", "ensemble.ping_phase=10ms", "ensemble.clocks={server3: {offset: 1s}}"}, ""},
		{cutText, "notice_worker", []string{"ensemble.clocks={server3: {offset: 1s}}"}, ""}, // nothing of the leader's is in it
		{cutText, "notice_worker_warning", []string{"ensemble.clocks={server3: {offset: 1s}}"}, "the phase of its buckets"},
		{cutText, "zombie_worker_stops", []string{"clients.worker.timeout=4s", "network.latency=1.3s"}, "a round trip of"},
		{cutText, "zombie_heir_stops", nil, "no silent cut of the client"},
		{cutText, "zombie_worker_waits", []string{"clients.worker.library=curator", "clients.worker.zookeeper=3.8.0", "clients.worker.version=5.7.1", "clients.worker.injection_race=50%"}, "win the race of an injection (L-U4)"},
		{serverText, "zombie_worker_stops", []string{"clients.heir.read_every=1s"}, "more travels between the servers than PINGs"},
		{serverText, "zombie_worker_stops", []string{"faults.0.at=7s"}, "not uniform over whole periods"},
		{serverText, "zombie_worker_waits", nil, "no silent cut of the client"},
		{pauseText, "overlap", []string{"clients.worker.stops_on=never"}, "an owner that never stops"},
		{pauseText, "overlap", []string{"clients.worker.library=kazoo", "clients.worker.version=2.11.0"}, "kazoo looks at no silence when it wakes"},
		{pauseText, "overlap", []string{"clients.worker.library=c", "clients.worker.version=3.9.5"}, "comes back in another way"},
		{pauseText, "learning_worker_since_fault", nil, "no silent cut of the client"},
	} {
		b := besideOf(t, tc.text, tc.column, tc.sets...)
		switch {
		case tc.want == "" && (b.Why != "" || math.IsNaN(b.Max)):
			t.Errorf("%s with %v: no closed form: %s", tc.column, tc.sets, b.Why)
		case tc.want != "" && (!strings.Contains(b.Why, tc.want) || !math.IsNaN(b.Max)):
			t.Errorf("%s with %v: %+v: want no numbers, for %q", tc.column, tc.sets, b, tc.want)
		}
	}
}

// TestALawCutOffBelowKeepsItsMoments: U[-1, 1] without what is below 0 is 0 with one half,
// and U[0, 1] else: mean 1/4, and the mean square 1/6.
func TestALawCutOffBelowKeepsItsMoments(t *testing.T) {
	l := cutOffBelow{NewMixture(Part{1, NewUniformSum(0, Span{-1e9, 1e9})})}
	if mean := l.Mean() / 1e9; math.Abs(mean-0.25) > 1e-6 {
		t.Errorf("mean %v: want 1/4", mean)
	}
	if sd, want := l.SD()/1e9, math.Sqrt(1.0/6-1.0/16); math.Abs(sd-want) > 1e-6 {
		t.Errorf("sd %v: want %v", sd, want)
	}
	if l.Min() != 0 || l.Max() != 1e9 || l.CDF(-1) != 0 || l.CDF(0) != 0.5 || l.Quantile(0.4) != 0 || math.Abs(l.Quantile(0.75)-0.5e9) > 1 {
		t.Errorf("%v to %v, half at 0: CDF(0) = %v, quantiles %v, %v", l.Min(), l.Max(), l.CDF(0), l.Quantile(0.4), l.Quantile(0.75))
	}
}
