package sim

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"zksim/clock"
	"zksim/model"
)

// MaxLength is the longest run. A day holds thousands of session timeouts.
const MaxLength = 24 * time.Hour

// Check reports everything about a scenario that a world could not play, as
// [ScenarioErrors] without lines. [ReadScenario] has called it already; a
// scenario made or changed by a program needs the call.
func (s *Scenario) Check() error {
	c := checker{s: s, spoiled: func(string) bool { return false }}
	c.scenario()
	return c.errs.orNil()
}

// A checker goes through a scenario part by part. Paths are those of the file.
type checker struct {
	s      *Scenario
	roster *roster
	// spoiled says whether the value of a path stands in for one that could not
	// be read. What depends on such a value is not reported.
	spoiled func(path string) bool
	// namesNeed are the paths that decide which names there are.
	namesNeed []string
	file      string // where the fault under check was written
	errs      ScenarioErrors
}

// report adds a problem of a path, unless that path or another that it depends
// on is spoiled.
func (c *checker) report(path, problem string, needs ...string) {
	if c.spoiled(path) || slices.ContainsFunc(needs, c.spoiled) {
		return
	}
	c.errs = append(c.errs, &ScenarioError{File: c.file, Path: path, Problem: problem})
}

func (c *checker) scenario() {
	s := c.s
	c.roster = s.roster()
	c.namesNeed = c.decideNames()
	if strings.ContainsAny(s.Name, "\r\n") {
		c.report("name", fmt.Sprintf("more than one line (%q); want one", shorten(s.Name)))
	}
	if strings.ContainsAny(s.Title, "\r\n") {
		c.report("title", fmt.Sprintf("more than one line (%q); want one, and the rest in about", shorten(s.Title)))
	}
	c.between("run", s.Length, time.Microsecond, MaxLength)
	c.ensemble()
	c.network()
	c.clients()
	c.resources()
	if n := len(s.Faults); n > MaxFaults {
		c.report("faults", fmt.Sprintf("too many faults (%d); want at most %d", n, MaxFaults))
		return
	}
	c.faults()
}

// between checks a duration against bounds, both included.
func (c *checker) between(path string, d, least, most time.Duration, needs ...string) bool {
	switch {
	case d < 0 && least >= 0:
		c.report(path, fmt.Sprintf("a negative duration (%s); want %s to %s", brief(d), brief(least), brief(most)), needs...)
	case d < least:
		c.report(path, fmt.Sprintf("too short (%s); want %s to %s", brief(d), brief(least), brief(most)), needs...)
	case d > most:
		c.report(path, fmt.Sprintf("too long (%s); want %s to %s", brief(d), brief(least), brief(most)), needs...)
	default:
		return true
	}
	return false
}

// millis checks a duration that ZooKeeper holds as a whole number of
// milliseconds.
func (c *checker) millis(path string, d, least, most time.Duration) bool {
	if !c.between(path, d, least, most) {
		return false
	}
	if d%time.Millisecond != 0 {
		c.report(path, fmt.Sprintf("not whole milliseconds (%s); want as many as ZooKeeper can be told", brief(d)))
		return false
	}
	return true
}

// count checks a whole number against bounds, both included.
func (c *checker) count(path string, n, least, most int) bool {
	if n < least || n > most {
		c.report(path, fmt.Sprintf("out of range (%d); want %d to %d", n, least, most))
		return false
	}
	return true
}

func (c *checker) chance(path string, p float64) {
	if !(0 <= p && p <= 1) {
		c.report(path, fmt.Sprintf("not a probability (%g, that is %g%%); want 0%% to 100%%, or 0 to 1", p, p*100))
	}
}

func (c *checker) sampler(path string, s *Sampler) {
	if s == nil {
		c.report(path, "no law; want "+wantLaw)
	}
}

// longestTimeout keeps a timeout and its 4/3 within ZooKeeper's 32-bit
// milliseconds (C-1), in whole days.
const longestTimeout = 6 * 24 * time.Hour

// oldestServer is the oldest release that the rules were read from.
const oldestServer = "3.8.0"

var releasePattern = regexp.MustCompile(`^3\.([0-9]{1,3})\.[0-9]{1,3}(-[0-9A-Za-z.]+)?$`)

func (c *checker) ensemble() {
	e := &c.s.Ensemble
	if e.Servers%2 == 0 {
		c.report("ensemble.servers", fmt.Sprintf("an even number of voters (%d); want 1, 3, 5 or 7", e.Servers))
	} else {
		c.count("ensemble.servers", e.Servers, 1, 7)
	}
	if c.count("ensemble.observers", e.Observers, 0, MaxObservers) && e.Observers > 0 && e.Servers == 1 {
		c.report("ensemble.observers", fmt.Sprintf("observers (%d) of a standalone server; want an ensemble of 3, 5 or 7 servers", e.Observers), "ensemble.servers")
	}
	if c.count("ensemble.observerMasterPort", e.ObserverMaster, 0, 65535) && e.ObserverMaster > 0 && e.Observers == 0 {
		c.report("ensemble.observerMasterPort", fmt.Sprintf("masters (port %d) of no observers; want observers as well, or 0", e.ObserverMaster), "ensemble.observers")
	}
	if e.Leader < 0 || e.Leader > e.Servers {
		c.report("ensemble.leader", fmt.Sprintf("not a voter (server %d); want 1 to %d", e.Leader, e.Servers), "ensemble.servers")
	}
	if m := releasePattern.FindStringSubmatch(e.Version); m == nil || len(m[1]) == 1 && m[1] < "8" {
		c.report("ensemble.version", fmt.Sprintf("unknown release (%s); want %s or later, as in %s", shorten(e.Version), oldestServer, newestRelease))
	}
	tick := c.millis("ensemble.tickTime", e.Tick, 2*time.Millisecond, time.Hour)
	for _, limit := range []struct {
		path string
		d    time.Duration
	}{{"ensemble.minSessionTimeout", e.MinTimeout}, {"ensemble.maxSessionTimeout", e.MaxTimeout}} {
		if !c.millis(limit.path, limit.d, 0, longestTimeout) {
			tick = false
		}
	}
	if low, high := e.limits(); tick && low > high {
		at := "ensemble.minSessionTimeout"
		if e.MinTimeout == 0 {
			at = "ensemble.maxSessionTimeout"
		}
		c.report(at, fmt.Sprintf("minSessionTimeout (%s) above maxSessionTimeout (%s); want it at or below, or no server starts (N-1)", brief(low), brief(high)),
			"ensemble.tickTime", "ensemble.minSessionTimeout", "ensemble.maxSessionTimeout")
	}
	c.count("ensemble.initLimit", e.InitLimit, 1, 10_000)
	c.count("ensemble.connectToLearnerMasterLimit", e.ConnectLimit, 0, 10_000)
	c.count("ensemble.syncLimit", e.SyncLimit, 1, 10_000)
	c.millis("ensemble.sessionlessCnxnTimeout", e.IdleCheck, time.Millisecond, time.Hour)
	c.count("ensemble.backlog", e.Backlog, 0, 1_000_000)
	c.sampler("ensemble.log", e.Log)
	c.sampler("ensemble.load", e.Load)
	if e.Cold && e.Leader != 0 {
		c.report("ensemble.leader", fmt.Sprintf("a leader (%d) of servers that look for one; want no leader, or start: steady", e.Leader), "ensemble.start")
	}
	if e.Cold && e.Servers == 1 {
		c.report("ensemble.start", "an election of one server; want an ensemble of 3, 5 or 7 servers, or start: steady", "ensemble.servers")
	}
	if e.LocalSessions && e.Servers == 1 {
		c.report("ensemble.localSessionsEnabled", "local sessions of a standalone server, which has none (true); want an ensemble of 3, 5 or 7 servers, or false", "ensemble.servers")
	}
	if e.LocalUpgrade && !e.LocalSessions {
		c.report("ensemble.localSessionsUpgradingEnabled", "upgrades of local sessions (true) without local sessions; want localSessionsEnabled: true as well", "ensemble.localSessionsEnabled")
	}
	if e.LeaderIdle && e.Servers == 1 {
		c.report("ensemble.leaderServes", "a standalone server that serves nobody (no); want an ensemble of 3, 5 or 7 servers, or yes", "ensemble.servers")
	}
	if e.ReadOnly && e.Servers == 1 {
		c.report("ensemble.readonlymode", "read-only mode of a standalone server, which never looks for a leader (true); want an ensemble of 3, 5 or 7 servers, or false", "ensemble.servers")
	}
	c.millis("ensemble.startup", e.Startup, 0, time.Hour)
	if p := e.PingPhase; p != nil && c.millis("ensemble.ping_phase", *p, 0, time.Hour) && *p >= e.Tick/2 {
		c.report("ensemble.ping_phase", fmt.Sprintf("half a tick or more (%s); want less than %s (T-17)", brief(*p), brief(e.Tick/2)), "ensemble.tickTime")
	}
	for i := range e.Clocks {
		path := fmt.Sprintf("ensemble.clocks.server%d", i+1)
		switch {
		case i < e.Servers+e.Observers:
			c.clock(path, &e.Clocks[i])
		case i == len(e.Clocks)-1 || e.Clocks[i] != Clock{}: // the others are between what was written
			c.report(path, fmt.Sprintf("no such server (server%d); want server1 to server%d", i+1, e.Servers+e.Observers), "ensemble.servers", "ensemble.observers")
		}
	}
}

// Negotiated is the session timeout that the servers grant to a client that asks for
// one (N-2).
func (e *Ensemble) Negotiated(asked time.Duration) time.Duration {
	least, most := e.limits()
	return min(max(asked, least), most)
}

// limits gives the session timeouts that the servers grant. Unlike
// [model.NewLimits], it takes any tick.
func (e *Ensemble) limits() (least, most time.Duration) {
	least, most = e.MinTimeout, e.MaxTimeout
	if least == 0 {
		least = 2 * e.Tick
	}
	if most == 0 {
		most = 20 * e.Tick
	}
	return least, most
}

func (c *checker) clock(path string, k *Clock) {
	if k.Offset != nil {
		c.between(path+".offset", *k.Offset, 0, 100*365*24*time.Hour)
	}
	if k.PPM < -clock.MaxPPM || k.PPM > clock.MaxPPM {
		c.report(path+".ppm", fmt.Sprintf("out of range (%d); want %d to %d", k.PPM, -clock.MaxPPM, clock.MaxPPM))
	}
}

func (c *checker) network() {
	n := &c.s.Network
	c.sampler("network.latency", n.Clients)
	c.sampler("network.servers", n.Servers)
	c.chance("network.loss", n.Loss)
	c.between("network.rto_min", n.RTOMin, time.Millisecond, time.Hour)
}

var namePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)

func (c *checker) clients() {
	s := c.s
	if len(s.Clients) == 0 {
		c.report("clients", "no client; want at least one, such as worker: {}")
		return
	}
	total, single := 0, true
	first := map[string]int{} // names, by the client they belong to
	for i := range s.Clients {
		k := &s.Clients[i]
		path := "clients." + k.Name
		c.client(path, k)
		total, single = total+k.size(), single && k.size() <= MaxClients
		c.name(path, k.Name)
		if _, ok := first[k.Name]; ok {
			c.report(path, fmt.Sprintf("two clients with one name (%s); want another", shorten(k.Name)))
		}
		first[k.Name] = i
	}
	if single && total > MaxClients {
		c.report("clients", fmt.Sprintf("too many clients (%d); want at most %d", total, MaxClients))
	}
	// A group's members have names too: NAME1 and so on.
	for i := range s.Clients {
		name := s.Clients[i].Name
		for cut := len(name) - 1; cut > 0 && isDigit(name[cut]); cut-- {
			if g, ok := first[name[:cut]]; ok && name[cut] != '0' && s.Clients[g].size() > 1 && memberOf(name[cut:], s.Clients[g].size()) {
				c.report("clients."+name, fmt.Sprintf("two clients with one name (%s, also one of the %d called %s); want another", name, s.Clients[g].size(), name[:cut]),
					"clients."+name[:cut]+".count")
			}
		}
	}
}

// name checks the name of a client or a resource.
func (c *checker) name(path, name string) {
	_, server := serverNumber(name)
	switch {
	case !namePattern.MatchString(name):
		c.report(path, fmt.Sprintf("not a name (%s); want a letter, then letters, digits, - and _, 64 at most", shorten(name)))
	case server || slices.Contains(Groups, name):
		c.report(path, fmt.Sprintf("a name with another meaning (%s); want none of server1, server2 and so on, %s", name, strings.Join(Groups, ", ")))
	}
}

// memberOf says whether the digits are the number of one of size clients.
func memberOf(digits string, size int) bool {
	n := 0
	for i := range len(digits) {
		if n = 10*n + int(digits[i]-'0'); n > size {
			return false
		}
	}
	return n > 0
}

func (c *checker) client(path string, k *Client) {
	servers := c.s.Ensemble.Servers + c.s.Ensemble.Observers
	c.count(path+".count", k.Count, 0, MaxClients)
	if k.Library == nil {
		c.report(path+".library", fmt.Sprintf("no library; want one of %s", strings.Join(model.LibraryNames(), ", ")), path+".version")
	}
	c.millis(path+".timeout", k.Timeout, time.Millisecond, longestTimeout)
	for i, id := range k.Servers {
		if id < 1 || id > servers {
			c.report(path+".servers", fmt.Sprintf("no such server (%d); want 1 to %d", id, servers), "ensemble.servers", "ensemble.observers")
		} else if slices.Contains(k.Servers[:i], id) {
			c.report(path+".servers", fmt.Sprintf("server %d twice; want each once", id))
		}
	}
	switch {
	case k.Attach == 0:
	case k.Attach < 0 || k.Attach > servers:
		c.report(path+".attach", fmt.Sprintf("no such server (%d); want 1 to %d", k.Attach, servers), "ensemble.servers", "ensemble.observers")
	case len(k.Servers) > 0 && !slices.Contains(k.Servers, k.Attach):
		c.report(path+".attach", fmt.Sprintf("a server that is not in its connect string (%d); want one of %s", k.Attach, ids(k.Servers)), path+".servers")
	}
	if k.Close != nil && longest(k.Close) < shortest(k.Open) {
		c.report(path+".close", fmt.Sprintf("closed (%s) before it is opened (%s); want it later", brief(longest(k.Close)), brief(shortest(k.Open))), path+".open")
	}
	c.path(path+".owns", k.Owns)
	c.path(path+".watches", k.Watches)
	if k.Owns != "" && k.Watches != "" {
		c.report(path+".watches", fmt.Sprintf("a client that owns a node (%s) and watches one (%s); want one of the two, and a client of its own for the other", k.Owns, k.Watches))
	}
	c.lock(path, k)
	if k.Lasting && k.Watches == "" {
		c.report(path+".watch", "a persistent watch of nothing; want watches too", path+".watches")
	}
	for _, period := range []struct {
		path string
		d    time.Duration
	}{{path + ".read_every", k.ReadEvery}, {path + ".write_every", k.WriteEvery}} {
		if period.d != 0 {
			c.millis(period.path, period.d, time.Millisecond, time.Hour)
		}
	}
	c.between(path+".callback", k.Callback, 0, time.Hour)
	c.clock(path+".clock", &k.Clock)
	if k.Library != nil {
		c.options(path, k)
	}
}

// options checks what only some libraries know.
func (c *checker) options(path string, k *Client) {
	kazoo, curator := k.Library.Name == "kazoo", k.Library.Name == "curator"
	plain := defaultClient("")
	for _, option := range []struct {
		key       string
		set, fits bool
		of        string
	}{
		{"zookeeper", k.UnderVersion != plain.UnderVersion && k.UnderVersion != "", curator, "curator"},
		{"percent", k.Percent != plain.Percent && k.Percent != 0, curator, "curator"},
		{"policy", k.SessionPolicy, curator, "curator"},
		{"connection_timeout", k.ConnectionTimeout != plain.ConnectionTimeout && k.ConnectionTimeout != 0, curator, "curator"},
		{"injection_race", k.InjectionRace != plain.InjectionRace && k.InjectionRace != 0, curator, "curator"},
		{"new_session_timeout", k.NewSession != nil, k.Library.NewSessionLimit, "java from 3.10.0 on"},
		{"max_delay", k.MaxDelay != nil, kazoo, "kazoo"},
		{"max_tries", k.MaxTries != 0, kazoo, "kazoo"},
		{"can_be_read_only", k.ReadOnly, k.Library.TakesReadOnly(), "java, c or curator"},
		{"connect_string", k.OneName, k.Library.Name == "java" || curator, "java or curator"},
		{"randomize_hosts", k.KeepOrder, kazoo, "kazoo"},
	} {
		if option.set && !option.fits {
			c.report(path+"."+option.key, fmt.Sprintf("an option of another library (this is %s %s); want it with %s only", k.Library.Name, k.Version, option.of),
				path+".library", path+".version")
		}
	}
	if curator {
		if k.SessionPolicy && k.Stops != nil {
			c.report(path+".policy", "an error policy and stops_on, which say the same (A-5, L-U8); want one of them", path+".stops_on")
		}
		c.count(path+".percent", k.Percent, 1, 100)
		c.between(path+".connection_timeout", k.ConnectionTimeout, 0, time.Hour)
		c.chance(path+".injection_race", k.InjectionRace)
		if k.Under == nil || k.Under.Name != "java" {
			c.report(path+".zookeeper", "no Java client under Curator; want one of ZooKeeper's releases, such as "+newestRelease, path+".library", path+".version")
		}
	}
	if k.NewSession != nil {
		c.millis(path+".new_session_timeout", *k.NewSession, 0, longestTimeout)
	}
	if k.MaxDelay != nil {
		c.between(path+".max_delay", *k.MaxDelay, time.Millisecond, 24*time.Hour)
	}
	c.count(path+".max_tries", k.MaxTries, 0, 1_000_000)
	if c.s.Network.Clients == nil || longest(c.s.Network.Clients) > 0 {
		return
	}
	least, most := c.s.Ensemble.limits()
	switch granted := min(max(k.Timeout, least), most); {
	case k.Library.Name == "c":
		// It would try a refusing server over and over at one instant (L-C4).
		c.report(path+".library", "a client that tries again without any wait, on a network without latency; want network.latency above 0", "network.latency")
	case k.Library.Name == "kazoo" && granted < model.KazooLeastTimeout:
		// Its jitter leaves nothing of T/3: each answer to a ping brings the next (L-K1).
		c.report(path+".timeout", fmt.Sprintf("a session of %s, in which kazoo pings whenever it is answered, on a network without latency; want network.latency above 0, or %s",
			brief(granted), brief(model.KazooLeastTimeout)), "network.latency", "ensemble.tickTime", "ensemble.minSessionTimeout", "ensemble.maxSessionTimeout")
	}
}

func ids(servers []int) string {
	return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(servers)), ", "), "[]")
}

// path checks a path of the data tree as ZooKeeper would.
func (c *checker) path(at, p string) {
	if p == "" {
		return
	}
	wrong := !strings.HasPrefix(p, "/") || strings.HasSuffix(p, "/") || len(p) > 1024
	for i, part := range strings.Split(p, "/") {
		wrong = wrong || i > 0 && part == "" || part == "." || part == ".." || strings.ContainsFunc(part, func(r rune) bool { return r <= 0x1f || 0x7f <= r && r <= 0x9f || r == 0xfffd })
	}
	if wrong {
		c.report(at, fmt.Sprintf("not a path (%s); want one as in /lock", shorten(p)))
	}
}

// longest is the greatest duration that a sampler can give, and shortest the
// least: more random bits never mean a shorter one. A nil sampler gives zero.
func longest(s *Sampler) time.Duration {
	if s == nil {
		return 0
	}
	return s.Sample(math.MaxUint64)
}

func shortest(s *Sampler) time.Duration {
	if s == nil {
		return 0
	}
	return s.Sample(0)
}
