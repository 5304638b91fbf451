package sim

import (
	"fmt"
	"strings"
	"testing"

	"zksim/clock"
	"zksim/model"
)

// rows lists every row of the table of libraries, in the words of a scenario.
func libraryRows() []string {
	var rows []string
	for i := range model.Libraries {
		l := &model.Libraries[i]
		if l.WallClock {
			for _, java := range model.Rows("java") {
				rows = append(rows, fmt.Sprintf("library: %s, version: %s, zookeeper: %s, percent: 50", l.Name, l.Read, java.Read))
			}
			continue
		}
		rows = append(rows, fmt.Sprintf("library: %s, version: %s", l.Name, l.Read))
	}
	return rows
}

// alone are a standalone server that dies, is started and does not serve at once,
// and clients that close whenever they like; late finds nobody at first.
const alone = `
ensemble: {servers: 1, startup: 3s}
faults:
  - {partition: {between: late, and: servers}, at: 0s, for: 30s}
  - {partition: {between: w, and: servers}, at: {uniform: [1s, 60s]}, for: {uniform: [1s, 25s]}}
  - {kill: server1, at: {uniform: [30s, 60s]}}
  - {restart: server1, at: {uniform: [61s, 70s]}}
`

// troubles are faults of all kinds that a client can meet.
const troubles = `
faults:
  - {partition: {between: w1, and: servers}, at: {uniform: [5s, 30s]}, for: {uniform: [1s, 25s]}}
  - {partition: {between: w2, and: servers, mode: refuse}, at: {uniform: [5s, 30s]}, for: {uniform: [1s, 25s]}}
  - {partition: {between: w3, and: [server1, server2]}, at: {uniform: [5s, 30s]}, for: {uniform: [1s, 25s]}}
  - {partition: {between: servers, and: w4, direction: one way}, at: {uniform: [5s, 30s]}, for: {uniform: [1s, 25s]}}
  - {partition: {between: o1, and: servers}, at: {uniform: [5s, 30s]}, for: {uniform: [15s, 25s]}}
  - {pause: w5, at: {uniform: [5s, 30s]}, for: {uniform: [1s, 25s]}}
  - {pause: server1, at: {uniform: [40s, 60s]}, for: {uniform: [1s, 8s]}}
  - {loss: {between: clients, and: servers, probability: 20%}, at: {uniform: [60s, 70s]}, for: {uniform: [1s, 25s]}}
  - {pause: w1, at: {uniform: [70s, 80s]}, for: {uniform: [8s, 16s]}}
  - {pause: o2, at: {uniform: [70s, 80s]}, for: {uniform: [14s, 20s]}}
  - {kill: w6, at: {uniform: [5s, 30s]}}
  - {restart: w6, at: {uniform: [40s, 50s]}}
  - {delay: {between: w7, and: servers, by: {uniform: [0s, 8s]}}, at: {uniform: [5s, 30s]}, for: {uniform: [1s, 40s]}}
`

// leaderless is a server without the other two, which serves read-only while clients
// that take that come, lose it and stop for a while.
const leaderless = `
ensemble: {readonlymode: true, localSessionsEnabled: true}
faults:
  - {kill: [server2, server3], at: 1s}
  - {partition: {between: clients, and: servers}, at: 0s, for: 4s}
  - {partition: {between: [w1, o1], and: servers}, at: {uniform: [20s, 40s]}, for: {uniform: [5s, 25s]}}
  - {pause: [w2, w3, o2], at: {uniform: [20s, 40s]}, for: {uniform: [1s, 25s]}}
  - {restart: [server2, server3], at: {uniform: [70s, 90s]}}
`

// TestEveryLibraryKeepsToItsTable plays each library, with applications that hold,
// contend for and watch a node, through cuts, refusals, pauses, losses, delays and
// restarts, and holds every change of state and every event against its table.
// Everything that is possible in these worlds must happen in one of them.
func TestEveryLibraryKeepsToItsTable(t *testing.T) {
	seeds := uint64(30)
	if testing.Short() {
		seeds = 5
	}
	seen := map[string]bool{}
	for _, row := range libraryRows() {
		name, _, _ := strings.Cut(strings.TrimPrefix(row, "library: "), ",")
		for seed := range 2*seeds + seeds/3 {
			row, faults := row, []string{troubles, alone}[seed%2]
			if seed >= 2*seeds {
				row, faults = row+", can_be_read_only: true", leaderless
			}
			if faults == leaderless && !model.Rows(name)[0].TakesReadOnly() {
				continue
			}
			s := mustRead(t, fmt.Sprintf("run: 120s\nnetwork: {latency: {exponential: 2ms, max: 1s}}\nclients:\n"+
				"  w: {%[1]s, count: 8, owns: /lock, read_every: 7s, timeout: 6s, close: {uniform: [2s, 150s]}}\n"+
				"  o: {%[1]s, count: 3, watches: /lock, callback: 300ms, timeout: 10s}\n"+
				"  late: {%[1]s, close: {uniform: [2s, 40s]}}\n", row)+faults)
			c := newChanges(s)
			w, err := New(s, seed, 0, c)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Run(clock.Instant(s.Length), nil); err != nil {
				t.Fatalf("%s, seed %d: %v", row, seed, err)
			}
			for _, wrong := range c.wrong {
				t.Errorf("%s, seed %d: %s", row, seed, wrong)
			}
			for change := range c.seen {
				seen[change] = true
			}
		}
	}
	for i := range model.Libraries {
		library := &model.Libraries[i]
		for _, table := range [][]model.Move{library.States(), library.Told()} {
			for _, m := range table {
				if change := fmt.Sprintf("%s: %s to %s", library.Name, m.From, m.To); !seen[change] && !testing.Short() {
					t.Errorf("%s: the change from %q to %q (%s) did not occur", library.Name, m.From, m.To, m.Rule)
				}
			}
		}
	}
}

// TestOptionsOfOtherLibrariesAreRefused wants no key that does nothing.
func TestOptionsOfOtherLibrariesAreRefused(t *testing.T) {
	for _, tc := range []struct{ client, want string }{
		{"max_delay: 1m", "clients.w.max_delay: an option of another library (this is java 3.9.5); want it with kazoo only"},
		{"library: go, max_tries: 3", "clients.w.max_tries: an option of another library (this is go 1.0.4); want it with kazoo only"},
		{"library: c, randomize_hosts: false", "clients.w.randomize_hosts: an option of another library (this is c 3.9.5); want it with kazoo only"},
		{"new_session_timeout: 0s", "clients.w.new_session_timeout: an option of another library (this is java 3.9.5); want it with java from 3.10.0 on only"},
		{"percent: 33", "clients.w.percent: an option of another library (this is java 3.9.5); want it with curator only"},
		{"policy: session", "clients.w.policy: an option of another library"},
		{"library: go, zookeeper: 3.8.0", "clients.w.zookeeper: an option of another library"},
		{"connection_timeout: 1s", "clients.w.connection_timeout: an option of another library"},
		{"injection_race: 0.5", "clients.w.injection_race: an option of another library"},
		{"library: curator, owns: /l, policy: session, stops_on: expired", "clients.w.policy: an error policy and stops_on, which say the same"},
		{"library: curator, percent: 0", "clients.w.percent: out of range (0); want 1 to 100"},
		{"library: curator, zookeeper: 3.4.0", "clients.w.zookeeper: version \"3.4.0\" of library java; want 3.5.0 or later"},
		{"watch: persistent", "clients.w.watch: a persistent watch of nothing; want watches too"},
		{"library: kazoo, max_delay: 0s", "clients.w.max_delay: too short (0s); want 1ms to 24h"},
		{"library: kazoo, max_tries: -1", "clients.w.max_tries: out of range (-1); want 0 to 1000000"},
		{"library: kazoo, can_be_read_only: true", "clients.w.can_be_read_only: an option of another library (this is kazoo 2.11.0); want it with java, c or curator only"},
		{"version: 3.10.0, new_session_timeout: 1500us", "clients.w.new_session_timeout: not whole milliseconds (1.5ms)"},
	} {
		_, err := ReadScenario("t.yaml", []byte("run: 1s\nclients: {w: {"+tc.client+"}}"), nil)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %s", tc.client, err, tc.want)
		}
	}
	_, err := ReadScenario("t.yaml", []byte("run: 1s\nnetwork: {latency: 0s}\nclients: {w: {library: c}}"), nil)
	if err == nil || !strings.Contains(err.Error(), "want network.latency above 0") {
		t.Errorf("a C client without latency: %v", err)
	}
	// T is 2 ticks; at 1.2 s the jitter of up to 0.4 s may still leave nothing of T/3 (L-K1).
	for tick, fits := range map[string]bool{"tickTime: 500ms": false, "tickTime: 600ms": true} {
		_, err := ReadScenario("t.yaml", []byte("run: 1s\nensemble: {"+tick+"}\nnetwork: {latency: 0s}\nclients: {w: {library: kazoo, timeout: 1s}}"), nil)
		if fits != (err == nil) || err != nil && !strings.Contains(err.Error(), "want network.latency above 0, or 1.2s") {
			t.Errorf("kazoo without latency, %s: %v", tick, err)
		}
	}
	// Writes one after another at one instant would never end (H-6).
	for fast, fits := range map[string]bool{"log: 0s": false, "log: 1ms": true} {
		_, err := ReadScenario("t.yaml", []byte("run: 1s\nensemble: {servers: 1, "+fast+"}\nnetwork: {latency: 0s}\nclients: {w: {outstanding: 1}}"), nil)
		if fits != (err == nil) || err != nil && !strings.Contains(err.Error(), "writes one after another that take no time") {
			t.Errorf("writes without latency, %s: %v", fast, err)
		}
	}
}
