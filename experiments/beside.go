package experiments

import (
	"fmt"
	"math"
	"time"

	"zksim/sim"
)

// A boundedLaw is a law of a duration whose ends are known.
type boundedLaw interface {
	sim.Law
	Min() time.Duration
	Max() time.Duration
	CDF(x float64) float64
}

// A Beside is what section Q of the rules says about a column at one point, to be set
// beside what the runs say: a law, or only mean and ends, or a probability; or why its
// assumptions do not hold there. The zero value is that it says nothing.
type Beside struct {
	Rule string
	Why  string // the assumption that does not hold; then there are no numbers
	// Numbers in the unit of the column; NaN where there is none, as of a mean where there
	// are bounds alone.
	Mean, SD, Min, Max float64
	// Share is how likely it happens within the run, of what need not.
	Share     float64
	Quantiles []float64 // as [Quantiles]; nil where the law is not known

	law boundedLaw // nil where it is not known
}

// CDF is the probability of at most x, in the unit of the column; false where the law is
// not known.
func (b *Beside) CDF(x float64) (float64, bool) {
	if b.law == nil {
		return math.NaN(), false
	}
	return b.law.CDF(x * 1e6), true
}

// ClosedForm gives the closed form of a column, as a [Gauge] for that scenario names it.
func ClosedForm(s *sim.Scenario, c *Column) Beside {
	if c.who == nil {
		return closedForm(s, c.metric, c.what, func(who *subject) bool { return struck(s, who) })
	}
	// The column may have been made for another point of a sweep.
	return ClosedFormOf(s, c.who.client.Name, c.metric, c.what)
}

// ClosedFormOf gives the closed form of what a metric says of one client: of "marked" in
// "detection", or of "" in "notice". Clients alike go by their common name.
func ClosedFormOf(s *sim.Scenario, client, metric, what string) Beside {
	return closedForm(s, metric, what, func(who *subject) bool { return who.client.Name == client })
}

// closedForm is that of the first client of whom it is asked.
func closedForm(s *sim.Scenario, metric, what string, asked func(who *subject) bool) Beside {
	for i := range forms {
		f := &forms[i]
		if f.metric != metric || f.what != what {
			continue
		}
		for _, who := range subjectsOf(s) {
			if asked(&who) {
				return f.at(s, &who)
			}
		}
	}
	return Beside{}
}

// struck says whether the first fault names the client or the server that it is attached
// to: what is said of a whole run is said of that client.
func struck(s *sim.Scenario, who *subject) bool {
	if len(s.Faults) == 0 || len(s.Faults[0].Between) != 1 {
		return false
	}
	name := s.Faults[0].Between[0]
	return name == who.client.Name || who.client.Attach > 0 && name == fmt.Sprintf("server%d", who.client.Attach)
}

// PingPeriod is how far apart an idle client's pings are (C-9a, L-C1, L-G2), and zero for a
// library whose pings do not come at equal distances.
func PingPeriod(c *sim.Client, e *sim.Ensemble) time.Duration {
	set := Setting{Timeout: e.Negotiated(c.Timeout), Tick: e.Tick, Library: libraryUnder(c)}
	if set.Check() != nil {
		return 0
	}
	return set.pingPeriod()
}

// at reads a form's premises out of a scenario and takes them to their numbers.
func (f *form) at(s *sim.Scenario, who *subject) Beside {
	nothing := Beside{Rule: f.rule, Mean: math.NaN(), SD: math.NaN(), Min: math.NaN(), Max: math.NaN(), Share: math.NaN()}
	b := nothing
	p, err := newPremises(s, who)
	if err == nil {
		err = f.of(p, &b)
	}
	if err != nil {
		b = nothing
		b.Why = err.Error()
	}
	return b
}

// A form is one row of the closed forms that are set beside simulated columns.
type form struct {
	metric, what, rule string
	of                 func(p *premises, b *Beside) error
}

var forms = []form{
	{"detection", "marked", "Q-2 to Q-5", crashForm},
	{"notice", "", "Q-8", noticeForm},
	{"notice", "warning", "Q-9", warningForm},
	{"learning", "since_fault", "Q-11, Q-12, Q-25", toldForm},
	{"learning", "since_heal", "Q-11", healedForm},
	{"learning", "since_expiry", "Q-11, Q-21, Q-25", learnedForm},
	{"gap", "", "Q-11, Q-21", gapForm},
	{"zombie", "waits", "Q-21", waitsForm},
	{"zombie", "stops", "Q-20", stopsForm},
	{"connecting", "", "C-16, C-36", connectedForm},
	{"overlap", "", "Q-20 to Q-22", overlapForm(false)},
	{"overlap", "believed", "Q-20 to Q-22", overlapForm(true)},
	{"needless", "", "Q-27", lostForm},
	{"survival", "", "Q-27", keptForm},
}

// set puts a law into the numbers, in milliseconds.
func (b *Beside) set(l boundedLaw) {
	b.law = l
	b.Mean, b.SD = l.Mean()/1e6, l.SD()/1e6
	b.Min, b.Max = l.Min().Seconds()*1e3, l.Max().Seconds()*1e3
	for _, q := range Quantiles {
		b.Quantiles = append(b.Quantiles, l.Quantile(float64(q.Thousandths)/1000)/1e6)
	}
}

// Agreement sets a closed form against what the runs say: "yes" if the mean, or the share,
// if there is a closed one, is inside its interval of 99.9 %, and no run outside of the ends by more than a
// millisecond or two, by which whole milliseconds may move it; or what is not.
func (b *Beside) Agreement(m *PointSummary) string {
	mean := m.Mean
	switch {
	case b.Rule == "" || b.Why != "" || m.N == 0:
		return ""
	case m.Kind == KindProbability && (m.Ones == 0 || m.Ones == m.N):
		// What was never seen is bounded on one side.
		if b.Mean >= mean.Low-1e-12 && b.Mean <= mean.High+1e-12 || math.Abs(b.Mean-float64(m.Ones)/float64(m.N)) < 10/float64(m.N) {
			return "yes"
		}
		return "no: share"
	case m.Never > 0 && math.IsNaN(b.Share):
		return "no: not always seen"
	case !math.IsNaN(b.Share) && !b.sharesWith(m):
		return "no: share"
	}
	const wider, slack = 3.29 / normal975, 2.0 // ms
	if half := (mean.High - mean.Low) / 2 * wider; !math.IsNaN(b.Mean) && !(math.Abs(b.Mean-mean.Value) <= half+1e-9) {
		return "no: mean"
	}
	if m.Min < b.Min-slack || m.Max > b.Max+slack {
		return "no: range"
	}
	return "yes"
}

// sharesWith says whether a column's share is within what chance does to it in 999 of 1,000
// cases.
func (b *Beside) sharesWith(m *PointSummary) bool {
	n, p := float64(m.N), b.Share
	half := 3.29 * math.Sqrt(p*(1-p)/n)
	if p > 0 && p < 1 {
		half += 1 / n
	}
	return math.Abs(float64(m.Happened)/n-p) <= half+1e-12
}
