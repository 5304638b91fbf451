package model

// An Op is what a packet asks or tells. The first group travels between clients
// and servers, the second between learners and their leader; both use the names
// of ZooKeeper's ZooDefs.OpCode and of Leader.java.
type Op uint8

const (
	OpNone Op = iota
	// Between client and server.
	OpConnect     // ConnectRequest and ConnectResponse
	OpPing        // ping and its reply
	OpCreate      // create of an ephemeral node, a write
	OpSetData     // a write
	OpGetData     // a read
	OpExists      // a read that may leave a watch
	OpSetWatches  // watches registered again after a reconnect (C-19)
	OpGetChildren // a read of the names of a node's children
	OpClose       // closeSession asked for by the client
	OpNotify      // a watch event, from the server (xid -1)
	OpIsro        // isro, the question of one who looks for a read-write server, and its answer (C-33)
	OpError       // the transaction of a request that failed at preparation
	// Between learner and leader.
	OpRequest         // REQUEST: a client's write, forwarded by a learner
	OpProposal        // PROPOSAL
	OpAck             // ACK
	OpCommit          // COMMIT
	OpInform          // INFORM: commit and transaction in one, for observers
	OpLeaderPing      // PING from the leader
	OpLearnerPing     // its answer, with the learner's table of touches (T-17)
	OpRevalidate      // REVALIDATE, from the learner
	OpRevalidateReply // and its answer
	OpCreateSession   // the createSession transaction
	OpCloseSession    // the closeSession transaction
	OpReconfig        // the transaction that changes who votes (F-22)
	// Between learner and leader, before the learner serves.
	OpFollowerInfo // FOLLOWERINFO or OBSERVERINFO: the epoch that the learner has accepted
	OpLeaderInfo   // LEADERINFO: the epoch that is proposed
	OpAckEpoch     // ACKEPOCH: what the learner's log ends with
	OpDiff         // DIFF: the learner lacks only what follows
	OpTrunc        // TRUNC: the learner has too much
	OpSnap         // SNAP: the whole database
	OpNewLeader    // NEWLEADER: what it lacked is complete, to be acknowledged by ACK
	OpUpToDate     // UPTODATE: the learner may serve
	// Between an application and a resource.
	OpAct // what an owner does, with its token in Zxid, and its answer
	// Between any two servers.
	OpNotification // a vote (FastLeaderElection.java:Notification)
)

var opNames = [...]string{
	"none", "connect", "ping", "create", "setData", "getData", "exists", "setWatches", "getChildren", "closeSession", "notification", "isro", "error",
	"REQUEST", "PROPOSAL", "ACK", "COMMIT", "INFORM", "PING", "PING reply", "REVALIDATE", "REVALIDATE reply",
	"createSession", "closeSession", "reconfig",
	"FOLLOWERINFO", "LEADERINFO", "ACKEPOCH", "DIFF", "TRUNC", "SNAP", "NEWLEADER", "UPTODATE", "act", "notification of a vote",
}

// String returns the operation's name in ZooKeeper's words.
func (op Op) String() string { return opNames[op] }

// isWrite says whether a client's operation goes through the replicated log.
func (op Op) isWrite() bool { return op == OpCreate || op == OpSetData || op == OpClose }

// An ErrCode is the error of a reply, zero for none (KeeperException.Code).
type ErrCode uint8

const (
	ErrOK ErrCode = iota
	ErrSessionExpired
	ErrSessionMoved
	ErrNodeExists
	ErrNoNode
	ErrConnectionLoss
	ErrOperationTimeout // C (L-C4)
	ErrClosing          // C
	ErrConnectionClosed // Go (L-G6), kazoo
	ErrNoServer         // Go (L-G5)
	ErrEphemeralOnLocalSession
	ErrNotReadOnly // of a read-only server (V-2)
)

var errNames = [...]string{"OK", "SessionExpired", "SessionMoved", "NodeExists", "NoNode", "ConnectionLoss",
	"OperationTimeout", "Closing", "ConnectionClosed", "NoServer", "EphemeralOnLocalSession", "NotReadOnly"}

// String returns the error's name in ZooKeeper's words.
func (e ErrCode) String() string { return errNames[e] }

// resultTexts are all the texts that say how an operation went, made once so that
// noting one costs nothing.
var resultTexts = func() (texts [len(opNames)][len(errNames)]string) {
	for op := range texts {
		for e := range texts[op] {
			texts[op][e] = opNames[op] + " " + errNames[e]
		}
	}
	return texts
}()

// resultText says how an operation went, such as "create NodeExists".
func resultText(op Op, e ErrCode) string { return resultTexts[op][e] }

// A WatchEvent is the type of a watch notification.
type WatchEvent uint8

const (
	WatchNone WatchEvent = iota
	WatchCreated
	WatchDeleted
	WatchDataChanged
)

var watchNames = [...]string{"None", "NodeCreated", "NodeDeleted", "NodeDataChanged"}

// String returns the event type's name in ZooKeeper's words.
func (e WatchEvent) String() string { return watchNames[e] }

// A Packet is one message, request or reply; which fields count depends on Op.
// Packets are values: what is sent is a copy.
type Packet struct {
	Op      Op
	Req     Op // the client's operation inside a REQUEST, or the one that an error answers
	Err     ErrCode
	Event   WatchEvent // OpNotify
	Watch   bool       // OpExists: leave a watch
	Lasting bool       // and one that stays when it fires
	Reply   bool       // from server to client, or the answer to a REVALIDATE
	Valid   bool       // OpRevalidateReply: the session lives; answer to OpAct: it was accepted
	// Sequential: OpCreate puts a number behind the path.
	Sequential bool
	// ReadOnly is, in a ConnectRequest, that the client takes a read-only server, and in
	// its answer that the server is one (C-33).
	ReadOnly bool
	Session  SessionID
	// Password proves ownership of the session (V-6). ZooKeeper's has 16 bytes.
	Password uint64
	// Timeout is in milliseconds: the one asked for in a ConnectRequest (N-5),
	// the negotiated one in its answer (zero: the session has expired, V-5).
	Timeout int32
	Xid     int32
	Zxid    int64
	Path    string      // in the answer to OpIsro, what the server is
	Touches *TouchTable // OpLearnerPing, and the emptied table going back in OpLeaderPing
	Txn     *Txn        // OpProposal, OpInform
	Found   *Found      // answers to OpExists and OpGetChildren
	Quorum  *QuorumInfo // of what servers tell one another before they serve
}

// A QuorumInfo is what servers tell one another while there is no leader yet, or
// not for all. It is not changed once it has been sent.
type QuorumInfo struct {
	Epoch    int32       // OpAckEpoch: the learner's current epoch, -1 if it has acknowledged this one before
	Observer bool        // OpFollowerInfo
	Snapshot *database   // OpSnap
	Vote     Vote        // OpNotification
	Role     Role        // OpNotification: of the sender
	Members  *membership // OpNewLeader and OpNotification: who votes, once that has been changed (F-22)
	Leader   NodeID      // of a reconfiguration that commits: who leads from now on (F-22)
	Voters   []NodeID    // InputReconfig: who is to vote
	Origin   NodeID      // OpRequest of an observer by way of its master: the observer (T-22)
	Answer   bool        // OpNotification: to one who does not vote
}

// A Found is what a server tells of a node. It is not changed once it has been sent.
type Found struct {
	Created int64    // OpExists: the zxid that made it (czxid)
	Names   []string // OpGetChildren: of its children
}

// A TouchTable is what a learner reports with its answer to PING. Who receives
// it owns it.
type TouchTable struct {
	touches []Touch
}

// A Touch is one entry of a learner's table: a session and the timeout to touch
// it with (T-16).
type Touch struct {
	Session SessionID
	Timeout int32
	Cause   RecordID // the record of the client's request that made the entry
}

// A Txn is one transaction of the replicated log. It is not changed once it has
// been proposed, so servers share it.
type Txn struct {
	Zxid    int64
	Op      Op // OpCreateSession, OpCloseSession, OpCreate, OpSetData or OpError
	Err     ErrCode
	Session SessionID
	Timeout int32  // OpCreateSession: T as first negotiated, for ever (N-4)
	Path    string // OpCreate, OpSetData
	// Deletes are the paths that a closeSession removes, fixed at preparation (Z-2).
	Deletes []string
	Voters  []NodeID // OpReconfig
	Origin  NodeID   // the server that the request came in through; NoNode for an expiry
	Req     Op       // the client's operation, for the reply
	Xid     int32
	Cause   RecordID
}
