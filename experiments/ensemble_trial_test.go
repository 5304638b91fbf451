package experiments

import (
	"fmt"
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// A quorum is an ensemble of the given size in a setting. The last server leads.
func quorum(s Setting, servers, syncLimit int, length time.Duration) *sim.Scenario {
	if err := s.Check(); err != nil {
		panic(err)
	}
	return &sim.Scenario{Length: length,
		Ensemble: sim.Ensemble{Servers: servers, Version: "3.9.5", Tick: s.Tick, InitLimit: 10, SyncLimit: syncLimit,
			IdleCheck: 10 * time.Second, Backlog: 50, Log: always(flush), Load: always(0)},
		Network: sim.Network{Clients: always(s.ToServer), Servers: always(s.ToLeader), RTOMin: 200 * time.Millisecond}}
}

// joins adds a client of a library that knows the given servers and tries the first
// of them first.
func joins(sc *sim.Scenario, name, library, version string, timeout time.Duration, servers ...int) *sim.Client {
	l, err := model.FindLibrary(library, version)
	if err != nil {
		panic(err)
	}
	sc.Clients = append(sc.Clients, sim.Client{Name: name, Library: l, Version: version, Timeout: timeout, Servers: servers, Attach: servers[0], Open: always(0)})
	return &sc.Clients[len(sc.Clients)-1]
}

// strikes adds a fault that begins within a whole period of the client, when its
// sends are regular, and lasts for ever unless told otherwise.
func strikes(sc *sim.Scenario, s Setting, kind sim.FaultKind, between ...string) *sim.Fault {
	from := s.period() + time.Second
	sc.Faults = append(sc.Faults, sim.Fault{Kind: kind, Between: between, At: evenly(from, from+s.period())})
	return &sc.Faults[len(sc.Faults)-1]
}

// The settings of the trials inside the ensemble. Where p is no multiple of h, and
// by how much, decides how often a gap is the longer one.
var (
	eleven = Setting{Timeout: 11 * time.Second, Tick: 2 * time.Second,
		ToServer: 30 * time.Millisecond, FromServer: 30 * time.Millisecond, ToLeader: 60 * time.Millisecond}
	shortest = Setting{Timeout: 4 * time.Second, Tick: 2 * time.Second, // T = 2τ
		ToServer: 30 * time.Millisecond, FromServer: 30 * time.Millisecond, ToLeader: 40 * time.Millisecond}
	nearby = Setting{Timeout: 4 * time.Second, Tick: 2 * time.Second,
		ToServer: time.Millisecond, FromServer: time.Millisecond, ToLeader: time.Millisecond}
)

// cutOff is a client that stays with a follower when that is cut off from the leader.
func cutOff(s Setting, syncLimit int) *sim.Scenario {
	sc := quorum(s, 3, syncLimit, 2*s.period()+time.Second+max(s.Timeout, time.Duration(syncLimit)*s.Tick)+3*s.Tick)
	joins(sc, "client", "java", "3.9.5", s.Timeout, 1).ReadEvery = s.SendEvery
	strikes(sc, s, sim.FaultPartition, "server1").And = []string{"server3"}
	return sc
}

// belief is Z of Q-13: from the old leader's mark to the follower's giving up.
func belief(a *account) (time.Duration, bool) {
	x := a.fault()
	return between(at(a.marked(x)), at(a.first(wanted{server(1), model.KindLeaderLost, "silence"}, x)))
}

// believesOn asks whether the follower gives up after the mark.
func believesOn(a *account) (yes, ok bool) {
	z, ok := belief(a)
	return z > 0, ok
}

// touchGap is the time between the reports that carry the client's third ping and its
// fourth.
func touchGap(a *account) (time.Duration, bool) {
	pings := a.all(wanted{a.client, model.KindPing, ""})
	if len(pings) < 4 {
		return 0, false
	}
	report := wanted{server(3), model.KindTouch, "learner"}
	return between(at(a.first(report, pings[2].At)), at(a.first(report, pings[3].At)))
}

// widestGap is the longest time between two reports.
func widestGap(a *account) (time.Duration, bool) {
	touches := a.all(wanted{server(3), model.KindTouch, "learner"})
	widest := time.Duration(0)
	for i := 2; i < len(touches); i++ {
		widest = max(widest, touches[i].At.Sub(touches[i-1].At))
	}
	return widest, widest > 0
}

// isMarked asks whether the session is ever marked after the fault.
func isMarked(a *account) (yes, ok bool) { return a.marked(a.fault()) != nil, true }

// remaining is what was left to the session when the leader was stopped, from the
// mark on waking: how late it is says where the bucket's edge was.
func remaining(a *account) (time.Duration, bool) {
	m := a.marked(a.fault())
	if m == nil {
		return 0, false
	}
	return between(a.fault(), m.At.Add(-time.Duration(m.B)*time.Millisecond))
}

// lostOnWaking asks whether the leader marks the session when it wakes.
func lostOnWaking(a *account) (yes, ok bool) {
	m := a.marked(a.fault())
	return m != nil && m.At == a.healed(), a.healed() != unseen
}

// oldLeaderCommits asks whether the stopped leader commits the close of the session.
func oldLeaderCommits(a *account) (yes, ok bool) {
	leader := a.first(wanted{anyone, sim.KindPaused, ""}, 0)
	if leader == nil {
		return false, false
	}
	return a.first(wanted{leader.Node, model.KindCommitted, "closeSession"}, leader.At) != nil, a.marked(leader.At) != nil
}

// stopped is a healthy client of server 1 whose leader is stopped for a while.
func stopped(s Setting, servers int, pause time.Duration) *sim.Scenario {
	sc := quorum(s, servers, 8, 2*s.period()+2*time.Second+pause)
	joins(sc, "client", "java", "3.9.5", s.Timeout, 1)
	strikes(sc, s, sim.FaultPause, fmt.Sprintf("server%d", servers)).For = always(pause)
	return sc
}

// served is N of the last leader, or of the restarted server, before the mark.
func served(a *account) (n clock.Instant, marked *sim.Record) {
	for i := range a.records {
		switch r := &a.records[i]; {
		case r.Kind == model.KindServing && (r.Text == "leader" || r.Text == "standalone") && r.At > 0:
			n, marked = r.At, nil
		case r.Kind == model.KindMarked && n != 0 && marked == nil && r.Session == a.session():
			marked = r
		}
	}
	return n, marked
}

// afterServing is e − N.
func afterServing(a *account) (time.Duration, bool) {
	n, marked := served(a)
	return between(n, at(marked))
}

// failover is a client that dies, and leaders that die after it, so many times. No
// leader lives to mark the session but the last.
func failover(s Setting, servers, times int) *sim.Scenario {
	between := s.Timeout - s.period() // no mark is due within that of a touch
	sc := quorum(s, servers, 5, 2*s.period()+2*time.Second+time.Duration(times)*(between+time.Second)+s.Timeout+2*s.Tick)
	joins(sc, "client", "java", "3.9.5", s.Timeout, 1)
	strikes(sc, s, sim.FaultKill, "client")
	from := 2*s.period() + time.Second
	for i := range times {
		// The first leader falls while the session that the client left is still alive,
		// each other one before it has led for T.
		until := from + between/2
		if i > 0 {
			from, until = until, until+between/2
		}
		sc.Faults = append(sc.Faults, sim.Fault{Kind: sim.FaultKill, Between: []string{"leader"}, At: evenly(from+between/4, until)})
		from = until
	}
	return sc
}

// isolated is a client of a leader that is isolated together with it.
func isolated(s Setting) *sim.Scenario {
	sc := quorum(s, 3, 5, 2*s.period()+2*time.Second+5*s.Tick+s.Timeout+4*s.Tick)
	joins(sc, "client", "java", "3.9.5", s.Timeout, 3)
	strikes(sc, s, sim.FaultPartition, "server3").And = []string{"server1", "server2"}
	return sc
}

func stepDown(a *account) (time.Duration, bool) {
	return between(a.fault(), at(a.first(wanted{server(3), model.KindSteppedDown, ""}, a.fault())))
}

func toldOfStepDown(a *account) (time.Duration, bool) {
	return between(a.fault(), a.told(model.ToldDisconnected, a.fault()))
}

// stepDownToMark is from the step-down to the next leader's mark.
func stepDownToMark(a *account) (time.Duration, bool) {
	_, marked := served(a)
	return between(at(a.first(wanted{server(3), model.KindSteppedDown, ""}, a.fault())), at(marked))
}

// writing is a client of a follower that is cut off, which writes once after that.
// When it writes, against its pings, differs from seed to seed and is spread evenly.
func writing(s Setting, seed uint64) *sim.Scenario {
	const golden = 0x9E3779B97F4A7C15 // multiples of it fill the unit interval evenly
	phase := time.Duration(float64(s.period()) * float64(seed*golden>>11) / (1 << 53)).Truncate(time.Millisecond)
	sc := quorum(s, 3, 5, 4*s.period()+5*s.Tick+3*time.Second)
	c := joins(sc, "client", "java", "3.9.5", s.Timeout, 1)
	c.Owns = "/lock"
	c.WriteEvery = 2*s.period() + time.Second + phase
	sc.Faults = []sim.Fault{{Kind: sim.FaultPartition, Between: []string{"server1"}, And: []string{"server3"},
		At: evenly(s.period()+time.Second, 2*s.period()+time.Second)}}
	return sc
}

// write is when the client wrote after the cut, v of Q-14.
func write(a *account) clock.Instant {
	return at(a.first(wanted{a.client, model.KindRequest, "setData"}, a.fault()))
}

func toldAfterWrite(a *account) (time.Duration, bool) {
	return between(write(a), a.told(model.ToldDisconnected, 0))
}

// toldBeforeClosing asks whether the client is told before its follower gives up.
func toldBeforeClosing(a *account) (yes, ok bool) {
	lost := at(a.first(wanted{server(1), model.KindLeaderLost, ""}, a.fault()))
	told := a.told(model.ToldDisconnected, 0)
	return told < lost, told != unseen && lost != unseen
}

// TestClosedFormsInsideTheEnsemble holds the simulator against and
//
func TestClosedFormsInsideTheEnsemble(t *testing.T) {
	judge(t, ensemblePlays())
}

func ensemblePlays() []play {
	ms := time.Millisecond
	s := eleven
	ten := Setting{Timeout: 10 * time.Second, Tick: 2 * time.Second}
	seventeen := Setting{Timeout: 17 * time.Second, Tick: 2 * time.Second}
	busy := cutOff(s, 5)
	w := joins(busy, "writer", "java", "3.9.5", s.Timeout, 2)
	w.Owns, w.WriteEvery = "/busy", 200*ms
	// With p just above 2h a gap that is close to p + h is possible without jitter.
	tight := Setting{Timeout: 6020 * ms, Tick: 2 * time.Second}
	jittery := quorum(tight, 3, 5, 20*time.Second)
	joins(jittery, "client", "java", "3.9.5", tight.Timeout, 1)
	const jitter = 100 * time.Millisecond
	jittery.Network.Clients, jittery.Network.Servers = evenly(0, jitter), evenly(0, jitter)
	healthy := quorum(s, 3, 5, 30*time.Second)
	joins(healthy, "client", "java", "3.9.5", s.Timeout, 1)
	delayed := func(d time.Duration) *sim.Scenario {
		sc := quorum(nearby, 3, 5, 14*time.Second)
		joins(sc, "client", "java", "3.9.5", nearby.Timeout, 1)
		f := strikes(sc, nearby, sim.FaultDelay, "server1")
		f.And, f.OneWay, f.By, f.For = []string{"server3"}, true, always(d), always(nearby.heartbeat())
		return sc
	}
	again := quorum(s, 1, 5, 2*s.period()+2*time.Second+60*time.Second)
	joins(again, "client", "java", "3.9.5", s.Timeout, 1)
	strikes(again, s, sim.FaultKill, "client")
	again.Faults = append(again.Faults, sim.Fault{Kind: sim.FaultKill, Between: []string{"server1"}, At: always(2*s.period() + 2*time.Second)},
		sim.Fault{Kind: sim.FaultRestart, Between: []string{"server1"}, At: evenly(20*time.Second, 40*time.Second)})

	return []play{
		{name: "follower cut off, T = 11 s", scenario: cutOff(s, 5), runs: 3_000, asked: []asked{
			obeys("Q-13", s.CutOffFollower(10*time.Second), 2*ms, belief)}},
		{name: "follower cut off, T = 4 s", scenario: cutOff(shortest, 5), runs: 2_000, asked: []asked{
			obeys("Q-13", shortest.CutOffFollower(10*time.Second), 2*ms, belief),
			happens("Q-13", 1, believesOn)}},
		{name: "follower cut off, T = 10 s", scenario: cutOff(ten, 5), runs: 2_000, asked: []asked{
			obeys("Q-13", ten.CutOffFollower(10*time.Second), 2*ms, belief),
			happens("Q-13", 1-ten.CutOffFollower(10*time.Second).CDF(0), believesOn)}},
		{name: "follower cut off, client reads", scenario: cutOff(reading, 5), runs: 2_000, asked: []asked{
			obeys("Q-13", reading.CutOffFollower(10*time.Second), 2*ms, belief)}},
		{name: "follower cut off, T = 17 s", scenario: cutOff(seventeen, 5), runs: 2_000, asked: []asked{
			happens("Q-13", 0, believesOn)}},
		{name: "follower cut off, others write", scenario: busy, runs: 2_000, reach: 300 * ms, asked: []asked{
			within("Q-13", s.CutOffFollowerWithin(10*time.Second), 2*ms, belief)}},
		{name: "write through a cut-off follower", vary: func(seed uint64) *sim.Scenario { return writing(shortest, seed) }, runs: 2_000, asked: []asked{
			obeys("Q-14", shortest.DisconnectAfterWrite(), ms, toldAfterWrite),
			happens("Q-14", 1, toldBeforeClosing)}},
		{name: "leader isolated", scenario: isolated(nearby), runs: 2_000, reach: 130 * ms, asked: []asked{
			obeys("Q-15", nearby.StepDown(10*time.Second), 2*ms, stepDown),
			obeys("Q-15", nearby.DisconnectOfIsolated(10*time.Second), 2*ms, toldOfStepDown),
			within("Q-15", nearby.IsolatedBeforeExpiry(120*ms), 2*ms, stepDownToMark),
			obeys("Q-16", nearby.ExpiryAfterServing(), ms, afterServing)}},
		{name: "crash before a failover", scenario: failover(s, 3, 1), runs: 2_000, asked: []asked{
			obeys("Q-16", s.ExpiryAfterServing(), ms, afterServing)}},
		{name: "crash before three failovers", scenario: failover(s, 7, 3), runs: 2_000, asked: []asked{
			obeys("Q-16", s.ExpiryAfterServing(), ms, afterServing)}},
		{name: "crash before a restart", scenario: again, runs: 2_000, asked: []asked{
			obeys("Q-16", s.ExpiryAfterServing(), ms, afterServing)}},
		{name: "follower's client, long leader pause", scenario: stopped(s, 3, 13*time.Second+100*ms), runs: 3_000, asked: []asked{
			obeys("Q-18", s.RemainingAtFollower(), 2*ms, remaining),
			happens("Q-18", 1, lostOnWaking),
			happens("Q-18", 1, oldLeaderCommits)}},
		{name: "follower's client, leader pause beyond S", scenario: stopped(s, 3, 17*time.Second), runs: 2_000, asked: []asked{
			happens("Q-18", 1, lostOnWaking),
			happens("Q-18", 0, oldLeaderCommits)}},
		{name: "follower's client, leader pause", scenario: stopped(s, 3, 10*time.Second), runs: 2_000, asked: []asked{
			happens("Q-18", s.RemainingAtFollower().CDF(float64(10*time.Second)), lostOnWaking)}},
		{name: "follower's client, short leader pause", scenario: stopped(s, 3, s.RemainingAtFollower().Min()-2*ms), runs: 2_000, asked: []asked{
			happens("Q-18", 0, lostOnWaking)}},
		{name: "standalone, long pause", scenario: stopped(s, 1, 13*time.Second), runs: 2_000, asked: []asked{
			obeys("Q-18", s.RemainingAtLeader(), 2*ms, remaining),
			happens("Q-18", 1, lostOnWaking)}},
		{name: "standalone, pause beyond all limits", scenario: stopped(s, 1, 60*time.Second), runs: 2_000, asked: []asked{
			happens("Q-18", 1, lostOnWaking)}},
		{name: "standalone, pause", scenario: stopped(s, 1, 10*time.Second), runs: 2_000, asked: []asked{
			happens("Q-18", s.RemainingAtLeader().CDF(float64(10*time.Second)), lostOnWaking)}},
		{name: "healthy client of a follower", scenario: healthy, runs: 2_000, asked: []asked{
			obeys("Q-26", s.TouchGap(), ms, touchGap)}},
		{name: "healthy client, latencies vary", scenario: jittery, runs: 2_000, reach: 2 * jitter, asked: []asked{
			within("Q-26", tight.TouchGapWithin(jitter), ms, widestGap)}},
		{name: "one report late by T/2", scenario: delayed(nearby.Timeout / 2), runs: 2_000, asked: []asked{
			happens("Q-26", 0, isMarked)}},
	}
}
