package teach

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An expression is a computation over what a run has to tell, as lessons write it:
//
//	marked            a name of the table in lesson_names.go, of the client whose story it is
//	other.marked      of another client, or of an earlier round of the lesson
//	touch + timeout   + - * / < <= > >= == != and or not, with parentheses
//	2 s, 250 ms, 3    lengths of time and numbers
//	happens(x)        whether an instant came within the run
//	near(a, b)        whether two are as close as the question counts as right
//	first(a, b)       in an answer to a question of order: whether a was put before b
//	least(x), most(x), mean(x), share(x), quantile(99, x)    over all runs of the round
//	guess             what was answered
type expression struct {
	text string
	root node
}

// A node is a part of an expression.
type node interface {
	eval(*scope) (value, error)
	// visit shows itself and all its parts.
	visit(func(node))
}

type (
	literal  struct{ v value }
	nameNode struct{ name string }
	unary    struct {
		op string
		x  node
	}
	binary struct {
		op   string
		a, b node
	}
	call struct {
		name string
		args []node
	}
)

func (n literal) visit(f func(node))  { f(n) }
func (n nameNode) visit(f func(node)) { f(n) }
func (n unary) visit(f func(node))    { f(n); n.x.visit(f) }
func (n binary) visit(f func(node))   { f(n); n.a.visit(f); n.b.visit(f) }
func (n call) visit(f func(node)) {
	f(n)
	for _, arg := range n.args {
		arg.visit(f)
	}
}

// functions are the calls that there are, with how many arguments each takes.
var functions = map[string]int{"happens": 1, "near": 2, "first": 2, "least": 1, "most": 1, "mean": 1, "share": 1, "quantile": 2}

// parseExpression reads an expression. Names are checked when it is computed.
func parseExpression(text string) (*expression, error) {
	p := &parser{rest: text}
	p.next()
	root := p.either()
	if p.err == nil && p.token != "" {
		p.fail("%q after the end of the expression", p.token)
	}
	if p.err != nil {
		return nil, fmt.Errorf("%q: %w", text, p.err)
	}
	return &expression{text: text, root: root}, nil
}

func (e *expression) eval(s *scope) (value, error) {
	v, err := e.root.eval(s)
	if err != nil {
		return v, fmt.Errorf("%q: %w", e.text, err)
	}
	return v, nil
}

// A parser reads by recursive descent. The first error stays.
type parser struct {
	rest  string
	token string // the next one; empty at the end
	depth int
	err   error
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
	p.token, p.rest = "", ""
}

// next takes the token that comes next: a word, a number, or a sign.
func (p *parser) next() {
	p.rest = strings.TrimLeft(p.rest, " \n\t")
	word := func(r rune) bool { return r == '_' || r == '.' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	n := strings.IndexFunc(p.rest, func(r rune) bool { return !word(r) })
	switch {
	case p.rest == "":
	case n < 0:
		n = len(p.rest)
	case n > 0:
	case len(p.rest) > 1 && strings.Contains("<= >= == !=", p.rest[:2]):
		n = 2
	default:
		_, n = utf8.DecodeRuneInString(p.rest)
	}
	p.token, p.rest = p.rest[:max(n, 0)], p.rest[max(n, 0):]
}

func (p *parser) take(tokens ...string) string {
	for _, t := range tokens {
		if p.token == t && t != "" {
			p.next()
			return t
		}
	}
	return ""
}

// chain reads operands joined by operators of one rank.
func (p *parser) chain(operand func() node, operators ...string) node {
	n := operand()
	for {
		op := p.take(operators...)
		if op == "" {
			return n
		}
		n = binary{op, n, operand()}
	}
}

func (p *parser) either() node { return p.chain(p.both, "or") }
func (p *parser) both() node   { return p.chain(p.negated, "and") }

func (p *parser) negated() node {
	if p.take("not") != "" {
		return unary{"not", p.compared()}
	}
	return p.compared()
}

func (p *parser) compared() node { return p.chain(p.sum, "<=", ">=", "==", "!=", "<", ">") }
func (p *parser) sum() node      { return p.chain(p.term, "+", "-") }
func (p *parser) term() node     { return p.chain(p.factor, "*", "/") }

func (p *parser) factor() node {
	if p.depth++; p.depth > 50 {
		p.fail("too deep")
	}
	defer func() { p.depth-- }()
	token := p.token
	switch {
	case p.take("-") != "":
		return unary{"-", p.factor()}
	case p.take("(") != "":
		n := p.either()
		p.close()
		return n
	case token == "":
		p.fail("it ends where a name or a number is wanted")
	case unicode.IsDigit(rune(token[0])):
		return p.number()
	case !unicode.IsLetter(rune(token[0])):
		p.fail("%q where a name or a number is wanted", token)
	default:
		p.next()
		if p.take("(") != "" {
			return p.call(token)
		}
		return nameNode{token}
	}
	return literal{}
}

func (p *parser) close() {
	if p.take(")") == "" {
		p.fail("a parenthesis is not closed")
	}
}

// number reads a number, and its unit if it has one.
func (p *parser) number() node {
	n, err := strconv.ParseFloat(p.token, 64)
	if err != nil {
		p.fail("%q is no number; write 2 s, 250 ms or 3", p.token)
		return literal{}
	}
	p.next()
	v := value{kind: number, n: n, exact: true, known: true}
	switch p.take("ms", "s") {
	case "ms":
		v.kind = length
	case "s":
		v.kind, v.n = length, 1000*n
	}
	return literal{v}
}

func (p *parser) call(name string) node {
	n := call{name: name}
	want, ok := functions[name]
	if !ok {
		p.fail("unknown function %s", name)
		return n
	}
	for len(n.args) < want {
		if len(n.args) > 0 && p.take(",") == "" {
			p.fail("%s wants %d arguments", name, want)
			return n
		}
		n.args = append(n.args, p.either())
	}
	p.close()
	return n
}

// aggregates says whether the call is computed over all runs of a round.
func (n call) aggregates() bool {
	return slices.Contains([]string{"least", "most", "mean", "share", "quantile"}, n.name)
}

func (n literal) eval(*scope) (value, error)    { return n.v, nil }
func (n nameNode) eval(s *scope) (value, error) { return s.name(n.name) }

func (n unary) eval(s *scope) (value, error) {
	v, err := n.x.eval(s)
	switch {
	case err != nil:
	case n.op == "not" && v.kind == yesNo:
		v.yes = !v.yes
	case n.op == "-" && v.kind < yesNo:
		if v.n = -v.n; v.kind == instant {
			v.kind = length // how long before the first fault
		}
	default:
		err = fmt.Errorf("%s before %s", n.op, v.kind)
	}
	return v, err
}

func (n binary) eval(s *scope) (value, error) {
	a, err := n.a.eval(s)
	if err != nil {
		return a, err
	}
	if logical := n.op == "and" || n.op == "or"; logical && a.kind != yesNo {
		return a, fmt.Errorf("%s after %s", n.op, a.kind)
	} else if logical && a.yes == (n.op == "or") {
		return a, nil
	}
	b, err := n.b.eval(s)
	switch {
	case err != nil:
		return b, err
	case n.op != "and" && n.op != "or":
		return combine(n.op, a, b)
	case b.kind != yesNo:
		return b, fmt.Errorf("%s before %s", n.op, b.kind)
	}
	b.known = a.known && b.known
	return b, nil
}

func (n call) eval(s *scope) (value, error) {
	switch n.name {
	case "first":
		a, aOK := n.args[0].(nameNode)
		b, bOK := n.args[1].(nameNode)
		if !aOK || !bOK {
			return value{}, fmt.Errorf("first wants the names of two options")
		}
		return s.before(a.name, b.name)
	}
	if n.aggregates() {
		return s.aggregate(n)
	}
	args := make([]value, len(n.args))
	for i, arg := range n.args {
		v, err := arg.eval(s)
		if err != nil {
			return v, err
		}
		args[i] = v
	}
	if n.name == "happens" {
		return truth(!args[0].never(), args[0].known), nil
	}
	return s.near(args[0], args[1])
}
