package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"zksim/sim"
)

// Kinds of refusals.
const (
	Unusable    = "unusable"    // the question cannot be answered as it is
	Unknown     = "unknown"     // there is no such method
	Large       = "large"       // the question is too large
	Busy        = "busy"        // too many questions at once
	Foreign     = "foreign"     // it does not come from the page
	Interrupted = "interrupted" // whoever asked is gone, or it took too long
	Broken      = "broken"      // a bug
)

// A Refusal is why a question was not answered: {"error": {...}} in JSON.
type Refusal struct {
	Kind    string `json:"kind"`
	Message string `json:"message"` // what was read and what would be right
	// Line and Column are where, from 1: in the scenario, or in the request if there is no
	// Field of a scenario. Zero where there is none.
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Field  string `json:"field,omitempty"` // in the scenario as --set names it, or in the request
	// More are further problems of the same scenario.
	More []Refusal `json:"more,omitempty"`

	trace string
}

// Error implements error.
func (r *Refusal) Error() string { return r.Message }

func (r *Refusal) json() []byte {
	text, _ := json.Marshal(map[string]*Refusal{"error": r})
	return text
}

var (
	tooLarge       = &Refusal{Kind: Large, Message: fmt.Sprintf("the question is larger than %d bytes; a scenario is a short text", MaxRequest)}
	errInterrupted = &Refusal{Kind: Interrupted, Message: "interrupted"}
)

func unusable(field, format string, args ...any) *Refusal {
	return &Refusal{Kind: Unusable, Field: field, Message: fmt.Sprintf(format, args...)}
}

// mostProblems bounds how many problems of one scenario are told.
const mostProblems = 20

// refusalOf is an error as the page takes it.
func refusalOf(err error) *Refusal {
	var r *Refusal
	var many sim.ScenarioErrors
	var one *sim.ScenarioError
	switch {
	case errors.As(err, &r):
		return r
	case errors.As(err, &many) && len(many) > 0:
		r = refusalOf(many[0])
		for i, e := range many[1:] {
			if i == mostProblems {
				r.More = append(r.More, *unusable("", "and %d more", len(many)-1-i))
				break
			}
			r.More = append(r.More, *refusalOf(e))
		}
		return r
	case errors.As(err, &one):
		r = &Refusal{Kind: Unusable, Field: one.Path, Line: one.Line, Message: one.Problem}
		where := one.Path
		switch {
		case one.Line > 0 && one.Path != "":
			where = fmt.Sprintf("line %d, %s", one.Line, one.Path)
		case one.Line > 0:
			where = fmt.Sprintf("line %d", one.Line)
		case strings.HasPrefix(one.File, "--set"): // a change that the page made
			where = strings.TrimPrefix(one.File, "--set ")
		}
		if where != "" {
			r.Message = where + ": " + one.Problem
		}
		return r
	}
	return unusable("", "%s", err)
}

// shown is what somebody wrote, shortened, for messages.
func shown(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "..."
	}
	return strconv.Quote(s)
}
