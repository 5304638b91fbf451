package sim

import (
	"fmt"
	"math"
	"sort"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const ms = float64(time.Millisecond)

// lawCase is an example of a law for the shared checks. The moments and points
// come from the law's textbook formulas, in the comment or spelled out.
type lawCase struct {
	name   string
	params map[string]float64
	file   string // the contents, for a law read from a file
	text   string
	mean   float64 // ns
	sd     float64 // ns
	excess float64 // excess kurtosis, which sets the spread of a measured deviation
	points []lawPoint
	atoms  bool // the law has single values, so CDF jumps
}

// lawPoint is a known quantile: the u-quantile is x ns.
type lawPoint struct{ u, x float64 }

// weibullMoment is E[X^n] of a Weibull law of scale 1.
func weibullMoment(n, shape float64) float64 { return math.Gamma(1 + n/shape) }

// The kurtosis of Weibull of shape 2 (Rayleigh) and scale 1 about its mean.
func rayleighExcess() float64 {
	m1, m2, m3, m4 := weibullMoment(1, 2), weibullMoment(2, 2), weibullMoment(3, 2), weibullMoment(4, 2)
	variance := m2 - m1*m1
	return (m4-4*m1*m3+6*m1*m1*m2-3*m1*m1*m1*m1)/(variance*variance) - 3
}

var lawCases = []lawCase{
	{
		name: "constant", params: map[string]float64{"value": 3 * ms}, text: "constant(value=3ms)",
		mean: 3 * ms, sd: 0, points: []lawPoint{{0.5, 3 * ms}}, atoms: true,
	},
	{ // weights 1, 2, 1: variance (1+0+1)/4
		name: "empirical", file: "1ms\n2ms 2\n3\n", text: "empirical(file=x.txt, 3 values)",
		mean: 2 * ms, sd: math.Sqrt(0.5) * ms, excess: -1,
		points: []lawPoint{{0.25, 1 * ms}, {0.26, 2 * ms}, {0.75, 2 * ms}, {0.76, 3 * ms}}, atoms: true,
	},
	{
		name: "exponential", params: map[string]float64{"mean": 5 * ms}, text: "exponential(mean=5ms)",
		mean: 5 * ms, sd: 5 * ms, excess: 6, points: []lawPoint{{0.5, 5 * ms * math.Ln2}},
	},
	{ // shape 2 has F(x) = 1-(1+x)exp(-x) in units of mean/2; x = 1 gives 1-2/e
		name: "gamma", params: map[string]float64{"mean": 10 * ms, "shape": 2}, text: "gamma(mean=10ms, shape=2)",
		mean: 10 * ms, sd: 10 * ms / math.Sqrt2, excess: 3, points: []lawPoint{{1 - 2/math.E, 5 * ms}},
	},
	{ // σ = 1/2: mean exp(σ²/2), variance factor exp(σ²)-1
		name: "lognormal", params: map[string]float64{"median": 4 * ms, "sigma": 0.5}, text: "lognormal(median=4ms, sigma=0.5)",
		mean: 4 * ms * math.Exp(0.125), sd: 4 * ms * math.Exp(0.125) * math.Sqrt(math.Exp(0.25)-1),
		excess: math.Exp(1) + 2*math.Exp(0.75) + 3*math.Exp(0.5) - 6,
		points: []lawPoint{{0.5, 4 * ms}, {0.5 * math.Erfc(-1/math.Sqrt2), 4 * ms * math.Exp(0.5)}},
	},
	{ // ten deviations above 0, so that the cut-off there takes nothing away
		name: "normal", params: map[string]float64{"mean": 10 * ms, "sd": 1 * ms}, text: "normal(mean=10ms, sd=1ms)",
		mean: 10 * ms, sd: 1 * ms, points: []lawPoint{{0.5, 10 * ms}, {0.5 * math.Erfc(-1/math.Sqrt2), 11 * ms}},
	},
	{ // shape a = 10: mean a/(a-1), variance a/((a-1)²(a-2)), kurtosis by the usual quotient
		name: "pareto", params: map[string]float64{"scale": 9 * ms, "shape": 10}, text: "pareto(scale=9ms, shape=10)",
		mean: 10 * ms, sd: 9 * ms * math.Sqrt(10.0/(81*8)),
		excess: 6 * (1000.0 + 100 - 60 - 2) / (10 * 7 * 6),
		points: []lawPoint{{1 - math.Pow(2, -10), 18 * ms}},
	},
	{
		name: "uniform", params: map[string]float64{"from": 2 * ms, "to": 6 * ms}, text: "uniform(from=2ms, to=6ms)",
		mean: 4 * ms, sd: 4 * ms / math.Sqrt(12), excess: -1.2, points: []lawPoint{{0.25, 3 * ms}},
	},
	{
		name: "weibull", params: map[string]float64{"scale": 8 * ms, "shape": 2}, text: "weibull(scale=8ms, shape=2)",
		mean: 8 * ms * weibullMoment(1, 2), sd: 8 * ms * math.Sqrt(weibullMoment(2, 2)-weibullMoment(1, 2)*weibullMoment(1, 2)),
		excess: rayleighExcess(), points: []lawPoint{{1 - 1/math.E, 8 * ms}},
	},
}

func (c lawCase) law(t testing.TB) Law {
	t.Helper()
	var law Law
	var err error
	if c.params != nil {
		law, err = NewLaw(c.name, c.params)
	} else {
		law, err = ReadLaw(c.name, "x.txt", strings.NewReader(c.file))
	}
	if err != nil {
		t.Fatal(err)
	}
	return law
}

func newSampler(t testing.TB, law Law, least, most time.Duration) *Sampler {
	t.Helper()
	s, err := NewSampler(law, least, most)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLawTableHasAnExampleOfEveryRow(t *testing.T) {
	examples := map[string]bool{}
	for _, c := range lawCases {
		examples[c.name] = true
	}
	for _, row := range Laws {
		if !examples[row.Name] {
			t.Errorf("law %q has no lawCase", row.Name)
		}
		if (row.New == nil) == (row.Read == nil) {
			t.Errorf("law %q: want one of New and Read", row.Name)
		}
	}
}

// TestLaws runs the checks that every law must pass.
func TestLaws(t *testing.T) {
	for _, c := range lawCases {
		t.Run(c.name, func(t *testing.T) {
			law := c.law(t)
			if got := law.String(); got != c.text {
				t.Errorf("String() = %q, want %q", got, c.text)
			}
			checkLawMoments(t, law, c)
			checkLawQuantile(t, law, c)

			whole := newSampler(t, law, 0, 0)
			checkSamplerMoments(t, whole, c)
			checkSamplerFollowsLaw(t, whole)
			checkSamplerOrder(t, whole)
			if c.sd == 0 {
				return
			}
			// From here on the sampler is cut on both sides.
			least := time.Duration(law.Quantile(0.3)).Truncate(time.Microsecond)
			most := time.Duration(law.Quantile(0.9)).Truncate(time.Microsecond)
			cut := newSampler(t, law, least, most)
			checkSamplerFollowsLaw(t, cut)
			checkSamplerOrder(t, cut)
			if got, want := cut.String(), fmt.Sprintf("%s, min %v, max %v", c.text, least, most); got != want {
				t.Errorf("String() = %q, want %q", got, want)
			}
		})
	}
}

func checkLawMoments(t *testing.T, law Law, c lawCase) {
	if got := law.Mean(); math.Abs(got-c.mean) > 1e-12*c.mean {
		t.Errorf("Mean() = %v, want %v", got, c.mean)
	}
	if got := law.SD(); math.Abs(got-c.sd) > 1e-12*c.mean {
		t.Errorf("SD() = %v, want %v", got, c.sd)
	}
	for _, p := range c.points {
		if got := law.Quantile(p.u); math.Abs(got-p.x) > 1e-9*p.x {
			t.Errorf("Quantile(%v) = %v, want %v", p.u, got, p.x)
		}
	}
}

// checkLawQuantile compares quantile and distribution function, which the
// libraries compute apart, over the whole range of Unit.
func checkLawQuantile(t *testing.T, law Law, c lawCase) {
	prev := math.Inf(-1)
	for _, u := range spreadOfUniforms() {
		x := law.Quantile(u)
		if math.IsNaN(x) || math.IsInf(x, 0) {
			t.Fatalf("Quantile(%v) = %v, want a finite number", u, x)
		}
		if x < prev {
			t.Errorf("Quantile(%v) = %v, below %v for a smaller u", u, x, prev)
		}
		prev = x
		got := law.CDF(x)
		if c.atoms {
			if before := law.CDF(math.Nextafter(x, math.Inf(-1))); u <= before || u > got {
				t.Errorf("CDF jumps from %v to %v at Quantile(%v), want u within", before, got, u)
			}
		} else if math.Abs(got-u) > 1e-9*min(u, 1-u)+1e-13 {
			t.Errorf("CDF(Quantile(%v)) = %v", u, got)
		}
	}
	if got := law.CDF(-1); got > 1e-9 {
		t.Errorf("CDF(-1) = %v, want 0", got)
	}
}

// spreadOfUniforms rises from Unit's least to its greatest value, closer at both ends.
func spreadOfUniforms() []float64 {
	var us []float64
	for e := -53; e <= -2; e++ {
		for _, m := range []float64{1, 1.3, 1.7} {
			us = append(us, math.Ldexp(m, e))
		}
	}
	for i := len(us) - 1; i >= 0; i-- {
		us = append(us, 1-us[i])
	}
	return us
}

const lawDraws = 100_000

func sampleAt(s *Sampler, counter uint64) time.Duration {
	return s.Sample(Draw(42, 0, PurposeLatency, 1, counter))
}

// checkSamplerMoments bounds the mean of n draws by five of its standard errors,
// sd/√n, and their deviation by five of its own, sd/2·√((kurtosis-1)/n). Half a
// microsecond of rounding is allowed on top.
func checkSamplerMoments(t *testing.T, s *Sampler, c lawCase) {
	const n = lawDraws
	var sum, squares float64
	for i := range uint64(n) {
		x := float64(sampleAt(s, i)) - c.mean
		sum += x
		squares += x * x
	}
	mean := sum / n
	if bound := 5*c.sd/math.Sqrt(n) + 500; math.Abs(mean) > bound {
		t.Errorf("mean of %d draws is %v ns off, want at most %v", n, mean, bound)
	}
	sd := math.Sqrt(squares/n - mean*mean)
	if bound := 5*c.sd/2*math.Sqrt((c.excess+2)/n) + 500; math.Abs(sd-c.sd) > bound {
		t.Errorf("deviation of %d draws is %v, want %v within %v", n, sd, c.sd, bound)
	}
}

// checkSamplerFollowsLaw compares the draws with the law conditioned on the
// cut-offs. By the bound of Dvoretzky, Kiefer, Wolfowitz and Massart the greatest
// distance between the two distribution functions exceeds e with a probability
// below 2exp(-2ne²), which is 4e-9 for e = 0.01 and n = 100,000. It also holds
// the draws to the cut-offs and to whole microseconds.
func checkSamplerFollowsLaw(t *testing.T, s *Sampler) {
	draws := make([]float64, lawDraws)
	for i := range draws {
		d := sampleAt(s, uint64(i))
		if d != sampleAt(s, uint64(i)) {
			t.Fatalf("%v: draw %d differs when repeated", s, i)
		}
		if d < s.min || d > s.max || d%time.Microsecond != 0 {
			t.Fatalf("%v: draw %d is %v, want whole microseconds from %v to %v", s, i, d, s.min, s.max)
		}
		draws[i] = float64(d)
	}
	sort.Float64s(draws)
	below := s.law.CDF(math.Nextafter(float64(s.min), math.Inf(-1)))
	within := s.law.CDF(float64(s.max)) - below
	for i, x := range draws {
		if i+1 < len(draws) && draws[i+1] == x {
			continue
		}
		// What was rounded to x lay below x and half a microsecond.
		want := min(1, (s.law.CDF(x+499)-below)/within)
		if got := float64(i+1) / lawDraws; math.Abs(got-want) > 0.01 {
			t.Fatalf("%v: %v of the draws are up to %v ns, want %v within 0.01", s, got, x, want)
		}
	}
}

// checkSamplerOrder says that more bits never give less.
func checkSamplerOrder(t *testing.T, s *Sampler) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Uint64().Draw(t, "a"), rapid.Uint64().Draw(t, "b")
		if x, y := s.Sample(min(a, b)), s.Sample(max(a, b)); x > y {
			t.Fatalf("%v: Sample(%d) = %v, Sample(%d) = %v", s, min(a, b), x, max(a, b), y)
		}
	})
	if x, y := s.Sample(0), s.Sample(math.MaxUint64); x < s.min || y > s.max {
		t.Errorf("%v: extremes %v and %v", s, x, y)
	}
}

func TestLawErrorsSayWhatWouldBeRight(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		law    string
		params map[string]float64
		want   string
	}{
		{"gama", nil, `law "gama": want one of constant, empirical, exponential, gamma, lognormal, normal, pareto, uniform, weibull`},
		{"gamma", nil, `law "gamma": no parameters: want mean (duration), shape (number)`},
		{"gamma", map[string]float64{"mean": ms}, `law "gamma": parameters mean: want mean (duration), shape (number)`},
		{"gamma", map[string]float64{"mean": ms, "shap": 1}, `law "gamma": unknown parameter "shap": want mean (duration), shape (number)`},
		{"gamma", map[string]float64{"mean": -ms, "shape": 1}, `law "gamma": mean = -1ms: want 1µs to 24h`},
		{"gamma", map[string]float64{"mean": ms, "shape": nan}, `law "gamma": shape = NaN: want 0.05 to 10000`},
		{"exponential", map[string]float64{"mean": nan}, `law "exponential": mean = NaN: want 1µs to 24h`},
		{"exponential", map[string]float64{"mean": math.Inf(1)}, `law "exponential": mean = +Inf: want 1µs to 24h`},
		{"lognormal", map[string]float64{"median": ms, "sd": ms}, `law "lognormal": parameters median, sd: want median (duration), sigma (number), or mean (duration), sd (duration)`},
		{"uniform", map[string]float64{"from": 2 * ms, "to": 2 * ms}, `law "uniform": from = 2ms, to = 2ms: want from below to`},
		{"constant", map[string]float64{"value": 1500}, `law "constant": value = 1.5µs: want whole microseconds`},
		{"empirical", nil, `law "empirical" without the contents of its file: want file (file)`},
	} {
		_, err := NewLaw(c.law, c.params)
		if err == nil || err.Error() != c.want {
			t.Errorf("NewLaw(%q, %v) = %v, want %s", c.law, c.params, err, c.want)
		}
	}
	_, err := ReadLaw("gamma", "x.txt", strings.NewReader("1"))
	if want := `law "gamma" from file x.txt: want mean (duration), shape (number)`; err == nil || err.Error() != want {
		t.Errorf("ReadLaw = %v, want %s", err, want)
	}
}

// Both ends of every parameter are allowed, so both must give a law whose
// draws are finite, ordered and within the bounds.
func TestLawsWorkAtTheBoundsOfTheirParameters(t *testing.T) {
	for _, row := range Laws {
		for _, form := range row.Forms {
			if row.New == nil {
				continue
			}
			for choice := range 1 << len(form) {
				params := map[string]float64{}
				for i, p := range form {
					params[p.Name] = p.Least
					if choice>>i&1 == 1 {
						params[p.Name] = p.Most
					}
				}
				checkLawAtBounds(t, row, params)
			}
		}
	}
}

func checkLawAtBounds(t *testing.T, row LawRow, params map[string]float64) {
	law, err := row.New(params)
	if err != nil { // from = to is the only pair that is refused
		if row.Name != "uniform" {
			t.Errorf("%s%v: %v", row.Name, params, err)
		}
		return
	}
	s, err := NewSampler(law, 0, 0)
	if err != nil {
		t.Errorf("%s%v: %v", row.Name, params, err)
		return
	}
	prev := time.Duration(0)
	for _, u := range spreadOfUniforms() {
		if x := law.Quantile(u); math.IsNaN(x) {
			t.Errorf("%v: Quantile(%v) = %v", law, u, x)
		}
		d := s.at(u)
		if d < prev || d > MaxSample {
			t.Errorf("%v: at(%v) = %v after %v, want ordered and at most %v", law, u, d, prev, MaxSample)
		}
		prev = d
	}
}
