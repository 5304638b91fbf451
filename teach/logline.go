package teach

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A LogMeaning is what a line of a client's or server's log says about a session.
type LogMeaning struct {
	Line     string       `json:"line"`
	By       string       `json:"by"` // who logs such a line
	Readings []LogReading `json:"readings"`
}

// A LogReading is one thing that a line can mean; a line that changed its meaning between
// releases has several.
type LogReading struct {
	When  string   `json:"when,omitempty"` // in which release or state it means this; empty: always
	Words []string `json:"words"`
	Rules []string `json:"rules"`
}

// maxLogLine bounds a line that is looked at.
const maxLogLine = 1 << 16

// A logPattern is one kind of line.
type logPattern struct {
	by   string
	line *regexp.Regexp
	read func(m []string) []LogReading
}

// ExplainLogLine says what a line means. The error lists what is known.
func ExplainLogLine(line string) (*LogMeaning, error) {
	if len(line) > maxLogLine {
		return nil, fmt.Errorf("a line of %d bytes; want at most %d", len(line), maxLogLine)
	}
	for i := range logPatterns {
		p := &logPatterns[i]
		if m := p.line.FindStringSubmatch(line); m != nil {
			return &LogMeaning{Line: strings.TrimSpace(line), By: p.by, Readings: p.read(m)}, nil
		}
	}
	var known []string
	for i := range logPatterns {
		known = append(known, "  "+logExamples[i])
	}
	return nil, fmt.Errorf("no line that is known; want one such as\n%s", strings.Join(known, "\n"))
}

func always(rules string, words ...string) []LogReading {
	return []LogReading{{Words: words, Rules: strings.Fields(rules)}}
}

// wholeMillis is a number of milliseconds in a line.
func wholeMillis(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n > 1<<40 {
		return 0
	}
	return n
}

// usual are session timeouts, in seconds, that people set.
var usual = []int64{120, 90, 60, 45, 40, 30, 20, 18, 15, 12, 10, 9, 8, 6, 5, 4, 3, 2, 1}

// inferred says which session timeout has a limit of so many thirds of it that silence of n
// milliseconds goes beyond. A client looks at the limit when its wait is over, so it is late
// by little, unless its process or host stood still.
func inferred(n, thirds int64) string {
	most := (3*n + 2) / thirds // the greatest timeout whose limit, cut off to whole milliseconds, n reaches
	words := fmt.Sprintf("The session timeout is at most %s.", shortly(most))
	for _, s := range usual {
		limit := s * 1000 * thirds / 3
		if limit > n {
			continue
		}
		late := n - limit
		words = fmt.Sprintf("A session timeout of %d s has the limit %s, and this came %d ms late; it is at most %s.", s, shortly(limit), late, shortly(most))
		if late > 1000 {
			words = fmt.Sprintf("The session timeout is at most %s. If it is %d s, the limit was %s and this came %s late: the process, or its host, stood still.", shortly(most), s, shortly(limit), shortly(late))
		}
		break
	}
	return words
}

// connecting says which session timeout lets one attempt take n milliseconds.
func connecting(n int64) string {
	var list []string
	for servers := int64(1); servers <= 5; servers += 2 {
		list = append(list, fmt.Sprintf("%s with %d", shortly(servers*n), servers))
	}
	return "An attempt to connect may take the session timeout divided by the number of addresses: the timeout is about " + orList(list) + "."
}

func orList(words []string) string {
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// timersOf says what follows from a session timeout for a Java client.
func timersOf(n int64) string {
	return fmt.Sprintf("So it gives a connection up after %s of silence, pings after at most %s without sending, and from 3.9.3 on gives the session up itself after %s.",
		shortly(n*2/3), shortly(n*2/3/2), shortly(n*4/3))
}

// What is true of many lines.
const (
	notExpired = "This says nothing about the session: only the cluster ends it, and the client hears of that when it is back."
	lateNews   = "The cluster had ended the session before, at a bucket edge of its leader; this is when the client learns it, on coming back."
)

var logPatterns = []logPattern{
	{"ZooKeeper's Java client", regexp.MustCompile(`Client session timed out, have not heard from server in (\d+) ?ms for session ?id (0x[0-9a-fA-F]+)`), func(m []string) []LogReading {
		n := wholeMillis(m[1])
		old := LogReading{When: "up to 3.9.2, if it was connected", Rules: []string{"C-12", "C-13"},
			Words: []string{"The client has heard nothing for 2/3 of its session timeout, gives the connection up and tells Disconnected.", inferred(n, 2), notExpired}}
		trying := LogReading{When: "up to 3.9.2, if it was connecting", Rules: []string{"C-4", "C-14"}, Words: []string{"An attempt to connect took too long; the next one follows.", connecting(n), notExpired}}
		own := LogReading{When: "from 3.9.3 on", Rules: []string{"C-20", "C-7"},
			Words: []string{"The client has heard nothing for 4/3 of its session timeout and gives the session up itself: Expired, without any server's word.", inferred(n, 4),
				"The cluster may hold the session still."}}
		if m[2] == "0x0" {
			trying.When = ""
			trying.Words[2] = "It has no session yet."
			return []LogReading{trying}
		}
		return []LogReading{old, trying, own}
	}},
	{"ZooKeeper's Java client, from 3.9.3 on", regexp.MustCompile(`Client connection timed out, have not heard from server in (\d+) ?ms for session ?id (0x[0-9a-fA-F]+)`), func(m []string) []LogReading {
		n := wholeMillis(m[1])
		return []LogReading{
			{When: "if it was connected", Rules: []string{"C-12", "C-13"}, Words: []string{"The client has heard nothing for 2/3 of its session timeout, gives the connection up and tells Disconnected.", inferred(n, 2), notExpired}},
			{When: "if it was connecting", Rules: []string{"C-4", "C-14"}, Words: []string{"An attempt to connect took too long. What is counted is the silence since the last word of any server, not the attempt.",
				fmt.Sprintf("It would give the session up itself after 4/3 of its timeout without a word, so the timeout is more than %s.", shortly(n*3/4))}},
		}
	}},
	{"ZooKeeper's Java client", regexp.MustCompile(`Unable to reconnect to ZooKeeper service, session (0x[0-9a-fA-F]+) has expired`), func(m []string) []LogReading {
		return always("C-30 V-5 T-9", "A server refused to resume session "+m[1]+": it is marked closing, or unknown.", lateNews, "The handle is dead: the application has to make a new one.")
	}},
	{"ZooKeeper's Java client", regexp.MustCompile(`Session establishment complete on server .*negotiated timeout = (\d+)`), func(m []string) []LogReading {
		n := wholeMillis(m[1])
		return always("C-25 N-2 N-6", fmt.Sprintf("The session is usable, with a timeout of %s, which may be another one than the client asked for.", shortly(n)), timersOf(n))
	}},
	{"ZooKeeper's server: the leader, or a server alone", regexp.MustCompile(`Expiring session (0x[0-9a-fA-F]+), timeout of (\d+) ?ms exceeded`), func(m []string) []LogReading {
		return always("T-9 T-3 T-8", "The expiry loop marks session "+m[1]+" closing: this is the cluster's decision.",
			fmt.Sprintf("Its last touch was more than %s ago, and a tick more at most, unless the server stood still.", shortly(wholeMillis(m[2]))),
			"The client does not hear of it unless it is connected, or when it comes back.")
	}},
	{"Curator", regexp.MustCompile(`Session timeout has elapsed while SUSPENDED\. Injecting a session expiration\. Elapsed ms: (\d+)\. Adjusted session timeout ms: (\d+)`), func(m []string) []LogReading {
		return always("L-U3 L-U4", fmt.Sprintf("Curator gives the session up itself and tells LOST: it has been SUSPENDED for %s, and its limit is %s.", shortly(wholeMillis(m[1])), shortly(wholeMillis(m[2]))),
			"The limit is the session timeout times simulatedSessionExpirationPercent, 100 unless set otherwise.",
			"No server has said so. With 100 the cluster has mostly ended the session long before, as SUSPENDED comes only after 2/3 of the timeout without a word.")
	}},
	{"Curator", regexp.MustCompile(`State change: (SUSPENDED|LOST|RECONNECTED|CONNECTED|READ_ONLY)`), func(m []string) []LogReading {
		switch m[1] {
		case "SUSPENDED":
			return always("L-U2 L-U8", "The connection is lost. With the standard policy an owner stops now; with the session policy it goes on until LOST.", notExpired)
		case "LOST":
			return always("L-U3 L-U5", "The session is over for Curator: because a server refused it, or because it was SUSPENDED for as long as its limit.", "In the second case no server has said so.")
		case "RECONNECTED":
			return always("L-U1", "The handle is connected again: to the old session if there was no LOST, else to another one.")
		case "READ_ONLY":
			return always("C-33", "The handle is connected to a server that has no leader, and can read only.")
		}
		return always("L-U1", "The first connection of this Curator instance.")
	}},
	{"kazoo", regexp.MustCompile(`outstanding heartbeat ping not received`), func([]string) []LogReading {
		return always("L-K3 L-K8", "A ping was not answered in time: kazoo gives the connection up and tells SUSPENDED.", notExpired)
	}},
	{"kazoo", regexp.MustCompile(`Zookeeper session (?:lost|closed), state: (?:KeeperState\.)?EXPIRED_SESSION|(?:^|\s)Session has expired`), func([]string) []LogReading {
		return always("L-K8 V-5", "A server refused to resume the session: kazoo tells LOST and begins another one.", lateNews)
	}},
	{"kazoo", regexp.MustCompile(`Zookeeper connection lost`), func([]string) []LogReading {
		return always("L-K8", "kazoo tells SUSPENDED.", notExpired)
	}},
	{"ZooKeeper's C client", regexp.MustCompile(`connection to (\S+) timed out \(exceeded timeout by (-?\d+) ?ms\)`), func(m []string) []LogReading {
		return always("L-C1 L-C4", fmt.Sprintf("The client has heard nothing from %s for 2/3 of its session timeout, and noticed %s ms later.", m[1], m[2]), notExpired)
	}},
	{"ZooKeeper's C client", regexp.MustCompile(`sessionId=(0x[0-9a-fA-F]+) has expired`), func(m []string) []LogReading {
		return always("L-C6 V-5", "A server refused to resume session "+m[1]+".", lateNews)
	}},
	{"go-zookeeper", regexp.MustCompile(`authentication failed: zk: session has been expired by the server`), func([]string) []LogReading {
		return always("L-G7 V-5", "A server refused to resume the session: the client tells StateExpired and asks for another one by itself.", lateNews)
	}},
	{"go-zookeeper", regexp.MustCompile(`authenticated: id=\d+, timeout=(\d+)`), func(m []string) []LogReading {
		n := wholeMillis(m[1])
		return always("L-G6 N-2", fmt.Sprintf("The session is usable, with a timeout of %s.", shortly(n)), fmt.Sprintf("The client gives a connection up after %s of silence.", shortly(n*2/3)))
	}},
	{"go-zookeeper", regexp.MustCompile(`recv loop terminated: .*i/o timeout`), func([]string) []LogReading {
		return always("L-G3", "The client has heard nothing for 2/3 of its session timeout and gives the connection up: StateDisconnected.", notExpired)
	}},
}

// logExamples are lines as the patterns want them, in the same order.
var logExamples = []string{
	"Client session timed out, have not heard from server in 6669ms for session id 0x100000000000000",
	"Client connection timed out, have not heard from server in 6669ms for session id 0x100000000000000",
	"Unable to reconnect to ZooKeeper service, session 0x100000000000000 has expired",
	"Session establishment complete on server host/10.0.0.1:2181, session id = 0x100000000000000, negotiated timeout = 10000",
	"Expiring session 0x100000000000000, timeout of 10000ms exceeded",
	"Session timeout has elapsed while SUSPENDED. Injecting a session expiration. Elapsed ms: 20009. Adjusted session timeout ms: 20000",
	"State change: SUSPENDED",
	"Connection dropped: outstanding heartbeat ping not received",
	"Zookeeper session closed, state: EXPIRED_SESSION",
	"Zookeeper connection lost",
	"connection to 10.0.0.1:2181 timed out (exceeded timeout by 3ms)",
	"sessionId=0x100000000000000 has expired.",
	"authentication failed: zk: session has been expired by the server",
	"authenticated: id=72057594037927936, timeout=10000",
	"recv loop terminated: read tcp 10.0.0.2:40000->10.0.0.1:2181: i/o timeout",
}
