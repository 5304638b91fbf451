//go:build !js

package experiments

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"

	"zksim/sim"
)

// An expression is a condition or a value of a sweep: over the parameters of a point and,
// in an assertion, over its statistics. To the language of expr it adds what scenarios
// write: durations (4s, 1m30s), shares (5%), and paths (clients.worker.timeout). Durations
// stay durations: one plus a number, or compared with a number, is an error.
type expression struct {
	source  string
	program *vm.Program
	fixed   map[string]any    // names in the program that always mean the same
	params  map[string]string // names in the program by path
	stats   []statCall        // what it asks of a point's results
}

// A statCall is a statistic of a column, as in p99(detection).
type statCall struct {
	stat, column string
	name         string // in the program
}

// names is what the words of an expression can mean.
type names struct {
	params []string                        // paths that vary or are derived
	fixed  func(path string) (Given, bool) // what the scenario says, for other paths; may be nil
	stats  bool                            // statistics may be asked for
}

var (
	statName = regexp.MustCompile(`^(p[0-9]+(\.[0-9]+)?|mean|sd|min|max|n|share)$`)
	plainRef = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)+`)
)

// newExpression compiles an expression. The error says what is wrong with it.
func newExpression(source string, known names) (*expression, error) {
	e := &expression{source: source, fixed: map[string]any{}, params: map[string]string{}}
	text, err := e.translate(known)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", source, err)
	}
	// What a name is, is known when the expression is computed.
	env := types.Map{}
	for name := range e.fixed {
		env[name] = types.Any
	}
	for name := range e.params {
		env[name] = types.Any
	}
	for _, s := range e.stats {
		env[s.name] = types.Any
	}
	e.program, err = expr.Compile(text, append([]expr.Option{expr.Env(env), expr.AllowUndefinedVariables(), expr.Patch(&arithmetic{})}, functions...)...)
	if err == nil {
		err = onlyKnown(e.program, env)
	}
	if err != nil {
		return nil, fmt.Errorf("%q: %s", source, e.plain(err))
	}
	return e, nil
}

// onlyKnown refuses names that mean nothing.
func onlyKnown(p *vm.Program, env types.Map) error {
	v := &nameCheck{env: env}
	node := p.Node()
	ast.Walk(&node, v)
	if v.unknown != "" {
		return fmt.Errorf("unknown name %s", v.unknown)
	}
	return nil
}

type nameCheck struct {
	env     types.Map
	unknown string
}

// Visit implements [ast.Visitor].
func (v *nameCheck) Visit(node *ast.Node) {
	if id, ok := (*node).(*ast.IdentifierNode); ok && v.unknown == "" {
		if _, known := v.env[id.Value]; !known && !slices.Contains(functionNames, id.Value) {
			v.unknown = id.Value
		}
	}
}

// plain gives the first line of expr's message, in the user's words.
func (e *expression) plain(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	for name, path := range e.params {
		line = strings.ReplaceAll(line, name, path)
	}
	return regexp.MustCompile(` \(1:[0-9]+\)$`).ReplaceAllString(line, "")
}

// translate writes the expression as expr reads it.
func (e *expression) translate(known names) (string, error) {
	var out strings.Builder
	byLength := slices.Clone(known.params)
	slices.SortFunc(byLength, func(a, b string) int { return len(b) - len(a) })
	s := e.source
	for i := 0; i < len(s); {
		rest := s[i:]
		switch c := s[i]; {
		case c == '"' || c == '\'':
			end := strings.IndexByte(rest[1:], c)
			if end < 0 {
				return "", fmt.Errorf("a quote that is not closed")
			}
			out.WriteString(rest[:end+2])
			i += end + 2
		case c >= '0' && c <= '9':
			n, err := e.literal(rest, &out)
			if err != nil {
				return "", err
			}
			i += n
		case isLetter(c):
			n, err := e.word(rest, byLength, known, &out)
			if err != nil {
				return "", err
			}
			i += n
		default:
			out.WriteByte(c)
			i++
		}
	}
	return out.String(), nil
}

func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// literal translates a number, a duration or a percentage.
func (e *expression) literal(rest string, out *strings.Builder) (int, error) {
	n := 0
	for n < len(rest) && (isDigit(rest[n]) || rest[n] == '.' || isLetter(rest[n])) {
		n++
	}
	word := rest[:n]
	if _, err := strconv.ParseFloat(word, 64); err == nil {
		if strings.HasPrefix(rest[n:], "%") {
			after := strings.TrimLeft(rest[n+1:], " ")
			if after == "" || !isDigit(after[0]) && !isLetter(after[0]) && after[0] != '(' {
				p, _ := strconv.ParseFloat(word, 64)
				e.name(p/100, out)
				return n + 1, nil
			}
		}
		out.WriteString(word)
		return n, nil
	}
	d, err := sim.ParseDuration(word)
	if err != nil {
		return 0, err
	}
	e.name(d, out)
	return n, nil
}

// name puts a value behind a name.
func (e *expression) name(v any, out *strings.Builder) {
	name := fmt.Sprintf("_c%d", len(e.fixed))
	e.fixed[name] = v
	out.WriteString(name)
}

// word translates a path, a statistic, or leaves a word of expr alone.
func (e *expression) word(rest string, byLength []string, known names, out *strings.Builder) (int, error) {
	for _, path := range byLength {
		if after, ok := strings.CutPrefix(rest, path); ok && (after == "" || !isLetter(after[0]) && !isDigit(after[0]) && after[0] != '.') {
			name := fmt.Sprintf("_p%d", slices.Index(known.params, path))
			e.params[name] = path
			out.WriteString(name)
			return len(path), nil
		}
	}
	n := 0
	for n < len(rest) && (isLetter(rest[n]) || isDigit(rest[n])) {
		n++
	}
	word := rest[:n]
	if word[0] == 'p' && n < len(rest) && rest[n] == '.' { // p99.9
		k := n + 1
		for k < len(rest) && isDigit(rest[k]) {
			k++
		}
		if statName.MatchString(rest[:k]) {
			n, word = k, rest[:k]
		}
	}
	if known.stats && statName.MatchString(word) {
		if open := strings.TrimLeft(rest[n:], " "); strings.HasPrefix(open, "(") {
			column, _, closed := strings.Cut(open[1:], ")")
			if !closed {
				return 0, fmt.Errorf("%s( is not closed", word)
			}
			call := statCall{stat: word, column: strings.TrimSpace(column), name: fmt.Sprintf("_s%d", len(e.stats))}
			e.stats = append(e.stats, call)
			out.WriteString(call.name)
			return n + (len(rest[n:]) - len(open)) + 1 + len(column) + 1, nil
		}
	}
	if ref := plainRef.FindString(rest); ref != "" {
		if known.fixed != nil {
			if g, ok := known.fixed(ref); ok {
				e.name(g.any(), out)
				return len(ref), nil
			}
		}
		want := strings.Join(known.params, ", ")
		if want == "" {
			want = "nothing: no parameter varies"
		}
		return 0, fmt.Errorf("unknown %s; want a parameter that varies (%s), or a key that the scenario writes", ref, want)
	}
	out.WriteString(word)
	return n, nil
}

// eval computes the expression for a point. The statistics are asked for by name.
func (e *expression) eval(given func(path string) Given, stat func(statCall) (any, error)) (any, error) {
	env := make(map[string]any, len(e.fixed)+len(e.params)+len(e.stats))
	for name, v := range e.fixed {
		env[name] = v
	}
	for name, path := range e.params {
		env[name] = given(path).any()
	}
	for _, s := range e.stats {
		v, err := stat(s)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", e.source, err)
		}
		env[s.name] = v
	}
	v, err := expr.Run(e.program, env)
	if err != nil {
		return nil, fmt.Errorf("%q: %s", e.source, e.plain(err))
	}
	return v, nil
}

// holds computes a condition.
func (e *expression) holds(given func(path string) Given, stat func(statCall) (any, error)) (bool, error) {
	v, err := e.eval(given, stat)
	if err != nil {
		return false, err
	}
	yes, ok := v.(bool)
	if !ok {
		return false, fmt.Errorf("%q: %v is no condition; want one that is true or false, as in a < b", e.source, v)
	}
	return yes, nil
}

// result writes the value of an expression as a scenario takes it.
func (e *expression) result(given func(path string) Given) (Given, error) {
	v, err := e.eval(given, nil)
	if err != nil {
		return Given{}, err
	}
	switch v := v.(type) {
	case time.Duration:
		return giveDuration(v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Given{}, fmt.Errorf("%q: not a number", e.source)
		}
		return giveNumber(v), nil
	case int:
		return giveNumber(float64(v)), nil
	case string:
		return give(v), nil
	case bool:
		return give(strconv.FormatBool(v)), nil
	}
	return Given{}, fmt.Errorf("%q: gives no value that a scenario takes (%v)", e.source, v)
}

// arithmetic replaces operators that expr does not have for durations.
type arithmetic struct{}

// Visit implements [ast.Visitor].
func (*arithmetic) Visit(node *ast.Node) {
	b, ok := (*node).(*ast.BinaryNode)
	if !ok {
		return
	}
	call := map[string]string{"*": "_times", "/": "_over"}[b.Operator]
	if call != "" {
		ast.Patch(node, &ast.CallNode{Callee: &ast.IdentifierNode{Value: call}, Arguments: []ast.Node{b.Left, b.Right}})
	}
}

var functionNames = []string{"_times", "_over", "round", "floor", "ceil", "min", "max"}

// functions are what an expression can call: arithmetic with durations.
var functions = []expr.Option{
	expr.DisableBuiltin("round"), expr.DisableBuiltin("floor"), expr.DisableBuiltin("ceil"), expr.DisableBuiltin("min"), expr.DisableBuiltin("max"),
	expr.Function("_times", func(a ...any) (any, error) { return times(a[0], a[1]) }),
	expr.Function("_over", func(a ...any) (any, error) { return over(a[0], a[1]) }),
	expr.Function("round", func(a ...any) (any, error) { return toUnit(math.RoundToEven, a) }),
	expr.Function("floor", func(a ...any) (any, error) { return toUnit(math.Floor, a) }),
	expr.Function("ceil", func(a ...any) (any, error) { return toUnit(math.Ceil, a) }),
	expr.Function("min", func(a ...any) (any, error) { return extreme(-1, a) }),
	expr.Function("max", func(a ...any) (any, error) { return extreme(1, a) }),
}

// numeric takes a value apart.
func numeric(v any) (x float64, isDuration bool, err error) {
	switch v := v.(type) {
	case time.Duration:
		return float64(v), true, nil
	case float64:
		return v, false, nil
	case int:
		return float64(v), false, nil
	}
	return 0, false, fmt.Errorf("%v is neither a number nor a duration", v)
}

// made puts it together again; durations are whole microseconds.
func made(x float64, isDuration bool) (any, error) {
	if !isDuration {
		return x, nil
	}
	if math.IsNaN(x) || math.Abs(x) > math.MaxInt64/2 {
		return nil, fmt.Errorf("not a duration (%g ns)", x)
	}
	return time.Duration(math.RoundToEven(x/1000)) * time.Microsecond, nil
}

func times(a, b any) (any, error) {
	x, dx, err := numeric(a)
	if err != nil {
		return nil, err
	}
	y, dy, err := numeric(b)
	switch {
	case err != nil:
		return nil, err
	case dx && dy:
		return nil, fmt.Errorf("a duration times a duration (%v * %v); want a number", a, b)
	}
	return made(x*y, dx || dy)
}

func over(a, b any) (any, error) {
	x, dx, err := numeric(a)
	if err != nil {
		return nil, err
	}
	y, dy, err := numeric(b)
	switch {
	case err != nil:
		return nil, err
	case dy && !dx:
		return nil, fmt.Errorf("a number over a duration (%v / %v)", a, b)
	case y == 0:
		return nil, fmt.Errorf("division by zero (%v / %v)", a, b)
	}
	return made(x/y, dx && !dy)
}

// toUnit rounds to a multiple of its second argument; of 1 for numbers alone.
func toUnit(how func(float64) float64, a []any) (any, error) {
	if len(a) == 1 {
		a = append(a, 1.0)
	}
	if len(a) != 2 {
		return nil, fmt.Errorf("%d arguments; want a value and what it shall be a multiple of", len(a))
	}
	x, dx, err := numeric(a[0])
	if err != nil {
		return nil, err
	}
	u, du, err := numeric(a[1])
	switch {
	case err != nil:
		return nil, err
	case dx != du || u <= 0:
		return nil, fmt.Errorf("%v is no unit of %v; want one as in round(x, 1ms)", a[1], a[0])
	}
	return made(how(x/u)*u, dx)
}

func extreme(sign float64, a []any) (any, error) {
	if len(a) == 0 {
		return nil, fmt.Errorf("no arguments")
	}
	best, isDuration, err := numeric(a[0])
	if err != nil {
		return nil, err
	}
	for _, v := range a[1:] {
		x, d, err := numeric(v)
		switch {
		case err != nil:
			return nil, err
		case d != isDuration:
			return nil, fmt.Errorf("a duration beside a number (%v, %v)", a[0], v)
		case sign*x > sign*best:
			best = x
		}
	}
	return made(best, isDuration)
}
