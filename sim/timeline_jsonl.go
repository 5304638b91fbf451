package sim

import (
	"io"
	"strconv"
	"unicode/utf8"

	"zksim/model"
)

// JSONLVersion is the version of the JSON Lines form. It rises when a field
// changes its meaning or goes; fields and kinds that are added do not raise it.
const JSONLVersion = 1

// flushAt is how many bytes a JSONL gathers before it writes.
const flushAt = 1 << 15

// A JSONL writes every record of a run as one line of JSON, as it comes. The
// form is documented in docs/timeline.md. [ReadTimeline] reads it.
type JSONL struct {
	w     io.Writer
	buf   []byte
	err   error
	nodes [][]byte // names in JSON, by node
}

// NewJSONL returns a writer for one run and writes the header line. The first
// error of writing is kept for Finish.
func NewJSONL(w io.Writer, s *Scenario, seed uint64, run uint32) *JSONL {
	j := &JSONL{w: w}
	h := headerOf(s, seed, run)
	j.begin(&h)
	return j
}

// headerOf is the header of the timeline of one run.
func headerOf(s *Scenario, seed uint64, run uint32) TimelineHeader {
	h := TimelineHeader{Scenario: s.Name, Title: s.Title, Seed: seed, Run: run, LengthNS: int64(s.Length), ZooKeeper: s.Ensemble.Version}
	nodes := s.Nodes()
	for i, name := range nodes {
		kind := "client"
		switch {
		case i < s.Ensemble.Servers:
			kind = "server"
		case i < s.Ensemble.Servers+s.Ensemble.Observers:
			kind = "observer"
		case i >= len(nodes)-len(s.Resources):
			kind = "resource"
		}
		h.Nodes = append(h.Nodes, TimelineNode{Name: name, Kind: kind})
	}
	words := &Timeline{Scenario: s, Nodes: nodes}
	for i := range s.Faults {
		h.Faults = append(h.Faults, words.faultWords(&FaultSpan{Index: i, never: true}, false))
	}
	return h
}

// begin writes a header line.
func (j *JSONL) begin(h *TimelineHeader) {
	b := append(j.buf, `{"zksim_timeline":`...)
	b = strconv.AppendInt(b, JSONLVersion, 10)
	b = appendString(append(b, `,"scenario":`...), h.Scenario)
	b = appendString(append(b, `,"title":`...), h.Title)
	b = strconv.AppendUint(append(b, `,"seed":`...), h.Seed, 10)
	b = strconv.AppendUint(append(b, `,"run":`...), uint64(h.Run), 10)
	b = strconv.AppendInt(append(b, `,"length_ns":`...), h.LengthNS, 10)
	b = appendString(append(b, `,"zookeeper":`...), h.ZooKeeper)
	b = append(b, `,"nodes":[`...)
	for i := range h.Nodes {
		name := appendString(nil, h.Nodes[i].Name)
		j.nodes = append(j.nodes, name)
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, `{"name":`...), name...)
		b = appendString(append(b, `,"kind":`...), h.Nodes[i].Kind)
		b = append(b, '}')
	}
	b = append(b, ']')
	for i := range h.Faults {
		before := ","
		if i == 0 {
			before = `,"faults":[`
		}
		b = appendString(append(b, before...), h.Faults[i])
	}
	if len(h.Faults) > 0 {
		b = append(b, ']')
	}
	j.buf = append(b, "}\n"...)
	j.flush(flushAt)
}

// Record implements [Sink].
func (j *JSONL) Record(r *Record) {
	row := KindOf(r.Kind)
	b := strconv.AppendUint(append(j.buf, `{"id":`...), uint64(r.ID), 10)
	b = strconv.AppendInt(append(b, `,"t_ns":`...), int64(r.At), 10)
	if r.Node >= 0 {
		b = append(append(b, `,"node":`...), j.nodes[r.Node]...)
	}
	b = appendString(append(b, `,"kind":`...), row.Name)
	if r.Session != 0 {
		b = strconv.AppendUint(append(b, `,"session":"0x`...), uint64(r.Session), 16)
		b = append(b, '"')
	}
	if r.Peer >= 0 {
		b = append(append(b, `,"peer":`...), j.nodes[r.Peer]...)
	}
	if r.Rule != "" {
		b = appendString(append(b, `,"rule":`...), r.Rule)
	}
	if r.Cause != 0 {
		b = strconv.AppendUint(append(b, `,"cause":`...), uint64(r.Cause), 10)
	}
	if row.A != "" {
		b = append(append(append(b, `,"`...), row.A...), `":`...)
		b = strconv.AppendInt(b, r.A, 10)
	}
	if row.B != "" {
		b = append(append(append(b, `,"`...), row.B...), `":`...)
		b = strconv.AppendInt(b, r.B, 10)
	}
	if row.Text != "" {
		b = append(append(append(b, `,"`...), row.Text...), `":`...)
		b = appendString(b, r.Text)
	}
	j.buf = append(b, "}\n"...)
	j.flush(flushAt)
}

// Finish implements [TimelineWriter]: it writes the last line.
func (j *JSONL) Finish(w *World, sum Summary) error {
	stopped := ""
	if w.failure != nil {
		stopped = w.failure.Error()
	}
	return j.end(sum, stopped)
}

func (j *JSONL) end(sum Summary, stopped string) error {
	b := strconv.AppendInt(append(j.buf, `{"end":true,"t_ns":`...), int64(sum.End), 10)
	b = append(b, `,"digest":"`...)
	for shift := 60; shift >= 0; shift -= 4 {
		b = append(b, hexDigits[sum.Digest>>shift&15])
	}
	b = strconv.AppendUint(append(b, `","events":`...), sum.Events, 10)
	b = strconv.AppendUint(append(b, `,"records":`...), sum.Records, 10)
	if stopped != "" {
		b = appendString(append(b, `,"stopped":`...), stopped)
	}
	j.buf = append(b, "}\n"...)
	j.flush(0)
	return j.err
}

// flush writes what has gathered, if it is at least so much.
func (j *JSONL) flush(least int) {
	if len(j.buf) < least {
		return
	}
	if j.err == nil {
		_, j.err = j.w.Write(j.buf)
	}
	j.buf = j.buf[:0]
}

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string. What is not UTF-8 becomes the
// replacement character.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < 0x20 || r == 0x7f || r == '\u2028' || r == '\u2029':
			b = append(b, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}

// kindByName finds a kind by the word that stands for it.
func kindByName(name string) (model.Kind, bool) {
	k, ok := kindNames[name]
	return k, ok
}

var kindNames = func() map[string]model.Kind {
	m := map[string]model.Kind{}
	for _, rows := range [][]model.KindRow{model.Kinds, WorldKinds} {
		for i := range rows {
			m[rows[i].Name] = rows[i].Kind
		}
	}
	return m
}()
