package web

// Limits of one question. Reaching one is an error that names it; none of them depends on
// a clock, so that a link that works in one place works in every other.
const (
	MaxRequest  = 1 << 20   // bytes of a question
	MaxYAML     = 256 << 10 // bytes of a scenario in it
	MaxSets     = 200       // changes of one scenario
	MaxClients  = 500       // clients of one scenario, and resources
	MaxRecords  = 20_000    // records in one answer; the run itself can have more
	maxTold     = 100_000   // records that causes are looked for in
	MaxShake    = 1000      // runs of one shake
	MaxTimeline = 16 << 20  // bytes of a timeline in one of its forms
	maxEvents   = 500_000   // of one run
	maxExported = 200_000   // records of a run that is exported
	maxWork     = 5_000_000 // events of all runs of one question
	lookUpEvery = 1 << 14   // events between two looks at whether to go on, as in package sim
)
