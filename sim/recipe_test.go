package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zksim/model"
)

// contenders plays five clients of a library that want one lock, in the order of their
// names. The first is killed at 10 s; the third and the second, in this order, 20 s
// later. It returns who owned the lock, in order, and who was told of a deletion.
func contenders(t *testing.T, library, recipe string) (owners, woken []string) {
	t.Helper()
	var clients []string
	for i := range 5 {
		clients = append(clients, fmt.Sprintf("a%d: {library: %s, attach: %d, owns: /lock, recipe: %s, open: %dms}", i+1, library, i%3+1, recipe, 100*i))
	}
	s := play(t, mustRead(t, "run: 80s\nclients: {"+strings.Join(clients, ", ")+"}\n"+
		"faults: [{kill: a1, at: 10s}, {kill: a3, at: 30s}, {kill: a2, at: 36s}]"))
	for _, r := range s.records {
		switch r.Kind {
		case model.KindHolds:
			owners = append(owners, s.w.Names()[r.Node])
		case model.KindSawDeleted:
			woken = append(woken, s.w.Names()[r.Node])
		}
	}
	return owners, woken
}

// TestOneNodeWakesEveryContenderSequentialNodesOne: with one node whoever is first makes
// it, and its end wakes all who wait; with sequential nodes the lock goes down the
// line, each end wakes the next in it, and that of one who waits gives nobody the lock
// a4 is told of a3's end, stands behind a2 then, and is told of a2's.
func TestOneNodeWakesEveryContenderSequentialNodesOne(t *testing.T) {
	for _, library := range model.LibraryNames() {
		owners, woken := contenders(t, library, "node")
		if len(owners) < 2 || owners[0] != "a1" || owners[1] == "a1" {
			t.Errorf("%s, one node: owned by %v, want a1 and then another", library, owners)
		}
		first := slices.Sorted(slices.Values(woken[:min(4, len(woken))]))
		expectWords(t, library+", one node: told first", first, "a2", "a3", "a4", "a5")
		owners, woken = contenders(t, library, "sequence")
		expectWords(t, library+", sequential nodes: owned by", owners, "a1", "a2", "a4")
		expectWords(t, library+", sequential nodes: told", woken, "a2", "a4", "a4")
	}
}

// TestSequentialQueueSurvivesALossOfConnections: contenders whose connections are lost
// and found keep their places (C-26), and what went meanwhile is told at once (C-27).
func TestSequentialQueueSurvivesALossOfConnections(t *testing.T) {
	for _, library := range model.LibraryNames() {
		// a1's end, T to T + τ + h after its last touch, comes before 29 s; a2 has 20 s.
		s := play(t, mustRead(t, fmt.Sprintf("run: 60s\nclients: {a1: {library: %[1]s, owns: /lock, recipe: sequence, timeout: 4s}, "+
			"a2: {library: %[1]s, owns: /lock, recipe: sequence, timeout: 20s, open: 100ms, servers: [2]}, a3: {library: %[1]s, owns: /lock, recipe: sequence, timeout: 20s, open: 200ms}}\n"+
			"faults: [{kill: a1, at: 20s}, {partition: {between: a2, and: servers, mode: refuse}, at: 20s, for: 9s}]", library)))
		var owners []string
		for _, r := range s.records {
			if r.Kind == model.KindHolds {
				owners = append(owners, s.w.Names()[r.Node])
			}
		}
		expectWords(t, library+": owned by", owners, "a1", "a2")
		if at := s.first("a2", model.KindHolds, "", 0); at < 29*time.Second {
			t.Errorf("%s: a2 owns from %v, before its connection is back at 29 s", library, at)
		}
	}
}
