package model

import (
	"fmt"
	"strconv"
	"strings"
)

// A Library is one client library in one range of versions that behave alike.
type Library struct {
	Name  string // what a scenario calls it
	From  string // first version of the range
	Until string // last version, with x for any; or "" for all later ones
	// Read is the newest version that the rules were read from, for display where none
	// is named.
	Read  string
	About string
	Rules string // where its behaviour is described

	// LocalExpiry: the client ends its session by itself after 4/3 of the timeout
	// without a word from any server (C-20, C-21).
	LocalExpiry bool
	// LocalExpiryUnborn: it does so even before it ever had a session (3.9.3 only,
	// C-21, ZOOKEEPER-4921).
	LocalExpiryUnborn bool
	// ConnectTimerIsHeard: the connect timeout counts from lastHeard, which an
	// attempt and a failure renew, instead of from lastSend (C-4, C-6).
	ConnectTimerIsHeard bool
	// ClosedAlways: a Closed event is queued whenever the send thread ends, not on
	// close() alone (C-31).
	ClosedAlways bool
	// NewSessionLimit: there is an option that limits how long the first session may
	// take (C-21, ZOOKEEPER-4923).
	NewSessionLimit bool
	// PingsWhenQuiet: a ping goes out only if nothing at all has happened for a while
	// (L-K4).
	PingsWhenQuiet bool
	// WallClock: it measures with the host's wall clock (K-3).
	WallClock bool
	// TwoWrites: it hands the kernel each packet in two pieces, its length and its
	// body, which go out as two segments (W-1).
	TwoWrites bool
	// Unreleased: no release behaves like this yet.
	Unreleased bool

	kind *libraryKind
}

// Libraries lists the client libraries that the model knows.
var Libraries = []Library{
	{Name: "java", From: "3.5.0", Until: "3.9.2", Read: "3.8.6", About: "ZooKeeper's Java client without client-side expiry", Rules: "C",
		ConnectTimerIsHeard: true, ClosedAlways: true, kind: &javaKind},
	{Name: "java", From: "3.9.3", Until: "3.9.3", Read: "3.9.3", About: "ZooKeeper's Java client, first release with client-side expiry", Rules: "C, C-20 to C-24",
		LocalExpiry: true, LocalExpiryUnborn: true, kind: &javaKind},
	{Name: "java", From: "3.9.4", Until: "3.9.x", Read: "3.9.5", About: "ZooKeeper's Java client with client-side expiry", Rules: "C, C-20 to C-24",
		LocalExpiry: true, kind: &javaKind},
	{Name: "java", From: "3.10.0", Until: "", Read: "3.10.0", About: "ZooKeeper's Java client as it is on master, not yet released", Rules: "C, C-20 to C-24",
		LocalExpiry: true, NewSessionLimit: true, Unreleased: true, kind: &javaKind},
	{Name: "c", From: "3.5.0", Until: "", Read: "3.9.5", About: "ZooKeeper's C client, multi-threaded", Rules: "L-C", TwoWrites: true, kind: &cKind},
	{Name: "go", From: "1.0.0", Until: "", Read: "1.0.4", About: "the Go client go-zookeeper/zk", Rules: "L-G", kind: &goKind},
	{Name: "kazoo", From: "2.8.0", Until: "2.8.x", Read: "2.8.0", About: "the Python client kazoo, whose pings watch events can starve", Rules: "L-K, L-K4",
		PingsWhenQuiet: true, kind: &kazooKind},
	{Name: "kazoo", From: "2.9.0", Until: "", Read: "2.11.0", About: "the Python client kazoo", Rules: "L-K", kind: &kazooKind},
	{Name: "curator", From: "5.0.0", Until: "", Read: "5.7.1", About: "Curator on any version of ZooKeeper's Java client", Rules: "L-U", WallClock: true, kind: &curatorKind},
}

// FindLibrary returns the row for a library and a version such as "3.8.0". An
// empty version means the newest release. The error names what would be right.
func FindLibrary(name, version string) (*Library, error) {
	var newest *Library
	for i := range Libraries {
		l := &Libraries[i]
		if l.Name != name {
			continue
		}
		if newest == nil || !l.Unreleased {
			newest = l
		}
		if version == "" {
			continue
		}
		v, err := parseVersion(version)
		if err != nil {
			return nil, fmt.Errorf("version %q of library %s: %w", version, name, err)
		}
		if from, _ := parseVersion(l.From); v < from {
			continue
		}
		if l.Until != "" {
			if until, _ := parseVersion(l.Until); v > until {
				continue
			}
		}
		return l, nil
	}
	switch {
	case newest == nil:
		return nil, fmt.Errorf("library %q: want one of %s", name, strings.Join(LibraryNames(), ", "))
	case version != "":
		return nil, fmt.Errorf("version %q of library %s: want %s or later", version, name, firstVersion(name))
	}
	return newest, nil
}

// LibraryNames lists the names a scenario can use, each once.
func LibraryNames() []string {
	var names []string
	for i := range Libraries {
		if n := Libraries[i].Name; len(names) == 0 || names[len(names)-1] != n {
			names = append(names, n)
		}
	}
	return names
}

func firstVersion(name string) string {
	for i := range Libraries {
		if Libraries[i].Name == name {
			return Libraries[i].From
		}
	}
	return ""
}

// parseVersion turns 3.9.2 into a number that orders versions, and 3.9.x into the
// last one of 3.9. What follows a hyphen, as in 3.8.0-1, is a build and does not
// count.
func parseVersion(s string) (int, error) {
	base, _, _ := strings.Cut(s, "-")
	parts := strings.Split(base, ".")
	if len(parts) != 3 {
		return 0, fmt.Errorf("want three numbers, as in 3.9.2")
	}
	n := 0
	for i, p := range parts {
		d, err := strconv.Atoi(p)
		if p == "x" && i == 2 {
			d, err = 999, nil
		}
		if err != nil || d < 0 || d > 999 {
			return 0, fmt.Errorf("want three numbers, as in 3.9.2")
		}
		n = n*1000 + d
	}
	return n, nil
}
