package model

import "testing"

// on delivers something on a given connection.
func (r *rig) on(conn ConnID, ms int64, in Input) {
	r.before(ms)
	in.Conn = conn
	r.step(ms, in)
}

// readOnlyRig is a client that has opted in, with a session of read-only server 0
// from 150 on: T = 10 s, three addresses.
func readOnlyRig(t *testing.T, name, version string) (r *rig, conn ConnID) {
	r = newRigOf(t, ClientConfig{Node: 9, Library: libraryOf(t, name, version), Timeout: 10000, Servers: servers(3), First: NoNode, CanBeReadOnly: true})
	r.connected(0)
	conn = r.conn
	r.packet(150, Packet{Op: OpConnect, Reply: true, Session: makeSessionID(1, 7), Password: 5, Timeout: 10000, ReadOnly: true})
	return r, conn
}

// says has the probe under way hear an answer, and the end of its connection.
func (r *rig) says(ms int64, answer string) {
	r.connected(ms)
	r.packet(ms, Packet{Op: OpIsro, Reply: true, Path: answer})
	r.closed(ms, ReasonEOF)
}

func TestJavaLooksForAReadWriteServer_C10_C33(t *testing.T) {
	r, _ := readOnlyRig(t, "java", "3.9.5")
	same(t, "told", r.told(), "150 ConnectedReadOnly")
	// At once, since the handle is older than 100 ms. Refused a millisecond later; the
	// wait of now 200 ms counts from there.
	r.closed(151, ReasonRefused)
	r.until(351)
	// No answer to the connect for a second; then 400 ms.
	r.until(1751)
	// The server's own address comes round without a wait (hostProvider.next(0)). What was
	// left of the turn's wait, 3333 - 1000 - 1751 = 582 until the ping, goes on after it.
	r.says(1753, "ro")
	r.until(2335)
	same(t, "pings", r.sent(OpPing), 2335)
	// 800 ms after 1751.
	r.until(2551)
	same(t, "attempts and probes", r.dials(), "0:0", "150:1", "351:2", "1751:0", "2551:1")
	r.says(2554, "rw")
	r.until(2654)
	same(t, "told", r.told(), "150 ConnectedReadOnly", "2654 Disconnected")
	same(t, "answers", r.story(KindProbed), "151 refused", "1351 no answer", "1753 ro", "2554 rw")
	// It goes there, by way of the back-off of 0 here, and asks for a new session (C-19).
	r.connected(2655)
	same(t, "attempts and probes", r.dials()[5:], "2654:1")
	last := r.wire[len(r.wire)-1]
	if last.p.Op != OpConnect || last.p.Session != 0 || !last.p.ReadOnly {
		t.Errorf("ConnectRequest %+v; want session 0", last.p)
	}
	r.packet(2656, Packet{Op: OpConnect, Reply: true, Session: makeSessionID(2, 1), Password: 6, Timeout: 10000})
	same(t, "told", r.told()[2:], "2656 SyncConnected")
	// On a read-write server it looks no further, and the session is its own from now on.
	r.until(2656 + 6000)
	same(t, "attempts and probes", r.dials()[6:])
	r.closed(2656+6000, ReasonEOF)
	r.until(2656 + 6200)
	r.connected(2656 + 6200)
	if last := r.wire[len(r.wire)-1]; last.p.Session != makeSessionID(2, 1) {
		t.Errorf("ConnectRequest %+v; want the session of the read-write server", last.p)
	}
}

func TestWhatComesDuringAProbeIsReadAfterIt_C33(t *testing.T) {
	r, conn := readOnlyRig(t, "java", "3.9.5")
	pong := Packet{Op: OpPing, Reply: true}
	r.on(conn, 500, Input{Kind: InputPacket, Packet: &pong})
	r.until(1149)
	same(t, "heard", r.when(KindPingReply))
	r.until(1150) // the probe's second is over
	// The next probe is due since 350, so it comes between the packet's length and its
	// body (C-11); after that the body is read.
	same(t, "probes", r.when(KindProbe), 150, 1150)
	same(t, "heard", r.when(KindPingReply))
	r.closed(1200, ReasonRefused)
	same(t, "heard", r.when(KindPingReply), 1200)
	// So also for the end of the connection, during the probe of 1150 + 400: having read,
	// the thread has gone round once more.
	r.until(1550)
	r.on(conn, 1700, Input{Kind: InputClosed, Reason: ReasonEOF})
	same(t, "dropped", r.when(KindDropped))
	r.until(2550)
	same(t, "dropped", r.when(KindDropped), 2550)
	r.until(2650)
	same(t, "told", r.told(), "150 ConnectedReadOnly", "2650 Disconnected")
}

func TestJavaTakesNotReadOnlyForAMalformedAnswer_V11_C12(t *testing.T) {
	r := newRig(t, "3.9.5", 10000, 3)
	r.connected(0)
	r.packet(1, Packet{Op: OpError, Reply: true, Err: ErrNotReadOnly})
	r.until(101)
	same(t, "dropped", r.story(KindDropped), "1 malformed answer")
	same(t, "told", r.told()) // there was no connection to lose (C-13)
	same(t, "attempts", r.dials(), "0:0", "101:1")
}

func TestCWaitsForTheRestOfNotReadOnly_V11_LC1(t *testing.T) {
	r := newLibraryRig(t, "c", "3.9.5", 6000, 3)
	r.connected(0)
	r.packet(1, Packet{Op: OpError, Reply: true, Err: ErrNotReadOnly})
	r.until(3999)
	same(t, "attempts", r.dials(), "0:0")
	r.until(4000) // t*2/3
	same(t, "attempts", r.dials(), "0:0", "4000:1")
}

func TestCLooksForAReadWriteServer_LC7(t *testing.T) {
	r, conn := readOnlyRig(t, "c", "3.9.5")
	same(t, "told", r.told(), "150 READONLY")
	same(t, "states", r.story(KindState), "0 CONNECTING", "0 ASSOCIATING", "150 READONLY")
	// The time counts from the attempt: first at 200, of the address that comes next,
	// which after the first session is the first again (L-C5).
	r.until(200)
	same(t, "probes", r.dials()[1:], "200:0")
	r.closed(201, ReasonRefused)
	// 400 after its end; of the address behind it. No answer for a second.
	r.until(1601)
	pong := Packet{Op: OpPing, Reply: true}
	r.on(conn, 1601, Input{Kind: InputPacket, Packet: &pong})
	same(t, "probes", r.dials()[2:], "601:1", "1601:2")
	same(t, "heard", r.when(KindPingReply), 1601)
	// Since 601, 1000 of 800 have passed when that packet has been read: at once.
	same(t, "probes due", r.when(KindProbe), 200, 601, 1601)
}

func TestCGoesToTheReadWriteServerAtOnce_LC7(t *testing.T) {
	r, _ := readOnlyRig(t, "c", "3.9.5")
	r.until(200)
	r.command(210, CommandRead) // waits for the thread
	r.connected(220)
	r.packet(221, Packet{Op: OpIsro, Reply: true, Path: "rw"})
	same(t, "told", r.told(), "150 READONLY", "221 CONNECTING")
	same(t, "attempts", r.dials(), "0:0", "200:0", "221:0")
	same(t, "lost", r.story(KindCallLost), "221 getData OK") // zookeeper.c:cleanup with ZOK
	r.connected(222)
	if last := r.wire[len(r.wire)-1]; last.p.Op != OpConnect || last.p.Session != 0 {
		t.Errorf("ConnectRequest %+v; want session 0", last.p)
	}
	// Another session than before is no expiry: no read-write server had the first one.
	r.packet(223, Packet{Op: OpConnect, Reply: true, Session: makeSessionID(2, 1), Password: 6, Timeout: 10000})
	same(t, "told", r.told()[2:], "223 CONNECTED")
}
