package conformance

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"
)

// DefaultTolerance is how far apart a predicted and a recorded instant may lie to
// count as inside: what threads on a busy machine take.
const DefaultTolerance = 25 * time.Millisecond

// A KindSummary is about all events of one kind that were predicted and recorded.
// Errors are absolute and in milliseconds.
type KindSummary struct {
	Kind          string
	Drawn         bool // predicted as intervals: errors are distances from them
	N, Inside     int
	P50, P95, P99 float64
	Max           float64
	Width         float64 // of the widest interval, ms
}

// A RuleCount says in how many recordings a rule is the first to disagree.
type RuleCount struct {
	Rule string
	N    int
}

// A Count is a name and how often it came.
type Count struct {
	Name string
	N    int
}

// A Report is what guided replay found over many recordings.
type Report struct {
	Recordings          int // judged
	NotJudged           []Count
	ServersAlone        []Count // judged without their clients, by library: the model has none like them
	Unknown             []Count // names in recordings that the reader does not know
	FixedN, FixedInside int
	DrawnN, DrawnInside int
	WrongBucket         int
	Missing, Invented   int
	Kinds               []KindSummary
	// Events are those that disagree: outside the tolerance, in a wrong bucket,
	// missing or invented; in the order of the recordings and of their instants.
	Events []Compared
	// Rules counts the rules of the first event that disagrees in each recording,
	// most often first: what follows from a wrong event is wrong as well.
	Rules []RuleCount
	// First is the first such event of the rule that comes first.
	First *Compared

	begins map[string]int64 // of recordings, ns
}

// Judges says whether a recording is among those judged.
func (r *Report) Judges(recording string) bool {
	_, ok := r.begins[recording]
	return ok
}

// Disagrees says whether an event counts against the model.
func (c *Compared) Disagrees(tolerance time.Duration) bool {
	if !c.Met() || c.WrongBucket {
		return true
	}
	e := c.Error()
	return e > int64(tolerance) || e < -int64(tolerance)
}

// NearRule is the rule of an event, or of its kind where nothing predicted it.
func (c *Compared) NearRule() string {
	if c.Rule != "" {
		return c.Rule
	}
	kind, _, _ := strings.Cut(c.Kind, " ")
	for i := range eventKinds {
		if eventKinds[i].Name == kind {
			return eventKinds[i].Rule
		}
	}
	return ""
}

// A Judge collects what guided replay finds, recording by recording.
type Judge struct {
	tolerance time.Duration
	wrong     wrong
	report    Report
	kinds     map[kindKey]int
	errors    [][]float64
	unjudged  map[string]int
	alone     map[string]int
	unknown   map[string]int
	rules     map[string]int
	firsts    []int // the first event that disagrees in each recording
	table     *eventTable
}

type kindKey struct {
	kind  string
	drawn bool
}

// NewJudge returns a judge with a tolerance.
func NewJudge(tolerance time.Duration) *Judge {
	return &Judge{tolerance: tolerance, kinds: map[kindKey]int{}, unjudged: map[string]int{}, alone: map[string]int{}, unknown: map[string]int{}, rules: map[string]int{},
		report: Report{begins: map[string]int64{}}}
}

// Add judges one recording. One that the model cannot play is counted, by its
// client or its fault.
func (j *Judge) Add(t *Trace) error {
	for _, u := range t.Unknown {
		j.count(&j.report.Unknown, j.unknown, u.What+" "+u.Name, u.Count)
	}
	if Judged(t) != nil {
		j.count(&j.report.NotJudged, j.unjudged, "incomplete", 1)
		return nil
	}
	g, err := guideWrong(t, j.wrong)
	if errors.Is(err, errContradiction) {
		j.count(&j.report.NotJudged, j.unjudged, "contradictory", 1)
		return nil
	}
	if err != nil {
		return err
	}
	r := &j.report
	r.Recordings++
	if _, library := ledLibraryOf(&t.Header.Client); library == nil && t.Header.Session != "many" {
		j.count(&r.ServersAlone, j.alone, clip(t.Header.Client.Library), 1)
	}
	r.begins[t.Header.ID] = t.Events[0].T
	if faults := t.Faults(); len(faults) > 0 && faults[0].At != Absent {
		r.begins[t.Header.ID] = faults[0].At
	}
	before := len(r.Events)
	for i := range g.Compared {
		j.add(&g.Compared[i])
	}
	if len(r.Events) > before {
		j.rules[r.Events[before].NearRule()]++
		j.firsts = append(j.firsts, before)
	}
	if j.table != nil {
		return j.table.add(t, r.begins[t.Header.ID], g.Compared)
	}
	return nil
}

func (j *Judge) count(counts *[]Count, index map[string]int, name string, n int) {
	i, ok := index[name]
	if !ok {
		i = len(*counts)
		index[name] = i
		*counts = append(*counts, Count{Name: name})
	}
	(*counts)[i].N += n
}

func (j *Judge) add(c *Compared) {
	r := &j.report
	disagrees := c.Disagrees(j.tolerance)
	if disagrees {
		r.Events = append(r.Events, *c)
	}
	switch {
	case c.Missing():
		r.Missing++
		return
	case c.Invented():
		r.Invented++
		return
	}
	if c.WrongBucket {
		r.WrongBucket++
	}
	n, inside := &r.FixedN, &r.FixedInside
	if c.Drawn {
		n, inside = &r.DrawnN, &r.DrawnInside
	}
	key := kindKey{c.Kind, c.Drawn}
	k, ok := j.kinds[key]
	if !ok {
		k = len(r.Kinds)
		j.kinds[key] = k
		r.Kinds = append(r.Kinds, KindSummary{Kind: c.Kind, Drawn: c.Drawn})
		j.errors = append(j.errors, nil)
	}
	*n++
	r.Kinds[k].N++
	if !disagrees {
		*inside++
		r.Kinds[k].Inside++
	}
	r.Kinds[k].Width = max(r.Kinds[k].Width, float64(c.Predicted.Hi-c.Predicted.Lo)/1e6)
	j.errors[k] = append(j.errors[k], float64(max(c.Error(), -c.Error()))/1e6)
}

// Report is what was found so far.
func (j *Judge) Report() *Report {
	r := j.report
	r.Kinds = slices.Clone(r.Kinds)
	for i := range r.Kinds {
		es := slices.Clone(j.errors[i])
		slices.Sort(es)
		k := &r.Kinds[i]
		k.P50, k.P95, k.P99, k.Max = quantile(es, 50), quantile(es, 95), quantile(es, 99), es[len(es)-1]
	}
	slices.SortStableFunc(r.Kinds, func(a, b KindSummary) int {
		return cmp.Or(cmp.Compare(kindOrder(a.Kind), kindOrder(b.Kind)), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Width, b.Width))
	})
	r.Rules = nil
	for _, rule := range sortedKeys(j.rules) {
		r.Rules = append(r.Rules, RuleCount{rule, j.rules[rule]})
	}
	slices.SortStableFunc(r.Rules, func(a, b RuleCount) int { return cmp.Compare(b.N, a.N) })
	slices.SortStableFunc(r.ServersAlone, func(a, b Count) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortStableFunc(r.NotJudged, func(a, b Count) int { return cmp.Compare(a.Name, b.Name) })
	r.First = nil
	for _, i := range j.firsts {
		if r.Events[i].NearRule() == r.Rules[0].Rule {
			r.First = &r.Events[i]
			break
		}
	}
	return &r
}

// quantile is the p-th percentile of sorted values: the smallest that p percent do
// not exceed.
func quantile(sorted []float64, p int) float64 {
	return sorted[max((len(sorted)*p+99)/100-1, 0)]
}

// kindOrder is the place of a kind in the table of kinds.
func kindOrder(kind string) int {
	kind, _, _ = strings.Cut(kind, " ")
	for i := range eventKinds {
		if eventKinds[i].Name == kind {
			return i
		}
	}
	return len(eventKinds)
}

func sortedKeys(m map[string]int) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// DrawnShare is the part of the drawn events inside their intervals, 1 if there
// are none.
func (r *Report) DrawnShare() float64 {
	if r.DrawnN == 0 {
		return 1
	}
	return float64(r.DrawnInside) / float64(r.DrawnN)
}

// Share is the part of the fixed events inside the tolerance, 1 if there are none.
func (r *Report) Share() float64 {
	if r.FixedN == 0 {
		return 1
	}
	return float64(r.FixedInside) / float64(r.FixedN)
}
