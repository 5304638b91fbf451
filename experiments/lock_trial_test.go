package experiments

import (
	"fmt"
	"testing"
	"time"

	"zksim/model"
	"zksim/sim"
)

// nine is the setting of the trials of two owners: T = 9 s, so that of three addresses
// the second attempt begins before X = 12 s and ends beyond it.
var nine = Setting{Timeout: 9 * time.Second, Tick: 2 * time.Second,
	ToServer: 30 * time.Millisecond, FromServer: 30 * time.Millisecond, ToLeader: 60 * time.Millisecond}

// notice is c + dw for heir at a follower, as in Q-6: the proposal goes to a follower,
// which flushes and acknowledges it, COMMIT goes to heir's, and that tells heir.
const notice = 3*60*time.Millisecond + flush + 30*time.Millisecond

// contest is a lock that client owns, with a policy, through the given servers, and heir,
// at server 2, wants.
func contest(stops model.Stops, length time.Duration, library, version string, servers ...int) *sim.Scenario {
	sc := quorum(nine, 3, 5, length)
	c := joins(sc, "client", library, version, nine.Timeout, servers...)
	c.Owns, c.Stops = "/lock", &stops
	heir := joins(sc, "heir", "java", "3.9.5", nine.Timeout, 2)
	heir.Owns, heir.Open = "/lock", always(300*time.Millisecond)
	return sc
}

// severed cuts the owner off from every server, for good.
func severed(sc *sim.Scenario) *sim.Scenario {
	strikes(sc, nine, sim.FaultPartition, "client").And = []string{"servers"}
	return sc
}

// curator makes the owner's library Curator on a Java client without local expiry, with
// simulatedSessionExpirationPercent.
func curator(sc *sim.Scenario, percent int) *sim.Scenario {
	under, err := model.FindLibrary("java", "3.8.6")
	if err != nil {
		panic(err)
	}
	sc.Clients[0].Under, sc.Clients[0].Percent = under, percent
	return sc
}

// asleep stops the owner's process for so long.
func asleep(sc *sim.Scenario, pause time.Duration) *sim.Scenario {
	strikes(sc, nine, sim.FaultPause, "client").For = always(pause)
	return sc
}

// protects lets both act at a store, which knows fencing or not.
func protects(sc *sim.Scenario, fencing bool) *sim.Scenario {
	sc.Resources = []sim.Resource{{Name: "store", Fencing: fencing}}
	for i := range sc.Clients {
		sc.Clients[i].ActsOn, sc.Clients[i].ActEvery = "store", 500*time.Millisecond
	}
	return sc
}

// overlap is from when heir is told of the node's end until the owner stops.
func overlap(a *account) (time.Duration, bool) {
	x := a.fault()
	return between(at(a.first(wanted{a.client + 1, model.KindSawDeleted, ""}, x)), at(a.first(wanted{a.client, model.KindStops, ""}, x)))
}

// both asks whether the two ever act as owners at once, as the stories have it.
func both(a *account) (yes, ok bool) {
	owns := at(a.first(wanted{a.client + 1, model.KindHolds, ""}, a.fault()))
	stops := a.first(wanted{a.client, model.KindStops, ""}, a.fault())
	return stops == nil || stops.At > owns, owns != unseen
}

// stopsAtAll asks whether the owner ever stops.
func stopsAtAll(a *account) (yes, ok bool) {
	owns := at(a.first(wanted{a.client + 1, model.KindHolds, ""}, a.fault()))
	return a.first(wanted{a.client, model.KindStops, ""}, a.fault()) != nil, owns != unseen
}

// inside asks whether the overlap is within a range.
func inside(r Range) func(a *account) (yes, ok bool) {
	return func(a *account) (yes, ok bool) {
		d, ok := overlap(a)
		return r.Least-2*time.Millisecond <= d && d <= r.Most+2*time.Millisecond, ok
	}
}

// oldAccepted asks whether the store accepts anything of the owner's after it has
// accepted something of heir's; heir must have acted.
func oldAccepted(a *account) (yes, ok bool) {
	for _, r := range a.all(wanted{anyone, model.KindActAccepted, ""}) {
		ok = ok || r.Peer == a.client+1
		yes = yes || r.A < r.B
	}
	return yes, ok
}

// TestClosedFormsOfTwoOwners holds the simulator against.
func TestClosedFormsOfTwoOwners(t *testing.T) {
	judge(t, lockPlays())
}

func lockPlays() []play {
	ms := time.Millisecond
	s := nine
	const disconnected, expired, never = model.StopsOnDisconnected, model.StopsOnExpired, model.StopsNever
	const pause = 16 * time.Second // longer than T + τ + d1 and what heir needs
	behind := contest(disconnected, 40*time.Second, "java", "3.9.5", 1)
	strikes(behind, s, sim.FaultPartition, "server1").And = []string{"server3"}
	plays := []play{
		{name: "cut at the leader", scenario: severed(contest(disconnected, 30*time.Second, "java", "3.9.5", 3)), runs: 2_000, asked: []asked{
			obeys("Q-20", s.StoppedByCut(false, notice), 2*ms, overlap),
			happens("Q-20", 0, both)}},
		{name: "cut at a follower", scenario: severed(contest(disconnected, 30*time.Second, "java", "3.9.5", 1)), runs: 2_000, asked: []asked{
			obeys("Q-20", s.StoppedByCut(true, notice), 2*ms, overlap),
			happens("Q-20", 0, both)}},
		{name: "follower cut off", scenario: behind, runs: 2_000, asked: []asked{
			obeys("Q-20", s.StoppedBehindFollower(10*time.Second, notice), 2*ms, overlap)}},
		{name: "pause, told Disconnected", scenario: asleep(contest(disconnected, 45*time.Second, "java", "3.8.6", 3), pause), runs: 2_000, asked: []asked{
			obeys("Q-20", s.StoppedOnWaking(pause, notice), 2*ms, overlap),
			happens("Q-22", 1, both)}},
		{name: "one address, own expiry", scenario: severed(contest(expired, 60*time.Second, "java", "3.9.5", 3)), runs: 5_000, asked: []asked{
			obeys("Q-21", s.StoppedByExpiryOfOne(notice), 2*ms, overlap),
			happens("Q-21", 1, inside(s.StoppedByOwnExpiryWithin(1, notice)))}},
		{name: "three addresses, own expiry", scenario: severed(contest(expired, 60*time.Second, "java", "3.9.5", 3, 1, 2)), runs: 5_000, asked: []asked{
			obeys("Q-21", s.StoppedByExpiryOfThree(notice), 2*ms, overlap),
			happens("Q-21", 1, inside(s.StoppedByOwnExpiryWithin(3, notice)))}},
		{name: "Curator, 100 %", scenario: curator(severed(contest(expired, 60*time.Second, "curator", "5.7.1", 3, 1, 2)), 100), runs: 2_000, asked: []asked{
			obeys("Q-21", s.StoppedByInjection(100, notice), 2*ms, overlap)}},
		{name: "Curator, 33 %", scenario: curator(severed(contest(expired, 60*time.Second, "curator", "5.7.1", 3, 1, 2)), 33), runs: 2_000, asked: []asked{
			obeys("Q-21", s.StoppedByInjection(33, notice), 2*ms, overlap)}},
	}
	for _, l := range [][2]string{{"java", "3.8.6"}, {"c", "3.9.5"}, {"go", "1.0.4"}, {"kazoo", "2.11.0"}} {
		plays = append(plays, play{name: l[0] + ", never healed", scenario: severed(contest(expired, 60*time.Second, l[0], l[1], 3, 1, 2)), runs: 200, asked: []asked{
			happens("Q-21", 0, stopsAtAll)}})
	}
	// No policy, and no library, brings the overlap of a pause to none; fencing leaves
	// nothing of it at the store.
	policies := map[model.Stops]string{disconnected: "Disconnected", expired: "Expired", never: "nothing"}
	for _, stops := range []model.Stops{disconnected, expired, never} {
		for _, l := range [][2]string{{"java", "3.8.6"}, {"java", "3.9.5"}, {"c", "3.9.5"}, {"go", "1.0.4"}, {"kazoo", "2.11.0"}} {
			for _, fencing := range []bool{false, true} {
				sc := protects(asleep(contest(stops, 35*time.Second, l[0], l[1], 3), pause), fencing)
				name, old := "accepts all", 1.0
				if fencing {
					name, old = "fencing", 0
				}
				plays = append(plays, play{name: fmt.Sprintf("pause, %s %s, %s, %s", l[0], l[1], policies[stops], name), scenario: sc, runs: 200, asked: []asked{
					happens("Q-22", 1, both),
					happens("Q-22", old, oldAccepted)}})
			}
		}
	}
	return plays
}

// TestBoundsOnOverlapAsTheRulesHaveThem: the approximations of, without
// latencies, for T = 9 s, τ = 2 s, S = 10 s: p = 3 s, R = 6 s, X = 12 s.
func TestBoundsOnOverlapAsTheRulesHaveThem(t *testing.T) {
	s := Setting{Timeout: 9 * time.Second, Tick: 2 * time.Second}
	for _, tc := range []struct {
		rule string
		got  time.Duration
		want int64 // ms
	}{
		// −(T/3 − 100) at best, T/3 + τ − 100 earlier at worst.
		{"Q-20: silent cut, at most", s.StoppedByCut(false, 0).Max(), -3000 + 100},
		{"Q-20: silent cut, at least", s.StoppedByCut(false, 0).Min(), -3000 - 2000 + 100},
		// S − 2T/3 + τ/2 is S − T + p + h, where p is a whole number of h it is h less.
		{"Q-20: cut-off follower, at most", s.StoppedBehindFollower(10*time.Second, 0).Max(), 10000 - 9000 + 2000 + 100},
		{"Q-20: a pause of 16 s, at most", s.StoppedOnWaking(16*time.Second, 0).Max(), 16000 + 100 - 9000 + 3000},
		// T/3 + max(T/n, 2.1 s), and the 200 ms that the rule keeps apart.
		{"Q-21: one address", s.StoppedByOwnExpiryWithin(1, 0).Most, 3000 + 9000 + 200},
		{"Q-21: three addresses", s.StoppedByOwnExpiryWithin(3, 0).Most, 3000 + 3000 + 200},
		{"Q-21: five addresses", s.StoppedByOwnExpiryWithin(5, 0).Most, 3000 + 2099 + 200},
		{"Q-21: Curator, 100 %", s.StoppedByInjection(100, 0).Max(), 6000 + 100},
		{"Q-21: Curator, 33 %", s.StoppedByInjection(33, 0).Max(), 100 - 3000 + 2970},
	} {
		if tc.got.Milliseconds() != tc.want {
			t.Errorf("%s: %v, want %d ms", tc.rule, tc.got, tc.want)
		}
	}
}
