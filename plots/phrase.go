package plots

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"zksim/experiments"
)

// A phrase says in words what a column measures.
type phrase struct {
	noun  string // as in "mean ..." and "...: half within 3 s"
	event string // as in "share of runs ...": those in which it happened, or that have a 1
}

// phrases are by metric and, of several columns of one, by which it is.
var phrases = map[string]phrase{
	"detection marked":    {"detection", "in which the session is expired"},
	"detection committed": {"detection until the commit", "in which the session’s end is committed"},

	"notice":         {"time until Disconnected", "in which the client is told Disconnected"},
	"notice warning": {"warning before the expiry", "with a warning before the expiry"},

	"connecting":          {"time until connected", "in which the client gets a session"},
	"connecting attempts": {"number of attempts to connect", "in which the client gets a session"},

	"learning since_fault":  {"time from the fault to Expired", "in which the client is told Expired"},
	"learning since_heal":   {"time from the heal to Expired", "in which the client is told Expired"},
	"learning since_expiry": {"time from the expiry to Expired", "in which the client is told Expired"},

	"gap": {"knowledge gap", "with a knowledge gap"},

	"zombie waits": {"zombie time of one that waits for Expired", "with a zombie that waits for Expired"},
	"zombie stops": {"zombie time of one that stops on Disconnected", "with a zombie that stops on Disconnected"},

	"orphan": {"orphan time", "with an orphaned session"},

	"overlap":          {"time with two owners", "with two owners at once"},
	"overlap believed": {"time with two who believe to own", "with two at once who believe to own"},
	"overlap times":    {"number of times with two owners", "with two owners at once"},

	"vacancy":         {"time without an owner", "with a time without an owner"},
	"vacancy longest": {"longest time without an owner", "with a time without an owner"},
	"vacancy held":    {"time without an owner, a node in first place", "with a time without an owner"},
	"vacancy times":   {"number of times without an owner", "with a time without an owner"},

	"needless":          {"needless expiry", "with a needless expiry"},
	"needless returned": {"needless expiry of a client that returned", "with a needless expiry of a client that returned"},

	"survival":        {"survival", "in which the session survives"},
	"survival margin": {"margin before the deadline", "with a margin before the deadline"},

	"detector t_d":       {"time until a crash is suspected", "in which the client dies and is suspected"},
	"detector t_m":       {"duration of a mistake", "with a mistake"},
	"detector t_mr":      {"time between mistakes", "with several mistakes"},
	"detector lambda_m":  {"rate of mistakes", "in which it is known"},
	"detector p_a":       {"share of life in which a client is trusted", "in which it is known"},
	"detector mistakes":  {"number of mistakes", "in which it is known"},
	"detector alive":     {"life since the first session", "in which it is known"},
	"detector suspected": {"time in suspicion", "in which it is known"},
}

// phraseOf gives the words for a column, with the client's name where there are several.
func phraseOf(c *experiments.Column) phrase {
	metric, client, what := c.Parts()
	p, ok := phrases[strings.TrimSpace(metric+" "+what)]
	if by, seen := strings.CutPrefix(what, "seen_by_"); seen {
		p, ok = phrase{"time until " + by + " sees the node go", "in which " + by + " sees the node go"}, true
	}
	if !ok {
		return phrase{c.Name, "with " + c.Name}
	}
	if client != "" {
		p.noun += " (" + client + ")"
		p.event += " (" + client + ")"
	}
	return p
}

// capital begins a sentence.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// shareName says of which share a number is.
func (u *quantity) shareName() string {
	if u.event == "" {
		return capital(u.noun)
	}
	return "Share of runs " + u.event
}
