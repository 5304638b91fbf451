package docs

// Exclusion is a rule, or part of one, that the model leaves out.
type Exclusion struct {
	Rule   string
	Reason string // one sentence
}

// outOfScope lists the rules the model does not follow, in document order.
var outOfScope = []Exclusion{}

// inScopeInPart lists the rules the model follows except for the part the reason names.
var inScopeInPart = []Exclusion{
	{"F-22", "Roles change; no server is added to the ensemble or taken from it, and an election asks for a quorum of the committed voters alone, not of proposed ones as well."},
	{"L-U2", "Operations are in the foreground and without a retry policy, so that none of them gives up in the background."},
	{"L-U3", "Operations are in the foreground and without a retry policy, so that none of them gives up in the background (b)."},
	{"L-U7", "A handle whose event thread is dead, and LOST set after the repair, need operations in the background, which the model does not have."},
	{"W-1", "An acknowledgement that a delay makes late counts as one in time: the needless repetition changes nothing that arrives, but Linux holds what is written behind it until that acknowledgement, so that, once for each sudden delay and until the kernel's timer has learnt it, what is written within one new round trip gets across up to one round trip later than here; for a ping this needs a new round trip above the ping period and below the read timeout."},
}

// excluded returns the entry for a rule, if the table has one.
func excluded(table []Exclusion, id string) (Exclusion, bool) {
	for _, e := range table {
		if e.Rule == id {
			return e, true
		}
	}
	return Exclusion{}, false
}

// inScope reports whether the model follows the rule, wholly or in part.
func inScope(id string) bool {
	_, out := excluded(outOfScope, id)
	return !out
}
