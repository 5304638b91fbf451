package experiments

import (
	"strings"
	"testing"
	"time"
)

// words writes values as a scenario takes them.
func words(all []Given) string {
	var texts []string
	for _, g := range all {
		texts = append(texts, g.Text)
	}
	return strings.Join(texts, " | ")
}

func TestValuesOfTheCommandLine(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"4s", "4s"},
		{"0,1%,5%", "0 | 1% | 5%"},
		{"4s..10s/2s", "4s | 6s | 8s | 10s"},
		{"4s..9.9s/2s", "4s | 6s | 8s"}, // the end need not be met
		{"0..0.3/0.1", "0 | 0.1 | 0.2 | 0.3"},
		{"0..1s/500ms", "0s | 500ms | 1s"},
		{"0%..1%/0.5%", "0% | 0.5% | 1%"},
		{"3..7/2,11", "3 | 5 | 7 | 11"},
		{"1s..2s:3", "1s | 1.5s | 2s"},
		{"1ms..1s:4log", "1ms | 10ms | 100ms | 1s"},
		{"1..1000:4log", "1 | 10 | 100 | 1000"},
		{"{uniform: [1ms, 5ms]},2ms", "{uniform: [1ms, 5ms]} | 2ms"},
		{"java,kazoo", "java | kazoo"},
		{`"a,b",c`, `"a,b" | c`},
		{"1d..2d/12h", "24h | 36h | 48h"},
	} {
		got, err := parseValues(tc.text)
		if err != nil || words(got) != tc.want {
			t.Errorf("%s: %s, %v; want %s", tc.text, words(got), err, tc.want)
		}
	}
	for _, tc := range []struct{ text, say string }{
		{"", "an empty value"},
		{"4s,,5s", "an empty value"},
		{"4s..8s", "without a step; want as in 4s..8s/2s"},
		{"8s..4s/1s", "runs backwards"},
		{"4s..8s/0s", "step 0s; want one above zero"},
		{"4s..8s/2", "step 2; want one above zero, in the unit of the ends"},
		{"4s..8/1s", "a duration and a number"},
		{"java..kazoo/1", "want durations or numbers"},
		{"0..5s:3log", "begins above zero"},
		{"1s..5s:1", "1 values; want a whole number from 2"},
		{"1s..5s:", "how many values?"},
		{"{uniform: [1ms", "not closed"},
		{"0s..1h/1us", "more than 1000000 values"},
	} {
		if got, err := parseValues(tc.text); err == nil || !strings.Contains(err.Error(), tc.say) {
			t.Errorf("%q: %s, %v; want an error that says %q", tc.text, words(got), err, tc.say)
		}
	}
}

func TestPrecisionInWords(t *testing.T) {
	p, err := parsePrecision("1% of p99.9(detection) from 1000 to 64000")
	if err != nil || *p != (Precision{Column: "detection", Stat: "p99.9", Relative: 0.01, First: 1000, Most: 64000}) {
		t.Errorf("%+v, %v", p, err)
	}
	for _, text := range []string{"", "1%", "1% of", "1% p99(x)", "0 of mean(x)", "1s of mean(x)", "1% of mode(x)", "1% of mean(x) from 1", "1% of mean(x) from 9 to 8", "1% of mean(x) up 8"} {
		if p, err := parsePrecision(text); err == nil {
			t.Errorf("%q is taken for %+v", text, p)
		}
	}
}

// TestExpressions: durations stay durations, whatever is done to them.
func TestExpressions(t *testing.T) {
	given := func(path string) Given {
		return map[string]Given{"clients.w.timeout": give("10s"), "ensemble.tickTime": give("2s"), "network.loss": give("5%"), "n": give("3"), "lib": give("java"),
			"clients.w-2.timeout": give("4s")}[path]
	}
	known := names{params: []string{"clients.w.timeout", "ensemble.tickTime", "network.loss", "n", "lib", "clients.w-2.timeout"},
		fixed: func(path string) (Given, bool) { return give("30s"), path == "run.length" }}
	for _, tc := range []struct{ text, want string }{
		{"clients.w.timeout / 3", "3.333333s"},
		{"2 * clients.w.timeout + 500ms", "20.5s"},
		{"clients.w.timeout * 1.5", "15s"},
		{"clients.w.timeout / ensemble.tickTime", "5"},
		{"round(clients.w.timeout / 3, 1ms)", "3.333s"},
		{"ceil(clients.w.timeout / 3, 1s)", "4s"},
		{"floor(7.5)", "7"},
		{"max(clients.w.timeout, 20 * ensemble.tickTime)", "40s"},
		{"min(n, 2)", "2"},
		{"clients.w-2.timeout - 1s", "3s"},
		{"run.length - clients.w.timeout", "20s"},
		{"network.loss * 100", "5"},
		{"5% * 100", "5"},
		{"7 % 4", "3"},
		{`"{uniform: [" + string(1m30s) + ", 2m]}"`, "{uniform: [1m30s, 2m]}"},
		{"n > 2 ? 1s : 2s", "1s"},
		{`lib == "java" ? 1 : 2`, "1"},
	} {
		e, err := newExpression(tc.text, known)
		if err != nil {
			t.Errorf("%s: %v", tc.text, err)
			continue
		}
		if got, err := e.result(given); err != nil || got.Text != tc.want {
			t.Errorf("%s: %s, %v; want %s", tc.text, got.Text, err, tc.want)
		}
	}
	for _, tc := range []struct{ text, say string }{
		{"clients.w.timeout + 1", "time.Duration + int"},
		{"clients.w.timeout * ensemble.tickTime", "a duration times a duration"},
		{"3 / clients.w.timeout", "a number over a duration"},
		{"n / 0", "division by zero"},
		{"clients.x.timeout", "unknown clients.x.timeout; want a parameter that varies (clients.w.timeout, "},
		{"nothing + 1", "unknown name nothing"},
		{"5parsecs", "not a duration"},
		{"(n", "unexpected token"},
		{"max(n, 1s)", "a duration beside a number"},
		{"round(n, 1s)", "is no unit of"},
		{`"open`, "a quote that is not closed"},
		{"[1, 2]", "gives no value that a scenario takes"},
		{"p99(detection)", "unknown name"},
	} {
		e, err := newExpression(tc.text, known)
		if err == nil {
			_, err = e.result(given)
		}
		if err == nil || !strings.Contains(err.Error(), tc.say) || !strings.Contains(err.Error(), tc.text[1:]) {
			t.Errorf("%s: %v; want an error that says %q, and shows the expression", tc.text, err, tc.say)
		}
	}
}

// TestConditionsOfResults: what is beyond the end of the run is longer than anything.
func TestConditionsOfResults(t *testing.T) {
	known := names{params: []string{"clients.w.timeout"}, stats: true}
	given := func(string) Given { return give("10s") }
	for _, tc := range []struct {
		text  string
		value float64
		kind  MetricKind
		want  bool
	}{
		{"p99(detection) < 35s", 34999, KindDuration, true},
		{"p99.9(detection) < 35s", 35000, KindDuration, false},
		{"mean( detection_marked ) <= 1.5 * clients.w.timeout", 15000, KindDuration, true},
		{"max(detection) < 1h", never, KindDuration, false},
		{"share(needless) < 1%", 0.009, KindProbability, true},
		{"n(detection) >= 100 and min(detection) > 0s", 100, KindDuration, true},
	} {
		e, err := newExpression(tc.text, known)
		if err != nil {
			t.Errorf("%s: %v", tc.text, err)
			continue
		}
		got, err := e.holds(given, func(c statCall) (any, error) { return typed(tc.value, tc.kind, c.stat), nil })
		if err != nil || got != tc.want {
			t.Errorf("%s with %v: %v, %v", tc.text, tc.value, got, err)
		}
	}
	if d, ok := typed(never, KindDuration, "p99").(time.Duration); !ok || d < 1<<62 {
		t.Errorf("never is %v", d)
	}
}
