package conformance

// Event kinds. The table eventKinds says what each means and who speaks.
const (
	EvFault               = "fault"
	EvHeal                = "heal"
	EvOpen                = "open"
	EvReady               = "ready"
	EvAttempt             = "attempt"
	EvTCPUp               = "tcp_up"
	EvSessionUp           = "session_up"
	EvPing                = "ping"
	EvPingReply           = "ping_reply"
	EvSilence             = "silence"
	EvAttemptFailed       = "attempt_failed"
	EvDropped             = "dropped"
	EvTold                = "told"
	EvZKTold              = "zk_told"
	EvInject              = "inject"
	EvHandleNew           = "handle_new"
	EvLocalExpiry         = "local_expiry"
	EvState               = "state"
	EvWake                = "wake"
	EvWakeRead            = "wake_read"
	EvWakeWrite           = "wake_write"
	EvSessionTracked      = "session_tracked"
	EvCreateApplied       = "create_applied"
	EvTouch               = "touch"
	EvPingProcessed       = "ping_processed"
	EvMarkedClosing       = "marked_closing"
	EvCloseApplied        = "close_applied"
	EvEphemeralsDeleted   = "ephemerals_deleted"
	EvConnectionClosed    = "connection_closed"
	EvRevalidationRefused = "revalidation_refused"
	EvRole                = "role"
	EvSawDeleted          = "saw_deleted"
	EvNodeDataChanged     = "node_datachanged"
	evEnd                 = "end" // closes a recording; never an Event
)

// EventKind is one row of the table of event kinds.
type EventKind struct {
	Name    string
	Class   NodeClass // who speaks; "told" has two rows
	Meaning string
	Rule    string // in docs/semantics.md; empty where none applies
}

var eventKinds = [...]EventKind{
	{EvFault, ClassLab, "a fault begins, between T and DoneNs", ""},
	{EvHeal, ClassLab, "a fault ends, between T and DoneNs", ""},

	{EvOpen, ClassClient, "the application asks for a session", "C-1"},
	{EvReady, ClassClient, "the session's first use is done", "N-6"},
	{EvAttempt, ClassClient, "a connection is being opened", "C-5"},
	{EvTCPUp, ClassClient, "TCP is up, the handshake is not", "C-14"},
	{EvSessionUp, ClassClient, "the handshake is answered", "C-25"},
	{EvPing, ClassClient, "a ping is sent (kazoo only)", "L-K3"},
	{EvPingReply, ClassClient, "a ping is answered", "H-5"},
	{EvSilence, ClassClient, "the client gives up waiting for the server", "C-8"},
	{EvAttemptFailed, ClassClient, "an attempt fails, as the library logs it", "C-12"},
	{EvDropped, ClassClient, "a connection is lost, as the library logs it", "C-12"},
	{EvTold, ClassClient, "the application's listener is told State", "C-30"},
	{EvZKTold, ClassClient, "Curator: the ZooKeeper handle below is told State", "C-30"},
	{EvInject, ClassClient, "Curator injects an expiry of its own", "L-U4"},
	{EvHandleNew, ClassClient, "Curator makes a ZooKeeper handle", "L-U4"},
	{EvLocalExpiry, ClassClient, "the Java client 3.9.3+ ends the session by itself", "C-20"},
	{EvState, ClassClient, "the state that can be polled changes; polled every 2 to 3 ms", "C-18"},
	{EvWake, ClassClient, "the application notices that it did not run for GapNs", "G-1"},
	{EvWakeRead, ClassClient, "outcome of the read issued on waking", "G-1"},
	{EvWakeWrite, ClassClient, "outcome of the write issued on waking", "G-1"},

	{EvSessionTracked, ClassServer, "the leader starts the session's timer", "T-11"},
	{EvCreateApplied, ClassServer, "createSession is applied here", "T-20"},
	{EvTouch, ClassServer, "the tracker of this leader or standalone server is asked to touch; it refuses while closing (T-6)", "T-12"},
	{EvPingProcessed, ClassServer, "a ping goes through this server's pipeline", "H-5"},
	{EvMarkedClosing, ClassServer, "the session is marked closing", "T-9"},
	{EvCloseApplied, ClassServer, "closeSession is applied here", "Z-4"},
	{EvEphemeralsDeleted, ClassServer, "the session's node is deleted here", "Z-4"},
	{EvConnectionClosed, ClassServer, "the client's connection is closed by this server", "Z-6"},
	{EvRevalidationRefused, ClassServer, "a reconnecting client is told that its session is gone", "V-5"},
	{EvRole, ClassServer, "the server's quorum role changes", "F-10"},

	{EvSawDeleted, ClassObserver, "a client attached to this server is notified of the deletion", "Z-4"},
	{EvNodeDataChanged, ClassObserver, "a write of a waking client to its own node is seen", "G-1"},
	{EvTold, ClassObserver, "the observing client's own connection state", "C-30"},
}

// EventKinds is the table of the kinds this package knows, in its order of telling.
func EventKinds() []EventKind { return append([]EventKind(nil), eventKinds[:]...) }

// Fault kinds, as in Event.Kind of fault and heal.
const (
	FaultBlackhole             = "blackhole"
	FaultSigkillClient         = "sigkill_client"
	FaultSigstopClient         = "sigstop_client"
	FaultServerPartition       = "server_partition"
	FaultSigkillServer         = "sigkill_server"
	FaultSigstopServer         = "sigstop_server"
	FaultServerStarted         = "server_started"
	FaultC2SDropped            = "c2s_dropped"
	FaultS2CDropped            = "s2c_dropped"
	FaultAllServersPartitioned = "all_servers_partitioned"
	FaultDelayStep             = "delay_step"
)

// FaultKind is one row of the table of fault kinds.
type FaultKind struct {
	Name    string
	Meaning string
	Rule    string // what it provokes, in docs/semantics.md
}

var faultKinds = [...]FaultKind{
	{FaultBlackhole, "packets between the client and all servers vanish, both ways", "C-12"},
	{FaultSigkillClient, "the client's process is killed; its connections are closed by its host", "H-1"},
	{FaultSigstopClient, "the client's process is stopped; its host goes on acknowledging", "G-1"},
	{FaultServerPartition, "packets between Server and the other servers vanish; clients reach it", "F-1"},
	{FaultSigkillServer, "Server's process is killed; its peers get end-of-stream", "F-21"},
	{FaultSigstopServer, "Server's process is stopped", "G-5"},
	{FaultServerStarted, "Server, killed before, is started again", "F-16"},
	{FaultC2SDropped, "packets from the client to the servers vanish", "C-12"},
	{FaultS2CDropped, "packets from the servers to the client vanish", "C-12"},
	{FaultAllServersPartitioned, "every server is cut off from every other", "F-8"},
	{FaultDelayStep, "the one-way delay of every packet rises by the size in Header.Params", "T-18"},
}

// FaultKinds is the table of the fault kinds this package knows.
func FaultKinds() []FaultKind { return append([]FaultKind(nil), faultKinds[:]...) }

func knownEvent(class NodeClass, name string) bool {
	for i := range eventKinds {
		if eventKinds[i].Name == name && eventKinds[i].Class == class {
			return true
		}
	}
	return false
}

func knownClass(class NodeClass) bool {
	return class == ClassLab || class == ClassClient || class == ClassServer || class == ClassObserver
}

func knownFault(name string) bool {
	for i := range faultKinds {
		if faultKinds[i].Name == name {
			return true
		}
	}
	return false
}
