package web

import (
	"fmt"
	"hash/maphash"
	"strings"

	"zksim/clock"
	"zksim/sim"
)

// A RunQuery asks for one run.
type RunQuery struct {
	RunRequest
	Records bool        `json:"records,omitempty"` // with its records and its text, and held against all invariants
	ForkOf  *RunRequest `json:"fork_of,omitempty"` // another run: until when the two are the same
}

// A RunAnswer is a run that was played.
type RunAnswer struct {
	Client     string       `json:"client"`  // whose story it is
	Verdict    string       `json:"verdict"` // the finding, in one or two sentences
	Picture    *sim.Picture `json:"picture"`
	OriginNS   int64        `json:"origin_ns"` // the instant that is shown as 0
	EndNS      int64        `json:"end_ns"`
	Seed       string       `json:"seed"`
	Run        uint32       `json:"run"`
	Digest     string       `json:"digest"` // eight hexadecimal digits
	Events     uint64       `json:"events"`
	YAML       string       `json:"yaml"`           // the scenario with its changes
	Text       string       `json:"text,omitempty"` // the timeline as zksim run prints it
	Remarks    []string     `json:"remarks"`
	Parameters Parameters   `json:"parameters"`
	Limits     Limits       `json:"limits"`
	Records    []RecordInfo `json:"records,omitempty"`
	Count      uint64       `json:"records_total"` // of the run; Records has at most Limits.Records of them
	SameUntil  *int64       `json:"same_until_ns,omitempty"`
	Command    string       `json:"command"` // that shows the same on the command line
}

// Limits are those that a page tells its reader.
type Limits struct {
	Records int `json:"records"`
	Clients int `json:"clients"`
	Shake   int `json:"shake"`
	YAML    int `json:"yaml_bytes"`
}

// A RecordInfo is one record.
type RecordInfo struct {
	ID      uint64 `json:"id"`
	AtNS    int64  `json:"t_ns"`
	Node    string `json:"node"` // empty for the world
	Kind    string `json:"kind"`
	Words   string `json:"words"`
	Rule    string `json:"rule,omitempty"`
	Cause   uint64 `json:"cause,omitempty"`
	Session string `json:"session,omitempty"`
	Peer    string `json:"peer,omitempty"`
}

// run plays one run.
func run(q *RunQuery, w *work) (*RunAnswer, error) {
	s, err := q.load()
	if err != nil {
		return nil, err
	}
	if err := s.checkClient(q.Client); err != nil {
		return nil, err
	}
	resolved, err := s.YAML()
	if err != nil {
		return nil, err
	}
	collector := sim.NewCollector(s.Scenario)
	collector.KeepMessages()
	sinks := []sim.Sink{collector}
	var kept *keeper
	if q.Records {
		// Not while a fault is dragged: then every millisecond counts.
		kept = newKeeper(s)
		sinks = append(sinks, &first{kept, MaxRecords}, new(sim.Checker))
	}
	var prints *fingerprints
	if q.ForkOf != nil {
		prints = &fingerprints{seed: maphash.MakeSeed()}
		sinks = append(sinks, prints)
	}
	world, sum, err := w.play(s.Scenario, s.seed, s.number, sinks...)
	if err != nil {
		return nil, err
	}
	t := collector.Timeline(world, sum)
	story, err := t.Select(q.Client)
	if err != nil {
		return nil, unusable("client", "%s", err)
	}
	a := &RunAnswer{OriginNS: int64(t.Origin), EndNS: int64(t.End), Seed: fmt.Sprint(s.seed), Run: s.number, Digest: sim.ShortDigest(t.Digest),
		Events: t.Events, YAML: string(resolved), Remarks: notNil(s.Remarks()), Parameters: s.parameters(story),
		Limits: Limits{MaxRecords, MaxClients, MaxShake, MaxYAML}, Count: t.Records, Command: q.command(s)}
	if a.Picture, err = t.Picture(q.Client); err != nil {
		return nil, err
	}
	a.Client, a.Verdict = a.Picture.Client, a.Picture.Finding
	if q.Records {
		var text strings.Builder
		if err := sim.WriteText(&text, t, sim.TextOptions{Width: sim.MaxTextWidth, Client: q.Client}); err != nil {
			return nil, err
		}
		a.Text = text.String()
		narrator, err := kept.narrator(world, sum, t)
		if err != nil {
			return nil, err
		}
		a.Records = recordsOf(narrator)
	}
	if q.ForkOf != nil {
		same, err := sameUntil(q.ForkOf, prints, t.End, w)
		if err != nil {
			return nil, err
		}
		a.SameUntil = &same
	}
	return a, nil
}

// recordsOf is the records of a narrator as the page takes them.
func recordsOf(n *sim.Narrator) []RecordInfo {
	f := n.File()
	all := make([]RecordInfo, len(f.Records))
	for i := range f.Records {
		r := &f.Records[i]
		info := RecordInfo{ID: uint64(r.ID), AtNS: int64(r.At), Kind: sim.KindOf(r.Kind).Name, Rule: r.Rule, Cause: uint64(r.Cause), Words: n.Sentence(r)}
		if r.Node >= 0 {
			info.Node = f.Nodes[r.Node].Name
		}
		if r.Peer >= 0 {
			info.Peer = f.Nodes[r.Peer].Name
		}
		if r.Session != 0 {
			info.Session = fmt.Sprintf("%#x", uint64(r.Session))
		}
		all[i] = info
	}
	return all
}

// fingerprints are what two runs are compared by, record by record.
type fingerprints struct {
	seed maphash.Seed
	at   []clock.Instant
	sum  []uint64
}

// Record implements [sim.Sink].
func (f *fingerprints) Record(r *sim.Record) {
	one := *r
	if one.Kind == sim.KindFaultBegins {
		one.B = 0 // how long it will last, which nobody knows yet
	}
	f.at = append(f.at, one.At)
	f.sum = append(f.sum, maphash.Comparable(f.seed, one))
}

// sameUntil plays another run and gives the instant of the first record in which the two
// differ: before it they are the same in everything. If they never differ it is the end.
// Draws are addressed, so that a change which acts from some instant on moves nothing
// before it.
func sameUntil(q *RunRequest, a *fingerprints, end clock.Instant, w *work) (int64, error) {
	s, err := q.load()
	if err != nil {
		return 0, err
	}
	b := &fingerprints{seed: a.seed}
	_, sum, err := w.play(s.Scenario, s.seed, s.number, b)
	if err != nil {
		return 0, err
	}
	first := min(end, sum.End)
	for i := range max(len(a.sum), len(b.sum)) {
		if i < len(a.sum) && i < len(b.sum) && a.sum[i] == b.sum[i] {
			continue
		}
		for _, f := range []*fingerprints{a, b} {
			if i < len(f.at) {
				first = min(first, f.at[i])
			}
		}
		break
	}
	return int64(first), nil
}

func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
