package sim

import (
	"bufio"
	"io"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"zksim/clock"
	"zksim/model"
)

// Numbers of the fields of Perfetto's messages that are written here. The names are
// those of its proto definitions, message and field.
const (
	tracePacket                   = 1  // repeated TracePacket
	packetTimestamp               = 8  // uint64, ns
	packetTrustedPacketSequenceID = 10 // uint32
	packetTrackEvent              = 11
	packetSequenceFlags           = 13 // uint32
	packetTrackDescriptor         = 60
	descriptorUUID                = 1 // uint64
	descriptorName                = 2
	descriptorParentUUID          = 5  // uint64
	descriptorChildOrdering       = 11 // enum
	descriptorSiblingOrderRank    = 12 // int32
	eventDebugAnnotations         = 4
	eventType                     = 9  // enum
	eventTrackUUID                = 11 // uint64
	eventName                     = 23
	eventFlowIDs                  = 47 // fixed64
	eventTerminatingFlowIDs       = 48 // fixed64
	annotationInt                 = 4  // int64
	annotationString              = 6
	annotationName                = 10
	sequenceIncrementalState      = 1 // SEQ_INCREMENTAL_STATE_CLEARED
	childOrderingExplicit         = 3
	typeSliceBegin, typeSliceEnd  = 1, 2
	typeInstant                   = 3
)

// A track is one row of the viewer, with the slice that is open on it.
type track struct {
	uuid uint64
	open bool
}

// A sessionTrack is the track of one session at one server.
type sessionTrack struct {
	session model.SessionID
	track   track
}

// A perfetto writes one trace.
type perfetto struct {
	f      *TimelineFile
	w      *bufio.Writer
	err    error
	uuid   uint64 // of the latest track
	packet []byte
	inner  []byte
	part   []byte
	first  bool // no packet has been written

	nodes    []uint64         // by node
	events   []track          // by node
	states   [][]track        // by node: of stateTracks; uuid 0 where the node has none
	sessions [][]sessionTrack // by node
	world    uint64
	faults   []track
	flows    [][]model.RecordID // by record: those that follow from it at other nodes
}

// WritePerfetto writes a trace for Perfetto's viewer: for each node one track that
// holds its tracks of slices (what its process does, what its application is told,
// its role, each session that it tracks), and one of events, with every record as an
// instant. A record that follows from another node's is joined to it by a flow. Each
// fault has a track of its own. Instants are nanoseconds since the start of the run.
func WritePerfetto(w io.Writer, f *TimelineFile, _ ExportOptions) error {
	p := &perfetto{f: f, w: bufio.NewWriter(w), first: true,
		nodes: make([]uint64, len(f.Nodes)), events: make([]track, len(f.Nodes)),
		states: make([][]track, len(f.Nodes)), sessions: make([][]sessionTrack, len(f.Nodes)),
		flows: make([][]model.RecordID, len(f.Records)+1)}
	for i := range f.Records {
		if from := f.sender(&f.Records[i]); from != nil {
			p.flows[from.ID] = append(p.flows[from.ID], f.Records[i].ID)
		}
	}
	p.describeAll()
	for i := range f.Records {
		p.record(&f.Records[i])
	}
	p.endAll(f.Summary.End)
	if p.err != nil {
		return p.err
	}
	return p.w.Flush()
}

// describeAll names the tracks that are known from the start.
func (p *perfetto) describeAll() {
	title := "zksim " + p.f.Scenario + " (seed " + strconv.FormatUint(p.f.Seed, 10) + ")"
	p.world = p.describe(0, "faults, "+title, 0)
	for i := range p.f.Nodes {
		n := &p.f.Nodes[i]
		p.nodes[i] = p.describe(0, n.Name+" ("+n.Kind+")", i+1)
		p.states[i] = make([]track, len(stateTracks))
		for j := range stateTracks {
			if stateTracks[j].appliesTo(n.Kind) {
				p.states[i][j].uuid = p.describe(p.nodes[i], stateTracks[j].name, j)
			}
		}
		p.events[i].uuid = p.describe(p.nodes[i], "events", len(stateTracks))
	}
}

// describe writes the description of a track and returns its number.
func (p *perfetto) describe(parent uint64, name string, rank int) uint64 {
	p.uuid++
	d := protowire.AppendTag(p.inner[:0], descriptorUUID, protowire.VarintType)
	d = protowire.AppendVarint(d, p.uuid)
	d = protowire.AppendTag(d, descriptorName, protowire.BytesType)
	d = protowire.AppendString(d, validText(name))
	if parent != 0 {
		d = protowire.AppendTag(d, descriptorParentUUID, protowire.VarintType)
		d = protowire.AppendVarint(d, parent)
	}
	d = protowire.AppendTag(d, descriptorChildOrdering, protowire.VarintType)
	d = protowire.AppendVarint(d, childOrderingExplicit)
	d = protowire.AppendTag(d, descriptorSiblingOrderRank, protowire.VarintType)
	p.inner = protowire.AppendVarint(d, uint64(rank))
	p.write(-1, packetTrackDescriptor)
	return p.uuid
}

// write writes one packet around the message that is in p.inner. An instant below
// zero is none.
func (p *perfetto) write(at clock.Instant, field protowire.Number) {
	b := p.packet[:0]
	if at >= 0 {
		b = protowire.AppendTag(b, packetTimestamp, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(at))
	}
	b = protowire.AppendTag(b, packetTrustedPacketSequenceID, protowire.VarintType)
	b = protowire.AppendVarint(b, 1)
	b = protowire.AppendTag(b, field, protowire.BytesType)
	b = protowire.AppendBytes(b, p.inner)
	if p.first {
		b = protowire.AppendTag(b, packetSequenceFlags, protowire.VarintType)
		b = protowire.AppendVarint(b, sequenceIncrementalState)
		p.first = false
	}
	p.packet = b
	frame := protowire.AppendTag(p.part[:0], tracePacket, protowire.BytesType)
	p.part = protowire.AppendBytes(frame, b)
	if p.err == nil {
		_, p.err = p.w.Write(p.part)
	}
}

// event begins a TrackEvent in p.inner.
func (p *perfetto) event(kind, track uint64, name string) {
	e := protowire.AppendTag(p.inner[:0], eventType, protowire.VarintType)
	e = protowire.AppendVarint(e, kind)
	e = protowire.AppendTag(e, eventTrackUUID, protowire.VarintType)
	e = protowire.AppendVarint(e, track)
	if name != "" {
		e = protowire.AppendTag(e, eventName, protowire.BytesType)
		e = protowire.AppendString(e, validText(name))
	}
	p.inner = e
}

// turn ends the slice of a track, and begins the named one unless the name is empty.
func (p *perfetto) turn(t *track, at clock.Instant, name string) {
	if t.open {
		p.event(typeSliceEnd, t.uuid, "")
		p.write(at, packetTrackEvent)
	}
	if t.open = name != ""; t.open {
		p.event(typeSliceBegin, t.uuid, name)
		p.write(at, packetTrackEvent)
	}
}

// record writes what one record does to the tracks, and its instant.
func (p *perfetto) record(r *Record) {
	switch {
	case r.Kind == KindFaultBegins || r.Kind == KindFaultEnds:
		p.fault(r)
		return
	case r.Node < 0:
		return
	}
	for i := range stateTracks {
		t := &p.states[r.Node][i]
		if c := changeOf(stateTracks[i].changes, r.Kind); c != nil && t.uuid != 0 {
			p.apply(c, t, r)
		}
	}
	if c := changeOf(sessionChanges, r.Kind); c != nil {
		if t := p.session(r, c.slice != nil); t != nil {
			p.apply(c, t, r)
		}
	}
	if slices.Contains(trackerGone, r.Kind) {
		for i := range p.sessions[r.Node] {
			p.turn(&p.sessions[r.Node][i].track, r.At, "")
		}
	}
	p.instant(p.events[r.Node].uuid, r)
}

func (p *perfetto) apply(c *change, t *track, r *Record) {
	name := ""
	if c.slice != nil {
		name = c.slice(p.f, r)
	}
	p.turn(t, r.At, name)
}

// session finds the track of a record's session at its server, and makes it if a
// slice is to begin there.
func (p *perfetto) session(r *Record, begins bool) *track {
	list := p.sessions[r.Node]
	for i := range list {
		if list[i].session == r.Session {
			return &list[i].track
		}
	}
	if !begins {
		return nil
	}
	rank := len(stateTracks) + 1 + len(list)
	uuid := p.describe(p.nodes[r.Node], "session 0x"+strconv.FormatUint(uint64(r.Session), 16), rank)
	p.sessions[r.Node] = append(list, sessionTrack{r.Session, track{uuid: uuid}})
	return &p.sessions[r.Node][len(list)].track
}

// fault begins or ends the slice of a fault. One that has no length is an instant.
func (p *perfetto) fault(r *Record) {
	for r.A >= 0 && int64(len(p.faults)) <= r.A && len(p.faults) < len(p.f.Records) {
		p.faults = append(p.faults, track{})
	}
	if r.A < 0 || r.A >= int64(len(p.faults)) {
		return // of a timeline that zksim did not write
	}
	t := &p.faults[r.A]
	if t.uuid == 0 {
		t.uuid = p.describe(p.world, "fault "+strconv.FormatInt(r.A, 10)+": "+r.Text, int(r.A))
	}
	switch {
	case r.Kind == KindFaultEnds:
		p.turn(t, r.At, "")
	case !endures(r.Text):
		p.instant(t.uuid, r)
	default:
		p.turn(t, r.At, p.f.faultWords(r))
	}
}

// endures says whether a kind of fault, by the word for it, is in force for a while.
func endures(kind string) bool {
	for i := range FaultKinds {
		if FaultKinds[i].Name == kind {
			return FaultKinds[i].Ends
		}
	}
	return true
}

// instant writes a record as an instant of a track, with its fields as arguments and
// the flows that join it to records of other nodes.
func (p *perfetto) instant(track uint64, r *Record) {
	row := KindOf(r.Kind)
	p.event(typeInstant, track, row.Name)
	p.number("id", int64(r.ID))
	if r.Session != 0 {
		p.text("session", "0x"+strconv.FormatUint(uint64(r.Session), 16))
	}
	if r.Peer >= 0 {
		p.text("peer", p.f.Nodes[r.Peer].Name)
	}
	if r.Rule != "" {
		p.text("rule", r.Rule)
	}
	if r.Cause != 0 {
		p.number("cause", int64(r.Cause))
	}
	if row.A != "" {
		p.number(row.A, r.A)
	}
	if row.B != "" {
		p.number(row.B, r.B)
	}
	if row.Text != "" {
		p.text(row.Text, r.Text)
	}
	if r.Node >= 0 {
		for _, id := range p.flows[r.ID] {
			p.inner = protowire.AppendTag(p.inner, eventFlowIDs, protowire.Fixed64Type)
			p.inner = protowire.AppendFixed64(p.inner, uint64(id))
		}
		if p.f.sender(r) != nil {
			p.inner = protowire.AppendTag(p.inner, eventTerminatingFlowIDs, protowire.Fixed64Type)
			p.inner = protowire.AppendFixed64(p.inner, uint64(r.ID))
		}
	}
	p.write(r.At, packetTrackEvent)
}

// number adds an argument to the event in p.inner.
func (p *perfetto) number(name string, n int64) {
	a := protowire.AppendTag(p.part[:0], annotationInt, protowire.VarintType)
	p.annotation(protowire.AppendVarint(a, uint64(n)), name)
}

// text adds an argument to the event in p.inner.
func (p *perfetto) text(name, s string) {
	a := protowire.AppendTag(p.part[:0], annotationString, protowire.BytesType)
	p.annotation(protowire.AppendString(a, validText(s)), name)
}

func (p *perfetto) annotation(a []byte, name string) {
	a = protowire.AppendTag(a, annotationName, protowire.BytesType)
	p.part = protowire.AppendString(a, name)
	p.inner = protowire.AppendTag(p.inner, eventDebugAnnotations, protowire.BytesType)
	p.inner = protowire.AppendBytes(p.inner, p.part)
}

// endAll ends what is still open when the run ends.
func (p *perfetto) endAll(at clock.Instant) {
	for i := range p.faults {
		p.turn(&p.faults[i], at, "")
	}
	for n := range p.f.Nodes {
		for i := range p.states[n] {
			p.turn(&p.states[n][i], at, "")
		}
		for i := range p.sessions[n] {
			p.turn(&p.sessions[n][i].track, at, "")
		}
	}
}

// validText is text that protobuf takes as a string.
func validText(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
