package model

import "zksim/clock"

// nextServer chooses an address and may sleep first (C-16).
func (c *JavaClient) nextServer(now clock.Reading, out *Output) {
	out.Because(c.dropped)
	if c.probe.found != NoNode {
		// The probe has had the list hand it out already (C-33).
		c.server, c.probe.found = c.probe.found, NoNode
		c.startConnect(now, out)
		return
	}
	var spin bool
	c.server, spin = c.hosts.next()
	if !spin || c.cfg.Deviation == DeviateNoSpin {
		c.startConnect(now, out)
		return
	}
	c.dropped = c.note(out, Note{Kind: KindSpin, Rule: "C-16", Peer: c.server, A: javaSpin})
	c.sleep(now, phaseSpin, javaSpin)
}

// startConnect waits at random, except before the first connection ever
// (C-17; ClientCnxn.java:SendThread.startConnect).
func (c *JavaClient) startConnect(now clock.Reading, out *Output) {
	out.Because(c.dropped)
	if !c.everUp {
		c.dial(now, out)
		return
	}
	wait := int64(below(c.env.Draw(PurposeBackoff, c.backoffs), javaBackoff))
	c.backoffs++
	c.dropped = c.note(out, Note{Kind: KindBackoff, Rule: "C-17", Peer: c.server, A: wait})
	c.sleep(now, phaseBackoff, wait)
}

// dial starts the attempt and goes on with the same turn (C-5, C-18).
func (c *JavaClient) dial(now clock.Reading, out *Output) {
	out.Because(c.dropped)
	c.now = now.Millis()
	if c.state == StateClosed {
		// Curator has injected an expiry meanwhile: no way back (L-U4).
		c.endLoop(now, out)
		return
	}
	c.setState(StateConnecting, "C-18", out)
	c.attempt = c.note(out, Note{Kind: KindAttempt, Rule: "C-5", Peer: c.server})
	c.conn = c.nextConn()
	c.socket = socketDialled
	out.Dial(c.conn, c.server, PortClient)
	c.lastSend = c.now // C-3
	if c.lib.ConnectTimerIsHeard {
		c.lastHeard = c.now // C-4
	}
	c.checkTimers(now, out)
}

// connected is TCP coming up: the handshake request follows at once (C-3, C-4,
// C-19; ClientCnxn.java:SendThread.primeConnection).
func (c *JavaClient) connected(now clock.Reading, out *Output) {
	c.now = now.Millis()
	c.lastSend, c.lastHeard = c.now, c.now
	c.heardBy = c.note(out, Note{Kind: KindTCPUp, Rule: "C-4", Peer: c.server})
	c.everUp = true
	c.socket = socketPrimed
	p := Packet{Op: OpConnect, Session: c.session, Password: c.password, Timeout: c.cfg.Timeout, Zxid: c.lastZxid, ReadOnly: c.cfg.CanBeReadOnly}
	if !c.seenRW {
		p.Session = 0 // a session of read-only servers alone is given up for a new one (C-33)
	}
	out.Send(c.conn, &p)
	c.checkTimers(now, out)
}

// handshake reads a ConnectResponse (C-25, C-30). An application whose session is
// resumed hears SyncConnected and nothing of how close it was (C-26).
func (c *JavaClient) handshake(now clock.Reading, p *Packet, out *Output) {
	if p.Op != OpConnect {
		// NotReadOnly, of a read-only server that can grant no session: too short for an
		// answer to a handshake (V-11).
		c.dropped = c.note(out, Note{Kind: KindDropped, Rule: "C-12", Peer: c.server, Text: "malformed answer"})
		c.teardown(now, out)
		return
	}
	if p.Timeout <= 0 {
		c.setState(StateClosed, "C-30", out)
		c.dropped = c.tell(now, ToldExpired, "C-30", out)
		c.events.dying = true
		c.teardown(now, out)
		return
	}
	c.timers = NewJavaTimers(p.Timeout, len(c.hosts.order)).deviate(c.cfg.Deviation, p.Timeout)
	c.hosts.connected()
	c.session, c.password, c.granted = p.Session, p.Password, p.Timeout
	c.socket = socketUp
	c.heardBy = c.note(out, Note{Kind: KindSessionUp, Rule: "C-25", Peer: c.server, A: int64(p.Timeout)})
	c.readOnly, c.seenRW = p.ReadOnly, c.seenRW || !p.ReadOnly
	state, told := StateConnected, ToldConnected
	if c.readOnly {
		state, told = StateConnectedReadOnly, ToldConnectedReadOnly
	}
	c.setState(state, "C-25", out)
	if c.app.watching() {
		// Watches go out right behind the ConnectRequest: before what waits (C-19).
		c.outgoing = append(c.outgoing, Packet{})
		copy(c.outgoing[1:], c.outgoing)
		c.outgoing[0] = c.app.rewatch(&c.cfg, c.lastZxid)
	}
	c.tell(now, told, "C-25", out)
}
