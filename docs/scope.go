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
	{"F-22", "Roles change; no server is added to the ensemble or taken from it."},
	{"L-U2", "A background operation that gives up tells the state nothing new: it does so in the instant of the Disconnected that says the same (C-13), or later, when SUSPENDED or LOST stays as it is; what is left out is a handle that never had a session, and OperationTimeout, which is off by default (C-35)."},
	{"L-U3", "(b) is left out: on a connected handle a background operation fails with SessionExpired only where a write reaches the leader between the mark and the commit (Z-8), and it gives up only where the retry policy allows no other try; LOST then comes one reconnection sooner (Q-19) than here."},
	{"L-U7", "The reset is left out, as Curator's event thread never dies or stands still here (CURATOR-561); the forced RECONNECTED needs LOST on a connected handle, which only L-U3 (b) and a race of Curator's own threads bring (CURATOR-525)."},
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
