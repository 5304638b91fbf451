package model

import (
	"time"

	"zksim/clock"
)

// cnxTimeout is how long a connection to another server's election port may take
// to open, in milliseconds (F-11; zookeeper.cnxTimeout).
const cnxTimeout = 5000

// An electionLink is a server's connection to another one's election port, or the
// other's to its own: one for each pair (QuorumCnxManager.java). It outlives the
// election, so that the first notifications of the next one need no handshake.
type electionLink struct {
	node     NodeID
	conn     ConnID // in use; NoConn: none
	dialling ConnID // being opened; NoConn: none
	giveUp   clock.Reading
	queued   *QuorumInfo // waits for a connection; a newer one takes its place
	last     *QuorumInfo // the last sent: a new connection begins with it
}

// newElectionLinks appends a link to every other server, without a connection.
func newElectionLinks(links []electionLink, cfg *ServerConfig) []electionLink {
	add := func(nodes []NodeID) {
		for _, n := range nodes {
			if n != cfg.Node {
				links = append(links, electionLink{node: n, conn: NoConn, dialling: NoConn, giveUp: clock.Unset})
			}
		}
	}
	add(cfg.Voters)
	add(cfg.Observers)
	return links
}

// link finds the link to a node, or nil.
func (s *Server) link(n NodeID) *electionLink {
	for i := range s.links {
		if s.links[i].node == n {
			return &s.links[i]
		}
	}
	return nil
}

// linkOf finds the link that a connection belongs to, in use or being opened, or
// nil.
func (s *Server) linkOf(c ConnID) *electionLink {
	for i := range s.links {
		if l := &s.links[i]; l.conn == c || l.dialling == c {
			return l
		}
	}
	return nil
}

// send sends a notification, or leaves it for the connection to be opened
// (QuorumCnxManager.java:QuorumCnxManager.toSend).
func (l *electionLink) send(s *Server, now clock.Reading, q *QuorumInfo, out *Output) {
	l.queued = q
	l.flush(out)
	l.connect(s, now, out)
}

// flush sends what waits, if there is a connection.
func (l *electionLink) flush(out *Output) {
	if l.conn == NoConn || l.queued == nil {
		return
	}
	out.Send(l.conn, &Packet{Op: OpNotification, Quorum: l.queued})
	l.last, l.queued = l.queued, nil
}

// connect opens a connection unless there is one, or one under way.
func (l *electionLink) connect(s *Server, now clock.Reading, out *Output) {
	if l.conn != NoConn || l.dialling != NoConn {
		return
	}
	s.opening++
	l.dialling = s.nextConn()
	l.giveUp = now.Add(cnxTimeout * time.Millisecond)
	out.Dial(l.dialling, l.node, PortElection)
}

// opened is a connection coming up that this server has dialled. Of two servers
// the one with the larger ID keeps what it has dialled; the other has only asked to
// be dialled (QuorumCnxManager.java:QuorumCnxManager.startConnection).
func (l *electionLink) opened(s *Server, out *Output) {
	c := l.dialling
	l.settled(s)
	if l.node > s.cfg.Node {
		out.Close(c)
		return
	}
	l.use(c, out)
}

// accepted is a connection that the other server has dialled
// (QuorumCnxManager.java:QuorumCnxManager.handleConnection).
func (l *electionLink) accepted(s *Server, now clock.Reading, c ConnID, out *Output) {
	if l.node < s.cfg.Node {
		l.drop(out)
		out.Close(c)
		l.connect(s, now, out)
		return
	}
	l.use(c, out)
}

// use goes on with a connection, in place of an older one. What was sent last may
// have been lost with that.
func (l *electionLink) use(c ConnID, out *Output) {
	l.drop(out)
	l.conn = c
	if l.queued == nil {
		l.queued = l.last
	}
	l.flush(out)
}

func (l *electionLink) drop(out *Output) {
	if l.conn != NoConn {
		out.Close(l.conn)
		l.conn = NoConn
	}
}

// closed is the end of one of the link's connections.
func (l *electionLink) closed(s *Server, c ConnID) {
	if l.conn == c {
		l.conn = NoConn
		return
	}
	l.settled(s)
}

// settled ends an attempt to open a connection, whatever came of it.
func (l *electionLink) settled(s *Server) {
	s.opening--
	l.dialling, l.giveUp = NoConn, clock.Unset
}

// delivered says whether some notification has left: what has been said need not
// be said again on account of those who cannot be reached
// (QuorumCnxManager.java:QuorumCnxManager.haveDelivered).
func (s *Server) delivered() bool {
	for i := range s.links {
		if s.elects(s.links[i].node) && s.links[i].queued == nil {
			return true
		}
	}
	return false
}

// connectAll tries every link that has no connection.
func (s *Server) connectAll(now clock.Reading, out *Output) {
	for i := range s.links {
		if s.elects(s.links[i].node) {
			s.links[i].connect(s, now, out)
		}
	}
}

// checkLinks gives up connections that took too long to open.
func (s *Server) checkLinks(now clock.Reading, out *Output) {
	for i := range s.links {
		if l := &s.links[i]; now >= l.giveUp {
			out.Close(l.dialling)
			l.settled(s)
		}
	}
}

func (s *Server) linksWake() clock.Reading {
	w := clock.Unset
	for i := range s.links {
		w = min(w, s.links[i].giveUp)
	}
	return w
}

// nextConn names the next connection that this server opens.
func (s *Server) nextConn() ConnID {
	c := MakeConnID(s.cfg.Node, s.dialled)
	s.dialled++
	return c
}
