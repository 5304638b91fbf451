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
	Until string // last version, or "" for all later ones
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

	kind *libraryKind
}

// Libraries lists the client libraries that the model knows.
var Libraries = []Library{
	{Name: "java", From: "3.5.0", Until: "3.9.2", About: "ZooKeeper's Java client without client-side expiry", Rules: "C",
		ConnectTimerIsHeard: true, ClosedAlways: true, kind: &javaKind},
	{Name: "java", From: "3.9.3", Until: "3.9.3", About: "ZooKeeper's Java client, first release with client-side expiry", Rules: "C, C-20 to C-24",
		LocalExpiry: true, LocalExpiryUnborn: true, kind: &javaKind},
	{Name: "java", From: "3.9.4", Until: "", About: "ZooKeeper's Java client with client-side expiry", Rules: "C, C-20 to C-24",
		LocalExpiry: true, kind: &javaKind},
}

// FindLibrary returns the row for a library and a version such as "3.8.0". An
// empty version means the newest. The error names what would be right.
func FindLibrary(name, version string) (*Library, error) {
	var newest *Library
	for i := range Libraries {
		l := &Libraries[i]
		if l.Name != name {
			continue
		}
		newest = l
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

// parseVersion turns 3.9.2 into a number that orders versions. What follows a
// hyphen, as in 3.8.0-1, is a build and does not count.
func parseVersion(s string) (int, error) {
	base, _, _ := strings.Cut(s, "-")
	parts := strings.Split(base, ".")
	if len(parts) != 3 {
		return 0, fmt.Errorf("want three numbers, as in 3.9.2")
	}
	n := 0
	for _, p := range parts {
		d, err := strconv.Atoi(p)
		if err != nil || d < 0 || d > 999 {
			return 0, fmt.Errorf("want three numbers, as in 3.9.2")
		}
		n = n*1000 + d
	}
	return n, nil
}
