package model

import (
	"testing"
	"time"
)

// refuse answers the handshake under way with "expired".
func (r *rig) refuse(ms int64) { r.packet(ms, Packet{Op: OpConnect, Reply: true}) }

func TestRefusedSessionIsExpiredAtOnce_C30(t *testing.T) {
	r := newRig(t, "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.closed(1000, ReasonEOF)
	r.command(1101, CommandRead)
	r.until(1105)
	r.connected(1110)
	r.refuse(1120)
	if r.java().state != StateClosed {
		t.Errorf("state %s, want CLOSED at once", r.java().state)
	}
	r.until(10000)
	same(t, "events and calls", r.story(KindTold, KindCallLost),
		"0 SyncConnected", "1100 Disconnected", "1120 Expired", "1220 getData SessionExpired")
	same(t, "threads end after two teardowns", r.when(KindHandleClosed), 1320)
	if len(r.dials()) != 2 {
		t.Errorf("a dead handle dialled: %v", r.dials())
	}
	r.command(11000, CommandWrite)
	if got := r.story(KindCallLost); got[len(got)-1] != "11000 setData SessionExpired" {
		t.Errorf("a call on the dead handle: %v", got)
	}
}

func TestAHandleEndsByTheRuleThatEndedIt_C20_C30_C35(t *testing.T) {
	for _, tc := range []struct {
		name, want string
		end        func(r *rig)
	}{
		{"refused", "C-30", func(r *rig) { r.closed(1000, ReasonEOF); r.until(1105); r.connected(1110); r.refuse(1120) }},
		{"silent for X", "C-20", func(r *rig) {}},
		{"closed", "C-35", func(r *rig) {
			r.command(1000, CommandClose)
			r.packet(1005, Packet{Op: OpClose, Req: OpClose, Reply: true})
		}},
	} {
		r := newRig(t, "3.9.5", 10000, 3)
		r.session(0, 10000)
		tc.end(r)
		r.until(20000)
		last := r.marks[len(r.marks)-1].note
		if last.Kind != KindHandleClosed || last.Rule != tc.want {
			t.Errorf("%s: the last note is %+v, want the handle closed by %s", tc.name, last, tc.want)
		}
	}
}

// TestLostCallsAndTheEventFollowFromTheLoss: no call is lost because of another.
func TestLostCallsAndTheEventFollowFromTheLoss_C13(t *testing.T) {
	r := newRig(t, "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.command(500, CommandRead)
	r.command(600, CommandWrite)
	r.closed(1000, ReasonEOF)
	r.until(1100)
	var loss RecordID
	found := 0
	for i, m := range r.marks {
		switch m.note.Kind {
		case KindDropped:
			loss = RecordID(i + 1)
		case KindCallLost, KindTold:
			if m.at == 1100 {
				found++
				if m.note.Cause != loss {
					t.Errorf("%s follows from record %d, want %d, the loss", m.note.Text, m.note.Cause, loss)
				}
			}
		}
	}
	if found != 3 {
		t.Errorf("%d records of the loss, want two calls and Disconnected", found)
	}
}

func TestClosedFollowsExpiredOnlyWhileTheEventThreadLives_C31(t *testing.T) {
	for _, tc := range []struct {
		version  string
		callback time.Duration
		want     []string // after Disconnected
	}{
		// Disconnected is delivered at 1100, Expired queued at 1120, Closed at 1320.
		{"3.9.2", 0, []string{"1120 Expired"}},
		{"3.9.2", 80 * time.Millisecond, []string{"1180 Expired"}}, // gone at 1260
		{"3.9.2", 150 * time.Millisecond, []string{"1250 Expired", "1400 Closed"}},
		{"3.9.2", 300 * time.Millisecond, []string{"1400 Expired", "1700 Closed"}},
		{"3.9.3", 300 * time.Millisecond, []string{"1400 Expired"}},
	} {
		r := newRigOf(t, ClientConfig{Node: 9, Library: library(t, tc.version), Timeout: 10000, Servers: servers(3), First: NoNode, Callback: tc.callback})
		r.session(0, 10000)
		r.closed(1000, ReasonEOF)
		r.until(1105)
		r.connected(1110)
		r.refuse(1120)
		r.until(9000)
		same(t, tc.version+" "+tc.callback.String(), r.told()[2:], tc.want...)
	}
}

func TestCloseIsAnsweredThenClosed_C35(t *testing.T) {
	for _, version := range []string{"3.8.0", "3.9.5"} {
		r := newRig(t, version, 10000, 3)
		r.session(0, 10000)
		r.command(1000, CommandClose)
		same(t, "closeSession", r.sent(OpClose), 1000)
		r.packet(1010, Packet{Op: OpClose, Req: OpClose, Reply: true, Xid: 1, Zxid: 9})
		r.until(60000)
		same(t, version+" events", r.told(), "0 SyncConnected", "1110 Closed")
		same(t, version+" calls lost", r.story(KindCallLost))
		same(t, version+" attempts", r.dials(), "0:0")
	}
}

func TestCloseEndsWithTheConnection_C35(t *testing.T) {
	// The answer never comes: no reconnect, the session is left to the cluster.
	r := newRig(t, "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.command(1000, CommandClose)
	r.until(60000)
	same(t, "gave up", r.when(KindSilence), 6666)
	same(t, "story", r.story(KindTold, KindCallLost), "0 SyncConnected", "6766 closeSession ConnectionLoss", "6766 Disconnected", "6766 Closed")
	same(t, "attempts", r.dials(), "0:0")
}

func TestCloseWhileDisconnectedEndsTheLoop_C35(t *testing.T) {
	// During the teardown: its cleanup fails the closeSession, the next turn leaves
	// the loop, with a second teardown.
	r := newRig(t, "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.closed(1000, ReasonEOF)
	r.command(1050, CommandClose)
	r.until(60000)
	same(t, "story", r.story(KindTold, KindCallLost), "0 SyncConnected", "1100 closeSession ConnectionLoss", "1100 Disconnected", "1200 Closed")
	same(t, "attempts", r.dials(), "0:0")
}

func TestCloseDuringTheBackoffStillConnects_C35(t *testing.T) {
	// The test for closing comes before the address is chosen, so an attempt that is
	// being waited for is made, and the closeSession goes out behind it.
	r := newRig(t, "3.9.5", 10000, 3, 800)
	r.session(0, 10000)
	r.closed(1000, ReasonEOF)
	r.command(1500, CommandClose)
	r.until(1900)
	same(t, "attempts", r.dials(), "0:0", "1900:1")
	r.connected(1902)
	r.accept(1904, 10000)
	same(t, "closeSession", r.sent(OpClose), 1904)
	r.packet(1906, Packet{Op: OpClose, Req: OpClose, Reply: true, Xid: 1, Zxid: 9})
	r.until(9000)
	same(t, "events", r.told(), "0 SyncConnected", "1100 Disconnected", "1904 SyncConnected", "2006 Closed")
}

func TestCallsAfterCloseFailAtOnce_C35(t *testing.T) {
	// ClientCnxn.java:ClientCnxn.queuePacket.
	r := newRigOf(t, ClientConfig{Node: 9, Library: library(t, "3.9.5"), Timeout: 10000, Servers: servers(3), First: NoNode, ReadEvery: 700 * time.Millisecond})
	r.session(0, 10000)
	r.command(100, CommandClose)
	r.command(101, CommandRead)
	same(t, "lost", r.story(KindCallLost), "101 getData ConnectionLoss")
	r.until(5000)
	same(t, "the application's own reads stop", r.sent(OpGetData))
}
