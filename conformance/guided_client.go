package conformance

import (
	"slices"
	"time"

	"zksim/clock"
	"zksim/model"
)

// A ledClient leads the client of one recording. Before each of its actions the
// machine is asked, by stepping a copy, when it would act and how; then it acts
// when its real counterpart did.
type ledClient struct {
	g     *guide
	row   *ledLibrary
	m     model.Client
	read  clock.Reading
	out   model.Output
	trial model.Output

	conns     map[model.ConnID]*ledConn
	current   model.ConnID
	pings     []sentPing // answered pings, as recorded
	early     []early    // actions taken before their recorded counterpart came up
	opened    bool
	ready     bool    // of the steps: the session has been used
	upAt      int64   // when
	firstUp   int64   // when that will be
	ups       []int64 // when handshakes were answered
	loose     int64   // how long after that the application's first request may have left; zero once a ping has shown it
	dead      bool
	quiet     bool // kazoo up to 2.8: its jitter can be zero
	twoWrites bool // what it sends goes out in two segments (W-1)
	paused    bool
	resumed   int64          // when it was continued last
	buried    []model.ConnID // connections closed by a server while it was stopped
	refused   bool           // the last ConnectRequest was refused
	servers   []model.NodeID // the client's list
	shuffling shuffling
	actions   map[string]bool // kinds that the recording has the machine do
	served    []served        // pings that the servers alone tell of
	ended     int64           // when a connection was ended from the other side last
	upConn    model.ConnID    // the connection whose handshake was answered last
	session   uint64          // counts the sessions that the servers' part lacks
	// kazoo's wait between two cycles: what its next one grows from, and the interval of
	// the one under way (L-K6).
	retryDelay int64
	retried    map[uint64]int64 // by draw
	retry      Span
	k          int64 // C-14, ns
}

// A sentPing is a ping that was answered: when it was sent, and its round trip.
type sentPing struct{ sent, rtt int64 }

// early is an action that the machine took of itself.
type early struct {
	kind     string
	at       int64
	span     Span
	rule     string
	expected bool
}

func newLedClient(g *guide, row *ledLibrary, library *model.Library) *ledClient {
	h := &g.t.Header
	n := h.Servers.Count
	var tried []int
	enter := func(server int) {
		if server >= 1 && server <= n && !slices.Contains(tried, server-1) {
			tried = append(tried, server-1)
		}
	}
	// The order in which addresses are tried is a draw; the recording shows it.
	for i := range g.t.Events {
		if e := &g.t.Events[i]; e.Class() == ClassClient && (row.tells(e) == tellsAttempt || row.tells(e) == tellsUp) {
			enter(e.Server)
		}
	}
	enter(h.Client.AttachedServer)
	for s := 1; s <= n && len(tried) < h.Client.Addresses; s++ {
		enter(s)
	}
	if len(tried) > h.Client.Addresses && h.Client.Addresses > 0 {
		tried = tried[:h.Client.Addresses]
	}
	var order []model.NodeID
	if len(tried) == n {
		tried = row.order(g.t, tried)
	}
	for _, s := range tried {
		order = append(order, model.NodeID(s))
	}
	c := &ledClient{g: g, row: row, conns: map[model.ConnID]*ledConn{}, current: model.NoConn, upConn: model.NoConn, actions: map[string]bool{},
		k: row.patience(h.Client.NegotiatedMs, int64(max(len(order), 1))) * 1e6, retryDelay: kazooFirstDelay, retried: map[uint64]int64{}}
	cfg := model.ClientConfig{Node: model.NodeID(n), Library: library, Timeout: int32(h.Client.RequestedMs),
		Servers: order, First: model.NoNode, Owns: VictimPath, KeepOrder: true, Deviation: g.wrong.model}
	if row.config != nil {
		row.config(&h.Client, &cfg)
	}
	c.servers = order
	c.m = model.NewClient(cfg, c)
	for i := range g.t.Events {
		if e := &g.t.Events[i]; e.Class() == ClassClient && row.tells(e) == tellsSession {
			c.firstUp = e.T
			break
		}
	}
	c.quiet, c.twoWrites = library.PingsWhenQuiet, library.TwoWrites
	c.pingsTold()
	return c
}

// Draw implements [model.Env]: waits are drawn as short as can be, so that the
// machine shows where their interval begins, and addresses keep their order.
func (c *ledClient) Draw(p model.Purpose, n uint64) uint64 {
	switch p {
	case model.PurposeShuffle:
		return c.drawShuffle(n)
	case model.PurposeInjection:
		return c.drawInjection()
	case model.PurposeJitter:
		return c.drawJitter()
	case model.PurposeBackoff:
		return c.drawBackoff()
	case model.PurposeRetry:
		return c.drawRetry(n)
	}
	return 0
}

// FlushTime implements [model.Env]; a client has no log.
func (c *ledClient) FlushTime(uint64) time.Duration { return 0 }

// LoadTime implements [model.Env].
func (c *ledClient) LoadTime(uint64) time.Duration { return 0 }

// steps enters what is done at the recorded events of the client.
func (c *ledClient) steps(steps []plan, i int, e *Event) []plan {
	at := func(t int64, do func()) { steps = append(steps, plan{at: t, do: do}) }
	if !c.ready {
		c.g.claims[i].input = true // start-up is given
	}
	kind, tells := c.row.kind(e), c.row.tells(e)
	if !c.opened && (tells == tellsAttempt || tells == tellsUp) {
		c.opened = true
		at(e.T, func() { c.open(e.T) })
		if tells == tellsAttempt {
			return steps
		}
	}
	switch tells {
	case tellsAttempt, tellsAction:
		c.actions[kind] = true
		at(e.T, func() { c.match(kind, e.T) })
	case tellsUp:
		at(e.T, func() { c.tcpUp(e.T) })
	case tellsSession:
		at(e.T, func() { c.sessionUp(e.T) })
	case tellsExpired:
		c.actions[kind] = true
		at(e.T, func() { c.expired(e.T) })
	case tellsReady:
		c.ready = true
		at(e.T, func() { c.used(e.T) })
	case tellsPing:
		c.actions[EvPing] = true
		if c.g.wakes(e.T) {
			// Whether kazoo looks at the time first or at its socket is left open.
			c.g.claims[i].input = true
			break
		}
		c.pings = append(c.pings, sentPing{e.T, Absent})
		at(e.T, func() { c.match(EvPing, e.T) })
	case tellsPong:
		if c.row.pings == pingsByReply {
			if e.RTTms == Absent {
				break
			}
			sent := e.T - e.RTTms*1e6
			// The client measures every answer from the ping that it sent last, so that two
			// answers can tell of one ping.
			if n := len(c.pings); n == 0 || distance(c.pings[n-1].sent, sent) > int64(3*time.Millisecond) {
				c.pings = append(c.pings, sentPing{sent, int64(roundTrip(e))})
				at(sent, func() { c.match(EvPing, sent) })
			}
		}
		if n := len(c.pings); c.row.pings == pingsBySending && n > 0 && c.pings[n-1].rtt == Absent {
			c.pings[n-1].rtt = e.T - c.pings[n-1].sent
		}
		at(e.T, func() { c.pong(e.T) })
	case tellsWake:
		at(e.T, func() { c.woke(e.T) })
	case tellsAnswer:
		at(e.T, func() { c.answer(e) })
	case tellsEnd:
		at(e.T, func() { c.end(e.T) })
	}
	return steps
}

// answer is the answer to one of the requests made on waking.
func (c *ledClient) answer(e *Event) {
	op := model.OpGetData
	if e.Ev == EvWakeWrite {
		op = model.OpSetData
	}
	if isOK(e) {
		c.feed(e.T, model.Input{Kind: model.InputPacket, Packet: &model.Packet{Op: op, Req: op, Reply: true, Zxid: 1}})
	}
}

func (c *ledClient) pong(at int64) {
	c.feed(at, model.Input{Kind: model.InputPacket, Packet: &model.Packet{Op: model.OpPing, Req: model.OpPing, Reply: true}})
}

// talking says that the library makes requests of its own, which nothing records: when
// it has a session, and when it has one again.
func (c *ledClient) talking(at int64) bool {
	if !c.row.talks {
		return false
	}
	slack := c.g.servers.half + int64(TouchNear)
	for _, up := range c.ups {
		if at >= up-int64(TouchNear) && at <= up+int64(talksFor)+slack {
			return true
		}
	}
	return at <= c.g.servers.warm+slack
}

// talksFor is how long those requests take.
const talksFor = 250 * time.Millisecond

// due is when the machine wants to act: not while it is stopped.
func (c *ledClient) due() (int64, bool) {
	w := c.m.Wake()
	if w == clock.Unset || c.dead || c.paused {
		return 0, false
	}
	return max(int64(w), c.resumed), true
}

// ask is what the machine would note at an instant.
func (c *ledClient) ask(m model.Client, at int64) []model.Note {
	c.trial.Reset(1, 0)
	m.Step(clock.Reading(max(at, int64(c.read))), &model.Input{Kind: model.InputWake}, &c.trial)
	return c.trial.Notes
}

func (c *ledClient) noted(notes []model.Note, kind string) bool {
	for i := range notes {
		if c.row.noted(&notes[i]) == kind {
			return true
		}
	}
	return false
}

// earlyMost bounds how far behind an action that the machine took of itself its
// recorded counterpart may lie.
const earlyMost = int64(250 * time.Millisecond)

// match is an action of the client, recorded at an instant.
func (c *ledClient) match(kind string, at int64) {
	if c.dead {
		return
	}
	for i := range c.early {
		if p := &c.early[i]; p.kind == kind && distance(p.span.from(at), 0) < earlyMost {
			if !p.expected {
				c.g.expect(kind, string(ClassClient), "", p.span, p.rule)
			}
			c.early = slices.Delete(c.early, i, i+1)
			return
		}
	}
	if !c.ahead(kind, at) {
		return // invented: the machine has no such thing in mind
	}
	for range actionsMost {
		w, _ := c.due()
		if c.noted(c.ask(c.m.Clone(), w), kind) {
			c.act(kind, w, at)
			return
		}
		c.step(w, instant(w), "", model.Input{Kind: model.InputWake})
	}
}

// actionsMost bounds what a client does between two recorded events.
const actionsMost = 1000

// ahead says whether the machine would do such a thing next, or soon after
// things that are not recorded.
func (c *ledClient) ahead(kind string, at int64) bool {
	if _, ok := c.due(); !ok {
		return false
	}
	m := c.m.Clone()
	const far = 8
	for range far {
		w := m.Wake()
		if w == clock.Unset || int64(w) > at+earlyMost {
			return false
		}
		if c.noted(c.ask(m, max(int64(w), c.resumed)), kind) {
			return true
		}
	}
	return false
}

// act has the machine do at an instant what it would do when it is due. It cannot
// act before it is due: it is stepped then, and moved back.
func (c *ledClient) act(kind string, due, at int64) {
	span, _ := c.interval(kind, due)
	if kind == EvPing && c.loose > 0 {
		span.Hi += c.loose
		c.loose = 0
	}
	c.step(max(due, at), span, kind, model.Input{Kind: model.InputWake})
	if due > at {
		c.m.Backdate(time.Duration(due - at))
		c.read = clock.Reading(at)
	}
}

// slack is by how much longer a wait may be than the machine has drawn it.
func (c *ledClient) slack(kind string) (int64, string) {
	s, rule := c.row.slack(kind)
	if kind != EvAttempt {
		s = min(s, c.jitterSlack())
	}
	return s, rule
}

// interval is when something may come that the machine would do at an instant, having
// drawn its wait as short as can be, and the rule that leaves it open.
func (c *ledClient) interval(kind string, due int64) (Span, string) {
	slack, rule := c.slack(kind)
	if kind == EvAttempt && c.retry.drawn() {
		s := c.retry
		c.retry = Span{}
		return s, rule
	}
	return Span{due, due + slack}, rule
}

// spare is how much later than due the next ping, or the end of the client's patience,
// may come: the machine has drawn its jitter as long as can be (L-K1).
func (c *ledClient) spare(due int64) int64 {
	slack, _ := c.slack(EvPing)
	if slack == 0 {
		return 0
	}
	notes := c.ask(c.m.Clone(), due)
	if c.noted(notes, EvPing) || c.noted(notes, EvSilence) {
		return slack
	}
	return 0
}

// catchUp has the machine do what was due by an instant and is not recorded.
func (c *ledClient) catchUp(at int64) {
	for range actionsMost {
		w, ok := c.due()
		if !ok || w+c.loose > at || w+c.spare(w) > at {
			return // or perhaps later, from a first request that is not recorded
		}
		c.step(w, instant(w), "", model.Input{Kind: model.InputWake})
	}
}

// unseen has the machine send the pings that were due by an instant and whose
// answers are not recorded, so that they arrive in time.
func (c *ledClient) unseen(at int64) {
	for range actionsMost {
		w, ok := c.due()
		if !ok || w+c.loose > at || !c.g.started() || !c.noted(c.ask(c.m.Clone(), w), EvPing) {
			return
		}
		spare := c.spare(w)
		if w+spare > at {
			return
		}
		for _, p := range c.pings {
			if p.sent > w-earlyMost && p.sent < w+c.loose+spare+earlyMost {
				return
			}
		}
		c.step(w, instant(w), "", model.Input{Kind: model.InputWake})
	}
}

// step steps the machine. The notes of the named kind were predicted for span; what
// else is noted follows at once.
func (c *ledClient) step(at int64, span Span, kind string, in model.Input) {
	c.read = max(c.read, clock.Reading(at))
	c.out.Reset(1, 0)
	c.m.Step(c.read, &in, &c.out)
	notes := append([]model.Note(nil), c.out.Notes...)
	effects := append([]model.Effect(nil), c.out.Effects...)
	for i := range notes {
		c.note(at, span, kind, &notes[i])
	}
	for i := range effects {
		c.effect(at, span, &effects[i])
	}
	for i := range effects {
		// A client that ends its session in the turn of an attempt leaves it (G-2).
		if e := &effects[i]; e.Kind == model.EffectDial && c.g.started() && !c.conns[e.Conn].closed {
			c.connecting(at, e.Conn)
		}
	}
}

func (c *ledClient) note(at int64, span Span, matched string, n *model.Note) {
	kind := c.row.noted(n)
	if kind == "" || !c.g.started() || at == c.upAt {
		return
	}
	greeting := kind == EvAttemptFailed && c.row.greets && c.conns[c.current] != nil && c.conns[c.current].up
	unseen := greeting || kind == EvPing && c.row.pings == pingsByServer || kind == EvAttemptFailed && c.g.t.Header.Client.Library == "java"
	if unseen || kind == c.row.up || kind == c.row.session || kind == c.row.expired && c.refused {
		return // not recorded, or predicted by the path or the server's answer
	}
	rule := n.Rule
	if _, by := c.slack(kind); by != "" {
		rule = by
	}
	if kind == matched {
		c.g.expect(kind, string(ClassClient), "", span, rule)
		return
	}
	p := early{kind: kind, at: at, span: instant(at), rule: rule}
	if matched == "" {
		p.span, _ = c.interval(kind, at)
	}
	if kind == EvPing && c.loose > 0 {
		p.span.Hi += c.loose
		c.loose = 0
	}
	if kind != EvPing || c.answerable(at) && !c.race(at) {
		p.expected = true
		c.g.expect(kind, string(ClassClient), "", p.span, rule)
	}
	if kind == EvPing || c.actions[kind] {
		c.early = append(c.early, p)
	}
}

// tcpUp is a connection coming up: the machine writes its ConnectRequest, which
// arrives at the server with its touch, if the recording has one.
func (c *ledClient) tcpUp(at int64) {
	conn := c.conns[c.current]
	if conn == nil || conn.closed {
		c.catchUp(at) // the attempt itself is not recorded
		conn = c.conns[c.current]
	}
	if conn == nil {
		return
	}
	id := c.current
	conn.up = true
	c.settle(at)
	if w, ok := c.due(); ok && w <= at && w > int64(c.read) {
		at = w - 1 // it came before the client lost patience
	}
	c.read = max(c.read, clock.Reading(at))
	c.out.Reset(1, 0)
	c.m.Step(c.read, &model.Input{Kind: model.InputConnected, Conn: id}, &c.out)
	if !c.g.started() {
		return
	}
	for i := range c.out.Effects {
		if p := c.out.Effects[i].Packet; c.out.Effects[i].Kind == model.EffectSend && p.Op == model.OpConnect {
			c.reconnect(at, id, conn, p)
		}
	}
}

// answered is the server's answer to a ConnectRequest leaving it.
func (c *ledClient) answered(at int64, id model.ConnID, valid bool) {
	conn := c.conns[id]
	if !c.g.started() || id != c.current || conn == nil || conn.closed || c.g.path.lost(conn.server, at, false) {
		return // it finds nobody
	}
	c.refused = !valid
	c.g.optional = c.g.servers.racing(conn.server, at)
	defer func() { c.g.optional = false }()
	if valid {
		c.g.expect(c.row.session, string(ClassClient), "", instant(at).then(c.g.way(at)), "C-25")
		return
	}
	c.g.expect(c.row.expired, string(ClassClient), "", instant(at).then(c.g.way(at)), "C-30")
}

// expired is the application being told that its session is over: by a server's
// refusal, which reaches the client now, or by itself.
func (c *ledClient) expired(at int64) {
	c.retryDelay = kazooFirstDelay
	if !c.refused {
		c.match(c.row.expired, at)
		return
	}
	c.feed(at, model.Input{Kind: model.InputPacket, Packet: &model.Packet{Op: model.OpConnect, Reply: true}})
}

// settle lets what is due happen before an input, unless the recording has it
// shortly behind.
func (c *ledClient) settle(at int64) { c.catchUp(at - int64(2*time.Millisecond)) }

// feed gives the machine an input on its current connection.
func (c *ledClient) feed(at int64, in model.Input) {
	if c.dead || c.paused || c.current == model.NoConn {
		return
	}
	c.settle(at)
	in.Conn = c.current
	c.step(at, instant(at), "fed", in)
}
