package sim

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"zksim/model"
)

// smallest is the least that a scenario says.
const smallest = "run: 30s\nclients:\n  worker: {}\n"

func mustRead(t testing.TB, source string, sets ...string) *Scenario {
	t.Helper()
	s, err := ReadScenarioWith("test.yaml", []byte(source), nil, sets)
	if err != nil {
		t.Fatalf("%s:\n%v", source, err)
	}
	return s
}

// problems are the lines of the error for a source, or nil.
func problems(t *testing.T, source string, sets ...string) []string {
	t.Helper()
	s, err := ReadScenarioWith("t.yaml", []byte(source), nil, sets)
	if err == nil {
		return nil
	}
	if s != nil {
		t.Errorf("%q: a scenario beside the error %v", source, err)
	}
	var all ScenarioErrors
	if !errors.As(err, &all) {
		t.Fatalf("%q: %T, want ScenarioErrors", source, err)
	}
	return strings.Split(err.Error(), "\n")
}

func TestEveryKeyReachesItsField(t *testing.T) {
	source := `
name: all
title: Everything
about: every key once
seed: 18446744073709551615
run: 1m
ensemble:
  servers: 3
  observers: 1
  leader: 2
  version: 3.8.0
  tickTime: 1s
  syncLimit: 20
  minSessionTimeout: 3s
  maxSessionTimeout: 40s
  sessionlessCnxnTimeout: 5s
  backlog: 7
  log: {law: uniform, from: 1ms, to: 3ms}
  startup: 1s
  ping_phase: 70ms
  after_pause: touches first
  clocks:
    server2: {offset: 123ms, ppm: -50}
network:
  latency: {uniform: [1ms, 5ms], max: 4ms}
  servers: 250us
  loss: 0.1%
  rto_min: 300ms
  syn: older
clients:
  worker:
    count: 3
    library: java
    version: 3.8.0
    timeout: 9s
    servers: [1, 4]
    attach: 4
    open: 1s
    close: 20s
    owns: /lock
    recipe: sequence
    stops_on: never
    read_every: 2s
    write_every: 1d
    callback: 10ms
    clock: {offset: 5s}
  other:
    watches: /lock
  third:
    library: kazoo
    max_delay: 1m
    max_tries: 7
    randomize_hosts: false
  fifth:
    library: curator
    zookeeper: 3.8.0
    percent: 33
    policy: session
    connection_timeout: 5s
    injection_race: 25%
    watches: /lock
    watch: persistent
  fourth:
    version: 3.10.0
    connect_string: one name
    new_session_timeout: 20s
    outstanding: 5
faults:
  - partition: {between: worker2, and: [server1, observers], direction: one way, mode: refuse}
    at: 12s
    for: 1.5s
  - pause: {who: worker, clock: stops}
    when: session expired
    of: other
    after: 500ms
    for: 2s
  - slow_log: {who: server1, by: 2s}
    at: 1s
  - loss: {between: clients, and: servers, probability: 0.05}
    at: 1s
  - kill: [worker1, other]
    at: 2s
order: faults last
`
	s := mustRead(t, source, "clients.worker.write_every=30m")
	above, _, _ := strings.Cut(source, "  - partition")
	where := fmt.Sprintf("test.yaml:%d", 1+strings.Count(above, "\n"))
	ms := time.Millisecond
	e := s.Ensemble
	if s.Name != "all" || s.Title != "Everything" || s.About != "every key once" || s.Seed != 1<<64-1 || s.Length != time.Minute || !s.FaultsLast {
		t.Errorf("top: %+v", s)
	}
	if e.Servers != 3 || e.Observers != 1 || e.Leader != 2 || e.Version != "3.8.0" || e.Tick != 1000*ms || e.SyncLimit != 20 ||
		e.MinTimeout != 3000*ms || e.MaxTimeout != 40000*ms || e.IdleCheck != 5000*ms || e.Backlog != 7 || e.Startup != 1000*ms ||
		*e.PingPhase != 70*ms || !e.TouchesFirst || e.Log.String() != "uniform(from=1ms, to=3ms)" {
		t.Errorf("ensemble: %+v", e)
	}
	if len(e.Clocks) != 2 || e.Clocks[0].Offset != nil || *e.Clocks[1].Offset != 123*ms || e.Clocks[1].PPM != -50 {
		t.Errorf("clocks: %+v", e.Clocks)
	}
	n := s.Network
	if n.Clients.String() != "uniform(from=1ms, to=5ms), max 4ms" || n.Servers.String() != "250µs" || n.Loss != 0.001 || n.RTOMin != 300*ms || !n.OldSYN {
		t.Errorf("network: %+v", n)
	}
	c := s.Clients[0]
	if c.Name != "worker" || c.Count != 3 || c.Library.LocalExpiry || c.Version != "3.8.0" || c.Timeout != 9000*ms || !reflect.DeepEqual(c.Servers, []int{1, 4}) ||
		c.Attach != 4 || longest(c.Open) != 1000*ms || longest(c.Close) != 20*time.Second || c.Owns != "/lock" || c.Recipe != model.RecipeSequence || c.StopsOn() != model.StopsNever || c.ReadEvery != 2000*ms ||
		c.WriteEvery != 30*time.Minute || c.Callback != 10*ms || *c.Clock.Offset != 5000*ms {
		t.Errorf("worker: %+v", c)
	}
	if o := s.Clients[1]; o.Name != "other" || o.Watches != "/lock" || !o.Library.LocalExpiry || o.Timeout != 10*time.Second || o.Recipe != model.RecipeNode || o.StopsOn() != model.StopsOnExpired {
		t.Errorf("other: %+v", o)
	}
	if k := s.Clients[2]; k.Library.Name != "kazoo" || k.Library.PingsWhenQuiet || k.Version != "2.11.0" || *k.MaxDelay != time.Minute || k.MaxTries != 7 || !k.KeepOrder {
		t.Errorf("third: %+v", k)
	}
	if m := s.Clients[4]; !m.Library.NewSessionLimit || *m.NewSession != 20*time.Second || m.Outstanding != 5 || !m.OneName {
		t.Errorf("fourth: %+v", m)
	}
	if u := s.Clients[3]; u.Library.Name != "curator" || u.Under.LocalExpiry || u.UnderVersion != "3.8.0" || u.Percent != 33 || !u.SessionPolicy ||
		u.ConnectionTimeout != 5*time.Second || u.InjectionRace != 0.25 || !u.Lasting {
		t.Errorf("fifth: %+v", u)
	}
	f := s.Faults
	if f[0].Kind != FaultPartition || !reflect.DeepEqual(f[0].And, []string{"server1", "observers"}) || !f[0].OneWay || !f[0].Refuse ||
		longest(f[0].At) != 12*time.Second || longest(f[0].For) != 1500*ms || f[0].Where != where {
		t.Errorf("partition: %+v", f[0])
	}
	if f[1].Kind != FaultPause || !f[1].ClockStops || f[1].When != TriggerMarked || f[1].Of != "other" || f[1].After != 500*ms || f[1].At != nil {
		t.Errorf("pause: %+v", f[1])
	}
	if f[2].Kind != FaultSlowLog || longest(f[2].By) != 2000*ms || f[3].Kind != FaultLoss || f[3].Probability != 0.05 ||
		f[4].Kind != FaultKill || !reflect.DeepEqual(f[4].Between, []string{"worker1", "other"}) || f[4].For != nil {
		t.Errorf("the rest: %+v", f[2:])
	}
}

// The version that a file writes is that of the library which it writes: another library has
// its newest, unless the command line says which.
func TestAnotherLibraryHasAnotherVersion(t *testing.T) {
	const file = "run: 9s\nclients:\n  worker: {version: 3.8.0}\n  other: {library: kazoo, version: 2.8.0}\n"
	newest := func(name string) string {
		rows := model.Rows(name)
		return rows[len(rows)-1].Read
	}
	for _, tc := range []struct {
		sets          []string
		worker, other string
	}{
		{nil, "java 3.8.0", "kazoo 2.8.0"},
		{[]string{"clients.worker.library=java", "clients.other.library=kazoo"}, "java 3.8.0", "kazoo 2.8.0"},
		{[]string{"clients.worker.library=kazoo"}, "kazoo " + newest("kazoo"), "kazoo 2.8.0"},
		{[]string{"clients.worker.library=go", "clients.other.library=c"}, "go " + newest("go"), "c " + newest("c")},
		{[]string{"clients.worker.version=2.9.0", "clients.worker.library=kazoo"}, "kazoo 2.9.0", "kazoo 2.8.0"},
		{[]string{"clients.worker.library=kazoo", "clients.worker.version=2.9.0"}, "kazoo 2.9.0", "kazoo 2.8.0"},
	} {
		s := mustRead(t, file, tc.sets...)
		for i, want := range []string{tc.worker, tc.other} {
			if got := s.Clients[i].Library.Name + " " + s.Clients[i].Version; got != want {
				t.Errorf("%v: %s: want %s", tc.sets, got, want)
			}
		}
	}
}

// Whoever writes a default out gets the scenario of whoever leaves it out.
func TestWrittenDefaultsChangeNothing(t *testing.T) {
	want := mustRead(t, smallest)
	check := func(prefix string, keys []keyRow) {
		for _, k := range keys {
			if k.initial == "" {
				continue
			}
			set := prefix + k.name + "=" + k.initial
			if got := mustRead(t, smallest, set); !reflect.DeepEqual(got, want) {
				t.Errorf("--set %s: got %+v, want %+v", set, got, want)
			}
		}
	}
	check("", rows(scenarioKeys)())
	check("ensemble.", rows(ensembleKeys)())
	check("network.", rows(networkKeys)())
	check("clients.worker.", rows(clientKeys)())
	check("clients.worker.clock.", rows(clockKeys)())
}

func TestEveryKindOfFaultHasAKey(t *testing.T) {
	for i, row := range FaultKinds {
		if int(row.Kind) != i {
			t.Errorf("FaultKinds[%d] is of kind %d", i, row.Kind)
		}
		found := 0
		for _, k := range faultKeys {
			if k.fault && k.name == row.Name {
				found++
			}
		}
		if found != 1 {
			t.Errorf("%d keys for fault %s, want 1", found, row.Name)
		}
	}
	for i, row := range Triggers {
		if int(row.Trigger) != i+1 {
			t.Errorf("Triggers[%d] is event %d", i, row.Trigger)
		}
	}
}

func TestReadingReportsEveryProblemInOrderOfTheFile(t *testing.T) {
	got := problems(t, `run: 30
ensemble:
  servers: 4
  tickTime: 1.5us
  tickTime: 2s
clients:
  worker:
    tiemout: 4s
    library: jva
    attach: 9
faults:
  - kill: nobody
    at: soon
  - partition: {between: worker}
    at: 1s
    when: session expired
order: sometimes
`, "clients.worker.owns=lock", "clients.nobody.timeout=4s")
	want := []string{
		"t.yaml:1: run: a duration without a unit (30); write 30s or 30ms",
		"t.yaml:3: ensemble.servers: an even number of voters (4)",
		"t.yaml:4: ensemble.tickTime: too short (1.5µs)",
		"t.yaml:5: ensemble.tickTime: a second time (first in line 4)",
		"t.yaml:8: clients.worker.tiemout: unknown key tiemout; did you mean timeout? known are count, library,",
		`t.yaml:9: clients.worker.library: library "jva"; want one of java`,
		"t.yaml:10: clients.worker.attach: no such server (9); want 1 to 4",
		"t.yaml:12: faults.0.kill: unknown node or group (nobody); want one of worker, server1 to server4, all,",
		"t.yaml:13: faults.0.at: not a duration (soon)",
		"t.yaml:14: faults.1.partition: no and; want and: a node or a group",
		"t.yaml:16: faults.1.when: both at and when; want one of them",
		"t.yaml:17: order: unknown choice (sometimes); want faults first or faults last",
		"--set clients.worker.owns=lock: not a path (lock); want one as in /lock",
		"--set clients.nobody.timeout=4s: unknown client nobody; want one of worker",
	}
	if len(got) != len(want) {
		t.Errorf("%d problems, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
	for i := range min(len(got), len(want)) {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("problem %d:\n got %s\nwant %s", i, got[i], want[i])
		}
	}
}

func TestReaderRefuses(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"", "t.yaml:1: an empty file; want at least run and clients"},
		{"[1, 2]", "t.yaml:1: not a scenario (a list)"},
		{"run: 30s", "t.yaml:1: no clients; want clients:"},
		{"clients: {a: {}}", "t.yaml:1: no run; want run: a duration, as in 10s or 1.5ms"},
		{"run: 30s\nclients: {}", "t.yaml:2: clients: no client; want at least one"},
		{"run: [", "t.yaml:1: not YAML: "},
		{smallest + "---\nrun: 3s", "t.yaml:4: a second document"},
		{"run: &a 30s\nclients: {w: {}}", "t.yaml:1: an anchor (&a)"},
		{"run: !!str 30s\nclients: {w: {}}", "t.yaml:1: a tag (!!str)"},
		{smallest + "ensemble:", "t.yaml:4: ensemble: not a mapping (nothing); want keys and values"},
		{smallest + "seed: -1", "t.yaml:4: seed: not a seed (-1)"},
		{smallest + "title: 404", "t.yaml:4: title: not text to YAML (404); want it in quotes"},
		{smallest + "network: {latency: {law: unifrom, from: 1ms, to: 2ms}}", "t.yaml:4: network.latency.law: unknown law (unifrom); did you mean uniform?"},
		{smallest + "network: {latency: {law: uniform, from: 1, to: 2ms}}", "t.yaml:4: network.latency.from: a duration without a unit (1); write 1s or 1ms"},
		{smallest + "network: {latency: {uniform: [1ms]}}", "t.yaml:4: network.latency.uniform: not the parameters of law uniform (1 given); want from (duration), to (duration), as in {uniform: [2s, 3s]}"},
		{smallest + "network: {latency: {uniform: {from: 3s, to: 2s}}}", "t.yaml:4: network.latency.uniform: a mapping; want a list, as in {uniform: [2s, 3s]}, or {law: uniform, ...} with from (duration), to (duration)"},
		{smallest + "network: {latency: {exponential: {x: 3s}}}", "t.yaml:4: network.latency.exponential: a mapping; want a list, as in {exponential: [2s]}"},
		{smallest + "network: {latency: 25h}", "t.yaml:4: network.latency: too long (25h); want 0s to 24h"},
		{smallest + "network: {latency: 1ns}", "t.yaml:4: network.latency: not whole microseconds (1ns)"},
		{"run:\nclients: {a: {}}", "t.yaml:1: run: not a duration (nothing); want a duration, as in 10s or 1.5ms"},
		{"run: 1s\nclients: {a: {count: }}", "t.yaml:2: clients.a.count: not a whole number (nothing); want a whole number"},
		{"run: 1s\nclients: {a: {}}\n\xff\n", "t.yaml:3: not a text that YAML can be (byte 0xff is no UTF-8 here)"},
		{"run: 1s\nclients: {a: {}} \x00\n", "t.yaml:2: not a text that YAML can be (control character U+0000)"},
		{"run: " + strings.Repeat("[", 20000), "t.yaml:1: not YAML: "},
		{strings.Repeat("#", MaxScenarioBytes+1), "t.yaml:1: a file of "},
		{smallest + "network: {latency: {law: uniform, form: 1ms, to: 2ms}}", "t.yaml:4: network.latency.form: unknown key of law uniform"},
		{smallest + "network: {latency: {uniform: [2ms, 1ms]}}", `t.yaml:4: network.latency: law "uniform": from = 2ms, to = 1ms; want from below to`},
		{smallest + "network: {latency: -1ms}", "t.yaml:4: network.latency: a negative duration (-1ms); want 0s to 24h"},
		{smallest + "network: {latency: {law: empirical, file: x.txt}}", "t.yaml:4: network.latency: law empirical from file x.txt, and files cannot be read here"},
		{smallest + "network: {loss: 101%}", "t.yaml:4: network.loss: not a probability (1.01, that is 101%)"},
		{smallest + "faults: [{at: 1s}]", "t.yaml:4: faults.0: no kind of fault; want one of partition, kill"},
		{smallest + "faults: [{kill: worker, lose: worker, at: 1s}]", "t.yaml:4: faults.0: 2 kinds of fault in one (kill, lose)"},
		{smallest + "faults: [{kill: worker}]", "t.yaml:4: faults.0: neither at nor when"},
		{smallest + "faults: [{kill: worker, when: session expird}]", "t.yaml:4: faults.0.when: unknown event (session expird); did you mean session expired?"},
		{smallest + "faults: [{kill: [], at: 1s}]", "t.yaml:4: faults.0.kill: no list (an empty one)"},
		{"run: 30s\nclients: {w: {version: 3.4.14}}", `t.yaml:2: clients.w.version: version "3.4.14" of library java; want 3.5.0 or later`},
		{"run: 30s\nclients: {w: {version: 3.9}}", `t.yaml:2: clients.w.version: version "3.9" of library java: want three numbers`},
	} {
		got := problems(t, c.source)
		if len(got) != 1 || !strings.HasPrefix(got[0], strings.Replace(c.want, `java: want`, `java; want`, 1)) {
			t.Errorf("%q:\n got %s\nwant %s", c.source, strings.Join(got, "\n     "), c.want)
		}
	}
	if got := problems(t, smallest+"about: "+strings.Repeat("x", MaxScenarioBytes)); len(got) != 1 || !strings.Contains(got[0], "want at most 1048576") {
		t.Errorf("a large file: %v", got)
	}
}

// A problem hides what follows from it, and nothing else: a fault that
// has no length is wrong whatever the tick; whether the second worker is one of several
// nobody can say without their count.
func TestProblemsThatFollowFromAnotherAreNotReported(t *testing.T) {
	got := problems(t, smallest+"ensemble: {tickTime: 20}\nfaults:\n- {restart: worker, at: 1s, for: 3s}\n- {kill: worker2, at: 1s}",
		"clients.worker.count=two")
	if len(got) != 3 || !strings.HasPrefix(got[0], "t.yaml:4: ensemble.tickTime: ") || !strings.HasPrefix(got[1], "t.yaml:6: faults.0.for: a length (3s)") ||
		!strings.HasPrefix(got[2], "--set clients.worker.count=two: ") {
		t.Errorf("got %q, want the tick, the length and the count", got)
	}
}

func TestAliasesAreRefusedOneByOne(t *testing.T) {
	got := problems(t, "run: &a 30s\nclients: {w: {timeout: *a}}")
	if len(got) != 2 || !strings.HasPrefix(got[1], "t.yaml:2: an alias (*a)") {
		t.Errorf("got %v, want the anchor and the alias", got)
	}
}

// TestManyProblemsAreCutShort: the text is, the list is not.
func TestManyProblemsAreCutShort(t *testing.T) {
	_, err := ReadScenario("t.yaml", []byte(smallest+"faults:\n"+strings.Repeat("- {at: 1s, kill: nobody}\n", 5000)), nil)
	var all ScenarioErrors
	if !errors.As(err, &all) || len(all) != 5000 {
		t.Fatalf("%d problems, want 5000", len(all))
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 51 || !strings.HasPrefix(lines[49], "t.yaml:54: ") || lines[50] != "and 4950 more" {
		t.Errorf("%d lines, the last %q; want 50 problems and 4950 more", len(lines), lines[len(lines)-1])
	}
}

// TestExamplesOfLawsAreRight: an example in a message can be copied.
func TestExamplesOfLawsAreRight(t *testing.T) {
	open := func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("1ms\n")), nil }
	for i := range Laws {
		if _, err := ReadScenario("t.yaml", []byte(smallest+"network: {latency: "+Laws[i].example()+"}"), open); err != nil {
			t.Errorf("%s: %v", Laws[i].example(), err)
		}
	}
}

func TestParseDuration(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"10s": 10 * time.Second, "1.5ms": 1500 * time.Microsecond, "1d": 24 * time.Hour, "1d12h": 36 * time.Hour, "0.5d": 12 * time.Hour,
		"-1d1h": -25 * time.Hour, "0s": 0, "3us": 3 * time.Microsecond,
	} {
		if got, problem := parseDuration(s); got != want || problem != "" {
			t.Errorf("parseDuration(%q) = %v, %q; want %v", s, got, problem, want)
		}
	}
	for _, s := range []string{"", "d", "1", "0", "1e3", "s", "1h1d", "1d-1h", "106752d", "999999999d", "106751d24h", "Inf", "1 s", "1µs1d"} {
		if got, problem := parseDuration(s); problem == "" {
			t.Errorf("parseDuration(%q) = %v; want a problem", s, got)
		}
	}
}

func TestSetTakesThePlaceOfWhatTheFileSays(t *testing.T) {
	source := smallest + "faults:\n  - partition: {between: worker, and: servers}\n    at: 12s\n"
	s := mustRead(t, source, "seed=7", "run=60s", "clients.worker.timeout=4s", "clients.worker.timeout=5s", "ensemble.tickTime=1s",
		"network.latency={uniform: [1ms, 5ms]}", "network.latency.max=3ms", "faults.0.for=20s", "faults.0.partition.mode=refuse", "clients.late={open: 3s}")
	f := s.Faults[0]
	if s.Seed != 7 || s.Length != time.Minute || s.Clients[0].Timeout != 5*time.Second || s.Ensemble.Tick != time.Second ||
		s.Network.Clients.String() != "uniform(from=1ms, to=5ms), max 3ms" || longest(f.For) != 20*time.Second || !f.Refuse || s.Clients[1].Name != "late" {
		t.Errorf("got %+v", s)
	}
	for set, want := range map[string]string{
		"clients.worker.timeot=4s":   "--set clients.worker.timeot=4s: unknown key timeot; did you mean timeout?",
		"ensembel.tickTime=1s":       "--set ensembel.tickTime=1s: ensembel: unknown key ensembel; did you mean ensemble?",
		"run=10":                     "--set run=10: a duration without a unit (10); write 10s or 10ms",
		"run=":                       "--set run=: no value",
		"run":                        "--set run: not an assignment",
		"faults.1.for=1s":            "--set faults.1.for=1s: no item 1 in faults; want a number below 1, or + for one more",
		"faults.+={kill: a, at: 1s}": "--set faults.+={kill: a, at: 1s}: faults.1.kill: unknown node or group (a)",
		"run.x=1s":                   "--set run.x=1s: nothing inside run (30s)",
		"run=[":                      "--set run=[: not YAML: ",
		"clients.worker.attach=4":    "--set clients.worker.attach=4: no such server (4); want 1 to 3",
		"seed=*a":                    "--set seed=*a: not YAML: ",
		"seed=&a 4":                  "--set seed=&a 4: an anchor (&a)",
	} {
		got := problems(t, source, set)
		if len(got) != 1 || !strings.HasPrefix(got[0], want) {
			t.Errorf("--set %s:\n got %s\nwant %s", set, strings.Join(got, "\n     "), want)
		}
	}
}

func TestSetAddsToTheEndOfAList(t *testing.T) {
	with := smallest + "faults:\n  - partition: {between: worker, and: servers}\n    at: 12s\n"
	for source, n := range map[string]int{with: 1, smallest + "faults: []\n": 0, smallest + "faults:\n": 0, smallest: 0} {
		s := mustRead(t, source, "faults.+={kill: worker, at: 14s}", "faults.+={restart: worker, at: 15s}", "faults.0.at=13s")
		if len(s.Faults) != n+2 || s.Faults[n].Kind != FaultKill || s.Faults[n+1].Kind != FaultRestart || longest(s.Faults[0].At) != 13*time.Second {
			t.Errorf("%d faults, then two more: %+v", n, s.Faults)
		}
	}
}

func TestEmpiricalLawIsReadThroughTheCaller(t *testing.T) {
	source := []byte(smallest + "network: {latency: {law: empirical, file: delays.txt}, servers: {empirical: delays.txt}}\n")
	opened := 0
	s, err := ReadScenario("t.yaml", source, func(name string) (io.ReadCloser, error) {
		opened++
		if name != "delays.txt" {
			t.Errorf("opened %q, want delays.txt", name)
		}
		return io.NopCloser(strings.NewReader("1ms\n2ms\n")), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if longest(s.Network.Clients) != 2*time.Millisecond || s.Network.Servers != s.Network.Clients || opened != 1 {
		t.Errorf("latency %v, servers %v, opened %d times; want one law of 2 values, read once", s.Network.Clients, s.Network.Servers, opened)
	}
	_, err = ReadScenario("t.yaml", source, func(string) (io.ReadCloser, error) { return nil, os.ErrNotExist })
	if err == nil || !strings.Contains(err.Error(), "t.yaml:4: network.latency: law empirical: file does not exist; want a file beside the scenario") {
		t.Errorf("missing file: %v", err)
	}
}

func TestNumberOfDifferentLawsIsBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString(smallest + "faults:\n")
	for i := range maxScenarioLaws + 1 {
		b.WriteString("  - {kill: worker, at: {uniform: [1ms, " + time.Duration(2*time.Millisecond+time.Duration(i)*time.Microsecond).String() + "]}}\n")
	}
	if got := problems(t, b.String()); len(got) == 0 || !strings.Contains(got[0], "more than 200 different laws") {
		t.Errorf("got %v", got)
	}
}

func FuzzReadScenario(f *testing.F) {
	for _, e := range Embedded() {
		f.Add(e.Source, "clients.worker.timeout=4s")
	}
	f.Add([]byte("run: 1s\nclients: {a: {count: 2}, a1: {}}\nfaults: [{kill: all, at: {uniform: [1ms, 2ms]}}]"), "faults.0.for=1s")
	f.Fuzz(func(t *testing.T, source []byte, set string) {
		s, err := ReadScenarioWith("f.yaml", source, nil, []string{set})
		if (s == nil) == (err == nil) {
			t.Fatalf("scenario %v, error %v: want one of them", s, err)
		}
		if err != nil {
			var all ScenarioErrors
			if !errors.As(err, &all) || len(all) == 0 {
				t.Fatalf("%T, want a ScenarioErrors", err)
			}
			return
		}
		if err := s.Check(); err != nil {
			t.Errorf("checked again: %v", err)
		}
		s.Remarks()
	})
}
