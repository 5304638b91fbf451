package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// perfettoSchema is the part of Perfetto's proto definitions that a trace of zksim
// uses, with the names, numbers and types that are published there, in the text form
// of a file descriptor.
const perfettoSchema = `
name: "trace.proto" package: "perfetto.protos" syntax: "proto2"
message_type { name: "Trace"
  field { name: "packet" number: 1 label: LABEL_REPEATED type: TYPE_MESSAGE type_name: ".perfetto.protos.TracePacket" } }
message_type { name: "TracePacket"
  field { name: "timestamp" number: 8 label: LABEL_OPTIONAL type: TYPE_UINT64 }
  field { name: "trusted_packet_sequence_id" number: 10 label: LABEL_OPTIONAL type: TYPE_UINT32 }
  field { name: "track_event" number: 11 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".perfetto.protos.TrackEvent" }
  field { name: "sequence_flags" number: 13 label: LABEL_OPTIONAL type: TYPE_UINT32 }
  field { name: "track_descriptor" number: 60 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".perfetto.protos.TrackDescriptor" } }
message_type { name: "TrackEvent"
  enum_type { name: "Type" value { name: "TYPE_UNSPECIFIED" number: 0 } value { name: "TYPE_SLICE_BEGIN" number: 1 }
    value { name: "TYPE_SLICE_END" number: 2 } value { name: "TYPE_INSTANT" number: 3 } }
  field { name: "debug_annotations" number: 4 label: LABEL_REPEATED type: TYPE_MESSAGE type_name: ".perfetto.protos.DebugAnnotation" }
  field { name: "type" number: 9 label: LABEL_OPTIONAL type: TYPE_ENUM type_name: ".perfetto.protos.TrackEvent.Type" }
  field { name: "track_uuid" number: 11 label: LABEL_OPTIONAL type: TYPE_UINT64 }
  field { name: "name" number: 23 label: LABEL_OPTIONAL type: TYPE_STRING }
  field { name: "flow_ids" number: 47 label: LABEL_REPEATED type: TYPE_FIXED64 }
  field { name: "terminating_flow_ids" number: 48 label: LABEL_REPEATED type: TYPE_FIXED64 } }
message_type { name: "TrackDescriptor"
  enum_type { name: "ChildTracksOrdering" value { name: "UNKNOWN" number: 0 } value { name: "LEXICOGRAPHIC" number: 1 }
    value { name: "CHRONOLOGICAL" number: 2 } value { name: "EXPLICIT" number: 3 } }
  field { name: "uuid" number: 1 label: LABEL_OPTIONAL type: TYPE_UINT64 }
  field { name: "name" number: 2 label: LABEL_OPTIONAL type: TYPE_STRING }
  field { name: "parent_uuid" number: 5 label: LABEL_OPTIONAL type: TYPE_UINT64 }
  field { name: "child_ordering" number: 11 label: LABEL_OPTIONAL type: TYPE_ENUM type_name: ".perfetto.protos.TrackDescriptor.ChildTracksOrdering" }
  field { name: "sibling_order_rank" number: 12 label: LABEL_OPTIONAL type: TYPE_INT32 } }
message_type { name: "DebugAnnotation"
  field { name: "int_value" number: 4 label: LABEL_OPTIONAL type: TYPE_INT64 }
  field { name: "string_value" number: 6 label: LABEL_OPTIONAL type: TYPE_STRING }
  field { name: "name" number: 10 label: LABEL_OPTIONAL type: TYPE_STRING } }
`

// traceType is the type of a Perfetto trace.
func traceType(t *testing.T) protoreflect.MessageDescriptor {
	t.Helper()
	var schema descriptorpb.FileDescriptorProto
	if err := prototext.Unmarshal([]byte(perfettoSchema), &schema); err != nil {
		t.Fatal(err)
	}
	file, err := protodesc.NewFile(&schema, nil)
	if err != nil {
		t.Fatal(err)
	}
	return file.Messages().ByName("Trace")
}

// get reads a field of a message by its name.
func get(m protoreflect.Message, name string) protoreflect.Value {
	return m.Get(m.Descriptor().Fields().ByName(protoreflect.Name(name)))
}

// has says whether a field of a message is there.
func has(m protoreflect.Message, name string) bool {
	return m.Has(m.Descriptor().Fields().ByName(protoreflect.Name(name)))
}

// A slice is one slice of a trace, as it was read.
type slice struct {
	track, name string // the track with those above it
	from, to    uint64
}

// A readTrace is what a trace says.
type readTrace struct {
	slices   []slice
	instants int
	flows    int
}

// readPerfetto decodes a trace with Google's protobuf and plays it as the viewer does:
// a track is described before it is used, slices of one track do not overlap, what
// begins ends, instants do not go back, and each flow begins once and ends once, later.
func readPerfetto(t *testing.T, name string, source []byte) readTrace {
	t.Helper()
	trace := dynamicpb.NewMessage(traceType(t))
	if err := proto.Unmarshal(source, trace); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var read readTrace
	tracks := map[uint64]string{}
	open := map[uint64]int{} // index into slices, by track
	begun := map[uint64]int{}
	var latest uint64
	packets := get(trace, "packet").List()
	for i := range packets.Len() {
		p := packets.Get(i).Message()
		known(t, name, p)
		if get(p, "trusted_packet_sequence_id").Uint() == 0 {
			t.Fatalf("%s, packet %d: no sequence", name, i)
		}
		if (get(p, "sequence_flags").Uint() == 1) != (i == 0) {
			t.Errorf("%s, packet %d: flags %d", name, i, get(p, "sequence_flags").Uint())
		}
		if has(p, "track_descriptor") {
			d := get(p, "track_descriptor").Message()
			uuid, parent := get(d, "uuid").Uint(), ""
			if has(d, "parent_uuid") {
				if parent = tracks[get(d, "parent_uuid").Uint()]; parent == "" {
					t.Errorf("%s, packet %d: a track below one that is not known", name, i)
				}
				parent += "/"
			}
			if tracks[uuid] != "" {
				t.Errorf("%s: track %d is described twice", name, uuid)
			}
			tracks[uuid] = parent + get(d, "name").String()
			continue
		}
		at := get(p, "timestamp").Uint()
		if !has(p, "timestamp") || at < latest {
			t.Errorf("%s, packet %d: at %d, after %d", name, i, at, latest)
		}
		latest = at
		e := get(p, "track_event").Message()
		uuid := get(e, "track_uuid").Uint()
		if tracks[uuid] == "" {
			t.Fatalf("%s, packet %d: track %d is not described", name, i, uuid)
		}
		at0, isOpen := open[uuid]
		switch get(e, "type").Enum() {
		case 1:
			if isOpen {
				t.Errorf("%s: %s: %s begins within %s", name, tracks[uuid], get(e, "name"), read.slices[at0].name)
			}
			open[uuid] = len(read.slices)
			read.slices = append(read.slices, slice{tracks[uuid], get(e, "name").String(), at, 0})
		case 2:
			if !isOpen {
				t.Errorf("%s: %s: an end without a begin", name, tracks[uuid])
			} else {
				read.slices[at0].to = at
			}
			delete(open, uuid)
		case 3:
			read.instants++
		default:
			t.Errorf("%s, packet %d: type %d", name, i, get(e, "type").Enum())
		}
		ends, begins := get(e, "terminating_flow_ids").List(), get(e, "flow_ids").List()
		for j := range ends.Len() {
			if begun[ends.Get(j).Uint()] != 1 {
				t.Errorf("%s, packet %d: a flow ends that has not begun, or has ended", name, i)
			}
			begun[ends.Get(j).Uint()]++
			read.flows++
		}
		for j := range begins.Len() {
			begun[begins.Get(j).Uint()]++
		}
	}
	for id, times := range begun {
		if times != 2 {
			t.Errorf("%s: flow %d does not end once", name, id)
		}
	}
	if len(open) > 0 {
		t.Errorf("%s: %d slices do not end", name, len(open))
	}
	return read
}

// known wants a message to have no field that the definitions do not have.
func known(t *testing.T, name string, m protoreflect.Message) {
	if len(m.GetUnknown()) > 0 {
		t.Errorf("%s: %s has fields that it does not know", name, m.Descriptor().Name())
	}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.Message() != nil && f.IsList():
			for i := range v.List().Len() {
				known(t, name, v.List().Get(i).Message())
			}
		case f.Message() != nil:
			known(t, name, v.Message())
		}
		return true
	})
}

// TestPerfettoTracesAreWhole reads every golden timeline's trace back. Every record
// of a node is an instant, and every cause at another node is a flow.
func TestPerfettoTracesAreWhole(t *testing.T) {
	for _, f := range goldenFiles(t) {
		read := readPerfetto(t, f.Scenario, exported(t, f, "perfetto", ExportOptions{}))
		records, messages := 0, 0
		for i := range f.Records {
			r := &f.Records[i]
			if r.Node >= 0 {
				records++
				if r.Cause != 0 && f.Records[r.Cause-1].Node >= 0 && f.Records[r.Cause-1].Node != r.Node {
					messages++
				}
			}
			if r.Kind == KindFaultBegins && slices.Contains([]string{"kill", "lose", "restart", "clock_step", "reconfig"}, r.Text) {
				records++
			}
		}
		if read.instants != records || read.flows != messages {
			t.Errorf("%s: %d instants and %d flows, want %d and %d", f.Scenario, read.instants, read.flows, records, messages)
		}
	}
}

// TestPerfettoSlicesOfTheFAQ holds the slices against the instants of
// testdata/golden/faq.txt, whose zero is 12 s into the run of 32 s: connected from
// −11.935, cut from 0 to 16.592, Disconnected at 4.831, marked at 9.809, committed at
// 9.811, Expired at 17.108.
func TestPerfettoSlicesOfTheFAQ(t *testing.T) {
	read := readPerfetto(t, "faq", exported(t, told(t, "faq"), "perfetto", ExportOptions{}))
	got := map[string]bool{}
	for _, s := range read.slices {
		ms := func(ns uint64) int64 { return int64(ns+500_000)/1_000_000 - 12_000 }
		got[fmt.Sprintf("%s: %s %d to %d", s.track, s.name, ms(s.from), ms(s.to))] = true
	}
	for _, want := range []string{
		"faults, zksim faq (seed 1231)/fault 0: partition: worker cut off silently from all servers 0 to 16592",
		"worker (client)/told: SyncConnected -11935 to 4831",
		"worker (client)/told: Disconnected 4831 to 17108",
		"worker (client)/told: Expired 17108 to 20000",
		"worker (client)/owner: owner of /lock -11931 to 17108",
		"worker (client)/connection: connected to server1 -11935 to 4731",
		"server3 (server)/role: leading -12000 to 20000",
		"server1 (server)/role: follower -12000 to 20000",
		"server3 (server)/session 0x100000000000000: session alive -11938 to 9809",
		"server3 (server)/session 0x100000000000000: session closing 9809 to 9811",
	} {
		if !got[want] {
			var near []string
			for s := range got {
				if strings.HasPrefix(s, want[:strings.Index(want, ":")]) {
					near = append(near, s)
				}
			}
			slices.Sort(near)
			t.Errorf("no slice %q; there are\n%s", want, strings.Join(near, "\n"))
		}
	}
}

// TestEveryTrackOfSlicesIsUsedInSomeGolden, with every kind that changes it.
func TestEveryTrackOfSlicesIsUsedInSomeGolden(t *testing.T) {
	used := map[string]bool{}
	for _, f := range goldenFiles(t) {
		for i := range f.Records {
			if r := &f.Records[i]; r.Node >= 0 {
				used[f.Nodes[r.Node].Kind+KindOf(r.Kind).Name] = true
			}
		}
	}
	sessions := stateTrack{name: "session", changes: sessionChanges}
	for _, k := range trackerGone {
		sessions.changes = append(sessions.changes, change{kind: k})
	}
	for _, s := range append([]stateTrack{sessions}, stateTracks...) {
		for _, c := range s.changes {
			if name := KindOf(c.kind).Name; !used["server"+name] && !used["client"+name] {
				t.Errorf("no golden timeline changes the track %s by %s", s.name, name)
			}
		}
	}
}
