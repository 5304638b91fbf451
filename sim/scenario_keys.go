package sim

import (
	"fmt"

	"zksim/model"
)

// The limits on a scenario. They keep a slip of the keyboard from filling the
// memory; reaching one is an error that names it.
const (
	MaxScenarioBytes = 1 << 20 // size of the file
	MaxClients       = 1_000_000
	MaxFaults        = 10_000
	MaxObservers     = 100

	mostServers = 7 + MaxObservers
)

// newestRelease is the newest ZooKeeper release that the rules were read from.
const newestRelease = "3.9.5"

// A form is what a key of a scenario takes.
type form uint8

const (
	formText form = iota
	formRelease
	formSeed
	formInteger
	formDuration
	formStep // a duration that may be negative
	formLaw
	formProbability
	formChoice
	formServerIDs
	formNames   // a name or a list of names
	formStruck  // formNames, or a mapping of the row's keys
	formMapping // a mapping of the row's keys
	formNamed   // a mapping from names to mappings of the row's keys
	formList    // a list of mappings of the row's keys
)

// A keyRow describes one key of a scenario file. The reader, its messages and
// the JSON Schema all read these rows.
type keyRow struct {
	name     string
	form     form
	initial  string // the default as one would write it; empty: none
	required bool
	fault    bool // the key is a kind of fault
	meaning  string
	choices  func() []string // formChoice: what is allowed; otherwise names to suggest, or nil
	keys     func() []keyRow // the keys inside, for the forms with mappings
}

// A key is a row with what the reader does with the value.
type key[T any] struct {
	keyRow
	put func(r *reader, v value, t *T)
}

// rows are the descriptions of keys.
func rows[T any](keys []key[T]) func() []keyRow {
	return func() []keyRow {
		all := make([]keyRow, len(keys))
		for i := range keys {
			all[i] = keys[i].keyRow
		}
		return all
	}
}

func triggerNames() []string {
	names := make([]string, len(Triggers))
	for i := range Triggers {
		names[i] = Triggers[i].Name
	}
	return names
}

func groupNames() []string { return Groups }

func either(choices ...string) func() []string { return func() []string { return choices } }

var scenarioKeys = []key[Scenario]{
	{keyRow{name: "name", form: formText, meaning: "what the command line calls it; without it, the name of the file"},
		func(r *reader, v value, s *Scenario) { r.text(v, &s.Name) }},
	{keyRow{name: "title", form: formText, meaning: "one line"},
		func(r *reader, v value, s *Scenario) { r.text(v, &s.Title) }},
	{keyRow{name: "about", form: formText, meaning: "what it shows and what to look for"},
		func(r *reader, v value, s *Scenario) { r.text(v, &s.About) }},
	{keyRow{name: "seed", form: formSeed, initial: "1", meaning: "the seed of all chance, unless the command line names another"},
		func(r *reader, v value, s *Scenario) { r.seed(v, &s.Seed) }},
	{keyRow{name: "run", form: formDuration, required: true, meaning: "how long the run lasts, at most " + brief(MaxLength)},
		func(r *reader, v value, s *Scenario) { r.duration(v, &s.Length) }},
	{keyRow{name: "ensemble", form: formMapping, keys: rows(ensembleKeys), meaning: "the servers, in the words of zoo.cfg"},
		func(r *reader, v value, s *Scenario) { readMapping(r, v, ensembleKeys, &s.Ensemble) }},
	{keyRow{name: "network", form: formMapping, keys: rows(networkKeys), meaning: "the links between nodes and their TCP"},
		func(r *reader, v value, s *Scenario) { readMapping(r, v, networkKeys, &s.Network) }},
	{keyRow{name: "clients", form: formNamed, required: true, keys: rows(clientKeys), meaning: "the clients by name, in the order of their node numbers"},
		func(r *reader, v value, s *Scenario) { r.clients(v, s) }},
	{keyRow{name: "resources", form: formNamed, keys: rows(resourceKeys), meaning: "what locks protect, by name: processes outside of ZooKeeper at which owners act"},
		func(r *reader, v value, s *Scenario) { r.resources(v, s) }},
	{keyRow{name: "faults", form: formList, keys: rows(faultKeys), meaning: fmt.Sprintf("what goes wrong, in any order, at most %d", MaxFaults)},
		func(r *reader, v value, s *Scenario) { r.faults(v, s) }},
	{keyRow{name: "order", form: formChoice, choices: either("faults first", "faults last"), initial: "faults first",
		meaning: "what goes first at one instant: faults, deliveries, timers; or the other way round"},
		func(r *reader, v value, s *Scenario) { r.choice(v, &s.FaultsLast, "faults first", "faults last") }},
}

var ensembleKeys = []key[Ensemble]{
	{keyRow{name: "servers", form: formInteger, initial: "3", meaning: "voting servers: 1 (standalone), 3, 5 or 7"},
		func(r *reader, v value, e *Ensemble) { r.integer(v, &e.Servers) }},
	{keyRow{name: "observers", form: formInteger, initial: "0", meaning: "servers that do not vote, numbered behind the voters"},
		func(r *reader, v value, e *Ensemble) { r.integer(v, &e.Observers) }},
	{keyRow{name: "observerMasterPort", form: formInteger, initial: "0",
		meaning: "with any port but 0, followers are observer masters, and observers are behind them (T-22)"},
		func(r *reader, v value, e *Ensemble) { r.integer(v, &e.ObserverMaster) }},
	{keyRow{name: "leader", form: formInteger, meaning: "the server that leads at the start; without it, the last voter, as after an election"},
		func(r *reader, v value, e *Ensemble) { r.integer(v, &e.Leader) }},
	{keyRow{name: "start", form: formChoice, choices: either("steady", "election"), initial: "steady",
		meaning: "how the run finds the servers: with a leader and everybody behind it, or just started and looking for one (F-10)"},
		func(r *reader, v value, e *Ensemble) { r.choice(v, &e.Cold, "steady", "election") }},
	{keyRow{name: "version", form: formRelease, initial: newestRelease, meaning: "the ZooKeeper release of the servers, 3.8.0 or later"},
		func(r *reader, v value, e *Ensemble) { r.release(v, &e.Version) }},
	{keyRow{name: "tickTime", form: formDuration, initial: "2s",
		meaning: fmt.Sprintf("the basic unit of time, in whole milliseconds (T-2); 2s is in the sample zoo.cfg, and a zoo.cfg without it means %dms (N-1)", model.DefaultTick)},
		func(r *reader, v value, e *Ensemble) { r.duration(v, &e.Tick) }},
	{keyRow{name: "minSessionTimeout", form: formDuration, meaning: "the shortest session timeout, in whole milliseconds; without it, 2 ticks (N-1)"},
		func(r *reader, v value, e *Ensemble) { r.duration(v, &e.MinTimeout) }},
	{keyRow{name: "maxSessionTimeout", form: formDuration, meaning: "the longest session timeout, in whole milliseconds; without it, 20 ticks (N-1)"},
		func(r *reader, v value, e *Ensemble) { r.duration(v, &e.MaxTimeout) }},
	{keyRow{name: "initLimit", form: formInteger, initial: "10", meaning: "how long learners may take to join a leader, in ticks (F-1, F-14)"},
		func(r *reader, v value, e *Ensemble) { r.integer(v, &e.InitLimit) }},
	{keyRow{name: "connectToLearnerMasterLimit", form: formInteger, initial: "0", meaning: "how long a learner tries to reach its leader, in ticks; 0: initLimit (F-13)"},
		func(r *reader, v value, e *Ensemble) { r.integer(v, &e.ConnectLimit) }},
	{keyRow{name: "syncLimit", form: formInteger, initial: "5", meaning: "how long leader and learners bear each other's silence, in ticks (F-1, F-5)"},
		func(r *reader, v value, e *Ensemble) { r.integer(v, &e.SyncLimit) }},
	{keyRow{name: "sessionlessCnxnTimeout", form: formDuration, initial: "10s", meaning: "period of the server's check for idle connections, in whole milliseconds (H-2)"},
		func(r *reader, v value, e *Ensemble) { r.duration(v, &e.IdleCheck) }},
	{keyRow{name: "localSessionsEnabled", form: formChoice, choices: either("false", "true"), initial: "false",
		meaning: "whether new sessions are known to their own server alone (T-23)"},
		func(r *reader, v value, e *Ensemble) { r.choice(v, &e.LocalSessions, "false", "true") }},
	{keyRow{name: "localSessionsUpgradingEnabled", form: formChoice, choices: either("false", "true"), initial: "false",
		meaning: "whether a local session becomes global when it creates an ephemeral node, which otherwise fails (T-25)"},
		func(r *reader, v value, e *Ensemble) { r.choice(v, &e.LocalUpgrade, "false", "true") }},
	{keyRow{name: "leaderServes", form: formChoice, choices: either("yes", "no"), initial: "yes",
		meaning: "whether the leader serves clients too; if not, it closes their connections at their first bytes (H-4)"},
		func(r *reader, v value, e *Ensemble) { r.choice(v, &e.LeaderIdle, "yes", "no") }},
	{keyRow{name: "readonlymode", form: formChoice, choices: either("false", "true"), initial: "false",
		meaning: "whether a server that finds no leader serves clients that take a read-only one (readonlymode.enabled, C-33)"},
		func(r *reader, v value, e *Ensemble) { r.choice(v, &e.ReadOnly, "false", "true") }},
	{keyRow{name: "backlog", form: formInteger, initial: "50", meaning: "connections that the kernel opens for a stopped server (W-5)"},
		func(r *reader, v value, e *Ensemble) { r.integer(v, &e.Backlog) }},
	{keyRow{name: "log", form: formLaw, initial: "1ms", meaning: "how long a flush of the log device takes (Z-5)"},
		func(r *reader, v value, e *Ensemble) { r.law(v, &e.Log) }},
	{keyRow{name: "load", form: formLaw, initial: "10ms", meaning: "how long a server that begins to lead takes to load and write out its database (F-14)"},
		func(r *reader, v value, e *Ensemble) { r.law(v, &e.Load) }},
	{keyRow{name: "startup", form: formDuration, initial: "0s", meaning: "from a restart of a server's process to its database being loaded: standalone, it serves then (H-4); else it looks for a leader"},
		func(r *reader, v value, e *Ensemble) { r.duration(v, &e.Startup) }},
	{keyRow{name: "ping_phase", form: formDuration, meaning: "when the leader's first PING leaves, below half a tick; without it, drawn (T-17)"},
		func(r *reader, v value, e *Ensemble) { r.optionalDuration(v, &e.PingPhase) }},
	{keyRow{name: "after_pause", form: formChoice, choices: either("expiry first", "touches first"), initial: "expiry first",
		meaning: "what wins when a paused server wakes: the expiry loop, or the touches in its buffers (G-5)"},
		func(r *reader, v value, e *Ensemble) { r.choice(v, &e.TouchesFirst, "expiry first", "touches first") }},
	{keyRow{name: "clocks", form: formNamed, keys: rows(clockKeys), meaning: "the servers' monotonic clocks by name (server1); the others are drawn (T-2)"},
		func(r *reader, v value, e *Ensemble) { r.clocks(v, e) }},
}

var clockKeys = []key[Clock]{
	{keyRow{name: "offset", form: formDuration, meaning: "what the clock shows at the start of the run; without it, drawn"},
		func(r *reader, v value, c *Clock) { r.optionalDuration(v, &c.Offset) }},
	{keyRow{name: "ppm", form: formInteger, initial: "0", meaning: "rate error in parts per million, negative for a slow clock (K-4)"},
		func(r *reader, v value, c *Clock) { r.integer64(v, &c.PPM) }},
}

var networkKeys = []key[Network]{
	{keyRow{name: "latency", form: formLaw, initial: "0.5ms", meaning: "one way between a client and a server"},
		func(r *reader, v value, n *Network) { r.law(v, &n.Clients) }},
	{keyRow{name: "servers", form: formLaw, initial: "0.5ms", meaning: "one way between two servers"},
		func(r *reader, v value, n *Network) { r.law(v, &n.Servers) }},
	{keyRow{name: "loss", form: formProbability, initial: "0%", meaning: "probability that a segment is lost (W-7)"},
		func(r *reader, v value, n *Network) { r.probability(v, &n.Loss) }},
	{keyRow{name: "rto_min", form: formDuration, initial: "200ms", meaning: "the kernel's shortest wait before it sends again, without the round trip (W-1)"},
		func(r *reader, v value, n *Network) { r.duration(v, &n.RTOMin) }},
	{keyRow{name: "syn", form: formChoice, choices: either("linux 6.5", "older"), initial: "linux 6.5",
		meaning: "when an unanswered SYN is repeated: after 1, 2, 3, 4, 5 s and then doubling, or after 1, 3, 7, 15 s (W-2)"},
		func(r *reader, v value, n *Network) { r.choice(v, &n.OldSYN, "linux 6.5", "older") }},
}

var clientKeys = []key[Client]{
	{keyRow{name: "count", form: formInteger, initial: "1", meaning: "how many alike; more than one are called NAME1, NAME2 and so on"},
		func(r *reader, v value, c *Client) { r.integer(v, &c.Count) }},
	{keyRow{name: "library", form: formChoice, choices: model.LibraryNames, initial: "java", meaning: "the client library"},
		func(r *reader, v value, c *Client) { r.text(v, &r.library.name) }},
	{keyRow{name: "version", form: formRelease, initial: newestRelease, meaning: "the library's version, such as 3.8.0; of other libraries than java, without it the newest"},
		func(r *reader, v value, c *Client) {
			r.library.version = v.path
			r.release(v, &c.Version)
		}},
	{keyRow{name: "timeout", form: formDuration, initial: "10s", meaning: "the session timeout that it asks for, in whole milliseconds (N-2)"},
		func(r *reader, v value, c *Client) { r.duration(v, &c.Timeout) }},
	{keyRow{name: "servers", form: formServerIDs, meaning: "IDs of the servers in its connect string; without it, all of them"},
		func(r *reader, v value, c *Client) { r.serverIDs(v, &c.Servers) }},
	{keyRow{name: "attach", form: formInteger, meaning: "ID of the server that it tries first; without it, the shuffle decides (C-16)"},
		func(r *reader, v value, c *Client) { r.integer(v, &c.Attach) }},
	{keyRow{name: "open", form: formLaw, meaning: "when the application asks for its session; without it, at the start"},
		func(r *reader, v value, c *Client) { r.law(v, &c.Open) }},
	{keyRow{name: "close", form: formLaw, meaning: "when the application closes its handle; without it, never (C-35)"},
		func(r *reader, v value, c *Client) { r.law(v, &c.Close) }},
	{keyRow{name: "owns", form: formText, meaning: "path of what it wants to own, from when it has a session; several clients can want the same"},
		func(r *reader, v value, c *Client) { r.text(v, &c.Owns) }},
	{keyRow{name: "recipe", form: formChoice, choices: either("node", "sequence"), initial: "node",
		meaning: "how it is settled who owns it: one ephemeral node at the path (A-2), or ephemeral sequential nodes below it (A-3)"},
		func(r *reader, v value, c *Client) {
			sequence := false
			r.choice(v, &sequence, "node", "sequence")
			c.Recipe = model.RecipeNode
			if sequence {
				c.Recipe = model.RecipeSequence
			}
		}},
	{keyRow{name: "stops_on", form: formChoice, choices: stopsNames, meaning: "what makes it stop acting as owner: the word of its library that says so, or nothing; without it, expired (A-5)"},
		func(r *reader, v value, c *Client) { r.stops(v, &c.Stops) }},
	{keyRow{name: "acts_on", form: formText, meaning: "the resource at which it acts as long as it believes to own"},
		func(r *reader, v value, c *Client) { r.text(v, &c.ActsOn) }},
	{keyRow{name: "act_every", form: formDuration, meaning: "period of its acts, in whole milliseconds; with acts_on"},
		func(r *reader, v value, c *Client) { r.duration(v, &c.ActEvery) }},
	{keyRow{name: "watches", form: formText, meaning: "path that it watches; for clients that own nothing"},
		func(r *reader, v value, c *Client) { r.text(v, &c.Watches) }},
	{keyRow{name: "watch", form: formChoice, choices: either("once", "persistent"), initial: "once",
		meaning: "whether the watch of watches fires once and is set again, or stays (addWatch, ZooKeeper 3.6 and later)"},
		func(r *reader, v value, c *Client) { r.choice(v, &c.Lasting, "once", "persistent") }},
	{keyRow{name: "read_every", form: formDuration, meaning: "period of its reads; without it, none"},
		func(r *reader, v value, c *Client) { r.duration(v, &c.ReadEvery) }},
	{keyRow{name: "write_every", form: formDuration, meaning: "period of its writes; without it, none"},
		func(r *reader, v value, c *Client) { r.duration(v, &c.WriteEvery) }},
	{keyRow{name: "outstanding", form: formInteger, initial: "0", meaning: "how many writes it keeps on their way, another as soon as one is answered (H-6)"},
		func(r *reader, v value, c *Client) { r.integer(v, &c.Outstanding) }},
	{keyRow{name: "callback", form: formDuration, initial: "0s", meaning: "how long its watcher takes for each event (C-32, L-G8, L-K9)"},
		func(r *reader, v value, c *Client) { r.duration(v, &c.Callback) }},
	{keyRow{name: "zookeeper", form: formRelease, initial: newestRelease, meaning: "the version of ZooKeeper's Java client under curator"},
		func(r *reader, v value, c *Client) {
			r.library.under = v.path
			r.release(v, &c.UnderVersion)
		}},
	{keyRow{name: "percent", form: formInteger, initial: "100", meaning: "curator's simulatedSessionExpirationPercent, 1 to 100: how much of the session timeout SUSPENDED may last (L-U3)"},
		func(r *reader, v value, c *Client) { r.integer(v, &c.Percent) }},
	{keyRow{name: "policy", form: formChoice, choices: either("standard", "session"), initial: "standard",
		meaning: "curator's error policy: the application gives up its node on SUSPENDED, or on LOST alone (L-U8)"},
		func(r *reader, v value, c *Client) { r.choice(v, &c.SessionPolicy, "standard", "session") }},
	{keyRow{name: "connection_timeout", form: formDuration, initial: "15s", meaning: "for how long a call of curator's waits to be connected before ZooKeeper's client gets it (L-U2)"},
		func(r *reader, v value, c *Client) { r.duration(v, &c.ConnectionTimeout) }},
	{keyRow{name: "injection_race", form: formProbability, initial: "6.9%", meaning: "how likely curator's injected expiry is handled before the old handle counts as closed, so that LOST waits for it (L-U4; recorded: 25 of 361)"},
		func(r *reader, v value, c *Client) { r.probability(v, &c.InjectionRace) }},
	{keyRow{name: "new_session_timeout", form: formDuration, meaning: "how long java from 3.10.0 on may take for its first session, in whole milliseconds; 0s means 4/3 of timeout; without it, for ever (C-21)"},
		func(r *reader, v value, c *Client) { r.optionalDuration(v, &c.NewSession) }},
	{keyRow{name: "max_delay", form: formDuration, meaning: "kazoo's longest wait between two cycles of its addresses, before it is spread; without it, " + brief(model.KazooMaxDelay) + " (L-K6)"},
		func(r *reader, v value, c *Client) { r.optionalDuration(v, &c.MaxDelay) }},
	{keyRow{name: "max_tries", form: formInteger, initial: "0", meaning: "after how many cycles in vain kazoo gives up; 0 means never (L-K8)"},
		func(r *reader, v value, c *Client) { r.integer(v, &c.MaxTries) }},
	{keyRow{name: "randomize_hosts", form: formChoice, choices: either("true", "false"), initial: "true", meaning: "whether kazoo shuffles its addresses for each cycle (L-K6)"},
		func(r *reader, v value, c *Client) { r.choice(v, &c.KeepOrder, "true", "false") }},
	{keyRow{name: "connect_string", form: formChoice, choices: either("addresses", "one name"), initial: "addresses",
		meaning: "whether java or curator has the address of every server, or one name that stands for all of them and is resolved for each attempt (C-36)"},
		func(r *reader, v value, c *Client) { r.choice(v, &c.OneName, "addresses", "one name") }},
	{keyRow{name: "can_be_read_only", form: formChoice, choices: either("false", "true"), initial: "false",
		meaning: "whether java, c or curator takes a read-only server (canBeReadOnly, ZOO_READONLY; C-33)"},
		func(r *reader, v value, c *Client) { r.choice(v, &c.ReadOnly, "false", "true") }},
	{keyRow{name: "clock", form: formMapping, keys: rows(clockKeys), meaning: "its monotonic clock; without it, drawn"},
		func(r *reader, v value, c *Client) { readMapping(r, v, clockKeys, &c.Clock) }},
}

var faultKeys = []key[Fault]{
	faultKey(FaultPartition, formMapping, partitionKeys),
	faultKey(FaultKill, formStruck, struckKeys),
	faultKey(FaultLose, formStruck, struckKeys),
	faultKey(FaultRestart, formStruck, struckKeys),
	faultKey(FaultPause, formStruck, pauseKeys),
	faultKey(FaultDelay, formMapping, delayKeys),
	faultKey(FaultLoss, formMapping, lossKeys),
	faultKey(FaultSlowLog, formMapping, slowLogKeys),
	faultKey(FaultClockStep, formMapping, clockStepKeys),
	faultKey(FaultReconfig, formMapping, reconfigKeys),
	{keyRow{name: "at", form: formLaw, meaning: "when it begins; or use when"},
		func(r *reader, v value, f *Fault) { r.law(v, &f.At) }},
	{keyRow{name: "when", form: formChoice, choices: triggerNames, meaning: "the event that it waits for, once; or use at"},
		func(r *reader, v value, f *Fault) { r.trigger(v, &f.When) }},
	{keyRow{name: "of", form: formText, meaning: "the client whose event when means; without it, the first"},
		func(r *reader, v value, f *Fault) { r.text(v, &f.Of) }},
	{keyRow{name: "after", form: formDuration, initial: "0s", meaning: "how long after the event of when"},
		func(r *reader, v value, f *Fault) { r.duration(v, &f.After) }},
	{keyRow{name: "for", form: formLaw, meaning: "how long it lasts; without it, to the end of the run"},
		func(r *reader, v value, f *Fault) { r.law(v, &f.For) }},
}

// faultKey is the key of one kind of fault, described by its row.
func faultKey(kind FaultKind, form form, keys []key[Fault]) key[Fault] {
	return key[Fault]{
		keyRow{name: FaultKinds[kind].Name, form: form, fault: true, keys: rows(keys), meaning: FaultKinds[kind].Meaning},
		func(r *reader, v value, f *Fault) {
			f.Kind = kind
			if form == formStruck && !v.isMapping() {
				r.names(v, &f.Between)
				return
			}
			readMapping(r, v, keys, f)
		},
	}
}

var (
	betweenKey = key[Fault]{keyRow{name: "between", form: formNames, required: true, choices: groupNames, meaning: "nodes or groups on one side"},
		func(r *reader, v value, f *Fault) { r.names(v, &f.Between) }}
	andKey = key[Fault]{keyRow{name: "and", form: formNames, required: true, choices: groupNames, meaning: "nodes or groups on the other side"},
		func(r *reader, v value, f *Fault) { r.names(v, &f.And) }}
	directionKey = key[Fault]{keyRow{name: "direction", form: formChoice, choices: either("both", "one way"), initial: "both",
		meaning: "what is struck: all, or only what travels from between to and (W-3)"},
		func(r *reader, v value, f *Fault) { r.choice(v, &f.OneWay, "both", "one way") }}
	whoKey = key[Fault]{keyRow{name: "who", form: formNames, required: true, choices: groupNames, meaning: "nodes or groups"},
		func(r *reader, v value, f *Fault) { r.names(v, &f.Between) }}
	byKey = key[Fault]{keyRow{name: "by", form: formLaw, required: true, meaning: "how much is added"},
		func(r *reader, v value, f *Fault) { r.law(v, &f.By) }}
	modeKey = key[Fault]{keyRow{name: "mode", form: formChoice, choices: either("silent", "refuse"), initial: "silent",
		meaning: "what senders get: nothing, or an RST at once (W-4)"},
		func(r *reader, v value, f *Fault) { r.choice(v, &f.Refuse, "silent", "refuse") }}
	clockKey = key[Fault]{keyRow{name: "clock", form: formChoice, choices: either("runs", "stops"), initial: "runs",
		meaning: "what the process's clock does meanwhile; in a suspend it may stop (K-5)"},
		func(r *reader, v value, f *Fault) { r.choice(v, &f.ClockStops, "runs", "stops") }}
	threadsKey = key[Fault]{keyRow{name: "threads", form: formChoice, choices: either("all", "events"), initial: "all",
		meaning: "which threads stop: all, or only the one that gives a client's application its events (G-4)"},
		func(r *reader, v value, f *Fault) { r.choice(v, &f.EventsOnly, "all", "events") }}
	votersKey = key[Fault]{keyRow{name: "voters", form: formServerIDs, required: true, meaning: "IDs of the servers that vote from then on"},
		func(r *reader, v value, f *Fault) {
			r.serverIDs(v, &f.Voters)
			f.Between = []string{"servers"}
		}}
	probabilityKey = key[Fault]{keyRow{name: "probability", form: formProbability, required: true, meaning: "how likely each segment is lost"},
		func(r *reader, v value, f *Fault) { r.probability(v, &f.Probability) }}

	stepKey = key[Fault]{keyRow{name: "step", form: formStep, required: true, meaning: "by how much it is set, forward or (with a minus) back"},
		func(r *reader, v value, f *Fault) { r.duration(v, &f.Step) }}

	partitionKeys = []key[Fault]{betweenKey, andKey, directionKey, modeKey}
	delayKeys     = []key[Fault]{betweenKey, andKey, directionKey, byKey}
	lossKeys      = []key[Fault]{betweenKey, andKey, directionKey, probabilityKey}
	reconfigKeys  = []key[Fault]{votersKey}
	struckKeys    = []key[Fault]{whoKey}
	pauseKeys     = []key[Fault]{whoKey, clockKey, threadsKey}
	slowLogKeys   = []key[Fault]{whoKey, byKey}
	clockStepKeys = []key[Fault]{whoKey, stepKey}
)
