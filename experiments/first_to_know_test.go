package experiments

import (
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// deleted is when the first session's end was first applied anywhere (Z-4), unseen if
// it never was.
func (a *account) deleted() clock.Instant {
	id := a.session()
	for i := range a.records {
		if r := &a.records[i]; r.Kind == model.KindCloseApplied && r.Session == id {
			return r.At
		}
	}
	return unseen
}

// expired is when the client's application was first told that its session is over, in
// the word of its library.
func (a *account) expired(sc *sim.Scenario) clock.Instant {
	for i := range a.records {
		r := &a.records[i]
		if r.Node == a.client && r.Kind == model.KindTold && sc.Clients[0].Library.Meaning(r.Text) == model.MeansExpired {
			return r.At
		}
	}
	return unseen
}

// count plays so many seeds and counts those of which yes is true.
func count(t *testing.T, sc *sim.Scenario, seeds int, yes func(a *account) bool) int {
	t.Helper()
	p := play{name: t.Name(), scenario: sc}
	if err := p.check(); err != nil {
		t.Fatal(err)
	}
	n := 0
	var a account
	for seed := range seeds {
		if err := p.one(uint64(seed+1), &a); err != nil {
			t.Fatalf("seed %d: %v", seed+1, err)
		}
		if yes(&a) {
			n++
		}
	}
	return n
}

// someSeeds is how many are played where an example is looked for.
const someSeeds = 200

// TestClientBeforeTheCluster_Q23 shows each way in which an application is told that
// its session is over before the cluster has deleted anything. For b see
// TestWrongPassword of the model: no client of a scenario has a wrong one.
func TestClientBeforeTheCluster_Q23(t *testing.T) {
	const ms = time.Millisecond
	ten, four := near(10*time.Second, 2*time.Second), near(4*time.Second, 2*time.Second)
	first := func(sc *sim.Scenario) func(a *account) bool {
		return func(a *account) bool {
			told := a.expired(sc)
			return told != unseen && told < a.deleted()
		}
	}
	local := func(a *account) bool { return a.first(wanted{a.client, model.KindLocalExpiry, ""}, 0) != nil }

	// a: V-5 while marked closing. The log device takes its time over the close.
	marked := healing(ten, client("java", "3.9.2", ten.Timeout, 1, 2, 3), 9*time.Second, 5*time.Second)
	marked.Ensemble.Log = always(3 * time.Second)
	// c: T-24, a local session that moves.
	moved := cutFrom(ten, client("java", "3.9.5", ten.Timeout, 1, 2, 3), 3, 40*time.Second, "server1")
	moved.Ensemble.LocalSessions = true
	// d: C-20 in an outage; and in a failover, which gives the session a full T (F-15).
	down := outage(ten, 3, client("java", "3.9.5", ten.Timeout, 1, 2, 3), always(60*time.Second))
	changed := cutFrom(ten, client("java", "3.9.5", ten.Timeout, 1, 2, 3), 3, 60*time.Second, "servers")
	changed.Faults = append(changed.Faults, sim.Fault{Kind: sim.FaultKill, Between: []string{"server3"}, At: always(11 * time.Second)})
	// d: the client and the leader are cut off together from the rest, and soon from each
	// other: what the next leader knows is as in a failover.
	lonely := cutFrom(ten, client("java", "3.9.5", ten.Timeout, 3, 1, 2), 3, 60*time.Second, "servers")
	lonely.Faults = append(lonely.Faults, sim.Fault{Kind: sim.FaultPartition, Between: []string{"server3"}, And: []string{"server1", "server2"}, At: always(4 * time.Second)})
	// e: Curator, which injects at once with a small percentage, and anyway in an outage.
	curator := func(percent int) sim.Client {
		c := client("curator", "5.7.1", ten.Timeout, 1, 2, 3)
		c.UnderVersion, c.Percent, c.ConnectionTimeout = "3.9.2", percent, 15*time.Second
		c.Under, _ = model.FindLibrary("java", "3.9.2")
		return c
	}
	injected := cutFrom(ten, curator(10), 3, 60*time.Second, "servers")
	injectedDown := outage(ten, 3, curator(100), always(60*time.Second))
	// f: C-20 after a pause of the client, with the session kept alive by a failover, and
	// by what was in a follower's buffers when it woke.
	asleep := quorum(ten, 3, 5, 60*time.Second)
	asleep.Clients = []sim.Client{client("java", "3.9.5", ten.Timeout, 1, 2, 3)}
	asleep.Faults = []sim.Fault{
		{Kind: sim.FaultPause, Between: []string{"client"}, At: evenly(5*time.Second, 9*time.Second), For: always(15 * time.Second)},
		{Kind: sim.FaultKill, Between: []string{"server3"}, At: always(12 * time.Second)}}
	buffered := quorum(four, 3, 5, 40*time.Second)
	buffered.Clients = []sim.Client{client("java", "3.9.5", four.Timeout, 1, 2, 3)}
	buffered.Faults = []sim.Fault{
		{Kind: sim.FaultPause, Between: []string{"server1"}, At: always(5 * time.Second), For: always(2500 * ms)},
		{Kind: sim.FaultPause, Between: []string{"client"}, At: evenly(5*time.Second, 6500*ms), For: always(6 * time.Second)}}
	// g: C-20 in an ordinary silent cut with a short T.
	short := near(4500*ms, 2*time.Second)
	cut := func(s Setting, server int) *sim.Scenario {
		return cutFrom(s, client("java", "3.9.5", s.Timeout, server, 3-server), 2, 40*time.Second, "servers")
	}
	// h: the zone of G-2.
	zone := quorum(four, 3, 5, 40*time.Second)
	zone.Clients = []sim.Client{client("java", "3.9.5", four.Timeout, 3, 1, 2)}
	strikes(zone, four, sim.FaultPause, "client").For = always(4600 * ms)

	for _, tc := range []struct {
		name  string
		sc    *sim.Scenario
		seeds int
		also  func(a *account) bool
	}{
		{"a, marked closing", marked, someSeeds, func(a *account) bool {
			return a.first(wanted{anyone, model.KindRefused, "marked closing"}, 0) != nil
		}},
		{"c, local session", moved, 20, func(a *account) bool {
			told := a.expired(moved)
			m := at(a.marked(0))
			return told < m && m != unseen && a.first(wanted{anyone, model.KindRefused, ""}, 0) != nil
		}},
		{"d, outage", down, 20, local},
		{"d, failover", changed, someSeeds, func(a *account) bool {
			return local(a) && a.first(wanted{anyone, model.KindRearmed, ""}, 0) != nil
		}},
		{"d, isolated leader", lonely, someSeeds, func(a *account) bool {
			return local(a) && a.first(wanted{server(3), model.KindSteppedDown, ""}, 0) != nil
		}},
		{"e, 10 %", injected, 20, func(a *account) bool { return !local(a) }},
		{"e, outage", injectedDown, 20, func(a *account) bool { return !local(a) }},
		{"f, failover", asleep, someSeeds, func(a *account) bool {
			return local(a) && a.first(wanted{anyone, model.KindRearmed, ""}, 0) != nil
		}},
		{"f, buffered pings", buffered, someSeeds, func(a *account) bool {
			woke := a.healed() // the follower
			touch := a.first(wanted{server(3), model.KindTouch, "learner"}, woke)
			return local(a) && touch != nil && touch.At < a.expired(buffered) && at(a.marked(woke)) > a.expired(buffered)
		}},
		{"g, leader", cut(short, 2), someSeeds, local},
		{"g, follower", cut(near(6*time.Second, 2*time.Second), 1), someSeeds, local},
		{"h", zone, someSeeds, func(a *account) bool {
			told := a.told(model.ToldDisconnected, 0)
			return local(a) && told < a.expired(zone) && a.first(wanted{a.client, model.KindTCPUp, ""}, told) == nil
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := first(tc.sc)
			if count(t, tc.sc, tc.seeds, func(a *account) bool { return before(a) && tc.also(a) }) == 0 {
				t.Errorf("none of %d seeds is an example", tc.seeds)
			}
		})
	}
	// The limits of g, at the leader T = 3τ − 600 and at a follower 4.5τ − 600.
	for _, tc := range []struct {
		timeout time.Duration
		server  int
		can     bool
	}{{5300 * ms, 2, true}, {5450 * ms, 2, false}, {8300 * ms, 1, true}, {8450 * ms, 1, false}} {
		s := near(tc.timeout, 2*time.Second)
		if can := s.LocalCanComeFirst(tc.server == 1); can != tc.can {
			t.Errorf("T = %v at server %d: can come first %v: want %v", tc.timeout, tc.server, can, tc.can)
		}
		sc := cut(s, tc.server)
		if !tc.can {
			if n := count(t, sc, 2*someSeeds, func(a *account) bool { return a.expired(sc) < at(a.marked(0)) }); n > 0 {
				t.Errorf("T = %v at server %d: the client was told first in %d runs: want none", tc.timeout, tc.server, n)
			}
		}
	}
}

// TestClusterBeforeTheClient_Q24 shows the ordinary order, with a client that is
// disconnected at the mark and with one that is connected.
func TestClusterBeforeTheClient_Q24(t *testing.T) {
	ten := near(10*time.Second, 2*time.Second)
	connected := func(a *account) bool {
		m := a.marked(a.fault())
		return m != nil && a.told(model.ToldDisconnected, 0) > m.At
	}
	forever := cutFrom(ten, client("java", "3.9.5", ten.Timeout, 1, 2, 3), 3, 40*time.Second, "servers")
	healed := healing(ten, client("java", "3.9.2", ten.Timeout, 1, 2, 3), 12*time.Second, 10*time.Second)
	for name, sc := range map[string]*sim.Scenario{"cut off for ever": forever, "cut off for a while": healed} {
		if n := count(t, sc, someSeeds, func(a *account) bool {
			m, told := a.marked(a.fault()), a.expired(sc)
			return m != nil && a.told(model.ToldDisconnected, 0) < m.At && m.At < told && told != unseen
		}); n != someSeeds {
			t.Errorf("%s: the order is Disconnected, mark, Expired in %d of %d runs: want all", name, n, someSeeds)
		}
	}
	// Behind a cut-off follower, T = 4 s, and after a pause of the leader (G-5).
	asleep := stopped(ten, 3, 13*time.Second)
	// While watch events arrive and pings are held up. Were they lost, the events would
	// soon be held up too, for want of acknowledgements (W-3).
	watching := quorum(ten, 3, 5, 60*time.Second)
	c := client("java", "3.9.5", ten.Timeout, 3)
	c.Watches, c.Lasting = "/busy", true
	w := client("java", "3.9.5", ten.Timeout, 1)
	w.Name, w.Owns, w.WriteEvery = "writer", "/busy", time.Second
	watching.Clients = []sim.Client{c, w}
	f := strikes(watching, ten, sim.FaultDelay, "client")
	f.And, f.OneWay, f.By = []string{"server3"}, true, always(time.Minute)
	for _, tc := range []struct {
		name string
		sc   *sim.Scenario
	}{{"cut-off follower", cutOff(shortest, 5)}, {"leader's pause", asleep}, {"watch events", watching}} {
		if n := count(t, tc.sc, 20, connected); n != 20 {
			t.Errorf("%s: the client is connected at the mark in %d of 20 runs: want all", tc.name, n)
		}
	}
}

// TestSomeAreNeverTold_Q25: the client is dead, or cut off for ever without a limit of
// its own, or the news does not get through to the application.
func TestSomeAreNeverTold_Q25(t *testing.T) {
	ten := near(10*time.Second, 2*time.Second)
	dead := quorum(ten, 3, 5, 60*time.Second)
	dead.Clients = []sim.Client{client("java", "3.9.5", ten.Timeout, 1, 2, 3)}
	strikes(dead, ten, sim.FaultKill, "client")
	// A watcher that takes a minute for each event, and events enough to fill the
	// channel (L-G8); and one that never comes back (C-32).
	dropped := healing(ten, client("go", "1.0.4", ten.Timeout, 1, 2, 3), 25*time.Second, 10*time.Second)
	dropped.Clients[0].Callback = time.Minute
	blocked := healing(ten, client("java", "3.9.2", ten.Timeout, 1, 2, 3), 25*time.Second, 10*time.Second)
	blocked.Clients[0].Callback = time.Hour
	for _, tc := range []struct {
		name string
		sc   *sim.Scenario
		yes  func(a *account) bool
	}{
		{"dead", dead, func(a *account) bool { return true }},
		{"dropped", dropped, func(a *account) bool {
			return a.first(wanted{a.client, model.KindEventDropped, model.GoExpired}, 0) != nil
		}},
		{"blocked", blocked, func(a *account) bool {
			return a.first(wanted{a.client, model.KindState, model.StateClosed}, 0) != nil
		}},
	} {
		if n := count(t, tc.sc, 20, func(a *account) bool {
			return tc.yes(a) && a.marked(0) != nil && a.expired(tc.sc) == unseen
		}); n != 20 {
			t.Errorf("%s: expired and not told in %d of 20 runs: want all", tc.name, n)
		}
	}
}
