package experiments

import (
	"fmt"
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// The settings of the trials of clients on their way back. Latencies are small, so
// that what d1 out of p does to Q-9 does not show; T and n decide how many SYNs an
// attempt sends.
var (
	ten   = near(10*time.Second, 2*time.Second)
	quick = near(2400*time.Millisecond, time.Second) // n = 3: k = 800, below the first repetition of a SYN
)

func near(timeout, tick time.Duration) Setting {
	return Setting{Timeout: timeout, Tick: tick, ToServer: time.Millisecond, FromServer: time.Millisecond, ToLeader: time.Millisecond}
}

// cutFrom is a client whose first server and some others it is cut off from.
func cutFrom(s Setting, c sim.Client, leader int, length time.Duration, servers ...string) *sim.Scenario {
	sc := quorum(s, 3, 5, length)
	sc.Ensemble.Leader = leader
	sc.Clients = []sim.Client{c}
	strikes(sc, s, sim.FaultPartition, "client").And = servers
	return sc
}

// client is one of a library that knows the given servers and tries the first of them
// first.
func client(library, version string, timeout time.Duration, servers ...int) sim.Client {
	var sc sim.Scenario
	return *joins(&sc, "client", library, version, timeout, servers...)
}

// silence is when the client gave up its first connection.
func silence(a *account) *sim.Record { return a.first(wanted{a.client, model.KindSilence, ""}, 0) }

// firstWay says which server the client tried first after that.
func firstWay(a *account) model.NodeID {
	if s := silence(a); s != nil {
		if r := a.first(wanted{a.client, model.KindAttempt, ""}, s.At); r != nil {
			return r.Peer
		}
	}
	return model.NoNode
}

// silentServer is what the silent server 2 costs a client that tries it first.
func silentServer(a *account) (time.Duration, bool) {
	if firstWay(a) != server(2) {
		return 0, false
	}
	from := silence(a).At
	return between(from, at(a.first(wanted{a.client, model.KindAttemptFailed, ""}, from)))
}

// rescued asks whether the session is resumed; for clients that tried the given server
// first.
func rescued(first model.NodeID) func(a *account) (yes, ok bool) {
	return func(a *account) (yes, ok bool) {
		if firstWay(a) != first {
			return false, false
		}
		up := a.first(wanted{a.client, model.KindSessionUp, ""}, silence(a).At)
		told := a.told(model.ToldExpired, 0)
		return up != nil, up != nil || told != unseen
	}
}

// refusedServer is the time from the first refusal of server 2 to that of the next
// attempt, wherever it goes.
func refusedServer(wrap bool) question {
	return func(a *account) (time.Duration, bool) {
		failed := a.all(wanted{a.client, model.KindAttemptFailed, ""})
		for i := 1; i < len(failed); i++ {
			from, to := failed[i-1].At, failed[i].At
			spun := a.first(wanted{a.client, model.KindSpin, ""}, from)
			if wrap == (spun != nil && spun.At < to) {
				return between(from, to)
			}
		}
		return 0, false
	}
}

// learns is the time from the heal until the client is told Expired, if it was not
// told before.
func learns(word string) question {
	return func(a *account) (time.Duration, bool) {
		healed, marked := a.healed(), a.marked(a.fault())
		if marked == nil || healed == unseen || marked.At > healed {
			return 0, false
		}
		return between(healed, a.told(word, healed))
	}
}

// healing is a client cut off from everybody for longer than its session lives.
func healing(s Setting, c sim.Client, least, spread time.Duration) *sim.Scenario {
	sc := cutFrom(s, c, 3, 2*s.period()+time.Second+least+spread+2*s.Timeout+10*time.Second, "servers")
	sc.Faults[0].For = evenly(least, least+spread)
	return sc
}

// everTold asks whether the client is ever told something.
func everTold(word string) func(a *account) (yes, ok bool) {
	return func(a *account) (yes, ok bool) { return a.told(word, 0) != unseen, true }
}

// localSilence is how long the client had heard nothing when it ended its session by
// itself.
func localSilence(a *account) (time.Duration, bool) {
	r := a.first(wanted{a.client, model.KindLocalExpiry, ""}, 0)
	if r == nil {
		return 0, false
	}
	return time.Duration(r.A) * time.Millisecond, true
}

// localNews is from there until the application is told.
func localNews(a *account) (time.Duration, bool) {
	return between(at(a.first(wanted{a.client, model.KindLocalExpiry, ""}, 0)), a.told(model.ToldExpired, 0))
}

// heldFor is how long the client waits for an answer to its handshake.
func heldFor(a *account) (time.Duration, bool) {
	up := at(a.first(wanted{a.client, model.KindTCPUp, ""}, at(silence(a))))
	return between(up, at(a.first(wanted{a.client, model.KindAttemptFailed, ""}, up)))
}

// lostSinceHeard is the time from the last answer that a Curator client heard to LOST.
func lostSinceHeard(a *account) (time.Duration, bool) {
	heard := unseen
	for _, r := range a.all(wanted{a.client, model.KindPingReply, ""}) {
		heard = r.At
	}
	return between(heard, a.told(model.CuratorLost, 0))
}

// outage is a cluster whose processes all die, and are started again.
func outage(s Setting, servers int, c sim.Client, length *sim.Sampler) *sim.Scenario {
	sc := quorum(s, servers, 5, 120*time.Second)
	sc.Clients = []sim.Client{c}
	strikes(sc, s, sim.FaultKill, "servers")
	sc.Faults = append(sc.Faults, sim.Fault{Kind: sim.FaultRestart, Between: []string{"servers"}, At: length})
	return sc
}

// openAndSilent is a cluster that loses two of three servers; what becomes of them
// decides whether they refuse or are silent.
func openAndSilent(s Setting, kind sim.FaultKind, length time.Duration) *sim.Scenario {
	sc := quorum(s, 3, 5, length)
	sc.Clients = []sim.Client{client("java", "3.9.5", s.Timeout, 1, 2, 3)}
	strikes(sc, s, kind, "server2", "server3")
	return sc
}

// round is the first whole round of a client whose server 1 is the only one that opens
// connections, from TCP being up to the next attempt there.
func round(a *account) (time.Duration, bool) {
	up := at(a.first(wanted{a.client, model.KindTCPUp, ""}, a.fault().Add(10*time.Second)))
	for _, r := range a.all(wanted{a.client, model.KindAttempt, ""}) {
		if r.At > up && r.Peer == server(1) {
			return between(up, r.At)
		}
	}
	return 0, false
}

// roundLost asks whether the client ends its session by itself in the first round that
// begins with TCP being up.
func roundLost(a *account) (yes, ok bool) {
	up := at(a.first(wanted{a.client, model.KindTCPUp, ""}, a.fault()))
	if up == unseen {
		return false, false
	}
	return lostBeforeTCP(a, up+1)
}

// firstRoundLost asks it of the round that begins with the loss of the connection.
func firstRoundLost(a *account) (yes, ok bool) {
	return lostBeforeTCP(a, at(a.first(wanted{a.client, model.KindDropped, ""}, a.fault())))
}

func lostBeforeTCP(a *account, from clock.Instant) (yes, ok bool) {
	next := at(a.first(wanted{a.client, model.KindTCPUp, ""}, from))
	local := at(a.first(wanted{a.client, model.KindLocalExpiry, ""}, from))
	return local < next, local != unseen || next != unseen
}

// mistaken is the time from the mark of a session whose client is connected until it
// is told Expired.
func mistaken(a *account) (time.Duration, bool) {
	m := a.marked(a.fault())
	if m == nil {
		return 0, false
	}
	lost := a.told(model.ToldDisconnected, 0)
	if lost < m.At {
		return 0, false
	}
	return between(m.At, a.told(model.ToldExpired, m.At))
}

// TestClosedFormsOfTheWayBack holds the simulator against and
// Q-23 g.
func TestClosedFormsOfTheWayBack(t *testing.T) {
	judge(t, returnPlays())
}

func returnPlays() []play {
	const ms = time.Millisecond
	s := ten
	var plays []play
	add := func(p play) { plays = append(plays, p) }
	java := func(version string, s Setting, servers ...int) sim.Client {
		return client("java", version, s.Timeout, servers...)
	}
	beyond := func(law UniformSum, d time.Duration) float64 { return 1 - law.CDF(float64(d)) }

	// Server 1 leads or follows; server 3 is there to be found.
	all := java("3.9.5", s, 1, 2, 3)
	length := 2*s.period() + time.Second + 2*s.Timeout
	add(play{name: "leader and the next server silent", scenario: cutFrom(s, all, 1, length, "server1", "server2"), runs: 3_000, least: 0.4, asked: []asked{
		obeys("Q-10", s.SilentServerCosts(3), ms, silentServer),
		happens("Q-10", beyond(s.RescueSpare(1, 3, false, s.ToLeader), 0), rescued(server(2))),
		happens("Q-10", 1, rescued(server(3)))}})
	add(play{name: "follower and the next server silent", scenario: cutFrom(s, all, 3, length, "server1", "server2"), runs: 3_000, least: 0.4, asked: []asked{
		obeys("Q-10", s.SilentServerCosts(3), ms, silentServer),
		happens("Q-10", beyond(s.RescueSpare(1, 3, true, 0), 0), rescued(server(2))),
		happens("Q-10", 1, rescued(server(3)))}})
	refusing := openAndSilent(s, sim.FaultKill, length)
	refusing.Faults[0].Between = []string{"servers"}
	add(play{name: "all servers refuse", scenario: refusing, runs: 2_000, asked: []asked{
		obeys("Q-10", s.RefusingServerCosts(false), ms, refusedServer(false)),
		obeys("Q-10", s.RefusingServerCosts(true), ms, refusedServer(true))}})

	// Of the Java client only versions without local expiry live to learn.
	expired := func(l string) string {
		return map[string]string{"java": model.ToldExpired, "c": model.CToldExpired, "go": model.GoExpired, "kazoo": model.KazooLost}[l]
	}
	ask := 2 * s.ToLeader
	maxDelay := 2 * time.Second
	for _, tc := range []struct {
		name    string
		s       Setting
		c       sim.Client
		most    time.Duration
		reach   time.Duration
		longest time.Duration // what the rule grants, if it knows nothing of SYNs
	}{
		{"java, k = 0.8 s", quick, java("3.9.2", quick, 1, 2, 3), quick.JavaLearnsWithin(3, ask), 300 * ms, quick.connectTimeout(3) + 2100*ms},
		{"java, k = 3.3 s", s, java("3.9.2", s, 1, 2, 3), s.JavaLearnsWithin(3, ask), 300 * ms, s.connectTimeout(3) + 2100*ms},
		{"java, k = 10 s", s, java("3.9.2", s, 1), s.JavaLearnsWithin(1, ask), 300 * ms, s.Timeout + 2100*ms},
		{"c, 1.6 s an attempt", quick, client("c", "3.9.5", quick.Timeout, 1, 2, 3), quick.CLearnsWithin(ask), 100 * ms, quick.readTimeout() + quick.Timeout/60},
		{"c, 6.7 s an attempt", s, client("c", "3.9.5", s.Timeout, 1, 2, 3), s.CLearnsWithin(ask), 200 * ms, s.readTimeout() + s.Timeout/60},
		{"go", s, client("go", "1.0.4", s.Timeout, 1, 2, 3), s.GoLearnsWithin(ask), 100 * ms, 2 * time.Second},
		{"kazoo", quick, client("kazoo", "2.11.0", quick.Timeout, 1, 2, 3), quick.KazooLearnsWithin(maxDelay, ask), 600 * ms, quick.Timeout + maxDelay*7/5},
	} {
		least, spread := tc.s.Timeout+3*tc.s.Tick, 4*tc.s.Timeout
		if tc.c.Library.Name == "kazoo" {
			tc.c.MaxDelay = &maxDelay
			least = 60 * time.Second // until the wait between cycles has grown
		}
		if tc.most > tc.longest+2*tc.s.roundTrip()+ask {
			panic(tc.name + ": the bound with SYNs is beyond that of Q-11")
		}
		add(play{name: "healed after the expiry: " + tc.name, scenario: healing(tc.s, tc.c, least, spread), runs: 3_000, reach: tc.reach, asked: []asked{
			within("Q-11", Range{2*tc.s.roundTrip() + ask - tc.s.roundTrip(), tc.most}, 2*ms, learns(expired(tc.c.Library.Name)))}})
	}

	held := cutFrom(s, client("go", "1.0.4", s.Timeout, 1, 2), 3, 100*time.Second, "server1")
	held.Faults = append(held.Faults, sim.Fault{Kind: sim.FaultPause, Between: []string{"server2"}, At: always(time.Second)})
	add(play{name: "held by a server that says nothing: go", scenario: held, runs: 100, asked: []asked{
		obeys("Q-11", NewUniformSum(s.GoHeldWithin()), ms, heldFor)}})

	//
	for _, c := range []sim.Client{java("3.9.2", s, 1, 2, 3), client("c", "3.9.5", s.Timeout, 1, 2, 3),
		client("go", "1.0.4", s.Timeout, 1, 2, 3), client("kazoo", "2.11.0", s.Timeout, 1, 2, 3)} {
		add(play{name: "cut off for ever: " + c.Library.Name, scenario: cutFrom(s, c, 3, 200*time.Second, "servers"), runs: 100, asked: []asked{
			happens("Q-12", 0, everTold(expired(c.Library.Name)))}})
	}
	thirty, four := near(30*time.Second, 2*time.Second), near(4*time.Second, 2*time.Second)
	forever := cutFrom(thirty, java("3.9.5", thirty, 1, 2, 3, 4, 5), 3, 90*time.Second, "servers")
	forever.Ensemble.Servers = 5
	add(play{name: "cut off for ever: k = 6 s", scenario: forever, runs: 2_000, reach: 100 * ms, asked: []asked{
		within("Q-12", thirty.LocalExpiry(5), 2*ms, localSilence)}})
	add(play{name: "cut off for ever: k = 2 s", scenario: cutFrom(four, java("3.9.5", four, 1, 2), 3, 30*time.Second, "servers"), runs: 2_000, reach: 120 * ms, asked: []asked{
		within("Q-12", four.LocalExpiry(2), 2*ms, localSilence),
		obeys("Q-12", NewUniformSum(2*teardown), ms, localNews)}})
	curator := func(under string, percent int) *sim.Scenario {
		c := client("curator", "5.7.1", s.Timeout, 1, 2, 3)
		l, err := model.FindLibrary("java", under)
		if err != nil {
			panic(err)
		}
		c.Under, c.UnderVersion, c.Percent, c.ConnectionTimeout = l, under, percent, 15*time.Second
		return cutFrom(s, c, 3, 60*time.Second, "servers")
	}
	for _, percent := range []int{100, 50, 33} {
		sc := curator("3.9.2", percent)
		exactly, _ := s.NeverHealed(sc.Clients[0].Library, sc.Clients[0].Under, percent, 3)
		add(play{name: fmt.Sprintf("cut off for ever: curator %d on 3.9.2", percent), scenario: sc, runs: 500, asked: []asked{
			obeys("Q-12", NewUniformSum(exactly.Least), 2*ms, lostSinceHeard)}})
	}
	add(play{name: "cut off for ever: curator 100 on 3.9.5", scenario: curator("3.9.5", 100), runs: 2_000, asked: []asked{
		obeys("Q-12", s.LocalExpiryOfThree(), 2*ms, lostSinceHeard)}})

	//
	add(play{name: "all ports closed", scenario: outage(s, 3, all, evenly(60*time.Second, 70*time.Second)), runs: 2_000, reach: 200 * ms, asked: []asked{
		within("Q-17", s.LocalExpiryRefused(), 2*ms, localSilence),
		obeys("Q-17", s.ExpiryAfterServing(), ms, afterServing)}})
	add(play{name: "all ports closed, not for long", scenario: outage(s, 1, java("3.9.5", s, 1), evenly(9*time.Second, time.Second+s.expireLimit()-2200*ms)), runs: 500, asked: []asked{
		happens("Q-17", 0, everTold(model.ToldExpired))}})
	add(play{name: "one open and two refusing", scenario: openAndSilent(s, sim.FaultKill, 100*time.Second), runs: 300, asked: []asked{
		happens("Q-17", 0, everTold(model.ToldExpired))}})
	five, sixHalf, seven, thirteen := near(5*time.Second, 2*time.Second), near(6500*ms, 2*time.Second), near(7*time.Second, 2*time.Second), near(13*time.Second, 2*time.Second)
	add(play{name: "one open and two silent, T = 13 s", scenario: openAndSilent(thirteen, sim.FaultLose, 150*time.Second), runs: 200, asked: []asked{
		happens("Q-17", 0, everTold(model.ToldExpired))}})
	add(play{name: "one open and two silent, T = 10 s", scenario: openAndSilent(s, sim.FaultLose, 80*time.Second), runs: 2_000, least: 0.9, asked: []asked{
		obeys("Q-17", s.RoundOfThree(), ms, round),
		happens("Q-17", 0, roundLost)}})
	add(play{name: "one open and two silent, T = 6.5 s", scenario: openAndSilent(sixHalf, sim.FaultLose, 100*time.Second), runs: 300, least: 0.5, asked: []asked{
		happens("Q-17", 0, roundLost)}})
	add(play{name: "one open and two silent, T = 5 s", scenario: openAndSilent(five, sim.FaultLose, 60*time.Second), runs: 2_000, least: 0.2, asked: []asked{
		happens("Q-17", beyond(five.RoundOfThree(), five.expireLimit()), roundLost)}})
	add(play{name: "one open and two silent, the first round, T = 7 s", scenario: openAndSilent(seven, sim.FaultLose, 60*time.Second), runs: 2_000, asked: []asked{
		happens("Q-17", beyond(seven.FirstRoundOfThree(), seven.expireLimit()), firstRoundLost)}})

	// The client of a follower is expired by the leader's pause. The client of the
	// leader is kept in good hope by answers that take longer than T/3, while its pings
	// get nowhere: by Q-9 nothing less does it, with the same clock rates.
	commit := 2*s.ToLeader + flush
	for _, tc := range []struct {
		name    string
		servers []int
		wrap    bool
		ask     time.Duration
	}{
		{"follower's client, n = 1", []int{1}, true, 2 * s.ToLeader},
		{"follower's client, n = 2, the other follower next", []int{1, 2}, false, 2 * s.ToLeader},
		{"follower's client, n = 2, the leader next", []int{1, 3}, false, 0},
	} {
		sc := quorum(s, 3, 8, 40*time.Second)
		sc.Clients = []sim.Client{java("3.9.5", s, tc.servers...)}
		strikes(sc, s, sim.FaultPause, "server3").For = always(13 * time.Second)
		add(play{name: "expired by mistake: " + tc.name, scenario: sc, runs: 2_000, asked: []asked{
			obeys("Q-19", s.ToldAfterMistake(commit+s.ToLeader, tc.wrap, tc.ask), 2*ms, mistaken)}})
	}
	slow := quorum(s, 3, 5, 60*time.Second)
	slow.Ensemble.IdleCheck = time.Minute // else H-2 may close the connection at the mark's very instant
	slow.Clients = []sim.Client{java("3.9.5", s, 3, 1, 2)}
	late := func(from, by time.Duration) sim.Fault { // it grows by steps of less than p, so that the client bears it
		return sim.Fault{Kind: sim.FaultDelay, Between: []string{"server3"}, And: []string{"client"}, OneWay: true,
			At: always(from), For: always(18200*ms - from), By: always(by)}
	}
	slow.Faults = []sim.Fault{late(1*time.Second, 2600*ms), late(8*time.Second, 2900*ms),
		{Kind: sim.FaultDelay, Between: []string{"client"}, And: []string{"server3"}, OneWay: true, At: evenly(14500*ms, 14500*ms+s.period()), By: always(time.Minute)}}
	add(play{name: "expired by mistake: leader's client", scenario: slow, runs: 2_000, asked: []asked{
		obeys("Q-19", s.ToldAfterMistake(commit, false, 2*s.ToLeader), 2*ms, mistaken)}})
	return plays
}
