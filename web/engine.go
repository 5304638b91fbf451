package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"zksim/sim"
)

// A method answers one kind of question.
type method struct {
	name string
	of   func(body []byte, interrupted func() bool) (any, error)
}

// methods lists every question that can be asked.
var methods = []method{
	{"scenarios", answer(scenarios)},
	{"run", answer(run)},
	{"shake", answer(shake)},
	{"why", answer(why)},
	{"nearest", answer(nearest)},
	{"libraries", answer(libraries)},
	{"timeline", answer(timeline)},
	{"rules", answer(rules)},
	{"rule", answer(rule)},
	{"lessons", answer(lessons)},
	{"lesson", answer(lesson)},
	{"judge", answer(judge)},
}

// Methods names the questions that [Call] answers.
func Methods() []string {
	var names []string
	for _, m := range methods {
		names = append(names, m.name)
	}
	return names
}

// Call answers a question: a method of [Methods] and its request in JSON. The answer is
// JSON too; where it is {"error": {...}}, see [Refusal]. Interrupted is asked every few
// thousand events and ends the work where it says so; nil means never.
func Call(name string, request []byte, interrupted func() bool) []byte {
	text, _ := call(name, request, interrupted)
	return text
}

// call is [Call], with the refusal beside its JSON.
func call(name string, request []byte, interrupted func() bool) (text []byte, refused *Refusal) {
	defer func() {
		if p := recover(); p != nil {
			refused = &Refusal{Kind: Broken, Message: fmt.Sprintf("this is a bug of zksim: please report it with the scenario. %s: %v", name, p), trace: stack()}
			text = refused.json()
		}
	}()
	value, err := ask(name, request, interrupted)
	if err == nil {
		text, err = json.Marshal(value)
	}
	if err != nil {
		refused = refusalOf(err)
		return refused.json(), refused
	}
	return text, nil
}

// stack is where a bug was met.
func stack() string {
	trace := make([]byte, 8<<10)
	return string(trace[:runtime.Stack(trace, false)])
}

func ask(name string, request []byte, interrupted func() bool) (any, error) {
	i := slices.IndexFunc(methods, func(m method) bool { return m.name == name })
	switch {
	case i < 0:
		return nil, &Refusal{Kind: Unknown, Message: fmt.Sprintf("no method %s; want one of %s", shown(name), strings.Join(Methods(), ", "))}
	case len(request) > MaxRequest:
		return nil, tooLarge
	case interrupted == nil:
		interrupted = func() bool { return false }
	}
	return methods[i].of(request, interrupted)
}

// answer reads a request of some type for a function that answers it.
func answer[Q, A any](of func(q *Q, w *work) (A, error)) func([]byte, func() bool) (any, error) {
	return func(body []byte, interrupted func() bool) (any, error) {
		q := new(Q)
		if err := decode(body, q); err != nil {
			return nil, err
		}
		return of(q, &work{interrupted: interrupted})
	}
}

// decode reads a request. Fields that are not known are an error: a slip of the pen must
// not be taken for a run without it.
func decode(body []byte, q any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(q)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("something behind the request")
		}
	}
	if err == nil {
		return nil
	}
	r := &Refusal{Kind: Unusable}
	var syntax *json.SyntaxError
	var typed *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		r.Line, r.Column = position(body, syntax.Offset)
		r.Message = fmt.Sprintf("the request is no JSON (%s)", err)
	case errors.As(err, &typed):
		r.Field = fieldOf(typed.Field)
		r.Line, r.Column = position(body, typed.Offset)
		r.Message = fmt.Sprintf("%s in the request: %s; want %s", r.Field, typed.Value, typed.Type)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		r.Message = "the request is empty or ends too early; want a JSON object"
	default:
		r.Message = "the request: " + strings.TrimPrefix(err.Error(), "json: ")
	}
	return r
}

// fieldOf is a field as a request names it, without the types that it lies in.
func fieldOf(path string) string {
	parts := strings.Split(path, ".")
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" || p[0] >= 'A' && p[0] <= 'Z' }), ".")
}

// position is the line and column of an offset, both from 1.
func position(text []byte, offset int64) (line, column int) {
	before := text[:min(int64(len(text)), max(offset-1, 0))]
	return bytes.Count(before, []byte("\n")) + 1, len(before) - bytes.LastIndexByte(before, '\n')
}

// work bounds what one question makes the engine do.
type work struct {
	interrupted func() bool
	events      uint64 // of the runs that are over
}

// play runs a world to its end, within the limits. Whether it reaches one depends on its
// events alone.
func (w *work) play(s *sim.Scenario, seed uint64, number uint32, sinks ...sim.Sink) (*sim.World, sim.Summary, error) {
	world, err := sim.New(s, seed, number, sinks...)
	if err != nil {
		return nil, sim.Summary{}, err
	}
	looks, cut := uint64(0), false
	sum, err := world.RunToEnd(func() bool {
		cut = looks*lookUpEvery >= maxEvents
		looks++
		return cut || w.events+looks*lookUpEvery > maxWork || w.interrupted()
	})
	w.events += sum.Events
	switch {
	case errors.Is(err, sim.ErrInterrupted) && cut:
		return nil, sum, &Refusal{Kind: Unusable, Field: "run", Message: fmt.Sprintf(
			"the run is too long for this page: after %d events it had come to %.3f s of %.3f s; want a shorter run, fewer clients or fewer requests; zksim run on the command line plays all of it",
			sum.Events, sum.End.Sub(0).Seconds(), s.Length.Seconds())}
	case errors.Is(err, sim.ErrInterrupted) && w.events >= maxWork-lookUpEvery:
		return nil, sum, &Refusal{Kind: Unusable, Field: "count", Message: fmt.Sprintf("too much for one question: %d events so far; want fewer runs at a time", w.events)}
	case errors.Is(err, sim.ErrInterrupted):
		return nil, sum, errInterrupted
	case sim.Broken(err) != "":
		return nil, sum, &Refusal{Kind: Broken, Message: err.Error() + ". This is a bug of zksim: please report it with the scenario"}
	case err != nil:
		return nil, sum, err
	}
	return world, sum, nil
}
