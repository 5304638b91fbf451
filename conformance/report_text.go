package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// name is how reports call a row.
func (k *KindSummary) name() string {
	if k.Drawn {
		return k.Kind + " (drawn)"
	}
	return k.Kind
}

// WriteText writes the report as text: a row for each kind of event, then the
// totals and the first event of the rule that most recordings disagree with first. With verbose
// every event that disagrees is listed, with its explanation where there is one.
func (r *Report) WriteText(w io.Writer, x *Explanations, verbose bool) error {
	p := &textPage{w: w}
	p.line("Guided: %s judged", recordings(r.Recordings))
	p.counts("judged by their servers alone", r.ServersAlone)
	p.counts("not judged", r.NotJudged)
	for _, u := range r.Unknown {
		p.line("not understood: %s (%d)", u.Name, u.N)
	}
	if len(r.Kinds) > 0 {
		p.line("")
		p.line(" %-28s %6s %7s %9s %9s %9s %9s %9s", "event", "n", "inside", "p50 ms", "p95 ms", "p99 ms", "max ms", "width ms")
		for i := range r.Kinds {
			k := &r.Kinds[i]
			width := ""
			if k.Drawn {
				width = fmt.Sprintf("%.0f", k.Width)
			}
			p.line(" %-28s %6d %7d %9.1f %9.1f %9.1f %9.1f %9s", k.name(), k.N, k.Inside, k.P50, k.P95, k.P99, k.Max, width)
		}
	}
	p.line("")
	p.line(" fixed by rules   %6d of %d inside (%.2f %%)", r.FixedInside, r.FixedN, 100*r.Share())
	p.line(" left to a draw   %6d of %d inside their intervals", r.DrawnInside, r.DrawnN)
	p.line(" wrong bucket     %6d", r.WrongBucket)
	p.line(" missing          %6d  predicted, not recorded", r.Missing)
	p.line(" invented         %6d  recorded, not predicted; %d of the two unexplained", r.Invented, r.Unexplained(x))
	if r.First != nil {
		p.line("")
		p.line(" Rule %s is the first to disagree in most recordings: %d. Its first event, ms since the fault:", r.Rules[0].Rule, r.Rules[0].N)
		p.line("  %s", r.describe(r.First))
	}
	if verbose && len(r.Events) > 0 {
		p.line("")
		p.line(" Events that disagree, ms since the first fault of their recording")
		for i := range r.Events {
			c := &r.Events[i]
			p.line("  %s", r.describe(c))
			if reason, ok := x.Covers(c); ok && !c.Met() {
				p.line("    explained: %s", reason)
			}
		}
	}
	return p.err
}

// describe is an event that disagrees in one line.
func (r *Report) describe(c *Compared) string {
	zero := r.begins[c.Recording]
	ms := func(at int64) string { return fmt.Sprintf("%.1f", float64(at-zero)/1e6) }
	predicted := ms(c.Predicted.Lo)
	if c.Drawn {
		predicted += " to " + ms(c.Predicted.Hi)
	}
	what := c.Recording + ": " + c.EventName() + ": "
	switch {
	case c.Missing():
		return fmt.Sprintf("%smissing, predicted %s (%s)", what, predicted, c.Rule)
	case c.Invented():
		return fmt.Sprintf("%sinvented, recorded %s", what, ms(c.Recorded))
	}
	bucket := ""
	if c.WrongBucket {
		bucket = ", wrong bucket"
	}
	return fmt.Sprintf("%spredicted %s (%s), recorded %s%s", what, predicted, c.Rule, ms(c.Recorded), bucket)
}

// A textPage writes lines until one fails.
type textPage struct {
	w   io.Writer
	err error
}

func (p *textPage) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, strings.TrimRight(fmt.Sprintf(format, args...), " "))
	}
}

func recordings(n int) string {
	if n == 1 {
		return "1 recording"
	}
	return fmt.Sprintf("%d recordings", n)
}

// counts says how many recordings there are of each name.
func (p *textPage) counts(what string, counts []Count) {
	n := 0
	var names []string
	for _, c := range counts {
		n += c.N
		names = append(names, fmt.Sprintf("%s (%d)", c.Name, c.N))
	}
	if n > 0 {
		p.line("%s %s: %s", recordings(n), what, strings.Join(names, ", "))
	}
}

// WriteFreeText writes the rows of free replay.
func WriteFreeText(w io.Writer, r *FreeReport) error {
	p := &textPage{w: w}
	p.line("Free: %s, ranks of latencies among simulations of their own", recordings(r.Played))
	p.line("")
	scenario, library, latency := utf8.RuneCountInString("scenario"), utf8.RuneCountInString("library"), utf8.RuneCountInString("latency")
	for i := range r.Rows {
		row := &r.Rows[i]
		scenario = max(scenario, utf8.RuneCountInString(row.Scenario))
		library = max(library, utf8.RuneCountInString(row.Library))
		latency = max(latency, utf8.RuneCountInString(row.Latency))
	}
	p.line(" %-*s  %-*s  %-*s %6s %9s %9s", scenario, "scenario", library, "library", latency, "latency", "n", "D", "p")
	groups := 0
	for i := range r.Rows {
		row := &r.Rows[i]
		verdict := ""
		if row.Rejected {
			verdict = "rejected"
		}
		first := i == 0 || row.Scenario != r.Rows[i-1].Scenario || row.Library != r.Rows[i-1].Library
		of, by := row.Scenario, row.Library
		switch {
		case !first:
			of, by = "", ""
		case of == "":
			of, by = "all", "all"
		}
		if first {
			groups++
		}
		if row.N == 0 && len(row.Outside) == 0 && row.Scenario != "" {
			if first {
				p.line(" %-*s  %-*s  %-*s %6d", scenario, of, library, by, latency, row.Latency, 0)
			}
			continue
		}
		p.line(" %-*s  %-*s  %-*s %6d %9.4f %9.4f  %s", scenario, of, library, by, latency, row.Latency, row.N, row.D, row.P, verdict)
	}
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Scenario == "" && groups > 1 {
			continue // the row of its scenario and library names it
		}
		for _, id := range row.Outside {
			p.line("   outside the simulated range: %s of %s", row.Latency, id)
		}
	}
	for _, err := range r.NotPlayed {
		p.line("   not played: %v", err)
	}
	return p.err
}

// The JSON form of a report. Its keys are part of the command's interface.
type reportJSON struct {
	Recordings  int        `json:"recordings"`
	Fixed       shareJSON  `json:"fixed"`
	Drawn       shareJSON  `json:"drawn"`
	WrongBucket int        `json:"wrong_bucket"`
	Missing     int        `json:"missing"`
	Invented    int        `json:"invented"`
	Kinds       []kindJSON `json:"kinds"`
	Free        []freeJSON `json:"free"`

	NotJudged    []countJSON `json:"not_judged,omitempty"`
	ServersAlone []countJSON `json:"servers_alone,omitempty"`
	Unknown      []countJSON `json:"unknown,omitempty"`
	Events       []eventJSON `json:"events,omitempty"`
}

type countJSON struct {
	Name string `json:"name"`
	N    int    `json:"n"`
}

func countsJSON(counts []Count) []countJSON {
	var out []countJSON
	for _, c := range counts {
		out = append(out, countJSON(c))
	}
	return out
}

type shareJSON struct {
	N      int `json:"n"`
	Inside int `json:"inside"`
}

type kindJSON struct {
	Kind   string  `json:"kind"`
	N      int     `json:"n"`
	Inside int     `json:"inside"`
	P50    float64 `json:"p50_ms"`
	P95    float64 `json:"p95_ms"`
	P99    float64 `json:"p99_ms"`
	Max    float64 `json:"max_ms"`
}

type freeJSON struct {
	Scenario string  `json:"scenario"` // empty with library: all of them
	Library  string  `json:"library"`
	Latency  string  `json:"latency"`
	N        int     `json:"n"`
	D        float64 `json:"d"`
	P        float64 `json:"p"`
	Rejected bool    `json:"rejected"`
}

// An eventJSON is an event that disagrees. Its instants are milliseconds since the
// first fault of its recording.
type eventJSON struct {
	Recording   string    `json:"recording"`
	Event       string    `json:"event"` // as explanations name it
	Rule        string    `json:"rule,omitempty"`
	Predicted   []float64 `json:"predicted_ms,omitempty"` // the instant, or both ends of the interval
	Recorded    *float64  `json:"recorded_ms,omitempty"`
	WrongBucket bool      `json:"wrong_bucket,omitempty"`
	Explained   string    `json:"explained,omitempty"`
}

// eventJSON is an event with the reason for it, if there is one.
func (r *Report) eventJSON(c *Compared, x *Explanations) eventJSON {
	ms := func(at int64) float64 { return micro(float64(at-r.begins[c.Recording]) / 1e6) }
	e := eventJSON{Recording: c.Recording, Event: c.EventName(), Rule: c.Rule, WrongBucket: c.WrongBucket}
	if !c.Invented() {
		e.Predicted = []float64{ms(c.Predicted.Lo)}
		if c.Drawn {
			e.Predicted = append(e.Predicted, ms(c.Predicted.Hi))
		}
	}
	if !c.Missing() {
		recorded := ms(c.Recorded)
		e.Recorded = &recorded
	}
	if !c.Met() {
		e.Explained, _ = x.Covers(c)
	}
	return e
}

// WriteJSON writes a report and the rows of free replay as one object, with verbose
// also every event that disagrees.
func WriteJSON(w io.Writer, r *Report, free *FreeReport, x *Explanations, verbose bool) error {
	out := reportJSON{Recordings: r.Recordings, Fixed: shareJSON{r.FixedN, r.FixedInside}, Drawn: shareJSON{r.DrawnN, r.DrawnInside},
		WrongBucket: r.WrongBucket, Missing: r.Missing, Invented: r.Invented, Kinds: []kindJSON{}, Free: []freeJSON{},
		NotJudged: countsJSON(r.NotJudged), ServersAlone: countsJSON(r.ServersAlone), Unknown: countsJSON(r.Unknown)}
	for i := range r.Kinds {
		k := &r.Kinds[i]
		out.Kinds = append(out.Kinds, kindJSON{k.name(), k.N, k.Inside, micro(k.P50), micro(k.P95), micro(k.P99), micro(k.Max)})
	}
	for i := range free.Rows {
		f := &free.Rows[i]
		out.Free = append(out.Free, freeJSON{f.Scenario, f.Library, f.Latency, f.N, f.D, f.P, f.Rejected})
	}
	if verbose {
		for i := range r.Events {
			out.Events = append(out.Events, r.eventJSON(&r.Events[i], x))
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

// micro rounds milliseconds to whole microseconds.
func micro(ms float64) float64 {
	return math.Round(ms*float64(time.Millisecond/time.Microsecond)) / float64(time.Millisecond/time.Microsecond)
}
