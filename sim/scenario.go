package sim

import (
	"time"

	"zksim/model"
)

// A Scenario is everything that a run depends on, besides the seed: the
// ensemble, the network, the clients, the faults and the length. It is checked
// once, by [Scenario.Check]; after that it is trusted.
type Scenario struct {
	Name  string // short, what the command line calls it
	Title string // one line
	About string // what it shows, in a few sentences
	Seed  uint64 // used unless the caller names another
	// Length is how long the run lasts. The world's time starts at zero.
	Length time.Duration

	Ensemble Ensemble
	Network  Network
	Clients  []Client
	// Resources are what locks protect, at which their owners act.
	Resources []Resource
	Faults    []Fault

	// FaultsLast turns the order of classes at one instant round: timers, then
	// deliveries, then faults. Reality promises neither order.
	FaultsLast bool

	// wrong makes every machine wrong in one way, for tests.
	wrong model.Deviation
}

// An Ensemble is the servers and their common configuration, in the words of
// zoo.cfg. Durations are whole milliseconds.
type Ensemble struct {
	Servers   int    // voters: 1 (standalone), 3, 5 or 7
	Observers int    // numbered behind the voters
	Leader    int    // server ID of the leader at the start; 0 means the last voter
	Cold      bool   // nobody leads at the start: the servers have just been started
	Version   string // the ZooKeeper release that the servers run

	Tick       time.Duration // tickTime
	MinTimeout time.Duration // minSessionTimeout; 0 means 2 ticks
	MaxTimeout time.Duration // maxSessionTimeout; 0 means 20 ticks
	InitLimit  int           // initLimit, in ticks (F-1, F-14)
	SyncLimit  int           // syncLimit, in ticks (F-1, F-5)
	// ConnectLimit is connectToLearnerMasterLimit, in ticks; 0 means InitLimit (F-13).
	ConnectLimit int
	IdleCheck    time.Duration // zookeeper.nio.sessionlessCnxnTimeout (H-2)
	// LocalSessions and LocalUpgrade are localSessionsEnabled and
	// localSessionsUpgradingEnabled (T-23 to T-25).
	LocalSessions, LocalUpgrade bool
	ReadOnly                    bool // readonlymode.enabled (C-33)
	ObserverMaster              int  // observerMasterPort; 0: observers turn to the leader (T-22)
	LeaderIdle                  bool // zookeeper.leaderServes=no (T-12b)
	Backlog                     int  // connections that the kernel opens for a stopped server (W-5)

	Log     *Sampler      // how long a flush of the log device takes (Z-5)
	Load    *Sampler      // how long a server that begins to lead takes to load its database (F-14)
	Startup time.Duration // from a restart of a process to its database being loaded (H-4)
	// PingPhase is when the leader's first PING leaves, less than half a tick after
	// its clock's zero; nil means drawn (T-17).
	PingPhase *time.Duration
	// TouchesFirst says what wins when a server wakes from a pause: its buffered
	// touches, or the expiry loop (G-5).
	TouchesFirst bool
	// Clocks are the servers' clocks, in order of their IDs; missing ones are drawn.
	Clocks []Clock
}

// A Clock describes a node's monotonic clock. The phase of bucket boundaries
// against the world follows from the leader's (T-2).
type Clock struct {
	Offset *time.Duration // reading at the start of the run; nil means drawn
	PPM    int64          // rate error in parts per million (K-4)
}

// A Network is the links between nodes and their TCP.
type Network struct {
	Clients *Sampler      // one-way latency between a client and a server
	Servers *Sampler      // one-way latency between two servers
	Loss    float64       // probability that a segment is lost (W-7)
	RTOMin  time.Duration // the kernel's smallest retransmission time, without the round trip (W-1)
	OldSYN  bool          // SYNs repeat as before Linux 6.5: after 1, 3, 7, 15 s (W-2)
}

// A Client is one client process, or Count alike.
type Client struct {
	Name    string
	Count   int // 0 means 1; more than one are named NAME1, NAME2, ...
	Library *model.Library
	Version string        // as written, for display
	Timeout time.Duration // requested session timeout
	Servers []int         // server IDs in the connect string; empty means all
	Attach  int           // server ID tried first; 0 leaves it to the shuffle (C-16)

	Open  *Sampler // when the application asks for a session; nil means at the start
	Close *Sampler // when it closes its handle; nil means never (C-35)

	Owns        string        // path of what it wants to own
	Recipe      model.Recipe  // how it is settled who does
	Stops       *model.Stops  // when it stops acting as owner; nil: as [Client.StopsOn] says
	ActsOn      string        // the resource at which it acts while it owns; empty: none
	ActEvery    time.Duration // how often it does
	Watches     string        // path that it watches
	Lasting     bool          // with a watch that stays when it fires
	ReadEvery   time.Duration // period of its reads; 0 means none
	WriteEvery  time.Duration // period of its writes; 0 means none
	Outstanding int           // writes that it keeps on their way (H-6)
	Callback    time.Duration // how long its watcher takes for each event (C-32)
	Clock       Clock

	Under             *model.Library // the Java client under Curator; nil without it
	UnderVersion      string         // as written, for display
	Percent           int            // Curator: simulatedSessionExpirationPercent (L-U3)
	SessionPolicy     bool           // Curator: the session error policy instead of the standard one (L-U8)
	ConnectionTimeout time.Duration  // Curator: for how long a call waits to be connected
	InjectionRace     float64        // Curator: how likely the event thread wins (L-U4)

	NewSession *time.Duration // limit for the first session, java from 3.10.0 on (C-21); nil means none
	MaxDelay   *time.Duration // kazoo: longest wait between two cycles (L-K6); nil means an hour
	MaxTries   int            // kazoo: cycles in vain until it gives up; 0 means never (L-K8)
	ReadOnly   bool           // canBeReadOnly: it takes a read-only server (C-33)
	OneName    bool           // java, curator: the connect string is one name for all servers (C-36)
	KeepOrder  bool           // kazoo: addresses are not shuffled (L-K6)
}

// A Resource is a process outside of ZooKeeper that a lock is there to protect.
type Resource struct {
	Name    string
	Fencing bool // it refuses an older owner's token
}

// A Fault is something that goes wrong: what, to whom, when and for how long.
type Fault struct {
	Kind FaultKind
	// Between is whom it strikes: names of nodes or of groups (see [Scenario.Resolve]).
	Between []string
	// And is the other side, for faults of links.
	And []string
	// OneWay restricts a fault of links to what travels from Between to And.
	OneWay bool
	Refuse bool // partition: answer with RST instead of silence (W-4)
	// ClockStops makes the clocks of paused processes stand still, as in a suspend
	// that the platform's monotonic clock does not count (K-5).
	ClockStops bool
	// EventsOnly stops the threads that give applications their events, and no other
	// (G-4).
	EventsOnly bool

	At    *Sampler      // when it begins; nil if it waits for When
	When  Trigger       // or: what it waits for
	Of    string        // whose event When means; empty: the first client's
	After time.Duration // and how long after that
	For   *Sampler      // how long it lasts; nil: for ever

	Voters      []int         // reconfig: IDs of the servers that vote from then on
	By          *Sampler      // delay, slow log: how much is added
	Probability float64       // loss
	Step        time.Duration // clock step: by how much

	// Where says where it was written, for messages ("gc.yaml:12").
	Where string
}

// A FaultKind is one of the rows of [FaultKinds].
type FaultKind uint8

const (
	FaultPartition FaultKind = iota
	FaultKill
	FaultLose
	FaultRestart
	FaultPause
	FaultDelay
	FaultLoss
	FaultSlowLog
	FaultClockStep
	FaultReconfig
)

// A FaultRow describes one kind of fault.
type FaultRow struct {
	Kind    FaultKind
	Name    string // what a scenario calls it
	Links   bool   // it strikes what travels between two sets of nodes
	Ends    bool   // it can end (For)
	Meaning string
	begin   func(w *World, f *liveFault)
	end     func(w *World, f *liveFault)
}

// FaultKinds lists every kind of fault.
var FaultKinds = []FaultRow{
	{FaultPartition, "partition", true, true, "nothing gets through between two sets of nodes", (*World).cut, (*World).healCut},
	{FaultKill, "kill", false, false, "a process dies; its kernel says so to its peers (W-4)", (*World).kill, nil},
	{FaultLose, "lose", false, false, "a host vanishes; nobody tells its peers (W-4)", (*World).lose, nil},
	{FaultRestart, "restart", false, false, "a dead process, or one that is killed for it, starts again", (*World).restart, nil},
	{FaultPause, "pause", false, true, "a process's threads stop; its sockets go on buffering (W-5, G-1)", (*World).pause, (*World).resume},
	{FaultDelay, "delay", true, true, "what travels between two sets of nodes takes longer", (*World).slow, (*World).healSlow},
	{FaultLoss, "loss", true, true, "segments between two sets of nodes are lost at random (W-7)", (*World).lossy, (*World).healLossy},
	{FaultSlowLog, "slow_log", false, true, "the log device of a server takes longer (G-9)", (*World).slowLog, (*World).healSlowLog},
	{FaultClockStep, "clock_step", false, false, "a host's wall clock is set; of what runs here only Curator looks at one (K-3)", (*World).stepClock, nil},
	{FaultReconfig, "reconfig", false, false, "the leader is asked for other voters; all other servers observe then (F-22)", (*World).reconfig, nil},
}

// A Trigger is an event that a fault can wait for.
type Trigger uint8

const (
	TriggerNone Trigger = iota
	TriggerSessionUp
	TriggerDisconnected
	TriggerMarked
	TriggerCommitted
	TriggerNodeGone
	TriggerExpired
)

// A TriggerRow describes one trigger.
type TriggerRow struct {
	Trigger Trigger
	Name    string // what a scenario calls it
	Meaning string
	match   func(r *Record) bool // leave it to told, if nil
	told    model.Meaning        // the client was told something that means this
}

// Triggers lists every event that a fault can wait for.
var Triggers = []TriggerRow{
	{TriggerSessionUp, "session established", "the client's handshake was answered", func(r *Record) bool { return r.Kind == model.KindSessionUp }, 0},
	{TriggerDisconnected, "client disconnected", "the application was told Disconnected, in its library's word", nil, model.MeansLost},
	{TriggerMarked, "session expired", "the leader marked the session closing", func(r *Record) bool { return r.Kind == model.KindMarked }, 0},
	{TriggerCommitted, "close committed", "the leader committed the session's end", func(r *Record) bool {
		return r.Kind == model.KindCommitted && r.Text == model.OpCloseSession.String()
	}, 0},
	{TriggerNodeGone, "node gone", "the session's node was deleted somewhere", func(r *Record) bool { return r.Kind == model.KindNodeDeleted }, 0},
	{TriggerExpired, "client expired", "the application was told Expired, in its library's word", nil, model.MeansExpired},
}

// Groups are the names that stand for several nodes in a fault.
var Groups = []string{"all", "servers", "clients", "leader", "followers", "observers"}
