package conformance

import (
	"slices"
	"strings"
	"time"

	"zksim/model"
)

// A telling is what a recorded event of a client tells its machine.
type telling uint8

const (
	tellsNothing telling = iota
	tellsAttempt         // an attempt to connect begins; the first opens the handle
	tellsAction          // something that the machine does when it is due, or what comes with it
	tellsUp              // TCP is up
	tellsSession         // the handshake has been answered
	tellsExpired         // the application is told that the session is over
	tellsReady           // the session's first use is done
	tellsPing            // a ping is sent
	tellsPong            // a ping is answered
	tellsEnd             // the connection is lost
	tellsAnswer          // a request that was made then is answered
	tellsWake            // the application finds that it had been stopped, and makes requests
)

// How recordings tell of pings.
type pingsBy uint8

const (
	pingsByReply   pingsBy = iota // an answer states its round trip
	pingsBySending                // the sending is recorded
	pingsByServer                 // the server alone tells of them
)

// A ledLibrary says how the recordings of one client library tell what its machine
// does. One file each: guided_library_NAME.go.
type ledLibrary struct {
	names   []string // in the headers of recordings
	prefix  string   // of names that say more; empty for none
	model   string   // the library's name in the model
	version func(h *Client) string
	// config completes the client's configuration, and says whether it can; nil if there
	// is nothing to add.
	config func(h *Client, cfg *model.ClientConfig) bool
	tells  func(e *Event) telling
	// kind is what a recorded event is compared as, and noted what a note of the machine
	// is recorded as; empty for what is not compared.
	kind  func(e *Event) string
	noted func(n *model.Note) string
	// up, session and expired are the kinds of TCP up, of the handshake answered and of
	// being told that the session is over; empty where there is none.
	up, session, expired string
	// greets says that an attempt that fails when TCP is up is logged as a connection
	// that is lost.
	greets bool
	// talks says that the library makes requests of its own when it has a session.
	talks bool
	pings pingsBy
	// order arranges the servers, by index, in the order of the client's list.
	order func(t *Trace, tried []int) []int
	// patience is how long TCP may take to come up (ms); t is the negotiated timeout, n
	// the number of addresses.
	patience func(t, n int64) int64
	// slack is by how much longer a wait may be drawn than the machine draws it: as short
	// as can be.
	slack func(kind string) (int64, string)
}

var ledLibraries = []*ledLibrary{&ledJava, &ledC, &ledGo, &ledKazoo, &ledCurator}

// ledLibraryOf finds the row of a recorded client and its library in the model; nil
// where the model has none.
func ledLibraryOf(h *Client) (*ledLibrary, *model.Library) {
	for _, l := range ledLibraries {
		if !slices.Contains(l.names, h.Library) && (l.prefix == "" || !strings.HasPrefix(h.Library, l.prefix)) {
			continue
		}
		text := numberIn(l.version(h))
		if text == "" || l.config != nil && !l.config(h, new(model.ClientConfig)) {
			continue
		}
		if found, err := model.FindLibrary(l.model, text); err == nil {
			return l, found
		}
	}
	return nil, nil
}

// numberIn is the first number with dots in a text: 2.8.0 in "kazoo 2.8.0".
func numberIn(text string) string {
	begin := strings.IndexFunc(text, func(r rune) bool { return r >= '0' && r <= '9' })
	if begin < 0 {
		return ""
	}
	text = text[begin:]
	if end := strings.IndexFunc(text, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }); end >= 0 {
		text = text[:end]
	}
	return strings.Trim(text, ".")
}

// asTried is the order of addresses in which they were first tried: that of a list
// that is gone through in turn.
func asTried(_ *Trace, tried []int) []int { return tried }

// rotated is the list in the order of the servers' numbers, from the one that the
// client began with.
func rotated(t *Trace, tried []int) []int {
	n := t.Header.Servers.Count
	first := 0
	if len(tried) > 0 {
		first = tried[0]
	}
	var order []int
	for i := range n {
		order = append(order, (first+i)%n)
	}
	return order
}

func noSlack(string) (int64, string) { return 0, "" }

func inMs(d time.Duration) int64 { return d.Milliseconds() }
