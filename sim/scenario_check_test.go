package sim

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
)

// TestFaultsThatCostALeaderOrItsQuorumArePlayed: whatever strikes the ensemble is a
// scenario like any other (F-1 to F-22, G-6, G-8), and plays to its end.
func TestFaultsThatCostALeaderOrItsQuorumArePlayed(t *testing.T) {
	for _, fault := range []string{
		"kill: leader", "lose: leader", "kill: servers", "kill: followers", "restart: server1", "restart: servers",
		"pause: leader, for: 30s", "pause: leader", "pause: server1, for: {exponential: 20s}", "pause: servers, for: 30s",
		"partition: {between: server1, and: server3}", "partition: {between: leader, and: followers}, for: 40s",
		"partition: {between: leader, and: followers, direction: one way}", "partition: {between: servers, and: servers}, for: 1m",
		"partition: {between: server1, and: server3, mode: refuse}, for: 1s", "delay: {between: server1, and: leader, by: 6s}",
		"loss: {between: server1, and: leader, probability: 1}", "slow_log: {who: followers, by: 9s}", "slow_log: {who: servers, by: 20s}",
	} {
		s, err := ReadScenario("t.yaml", []byte(smallest+"ensemble: {observers: 1}\nfaults: [{at: 1s, "+fault+"}]"), nil)
		if err != nil {
			t.Errorf("%s: %v", fault, err)
			continue
		}
		s.Length = 3 * time.Minute
		w, err := New(s, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Run(clock.Instant(s.Length), nil); err != nil {
			t.Errorf("%s: %v", fault, err)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	for _, c := range []struct{ set, want string }{
		{"run=0s", "too short (0s); want 1µs to 24h"},
		{"run=2d", "too long (48h); want 1µs to 24h"},
		{"run=-1s", "a negative duration (-1s)"},
		{"ensemble.servers=9", "out of range (9); want 1 to 7"},
		{"ensemble={servers: 2147483647, leader: 1}\x00faults=[{partition: {between: servers, and: servers}, at: 1s}]", "out of range (2147483647); want 1 to 7"},
		{"faults=[{partition: {between: server1, and: server1}, at: 1s}]", "nothing travels between the two sides"},
		{"ensemble.leader=4", "not a voter (server 4); want 1 to 3"},
		{"ensemble={servers: 1, observers: 1}", "observers (1) of a standalone server"},
		{"ensemble.version=3.7.2", "unknown release (3.7.2)"},
		{"ensemble.tickTime=1.5ms", "too short"},
		{"ensemble.tickTime=2.5ms", "not whole milliseconds (2.5ms)"},
		{"ensemble.minSessionTimeout=41s", "minSessionTimeout (41s) above maxSessionTimeout (40s)"},
		{"ensemble.maxSessionTimeout=3s", "minSessionTimeout (4s) above maxSessionTimeout (3s)"},
		{"ensemble={servers: 1, localSessionsEnabled: true}", "local sessions of a standalone server, which has none (true)"},
		{"ensemble={localSessionsUpgradingEnabled: true}", "upgrades of local sessions (true) without local sessions"},
		{"faults=[{reconfig: {voters: [1]}, at: 1s}]", "too few or too many voters (1); want 2 to 7"},
		{"faults=[{reconfig: {voters: [1, 4]}, at: 1s}]", "no such server (4); want 1 to 3"},
		{"faults=[{reconfig: {voters: [1, 1]}, at: 1s}]", "server 1 twice; want each once"},
		{"ensemble.servers=1\x00faults=[{reconfig: {voters: [1, 2]}, at: 1s}]", "voters of a standalone server"},
		{"ensemble={observerMasterPort: 2191}", "masters (port 2191) of no observers; want observers as well, or 0"},
		{"ensemble={observers: 1, observerMasterPort: 70000}", "out of range (70000); want 0 to 65535"},
		{"ensemble={servers: 1, leaderServes: no}", "a standalone server that serves nobody (no)"},
		{"ensemble={servers: 1, readonlymode: true}", "read-only mode of a standalone server, which never looks for a leader (true)"},
		{"faults=[{pause: {who: server1, threads: events}, at: 1s}]", "no thread for events alone (server1); want clients with java, c or go"},
		{"faults=[{pause: {who: worker, threads: events, clock: stops}, at: 1s}]", "a clock that stops (stops) while most threads run; want runs, or threads: all"},
		{"clients.worker.library=kazoo\x00clients.worker.version=2.11.0\x00faults=[{pause: {who: worker, threads: events}, at: 1s}]", "no thread for events alone (worker)"},
		{"ensemble.syncLimit=0", "out of range (0)"},
		{"ensemble.ping_phase=1s", "half a tick or more (1s); want less than 1s (T-17)"},
		{"ensemble.clocks={server4: {}}", "no such server (server4); want server1 to server3"},
		{"ensemble.clocks={server7: {ppm: 10}}", "ensemble.clocks.server7: no such server (server7); want server1 to server3"},
		{"ensemble.clocks={server1: {ppm: 500001}}", "out of range (500001)"},
		{"clients.worker.clock={offset: -1s}", "a negative duration (-1s)"},
		{"network.loss=-0.1", "not a probability (-0.1, that is -10%)"},
		{"network.rto_min=0s", "too short (0s)"},
		{"clients.worker.timeout=0s", "too short (0s)"},
		{"clients.worker.timeout=1.5ms", "not whole milliseconds"},
		{"clients.worker.servers=[1, 4]", "no such server (4)"},
		{"clients.worker.servers=[1, 1]", "server 1 twice"},
		{"clients.worker={servers: [1, 2], attach: 3}", "a server that is not in its connect string (3); want one of 1, 2"},
		{"clients.worker={open: 2s, close: 1s}", "closed (1s) before it is opened (2s)"},
		{"clients.worker.owns=/a//b", "not a path (/a//b)"},
		{"clients.worker={owns: /a, watches: /a}", "a client that owns a node (/a) and watches one (/a)"},
		{"clients.worker.count=1000001", "out of range (1000001)"},
		{"clients={worker: {count: 999999}, other: {count: 2}}", "too many clients (1000001)"},
		{"clients.server7={}", "a name with another meaning (server7)"},
		{"clients.all={}", "a name with another meaning (all)"},
		{"clients={a: {count: 12}, a12: {}}", "two clients with one name (a12, also one of the 12 called a)"},
		{"clients={a-b c: {}}", "not a name (a-b c)"},
		{"faults=[{kill: worker, at: 1s, for: 1s}]", "a length (1s) of a fault that has none (kill)"},
		{"faults=[{kill: worker, when: node gone, after: 25h}]", "too long (25h); want 0s to 24h"},
		{"clients.worker.timeout=7d", "too long (168h); want 1ms to 144h"},
		{"faults=[{kill: worker, at: 1s, of: worker}]", "a client (worker) without an event"},
		{"faults=[{kill: worker, when: node gone, of: server1}]", "not one client (server1); want the name of one"},
		{"clients.worker.recipe=sequence", "a client that owns nothing; want owns as well"},
		{"clients.worker.stops_on=never", "a client that owns nothing; want owns as well"},
		{"clients.worker.stops_on=sometimes", "unknown choice (sometimes); want one of expired, disconnected, never"},
		{"clients={a: {owns: /l}, b: {owns: /l, recipe: sequence}}", "two recipes for one lock (/l, as a has it); want the same"},
		{"clients.worker.outstanding=1001", "out of range (1001); want 0 to 1000"},
		{"clients.worker={outstanding: 2, write_every: 1s}", "a client that writes periodically, too (write_every); want one of the two"},
		{"faults=[{pause: worker, at: 1s, for: 0s}]", "no time at all (0s)"},
		{"faults=[{slow_log: {who: worker, by: 1s}, at: 1s}]", "a client has no log device (worker)"},
		{"faults=[{partition: {between: worker, and: clients}, at: 1s}]", "nothing travels between the two sides (worker and clients)"},
		{"faults=[{kill: observers, at: 1s}]", "nobody (observers)"},
		{"faults=[{kill: sever1, at: 1s}]", "unknown node or group (sever1); did you mean server1?"},
	} {
		got := problems(t, smallest, strings.Split(c.set, "\x00")...)
		if len(got) != 1 || !strings.Contains(got[0], c.want) {
			t.Errorf("--set %s:\n got %s\nwant %s", c.set, strings.Join(got, "\n     "), c.want)
		}
	}
	if got := problems(t, "run: 1s\nclients: {}\nfaults: [{kill: server1, when: node gone, of: server1}]"); len(got) != 2 {
		t.Errorf("no clients and an event of a server: %v, want two problems", got)
	}
	for _, set := range []string{"clients={a: {count: 12}, a13: {}, a01: {}}", "clients={a: {}, a1: {}}", "run=1d",
		"faults=[{pause: worker, at: 24h, for: 24h}, {kill: worker, when: node gone, after: 24h}]", "clients.worker={open: 23h, close: 24h}"} {
		if got := problems(t, smallest, set); got != nil {
			t.Errorf("--set %s: %v, want nothing", set, got)
		}
	}
}

// A scenario that a program made from nothing lacks its laws and much else.
func TestCheckRefusesTheZeroScenario(t *testing.T) {
	err := (&Scenario{}).Check()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"run: ", "ensemble.servers: ", "ensemble.log: no law", "network.latency: no law", "clients: no client"} {
		if !strings.Contains("\n"+err.Error(), "\n"+want) {
			t.Errorf("no line begins with %q in\n%v", want, err)
		}
	}
}

func TestNamesResolveToNodes(t *testing.T) {
	s := mustRead(t, "run: 1s\nensemble: {observers: 2, leader: 2}\nclients: {a: {count: 3}, b: {}, c9: {count: 2}}\n")
	names := []string{"server1", "server2", "server3", "server4", "server5", "a1", "a2", "a3", "b", "c91", "c92"}
	if got := s.Nodes(); !reflect.DeepEqual(got, names) {
		t.Errorf("Nodes() = %v, want %v", got, names)
	}
	for i, name := range names {
		if got, err := s.Resolve([]string{name}); err != nil || !reflect.DeepEqual(got, []model.NodeID{model.NodeID(i)}) {
			t.Errorf("Resolve(%s) = %v, %v; want %d", name, got, err, i)
		}
	}
	for _, c := range []struct {
		names string
		want  []model.NodeID
	}{
		{"all", []model.NodeID{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		{"servers", []model.NodeID{0, 1, 2, 3, 4}},
		{"clients", []model.NodeID{5, 6, 7, 8, 9, 10}},
		{"leader", []model.NodeID{1}},
		{"followers", []model.NodeID{0, 2}},
		{"observers", []model.NodeID{3, 4}},
		{"a", []model.NodeID{5, 6, 7}},
		{"b leader a2 a b", []model.NodeID{1, 5, 6, 7, 8}},
	} {
		if got, err := s.Resolve(strings.Fields(c.names)); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("Resolve(%s) = %v, %v; want %v", c.names, got, err, c.want)
		}
	}
	for _, name := range []string{"a4", "a0", "a01", "b1", "server6", "server0", "c93", "", "nobody"} {
		if got, err := s.Resolve([]string{name}); err == nil {
			t.Errorf("Resolve(%s) = %v, want an error", name, got)
		}
	}
}

// N-2: servers clamp to 2 and 20 ticks.
func TestRemarks(t *testing.T) {
	s := mustRead(t, smallest+"  other: {timeout: 1m, watches: /x, close: 30s}\nfaults: [{kill: worker, at: {uniform: [31s, 32s]}}]", "clients.worker.timeout=2s")
	want := []string{
		"client worker asks for 2s; servers allow 4s to 40s: the session gets 4s (N-2)",
		"client other asks for 1m; servers allow 4s to 40s: the session gets 40s (N-2)",
		"client other closes its session at 30s or later; the run ends at 30s",
		"client other watches /x, which no client owns",
	}
	got := s.Remarks()
	if len(got) != 5 || !reflect.DeepEqual(got[:4], want) || got[4] != "test.yaml:5: kill: never happens: it begins at 31s or later, and the run ends at 30s" {
		t.Errorf("got  %q\nwant %q and the fault", got, want)
	}
	if got := mustRead(t, smallest).Remarks(); len(got) != 0 {
		t.Errorf("smallest: %q, want none", got)
	}
}

func TestBrief(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0s", 30 * time.Second: "30s", time.Minute: "1m", time.Hour: "1h", 90 * time.Minute: "1h30m", 61 * time.Second: "1m1s", 600 * time.Second: "10m"} {
		if got := brief(d); got != want {
			t.Errorf("brief(%d) = %s, want %s", d, got, want)
		}
	}
}
