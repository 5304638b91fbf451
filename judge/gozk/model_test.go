package gozk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
)

// A puppeteer steps the model's client along a script. It is its network, its server
// and its clock.
type puppeteer struct {
	script   *Script
	order    []string
	client   model.Client
	out      model.Output
	next     model.RecordID
	now      time.Duration
	mail     []letter
	posted   int
	log      Log
	attempts int
	sessions model.SessionID
	answers  int64
	ends     map[model.ConnID]*end
	closed   bool // by the application
	closedAt time.Duration
}

// An end is the server's end of a connection.
type end struct {
	attempt Attempt
	up      time.Duration
	closed  bool // by either side
	watched bool // a watch is set
}

type letter struct {
	at    time.Duration
	nth   int
	in    model.Input
	p     model.Packet
	guard func(*model.Packet) bool // it is sent only if this holds when it is due
}

// Draw leaves the addresses in the order in which they are given.
func (p *puppeteer) Draw(model.Purpose, uint64) uint64 { return 1<<64 - 1 }
func (p *puppeteer) FlushTime(uint64) time.Duration    { return 0 }
func (p *puppeteer) LoadTime(uint64) time.Duration     { return 0 }
func (p *puppeteer) post(l letter)                     { l.nth = p.posted; p.posted++; p.mail = append(p.mail, l) }
func (p *puppeteer) note(format string, args ...any)   { p.log.add(p.now, format, args...) }

// playModel runs the model's client along a script, with its addresses in the order
// that the real client had them in.
func playModel(t *testing.T, s *Script, order []string, edit func(*model.ClientConfig)) *Log {
	t.Helper()
	library, err := model.FindLibrary("go", "1.0.4")
	if err != nil {
		t.Fatal(err)
	}
	p := &puppeteer{script: s, order: order, next: 1, ends: map[model.ConnID]*end{}}
	cfg := model.ClientConfig{Node: 100, Library: library, Timeout: int32(s.Timeout / time.Millisecond), First: model.NoNode, Callback: s.Slow}
	for i := range s.Servers {
		cfg.Servers = append(cfg.Servers, model.NodeID(i))
	}
	if s.Watches {
		cfg.Watches = path
	}
	edit(&cfg)
	p.client = model.NewClient(cfg, p)
	p.command(0, model.CommandOpen)
	for _, a := range s.Do {
		p.command(a.At, [...]model.Command{Read: model.CommandRead, Write: model.CommandWrite, Close: model.CommandClose}[a.What])
	}
	for p.turn() {
	}
	return &p.log
}

func (p *puppeteer) command(at time.Duration, c model.Command) {
	p.post(letter{at: at, in: model.Input{Kind: model.InputCommand, Command: c}})
}

// turn plays what comes next, and reports whether there was anything.
func (p *puppeteer) turn() bool {
	slices.SortStableFunc(p.mail, func(a, b letter) int {
		if a.at != b.at {
			return int(a.at - b.at)
		}
		return a.nth - b.nth
	})
	wake := p.client.Wake()
	if len(p.mail) > 0 && (wake == clock.Unset || p.mail[0].at <= time.Duration(wake)) {
		l := p.mail[0]
		p.mail = p.mail[1:]
		if l.at >= p.script.Until {
			return false
		}
		p.now = max(p.now, l.at)
		if l.guard != nil && !l.guard(&l.p) {
			return true
		}
		if l.in.Kind == model.InputPacket {
			l.in.Packet = &l.p
		}
		p.step(l.in)
		return true
	}
	if wake == clock.Unset || time.Duration(wake) >= p.script.Until {
		return false
	}
	p.now = max(p.now, time.Duration(wake))
	p.step(model.Input{Kind: model.InputWake})
	return true
}

func (p *puppeteer) step(in model.Input) {
	if in.Kind == model.InputCommand && in.Command == model.CommandClose {
		p.closed, p.closedAt = true, p.now
	}
	p.out.Reset(p.next, 0)
	p.client.Step(clock.Reading(p.now), &in, &p.out)
	p.next += model.RecordID(len(p.out.Notes))
	for i := range p.out.Notes {
		switch n := &p.out.Notes[i]; n.Kind {
		case model.KindTold:
			p.note("event %s", strings.TrimPrefix(n.Text, "State"))
		case model.KindReply, model.KindCallLost:
			switch {
			case strings.HasPrefix(n.Text, "setWatches"), strings.HasPrefix(n.Text, "closeSession"): // nobody sees these
			case p.closed && strings.HasPrefix(n.Text, "exists") && p.now > p.closedAt: // see bubble.watch
			default:
				p.note("result %s", n.Text)
			}
		}
	}
	for _, e := range slices.Clone(p.out.Effects) {
		switch e.Kind {
		case model.EffectDial:
			p.dial(e.Conn, e.Peer)
		case model.EffectSend:
			p.sent(e.Conn, e.Packet)
		case model.EffectClose:
			if c := p.ends[e.Conn]; c != nil && !c.closed {
				c.closed = true
				p.note("close")
			}
		}
	}
}

func (p *puppeteer) dial(conn model.ConnID, server model.NodeID) {
	a := p.script.Attempts[min(p.attempts, len(p.script.Attempts)-1)]
	p.attempts++
	p.note("dial %s", p.order[server])
	switch a.Dial {
	case Accept:
		p.post(letter{at: p.now + a.Takes, in: model.Input{Kind: model.InputConnected, Conn: conn}, guard: func(*model.Packet) bool {
			p.ends[conn] = &end{attempt: a}
			return true
		}})
	case Refuse:
		p.post(letter{at: p.now + a.Takes, in: model.Input{Kind: model.InputClosed, Conn: conn, Reason: model.ReasonRefused}})
	}
}

// sent is a packet reaching the server.
func (p *puppeteer) sent(conn model.ConnID, packet model.Packet) {
	c := p.ends[conn]
	if c == nil || c.closed {
		return
	}
	a := &c.attempt
	open := func(*model.Packet) bool { return !c.closed }
	answer := func(after time.Duration, r model.Packet, guard func(*model.Packet) bool) {
		r.Reply = true
		p.post(letter{at: p.now + after, in: model.Input{Kind: model.InputPacket, Conn: conn}, p: r, guard: guard})
	}
	hangUp := func(after time.Duration) {
		p.post(letter{at: p.now + after, in: model.Input{Kind: model.InputClosed, Conn: conn, Reason: model.ReasonEOF}, guard: func(*model.Packet) bool {
			return c.hangUp(p)
		}})
	}
	switch packet.Op {
	case model.OpConnect:
		p.note("connect session=%d timeout=%d zxid=%d", packet.Session, packet.Timeout, packet.Zxid)
		switch a.Handshake {
		case Accept:
			r := model.Packet{Op: model.OpConnect, Session: packet.Session, Timeout: packet.Timeout}
			if a.Grants > 0 {
				r.Timeout = int32(a.Grants / time.Millisecond)
			}
			if r.Session == 0 {
				p.sessions++
				r.Session = p.sessions
			}
			c.up = p.now + a.After
			answer(a.After, r, open)
			for _, at := range a.Fires {
				answer(a.After+at, model.Packet{Op: model.OpNotify, Xid: -1, Event: model.WatchDataChanged, Path: path}, func(*model.Packet) bool {
					set := c.watched
					c.watched = false
					return set && !c.closed
				})
			}
			if a.CloseAfter > 0 {
				hangUp(a.After + a.CloseAfter)
			}
		case Refuse:
			hangUp(a.After)
		case Expire:
			answer(a.After, model.Packet{Op: model.OpConnect}, func(*model.Packet) bool {
				return c.hangUp(p) // V-5
			})
		}
	case model.OpPing:
		p.note("ping")
		answer(a.RoundTrip, model.Packet{Op: model.OpPing}, func(*model.Packet) bool { return !c.closed && c.hears(p.now) })
	default:
		p.note("send %v", packet.Op)
		r := model.Packet{Op: packet.Op, Req: packet.Op, Xid: packet.Xid, Err: model.ErrNoNode}
		if packet.Op == model.OpClose || packet.Op == model.OpSetWatches {
			r.Err = model.ErrOK
		}
		answer(a.RoundTrip, r, func(r *model.Packet) bool {
			if !c.hears(p.now) || c.closed {
				return false
			}
			if r.Op == model.OpExists || r.Op == model.OpSetWatches {
				c.watched = true
			}
			p.answers++
			r.Zxid = p.answers
			return true
		})
	}
}

// hangUp closes the server's end, unless it is closed.
func (c *end) hangUp(p *puppeteer) bool {
	if c.closed {
		return false
	}
	c.closed = true
	p.note("hung up")
	return true
}

// hears says whether the server still answers.
func (c *end) hears(now time.Duration) bool {
	return c.attempt.DeafFrom == 0 || now-c.up < c.attempt.DeafFrom
}
