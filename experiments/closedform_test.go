package experiments

import (
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"zksim/sim"
)

// familyError is the probability with which the whole family of tests may
// reject though every law is right.
const familyError = 0.01

// mostRuns is how many worlds a trial plays as a rule, seeds 1 to mostRuns.
const mostRuns = 20_000

// runs is how many worlds a trial of so many plays: fewer in short tests, and more, in
// proportion, where ZKSIM_CLOSED_RUNS gives another number for mostRuns, as in make
// judge.
func runs(t testing.TB, usual int) int {
	t.Helper()
	text := os.Getenv("ZKSIM_CLOSED_RUNS")
	switch {
	case text != "":
		n, err := strconv.Atoi(text)
		if err != nil || n < mostRuns {
			t.Fatalf("ZKSIM_CLOSED_RUNS=%q: want a number from %d on, as in 100000", text, mostRuns)
		}
		return usual * n / mostRuns
	case testing.Short():
		return min(usual, 2_000) // what the limits of normal laws need at least
	}
	return usual
}

// A claim is one test of the family.
type claim struct {
	what string // what is claimed, for messages
	p    float64
}

// A finding is what the worlds say about one measure.
type finding struct {
	trial    string
	measure  *measure
	values   []float64
	mean, sd float64
	d        float64
	ks, mu   int // places of the p-values in the family, -1 for none
}

// TestClosedForms holds the simulator against: the range
// in every run, the mean, and the whole law where it is known, all tests as one
// family (Holm). With go test -v it prints the table.
func TestClosedForms(t *testing.T) {
	// A world is a little garbage among much computing: let it pile up.
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	n := runs(t, mostRuns)
	var family []claim
	var findings []finding
	for _, tr := range trials() {
		values := tr.play(t, n)
		if t.Failed() {
			return
		}
		for i := range tr.measures {
			f := examine(tr.name, &tr.measures[i], values[i], &family)
			for _, problem := range f.outside(anywhere) {
				t.Error(problem)
			}
			findings = append(findings, f)
		}
	}
	settle(t, family, findings)
}

// settle rejects what the tests of the family reject together, and prints the table.
func settle(t *testing.T, family []claim, findings []finding) {
	t.Helper()
	ps := make([]float64, len(family))
	for i := range family {
		ps[i] = family[i].p
	}
	adjusted := Holm(ps)
	for i, p := range adjusted {
		if p <= familyError {
			t.Errorf("%s: p = %.2g, %.2g by Holm in a family of %d: want above %g", family[i].what, ps[i], p, len(family), familyError)
		}
	}
	t.Logf("seeds from 1 on; %d tests, %g family-wise by Holm; times in ms\n%s", len(family), familyError, table(findings, ps, adjusted))
}

// examine tests one measure and enters its p-values into the family.
func examine(trial string, m *measure, values []float64, family *[]claim) finding {
	f := finding{trial: trial, measure: m, values: values, ks: -1, mu: -1}
	what := fmt.Sprintf("%s, %s", m.rule, trial)
	claimed := m.mean
	if math.IsNaN(claimed) {
		claimed = values[0] // any that is near keeps the digits
	}
	var p float64
	f.mean, p = MeanTest(values, claimed)
	squares := make([]float64, len(values))
	for k, v := range values {
		squares[k] = inMillis(v-claimed) * inMillis(v-claimed)
	}
	if m.law == nil {
		variance, _ := MeanTest(squares, 0)
		f.sd = math.Sqrt(max(variance-inMillis(f.mean-claimed)*inMillis(f.mean-claimed), 0))
	}
	if math.IsNaN(m.mean) {
		return f
	}
	f.mu = len(*family)
	*family = append(*family, claim{fmt.Sprintf("%s: mean %.3f ms, claimed %.3f ms", what, inMillis(f.mean), inMillis(m.mean)), p})
	if m.law == nil {
		return f
	}
	sd := inMillis(m.law.SD())
	variance, p := MeanTest(squares, sd*sd)
	f.sd = math.Sqrt(variance)
	*family = append(*family, claim{fmt.Sprintf("%s: sd %.3f ms, claimed %.3f ms", what, f.sd, sd), p})
	if discrete(m) {
		return f // the two values and how often: range, mean and sd say it all
	}
	f.d, p = KolmogorovSmirnov(values, m.law.CDF)
	f.ks = len(*family)
	*family = append(*family, claim{fmt.Sprintf("%s: law %v, D = %.5f", what, m.law, f.d), p})
	return f
}

// discrete says whether the law of a measure has a few values only, so that what is
// cut off to milliseconds would move a whole share of the runs.
func discrete(m *measure) bool {
	return m.law.CDF(float64(m.least)) > 0
}

// anywhere is the reach of a measure whose extremes need not come near its bounds.
const anywhere = time.Duration(math.MaxInt64)

// outside lists what is wrong with the range of a finding. It wants every run inside
// the bounds, and the extremes as near to them as n runs come: with a law, with
// probability 1 - e^-20 the least lies below the quantile of 20/n, and the greatest
// above that of 1 - 20/n; without, within reach.
func (f *finding) outside(reach time.Duration) []string {
	m := f.measure
	var problems []string
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Sprintf("%s, %s: ", m.rule, f.trial)+fmt.Sprintf(format, args...))
	}
	least, most := time.Duration(slices.Min(f.values)), time.Duration(slices.Max(f.values))
	if least < m.least-m.slack {
		problem("run %d gave %v: want at least %v", slices.Index(f.values, float64(least))+1, least, m.least)
	}
	if most > m.most+m.slack {
		problem("run %d gave %v: want at most %v", slices.Index(f.values, float64(most))+1, most, m.most)
	}
	var low, high time.Duration
	switch {
	case m.law != nil:
		edge := 20 / float64(len(f.values))
		low, high = time.Duration(m.law.Quantile(edge))+m.slack, time.Duration(m.law.Quantile(1-edge))-m.slack
	case reach == anywhere:
		return problems
	default:
		low, high = m.least+reach, m.most-reach
	}
	if least > low {
		problem("the least of %d runs is %v: want it below %v, near the bound %v", len(f.values), least, low, m.least)
	}
	if most < high {
		problem("the greatest of %d runs is %v: want it above %v, near the bound %v", len(f.values), most, high, m.most)
	}
	return problems
}

func inMillis(ns float64) float64 { return ns / float64(time.Millisecond) }

// table sets the findings out in columns. P-values are raw; the smallest ones
// after Holm's adjustment stand below.
func table(findings []finding, ps, adjusted []float64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-5s %-50s %6s %10s %10s %8s %8s  %-19s %-19s %8s %7s %7s\n",
		"rule", "trial", "runs", "mean", "claimed", "sd", "claimed", "range seen", "claimed", "D", "p(D)", "p(mean)")
	for i := range findings {
		f := &findings[i]
		m := f.measure
		mean, pMean, sd, d, ks := "", "", "", "", ""
		if f.mu >= 0 {
			mean, pMean = fmt.Sprintf("%.3f", inMillis(m.mean)), fmt.Sprintf("%.3f", ps[f.mu])
		}
		if m.law != nil {
			sd = fmt.Sprintf("%.1f", inMillis(m.law.SD()))
		}
		if f.ks >= 0 {
			d, ks = fmt.Sprintf("%.5f", f.d), fmt.Sprintf("%.3f", ps[f.ks])
		}
		fmt.Fprintf(&b, "%-5s %-50s %6d %10.3f %10s %8.1f %8s  %-19s %-19s %8s %7s %7s\n",
			m.rule, f.trial, len(f.values), inMillis(f.mean), mean, f.sd, sd,
			fmt.Sprintf("%.1f..%.1f", inMillis(slices.Min(f.values)), inMillis(slices.Max(f.values))),
			fmt.Sprintf("%d..%d", m.least.Milliseconds(), m.most.Milliseconds()), d, ks, pMean)
	}
	if len(ps) > 0 {
		fmt.Fprintf(&b, "least p %.4f, after Holm %.4f", slices.Min(ps), slices.Min(adjusted))
	}
	return b.String()
}

// TestWrongLawsAreRejected shows that the tests of TestClosedForms have teeth:
// with a tenth of the runs, each of these slips in Q-3 is found.
func TestWrongLawsAreRejected(t *testing.T) {
	s := ordinary
	tr := trial{"crash at follower", scene(s, atFollower, sim.FaultKill), []measure{
		follows("Q-3", s.CrashAtFollower(), time.Millisecond, afterFault)}}
	values := tr.play(t, 10_000)[0]
	right := s.CrashAtFollower()
	start := s.Timeout + s.ToServer + s.ToLeader
	width := time.Duration(right.SD() * math.Sqrt(12))
	half := s
	half.Tick /= 2
	const family = 40 // about as many tests as TestClosedForms makes
	for _, tc := range []struct {
		slip string
		law  UniformSum
	}{
		{"buckets of half a tick, and PINGs twice as often", half.CrashAtFollower()},
		{"buckets of half a tick", NewUniformSum(start, half.bucket(), s.report(), s.age())},
		{"pings every T/2", NewUniformSum(start, s.bucket(), s.report(), Span{-s.Timeout / 2, 0})},
		{"no wait for the leader's PING", NewUniformSum(start, s.bucket(), s.age())},
		{"all later by a hundredth of T", NewUniformSum(start+s.Timeout/100, s.bucket(), s.report(), s.age())},
		{"all earlier by a hundredth of T", NewUniformSum(start-s.Timeout/100, s.bucket(), s.report(), s.age())},
		{"the age added", NewUniformSum(start, s.bucket(), s.report(), Span{0, s.period()})},
		{"one uniform with the right mean and sd", NewUniformSum(time.Duration(right.Mean())-width/2, Span{0, width})},
	} {
		if d, p := KolmogorovSmirnov(values, tc.law.CDF); p*family > familyError {
			t.Errorf("%s: D = %.4f, p = %.2g: want a rejection, below %.2g", tc.slip, d, p, familyError/family)
		}
	}
	if d, p := KolmogorovSmirnov(values, right.CDF); p <= familyError {
		t.Errorf("the right law: D = %.4f, p = %.2g: want above %g", d, p, familyError)
	}
}

// TestExampleOfQ4 checks the numbers that the rule itself gives: T = 30000,
// τ = 2000, no latency.
func TestExampleOfQ4(t *testing.T) {
	for _, tc := range []struct {
		where       string
		law         UniformSum
		least, most int64 // ms
		mean, sd    float64
	}{
		{where: "leader", law: example.CrashAtLeader(), least: 20000, most: 32000, mean: 26000, sd: 2944},
		{where: "follower", law: example.CrashAtFollower(), least: 20000, most: 33000, mean: 26500, sd: 2958},
	} {
		if tc.law.Min().Milliseconds() != tc.least || tc.law.Max().Milliseconds() != tc.most {
			t.Errorf("%s: range %v to %v: want %d to %d ms", tc.where, tc.law.Min(), tc.law.Max(), tc.least, tc.most)
		}
		if mean := inMillis(tc.law.Mean()); mean != tc.mean {
			t.Errorf("%s: mean %v ms: want %v", tc.where, mean, tc.mean)
		}
		if sd := math.Round(inMillis(tc.law.SD())); sd != tc.sd {
			t.Errorf("%s: sd %v ms: want %v", tc.where, sd, tc.sd)
		}
	}
}

// TestRangesOfTheRules checks the ends of the other laws as the rules write them,
// for T = 10000, τ = 2000, h = 1000: p = 3333 and R = 6666 by C-1.
func TestRangesOfTheRules(t *testing.T) {
	s := Setting{Timeout: 10 * time.Second, Tick: 2 * time.Second,
		ToServer: 5 * time.Millisecond, FromServer: 7 * time.Millisecond, ToLeader: 11 * time.Millisecond}
	g := s
	g.SendEvery = 500 * time.Millisecond
	for _, tc := range []struct {
		rule        string
		law         UniformSum
		least, most int64 // ms
	}{
		{"Q-1: (T, T+τ]", s.ExpiryAfterTouch(), 10000, 12000},
		{"Q-2: (T-p+d1, T+τ+d1]", s.CrashAtLeader(), 10000 - 3333 + 5, 12000 + 5},
		{"Q-3: (T-p+d1+df, T+τ+h+d1+df)", s.CrashAtFollower(), 10000 - 3333 + 5 + 11, 13000 + 5 + 11},
		{"Q-3, T-22: (T-p+d1+2df, T+τ+2h+d1+2df)", s.CrashAtObserver(), 10000 - 3333 + 5 + 22, 14000 + 5 + 22},
		{"Q-5: (T-g+d1, T+τ+d1]", g.CrashAtLeader(), 10000 - 500 + 5, 12000 + 5},
		{"Q-5: (T-g+d1+df, T+τ+h+d1+df)", g.CrashAtFollower(), 10000 - 500 + 5 + 11, 13000 + 5 + 11},
		{"Q-8: [R-p, R]+100, and d2", s.DisconnectAfterCut(), 6666 - 3333 + 100 + 7, 6666 + 100 + 7},
	} {
		if tc.law.Min().Milliseconds() != tc.least || tc.law.Max().Milliseconds() != tc.most {
			t.Errorf("%s: %v to %v: want %d to %d ms", tc.rule, tc.law.Min(), tc.law.Max(), tc.least, tc.most)
		}
	}
	if got, want := s.MarginAtLeader().Least, (10000-6666-7)*time.Millisecond; got != want {
		t.Errorf("Q-9: least margin at the leader %v: want T-R-d2 = %v", got, want)
	}
	if got, want := s.MarginAtFollower().Least, (10000-6666-7+11)*time.Millisecond; got != want {
		t.Errorf("Q-9: least margin at a follower %v: want T-R-d2+df = %v", got, want)
	}
}

func TestSettingsOutsideTheClosedFormsAreRefused(t *testing.T) {
	for _, tc := range []struct {
		change func(s *Setting)
		want   string
	}{
		{func(s *Setting) {}, ""},
		{func(s *Setting) { s.Timeout = 0 }, "timeout 0s: want"},
		{func(s *Setting) { s.Timeout += time.Microsecond }, "timeout 10.000001s: want"},
		{func(s *Setting) { s.Tick = time.Millisecond }, "tick 1ms: want"},
		{func(s *Setting) { s.SendEvery = 3332 * time.Millisecond }, ""},
		{func(s *Setting) { s.SendEvery = 3333 * time.Millisecond }, "a request every 3.333s: want less than the ping period 3.333s"},
		{func(s *Setting) { s.ToLeader = -1 }, "latencies"},
		{func(s *Setting) { s.FromServer = time.Second }, "a round trip of 1.08s: want at most 1s"},
	} {
		s := ordinary
		tc.change(&s)
		err := s.Check()
		switch {
		case err == nil && tc.want != "":
			t.Errorf("%+v: no error: want %q", s, tc.want)
		case err != nil && (tc.want == "" || !strings.HasPrefix(err.Error(), tc.want)):
			t.Errorf("%+v: %q: want %q", s, err, tc.want)
		}
	}
}

// BenchmarkReplication measures one run of each trial, world and all.
func BenchmarkReplication(b *testing.B) {
	for _, tr := range trials() {
		b.Run(strings.NewReplacer(", ", "-", " ", "-").Replace(tr.name), func(b *testing.B) {
			b.ReportAllocs()
			var seen sightings
			for i := range b.N {
				if err := tr.one(uint64(i+1), &seen); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
