package docs

// Exclusion is a rule, or part of one, that the model leaves out.
type Exclusion struct {
	Rule   string
	Reason string // one sentence
}

// Reasons that several rules share.
const (
	needsElection    = "It needs a leader election, which the model does not have yet."
	needsRoleEnd     = "It ends with a server giving up its role to look for a leader (F-3 or F-8), and the model has no election yet to follow that."
	needsStepDown    = "It serves the leader's decision to step down (F-8), which leads to an election the model does not have yet."
	needsNextLeader  = "It sets an isolated leader beside the one elected after it, and the model has no election yet."
	needsLocal       = "It needs local sessions, which ZooKeeper has off by default and the model does not have yet."
	needsReadOnly    = "It needs read-only mode, which ZooKeeper has off by default and the model does not have yet."
	needsC           = "It describes the C client, and the Java client is the only library the model has so far."
	needsGo          = "It describes the Go client, and the Java client is the only library the model has so far."
	needsKazoo       = "It describes kazoo, and the Java client is the only library the model has so far."
	needsCurator     = "It describes Curator, and the model has no layer on top of the Java client yet."
	needsLibraries   = "It compares client libraries, and the Java client is the only one the model has so far."
	needsLock        = "It compares how long two owners of a lock overlap across policies and libraries; timelines name the overlap, no experiment measures it yet."
	needsComparison  = "It is a closed form that follows from rules in scope; no experiment compares the model with it yet."
	needsAllOutcomes = "It sums up outcomes across failovers and other client libraries, which the model does not have yet."
)

// outOfScope lists the rules the model does not follow, in document order.
var outOfScope = []Exclusion{
	{"T-22", "It needs observers attached through an observer master, which the model does not have yet."},
	{"T-23", needsLocal},
	{"T-24", needsLocal},
	{"T-25", needsLocal},
	{"V-2", needsReadOnly},
	{"V-9", needsReadOnly},
	{"C-10", needsReadOnly},
	{"C-33", needsReadOnly},
	{"F-22", "It needs reconfiguration of the ensemble at run time, which the model does not have yet."},
	{"G-4", "It needs a pause of single threads of a client; a pause in the model stops the whole process."},
	{"K-2", needsLibraries},
	{"K-3", needsCurator},
	{"L-C1", needsC},
	{"L-C2", needsC},
	{"L-C3", needsC},
	{"L-C4", needsC},
	{"L-C5", needsC},
	{"L-C6", needsC},
	{"L-C7", needsC},
	{"L-G1", needsGo},
	{"L-G2", needsGo},
	{"L-G3", needsGo},
	{"L-G4", needsGo},
	{"L-G5", needsGo},
	{"L-G6", needsGo},
	{"L-G7", needsGo},
	{"L-G8", needsGo},
	{"L-G9", needsGo},
	{"L-G10", needsGo},
	{"L-K1", needsKazoo},
	{"L-K2", needsKazoo},
	{"L-K3", needsKazoo},
	{"L-K4", needsKazoo},
	{"L-K5", needsKazoo},
	{"L-K6", needsKazoo},
	{"L-K7", needsKazoo},
	{"L-K8", needsKazoo},
	{"L-K9", needsKazoo},
	{"L-U1", needsCurator},
	{"L-U2", needsCurator},
	{"L-U3", needsCurator},
	{"L-U4", needsCurator},
	{"L-U5", needsCurator},
	{"L-U6", needsCurator},
	{"L-U7", needsCurator},
	{"L-U8", needsCurator},
	{"Q-7", needsLibraries},
	{"Q-10", needsComparison},
	{"Q-11", needsLibraries},
	{"Q-12", needsLibraries},
	{"Q-17", needsComparison},
	{"Q-19", needsComparison},
	{"Q-20", needsLock},
	{"Q-21", needsLock},
	{"Q-22", needsLock},
	{"Q-23", needsAllOutcomes},
	{"Q-24", needsAllOutcomes},
	{"Q-25", needsAllOutcomes},
}

// inScopeInPart lists the rules the model follows except for the part the reason names.
var inScopeInPart = []Exclusion{
	{"Q-3", "The hop through an observer master is T-22, which the model does not have yet."},
	{"Q-8", "It is followed for the Java client, the only library the model has so far."},
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
