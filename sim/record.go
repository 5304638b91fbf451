package sim

import (
	"math/bits"

	"zksim/clock"
	"zksim/model"
)

// A Record is one thing that happened, on the timeline of a run: a machine's
// note with its instant and node, or something of the world around the machines.
type Record struct {
	ID   model.RecordID // 1 for the first, in order
	At   clock.Instant
	Node model.NodeID // NoNode for the world itself
	model.Note
}

// A Sink receives every record of a run, in order: timeline, metric and check
// alike. A sink cannot answer: what watches a run never changes it. The record
// is valid during the call only.
type Sink interface {
	Record(r *Record)
}

// Kinds of records that the world leaves.
const (
	KindFaultBegins = model.FirstWorldKind + iota
	KindFaultEnds
	KindCommand
	KindLost
	KindRetransmitted
	KindReset
	KindPaused
	KindResumed
	KindKilled
	KindStarted
)

// WorldKinds describes the kinds of records that the world leaves. See
// [model.Kinds] for those of the machines.
var WorldKinds = []model.KindRow{
	{Kind: KindFaultBegins, Name: "fault", Node: "world", Meaning: "a fault begins", A: "fault", B: "length_us", Text: "fault_kind"},
	{Kind: KindFaultEnds, Name: "heal", Node: "world", Meaning: "a fault ends", A: "fault", Text: "fault_kind"},
	{Kind: KindCommand, Name: "command", Node: "client", Meaning: "the script spoke to the application", Text: "command"},
	{Kind: KindLost, Name: "lost", Node: "any", Meaning: "a segment to peer got nowhere", A: "fault", Text: "what"},
	{Kind: KindRetransmitted, Name: "retransmitted", Node: "any", Meaning: "the kernel sent a lost segment again and it got through", A: "tries", B: "waited_us", Text: "what"},
	{Kind: KindReset, Name: "reset", Node: "any", Meaning: "the kernel answered a segment of peer with RST", Text: "why"},
	{Kind: KindPaused, Name: "paused", Node: "any", Meaning: "the process's threads stop"},
	{Kind: KindResumed, Name: "resumed", Node: "any", Meaning: "the process's threads run on", A: "buffered", B: "paused_us", Text: "order"},
	{Kind: KindKilled, Name: "killed", Node: "any", Meaning: "the process is gone", Text: "how"},
	{Kind: KindStarted, Name: "started", Node: "any", Meaning: "the process starts again"},
}

// KindOf returns the row that describes a kind of record, of a machine or of
// the world.
func KindOf(k model.Kind) model.KindRow {
	if k >= model.FirstWorldKind {
		return WorldKinds[k-model.FirstWorldKind]
	}
	return model.Kinds[k-1]
}

// A digest is a fingerprint of a run: of every record, in order. The same seed
// gives the same digest; a sink that is added changes nothing.
type digest uint64

func (d *digest) add(r *Record) {
	var text uint64
	first := r.Text[:min(len(r.Text), 8)]
	for i := range len(first) {
		text = text<<8 | uint64(first[i])
	}
	// The constant keeps a first record at instant zero from multiplying by zero.
	x := uint64(*d) ^ uint64(r.At) ^ 0xA0761D6478BD642F
	x = fold(x, uint64(r.Session)^bits.RotateLeft64(uint64(r.A), 32)^0x9E3779B97F4A7C15)
	x = fold(x^uint64(r.B)^uint64(r.Cause), uint64(r.Kind)<<56^uint64(uint32(r.Node))<<28^uint64(uint32(r.Peer))^0xD1B54A32D192ED03)
	*d = digest(fold(x^text, uint64(len(r.Text))^0x8CB92BA72F3D8DD7))
}

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}
