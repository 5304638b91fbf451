package model

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"zksim/clock"
)

// A bus joins machines in a world without faults of its own: one clock for all,
// the same latency everywhere, links that a test can hold. It is no model of
// TCP; that is in package sim.
type bus struct {
	t       *testing.T
	latency time.Duration
	now     clock.Reading
	nodes   []Machine
	mail    []post
	held    map[[2]NodeID]bool
	stash   []post
	ends    map[ConnID][2]NodeID
	deaf    map[NodeID]bool // dials to these come to nothing
	shut    map[closedEnd]bool
	out     Output
	next    RecordID
	marks   []mark
	env     *fixedEnv
	opened  uint32
}

type post struct {
	due  clock.Reading
	from NodeID
	to   NodeID
	in   Input
	p    Packet
}

// A closedEnd is one end of a connection, closed by its node.
type closedEnd struct {
	conn ConnID
	node NodeID
}

// A puppet is a client that the test plays itself: it only takes down what comes.
type puppet struct {
	ears map[ConnID]*client
}

func (p *puppet) Step(now clock.Reading, in *Input, _ *Output) {
	switch c := p.ears[in.Conn]; in.Kind {
	case InputPacket:
		c.got = append(c.got, *in.Packet)
		c.when = append(c.when, now.Millis())
	case InputClosed:
		c.closed = append(c.closed, now.Millis())
	}
}

func (p *puppet) Wake() clock.Reading { return clock.Unset }

// newBus makes an ensemble of the given roles, in the order of their nodes, and
// starts it at 0: tickTime 2000, syncLimit 5, limits 4000 to 40000, PING at
// multiples of 1000.
func newBus(t *testing.T, env *fixedEnv, latency time.Duration, roles ...Role) *bus {
	return newBusOf(t, env, latency, func(*ServerConfig) {}, roles...)
}

func newBusOf(t *testing.T, env *fixedEnv, latency time.Duration, edit func(*ServerConfig), roles ...Role) *bus {
	t.Helper()
	b := &bus{t: t, latency: latency, held: map[[2]NodeID]bool{}, ends: map[ConnID][2]NodeID{}, deaf: map[NodeID]bool{}, shut: map[closedEnd]bool{}, next: 1, env: env}
	leader := NodeID(max(0, slices.Index(roles, RoleLeader)))
	var voters, observers []NodeID
	for i, role := range roles {
		if role == RoleObserver {
			observers = append(observers, NodeID(i))
		} else {
			voters = append(voters, NodeID(i))
		}
		if role == RoleLooking {
			leader = NoNode
		}
	}
	for i := range roles {
		cfg := ServerConfig{Node: NodeID(i), ID: i + 1, Voters: voters, Observers: observers, Leader: leader, Limits: Limits{4000, 40000},
			Tick: 2000, InitLimit: 10, SyncLimit: 5, IdleCheck: 10000}
		edit(&cfg)
		b.nodes = append(b.nodes, NewServer(cfg, env))
	}
	for i := range roles {
		b.step(NodeID(i), Input{Kind: InputStart})
	}
	for i, role := range roles {
		if leader != NoNode && (role == RoleFollower || role == RoleObserver) {
			c := MakeConnID(NodeID(i), 0)
			behind, port := b.server(NodeID(i)).Leader(), PortQuorum
			if behind != leader {
				port = PortObserver
			}
			b.ends[c] = [2]NodeID{NodeID(i), behind}
			b.step(behind, Input{Kind: InputJoined, Port: port, Conn: c, Peer: NodeID(i)})
			b.step(NodeID(i), Input{Kind: InputJoined, Port: port, Conn: c, Peer: behind})
		}
	}
	b.until(0) // the first PING
	return b
}

func (b *bus) server(n NodeID) *Server { return b.nodes[n].(*Server) }

// add puts another machine on the bus.
func (b *bus) add(m Machine) NodeID {
	b.nodes = append(b.nodes, m)
	return NodeID(len(b.nodes) - 1)
}

func (b *bus) step(n NodeID, in Input) {
	b.out.Reset(b.next, in.Cause)
	b.nodes[n].Step(b.now, &in, &b.out)
	b.carryOut(n)
}

// carryOut notes what a step left and posts what it sent.
func (b *bus) carryOut(n NodeID) {
	b.next += RecordID(len(b.out.Notes))
	for _, note := range b.out.Notes {
		b.marks = append(b.marks, mark{b.now.Millis(), n, note})
	}
	for _, e := range slices.Clone(b.out.Effects) {
		switch e.Kind {
		case EffectDial:
			b.ends[e.Conn] = [2]NodeID{n, e.Peer}
			_, dead := b.nodes[e.Peer].(corpse)
			switch s, ok := b.nodes[e.Peer].(*Server); {
			case b.deaf[e.Peer]:
			case dead:
				b.post(e.Peer, n, 2*b.latency, Input{Kind: InputClosed, Conn: e.Conn, Reason: ReasonRefused}, Packet{})
			case ok && !s.Listening(e.Port):
				b.post(e.Peer, n, 2*b.latency, Input{Kind: InputClosed, Conn: e.Conn, Reason: ReasonRefused}, Packet{})
			default:
				b.post(n, e.Peer, 2*b.latency, Input{Kind: InputAccepted, Port: e.Port, Conn: e.Conn, Peer: n}, Packet{})
				b.post(e.Peer, n, 2*b.latency, Input{Kind: InputConnected, Conn: e.Conn, Peer: e.Peer}, Packet{})
			}
		case EffectSend:
			b.post(n, b.other(e.Conn, n), b.latency, Input{Kind: InputPacket, Conn: e.Conn, Cause: e.Cause}, e.Packet)
		case EffectClose:
			end := closedEnd{e.Conn, n}
			if b.shut[end] {
				continue
			}
			b.shut[end] = true
			b.post(n, b.other(e.Conn, n), b.latency, Input{Kind: InputClosed, Conn: e.Conn, Reason: ReasonEOF, Cause: e.Cause}, Packet{})
		}
	}
}

func (b *bus) other(c ConnID, n NodeID) NodeID {
	ends := b.ends[c]
	if ends[0] == n {
		return ends[1]
	}
	return ends[0]
}

func (b *bus) post(from, to NodeID, after time.Duration, in Input, p Packet) {
	m := post{b.now.Add(after), from, to, in, p}
	if b.held[[2]NodeID{from, to}] {
		b.stash = append(b.stash, m)
		return
	}
	b.mail = append(b.mail, m)
}

// hold keeps back what one node sends to another; release lets it go on.
func (b *bus) hold(from, to NodeID) { b.held[[2]NodeID{from, to}] = true }

func (b *bus) release(from, to NodeID) {
	delete(b.held, [2]NodeID{from, to})
	var rest []post
	for _, m := range b.stash {
		if m.from == from && m.to == to {
			m.due = b.now.Add(b.latency)
			b.mail = append(b.mail, m)
		} else {
			rest = append(rest, m)
		}
	}
	b.stash = rest
}

// lose forgets what a held link keeps.
func (b *bus) lose(from, to NodeID) {
	b.stash = slices.DeleteFunc(b.stash, func(m post) bool { return m.from == from && m.to == to })
}

// A corpse is a process that has been killed.
type corpse struct{}

func (corpse) Step(clock.Reading, *Input, *Output) {}
func (corpse) Wake() clock.Reading                 { return clock.Unset }

// kill ends a process: its kernel closes every connection (W-4). It returns the
// machine, for a restart.
func (b *bus) kill(n NodeID) Machine {
	m := b.nodes[n]
	b.nodes[n] = corpse{}
	var conns []ConnID
	for c, ends := range b.ends {
		if ends[0] == n || ends[1] == n {
			conns = append(conns, c)
		}
	}
	slices.Sort(conns)
	for _, c := range conns {
		if !b.shut[closedEnd{c, n}] {
			b.shut[closedEnd{c, n}] = true
			b.post(n, b.other(c, n), b.latency, Input{Kind: InputClosed, Conn: c, Reason: ReasonEOF}, Packet{})
		}
	}
	return m
}

// restart starts a killed server's process again.
func (b *bus) restart(n NodeID, m Machine) {
	m.(*Server).Restart()
	b.nodes[n] = m
	b.step(n, Input{Kind: InputStart})
}

// cut holds what two nodes send each other.
func (b *bus) cut(x, y NodeID) {
	b.hold(x, y)
	b.hold(y, x)
}

// heal lets everything through that a cut held.
func (b *bus) heal(x, y NodeID) {
	b.release(x, y)
	b.release(y, x)
}

// until plays everything up to ms and through it.
func (b *bus) until(ms int64) {
	b.t.Helper()
	for steps := 0; ; steps++ {
		if steps > 1_000_000 {
			b.t.Fatal("the bus does not come to rest")
		}
		first := -1
		at := clock.ReadingOfMillis(ms + 1)
		for i := range b.mail {
			if b.mail[i].due < at {
				first, at = i, b.mail[i].due
			}
		}
		waker := -1
		for i, m := range b.nodes {
			if w := max(m.Wake(), b.now); m.Wake() != clock.Unset && w < at {
				waker, at = i, w
			}
		}
		switch {
		case waker >= 0:
			b.now = at
			b.step(NodeID(waker), Input{Kind: InputWake})
		case first >= 0:
			b.now = at
			m := b.mail[first]
			b.mail = slices.Delete(b.mail, first, first+1)
			if b.shut[closedEnd{m.in.Conn, m.to}] {
				continue // nobody reads there any more
			}
			if m.in.Kind == InputPacket {
				m.in.Packet = &m.p
			}
			b.step(m.to, m.in)
		default:
			b.now = clock.ReadingOfMillis(ms)
			return
		}
	}
}

// A client is one connection that a test plays by hand.
type client struct {
	b      *bus
	node   NodeID
	at     NodeID // the server
	conn   ConnID
	got    []Packet
	when   []int64 // of each of them
	closed []int64 // by the server
}

// open opens a connection of a new puppet to a server, at once.
func (b *bus) open(server NodeID) *client {
	return b.openAs(b.add(&puppet{ears: map[ConnID]*client{}}), server)
}

// again opens another connection of the same puppet.
func (c *client) again(server NodeID) *client { return c.b.openAs(c.node, server) }

func (b *bus) openAs(node, server NodeID) *client {
	b.opened++
	c := &client{b: b, node: node, at: server, conn: MakeConnID(node, b.opened)}
	b.nodes[node].(*puppet).ears[c.conn] = c
	b.ends[c.conn] = [2]NodeID{node, server}
	b.step(server, Input{Kind: InputAccepted, Conn: c.conn, Peer: node})
	return c
}

// send posts a packet of the client.
func (c *client) send(p Packet) {
	c.b.post(c.node, c.at, c.b.latency, Input{Kind: InputPacket, Conn: c.conn}, p)
}

// hangUp closes the client's end.
func (c *client) hangUp() {
	c.b.post(c.node, c.at, c.b.latency, Input{Kind: InputClosed, Conn: c.conn, Reason: ReasonEOF}, Packet{})
}

func (c *client) ping() { c.send(Packet{Op: OpPing}) }

// login asks for a new session and plays until it is there.
func (c *client) login(timeout int32) SessionID {
	c.b.t.Helper()
	c.send(Packet{Op: OpConnect, Timeout: timeout})
	c.b.until(c.b.now.Millis() + max(50, 8*c.b.latency.Milliseconds()))
	last := c.last()
	if last.Op != OpConnect || last.Timeout == 0 {
		c.b.t.Fatalf("login: got %+v", last)
	}
	return last.Session
}

// resume asks for an old session back, without waiting.
func (c *client) resume(id SessionID, timeout int32) {
	c.send(Packet{Op: OpConnect, Session: id, Password: passwordOf(id), Timeout: timeout})
}

func (c *client) last() Packet {
	if len(c.got) == 0 {
		return Packet{}
	}
	return c.got[len(c.got)-1]
}

// answers lists what the client received, as "op error".
func (c *client) answers() []string {
	var s []string
	for _, p := range c.got {
		s = append(s, fmt.Sprintf("%v %v", p.Op, p.Err))
	}
	return s
}

// notes lists notes of a kind at a node, as times.
func (b *bus) notes(n NodeID, k Kind) []int64 {
	var at []int64
	for _, m := range b.marks {
		if m.node == n && m.note.Kind == k {
			at = append(at, m.at)
		}
	}
	return at
}

// lastNote returns the latest note of a kind at a node.
func (b *bus) lastNote(n NodeID, k Kind) Note {
	b.t.Helper()
	for _, m := range slices.Backward(b.marks) {
		if m.node == n && m.note.Kind == k {
			return m.note
		}
	}
	b.t.Fatalf("node %d left no note of kind %d", n, k)
	return Note{}
}

// touches lists the leader's touches of a session as "ms by deadline".
func (b *bus) touches(n NodeID, id SessionID) []string {
	var s []string
	for _, m := range b.marks {
		if m.node == n && m.note.Kind == KindTouch && m.note.Session == id {
			s = append(s, fmt.Sprintf("%d %s %d", m.at, m.note.Text, m.note.B))
		}
	}
	return s
}
