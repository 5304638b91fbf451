package sim

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// scalar gives the text of a value that is one word or line, or complains.
func (r *reader) scalar(v value, want string) (string, bool) {
	if v.node.Kind != yaml.ScalarNode || v.node.ShortTag() == "!!null" {
		r.refuse(v, "not %s (%s); want %s", strings.SplitN(want, ",", 2)[0], v.shown(), want)
		return "", false
	}
	return v.node.Value, true
}

// text reads a string. What YAML takes for something else must be in quotes, so
// that the file means the same to every other reader.
func (r *reader) text(v value, t *string) {
	s, ok := r.scalar(v, "text")
	if !ok {
		return
	}
	if v.node.ShortTag() != "!!str" {
		r.refuse(v, "not text to YAML (%s); want it in quotes", v.shown())
		return
	}
	*t = s
}

// release reads a version, whose digits alone may look like a number.
func (r *reader) release(v value, t *string) {
	if s, ok := r.scalar(v, "a version, as in 3.9.2"); ok {
		*t = s
	}
}

func (r *reader) seed(v value, t *uint64) {
	s, ok := r.scalar(v, "a whole number")
	if !ok {
		return
	}
	n, err := strconv.ParseUint(s, 0, 64)
	if err != nil || v.node.ShortTag() != "!!int" {
		r.refuse(v, "not a seed (%s); want a whole number from 0 to %d", v.shown(), uint64(math.MaxUint64))
		return
	}
	*t = n
}

func (r *reader) integer64(v value, t *int64) {
	s, ok := r.scalar(v, "a whole number")
	if !ok {
		return
	}
	n, err := strconv.ParseInt(s, 0, 64)
	if err != nil || v.node.ShortTag() != "!!int" || n < math.MinInt32 || n > math.MaxInt32 {
		r.refuse(v, "not a whole number of this size (%s); want one between %d and %d", v.shown(), math.MinInt32, math.MaxInt32)
		return
	}
	*t = n
}

func (r *reader) integer(v value, t *int) {
	n := int64(*t)
	r.integer64(v, &n)
	*t = int(n)
}

const wantDuration = "a duration, as in 10s or 1.5ms"

func (r *reader) duration(v value, t *time.Duration) {
	s, ok := r.scalar(v, wantDuration)
	if !ok {
		return
	}
	d, problem := parseDuration(s)
	if problem != "" {
		r.refuse(v, "%s", problem)
		return
	}
	*t = d
}

func (r *reader) optionalDuration(v value, t **time.Duration) {
	var d time.Duration
	r.duration(v, &d)
	*t = &d
}

// parseDuration reads a duration in Go's syntax, which may begin with days:
// 1d12h. It returns what is wrong, or "".
func parseDuration(s string) (d time.Duration, problem string) {
	shown := shorten(s)
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return 0, "a duration without a unit (" + shown + "); write " + shown + "s or " + shown + "ms"
	}
	wrong := "not a duration (" + shown + "); want numbers with the units ns, us, ms, s, m, h or d, as in 10s or 1m30s"
	rest := s
	if days, after, ok := strings.Cut(s, "d"); ok {
		// A day is 24 hours: there are no calendars here.
		hours, err := time.ParseDuration(days + "h")
		if err != nil || strings.ContainsAny(days, "hmsun") || hours > math.MaxInt64/24 || hours < math.MinInt64/24 {
			return 0, wrong
		}
		d, rest = 24*hours, after
		if rest == "" {
			return d, ""
		}
		if strings.ContainsAny(rest[:1], "+-") {
			return 0, wrong
		}
	}
	other, err := time.ParseDuration(rest)
	if err != nil {
		return 0, wrong
	}
	if strings.HasPrefix(s, "-") && rest != s {
		other = -other
	}
	sum := d + other
	if (sum > d) != (other > 0) && other != 0 {
		return 0, wrong
	}
	return sum, ""
}

// ParseDuration reads a duration as a scenario writes it: Go's syntax, which may begin
// with days, as in 1d12h. The error says what would be right.
func ParseDuration(s string) (time.Duration, error) {
	d, problem := parseDuration(s)
	if problem != "" {
		return 0, errors.New(problem)
	}
	return d, nil
}

// BriefDuration writes a duration as a scenario does: 2m, not 2m0s.
func BriefDuration(d time.Duration) string { return brief(d) }

// brief writes a duration without the zeros that Go puts behind it: 2m, not
// 2m0s.
func brief(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// probability reads 5% or 0.05. The check looks at the range.
func (r *reader) probability(v value, t *float64) {
	s, ok := r.scalar(v, "a probability, as in 5% or 0.05")
	if !ok {
		return
	}
	digits, percent := strings.CutSuffix(s, "%")
	p, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if err != nil || math.IsNaN(p) {
		r.refuse(v, "not a probability (%s); want one as in 5%% or 0.05", v.shown())
		return
	}
	if percent {
		p /= 100
	}
	*t = p
}

// choice reads one of two phrases into whether it is the second.
func (r *reader) choice(v value, t *bool, no, yes string) {
	s, ok := r.scalar(v, no+" or "+yes)
	switch {
	case !ok:
	case s == no, s == yes:
		*t = s == yes
	default:
		r.refuse(v, "unknown choice (%s); want %s or %s", v.shown(), no, yes)
	}
}

func (r *reader) trigger(v value, t *Trigger) {
	s, ok := r.scalar(v, "an event, one of "+strings.Join(triggerNames(), ", "))
	if !ok {
		return
	}
	for i := range Triggers {
		if Triggers[i].Name == s {
			*t = Triggers[i].Trigger
			return
		}
	}
	hint := ""
	if near := nearest(s, triggerNames()); near != "" {
		hint = "did you mean " + near + "? "
	}
	r.refuse(v, "unknown event (%s); %swant one of %s", v.shown(), hint, strings.Join(triggerNames(), ", "))
}

// items are the members of a list.
func (r *reader) items(v value, want string) []value {
	if v.node.Kind != yaml.SequenceNode || len(v.node.Content) == 0 {
		shown := v.shown()
		if v.node.Kind == yaml.SequenceNode {
			shown = "an empty one"
		}
		r.refuse(v, "no list (%s); want %s", shown, want)
		return nil
	}
	items := make([]value, len(v.node.Content))
	for i, n := range v.node.Content {
		items[i] = value{node: n, path: v.inner(strconv.Itoa(i)), line: n.Line}
		r.lines[items[i].path] = n.Line
	}
	return items
}

func (r *reader) serverIDs(v value, t *[]int) {
	for _, item := range r.items(v, "server IDs, as in [1, 2, 3]") {
		before := len(r.errs)
		id := 0
		if r.integer(item, &id); len(r.errs) > before {
			r.spoiled[v.path] = true
			continue
		}
		*t = append(*t, id)
	}
}

// names reads a name or a list of names.
func (r *reader) names(v value, t *[]string) {
	if v.node.Kind == yaml.ScalarNode {
		name := ""
		if r.text(v, &name); name != "" {
			*t = append(*t, name)
		} else if !r.spoiled[v.path] {
			r.refuse(v, "no name; want a node or a group")
		}
		return
	}
	for _, item := range r.items(v, "a node, a group, or a list of them") {
		name := ""
		if r.text(item, &name); name == "" {
			if !r.spoiled[item.path] {
				r.refuse(item, "no name; want a node or a group")
			}
			r.spoiled[v.path] = true
			continue
		}
		*t = append(*t, name)
	}
}

// keyNames lists keys for a message.
func keyNames(rows []keyRow) string {
	names := make([]string, len(rows))
	for i := range rows {
		names[i] = rows[i].name
	}
	return strings.Join(names, ", ")
}

// nearest is the candidate that a misspelt word was probably meant to be, or "".
func nearest(word string, candidates []string) string {
	if len(word) > 40 {
		return ""
	}
	best, least := "", max(1, len(word)/3)+1
	for _, c := range candidates {
		if d := editDistance(strings.ToLower(word), strings.ToLower(c)); d < least {
			best, least = c, d
		}
	}
	return best
}

// editDistance counts the insertions, deletions, replacements and swaps of
// neighbours that lead from one word to another.
func editDistance(a, b string) int {
	var before []int // the row before the last
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

// wording puts an error of the form "what: want other" into the form of this
// file's messages.
func wording(err error) string {
	s := err.Error()
	if cut := strings.LastIndex(s, ": want"); cut >= 0 {
		s = s[:cut] + ";" + s[cut+1:]
	}
	return s
}

// wanted says in a few words what a key takes.
func (k *keyRow) wanted() string {
	switch k.form {
	case formText:
		return "text"
	case formRelease:
		return "a version, as in 3.9.2"
	case formSeed, formInteger:
		return "a whole number"
	case formDuration, formStep:
		return wantDuration
	case formLaw:
		return wantLaw
	case formProbability:
		return "a probability, as in 5% or 0.05"
	case formChoice:
		return "one of " + strings.Join(k.choices(), ", ")
	case formServerIDs:
		return "a list of server IDs, as in [1, 2, 3]"
	case formNames, formStruck:
		return "a node or a group, or a list of them"
	case formNamed:
		return "names, each with its keys"
	case formList:
		return "a list"
	}
	return "a mapping with the keys " + keyNames(k.keys())
}
