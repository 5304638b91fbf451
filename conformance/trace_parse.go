package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
)

const (
	// maxInstant keeps sums and differences of instants inside int64.
	maxInstant = math.MaxInt64 / 4
	// maxMs is the largest timeout or tickTime that ZooKeeper's own int can hold.
	maxMs = math.MaxInt32
)

// object is one JSON object of which fields are taken one by one; what is left
// in the end is unknown. The first wrong value is kept in err, and later takes
// go on, so that a caller checks once.
type object struct {
	m   map[string]json.RawMessage
	err error
}

func parseObject(line []byte) (*object, error) {
	o := &object{}
	err := json.Unmarshal(line, &o.m)
	if err != nil || o.m == nil { // "null" unmarshals into a nil map
		return nil, jsonProblem(line, err)
	}
	return o, nil
}

func (o *object) has(name string) bool {
	raw, ok := o.m[name]
	return ok && string(raw) != "null"
}

// take removes the field. A null is taken like a field that is not there.
func (o *object) take(name string) (json.RawMessage, bool) {
	raw, ok := o.m[name]
	delete(o.m, name)
	return raw, ok && string(raw) != "null"
}

func (o *object) wrong(name string, raw json.RawMessage, want string) {
	if o.err == nil {
		o.err = fmt.Errorf("%q is %s: want %s", clip(name), clip(string(raw)), want)
	}
}

func (o *object) missing(name, want string) {
	if o.err == nil {
		o.err = fmt.Errorf("%q is missing: want %s", name, want)
	}
}

// text takes a string, empty if there is none.
func (o *object) text(name string) string {
	raw, ok := o.take(name)
	if !ok {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		o.wrong(name, raw, "a string")
	}
	return s
}

// whole takes an integer of 0..most, absent if there is none.
func (o *object) whole(name string, most, absent int64) int64 {
	raw, ok := o.take(name)
	if !ok {
		return absent
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || n < 0 || n > most {
		o.wrong(name, raw, fmt.Sprintf("a whole number of 0..%d", most))
		return absent
	}
	return n
}

// needed is whole for a field that must be there and be at least 1.
func (o *object) needed(name string, most int64) int64 {
	raw, ok := o.m[name]
	n := o.whole(name, most, 0)
	if n < 1 && ok {
		o.wrong(name, raw, fmt.Sprintf("a whole number of 1..%d", most))
	} else if n < 1 {
		o.missing(name, fmt.Sprintf("a whole number of 1..%d", most))
	}
	return n
}

// number takes any number, absent if there is none.
func (o *object) number(name string, absent float64) float64 {
	raw, ok := o.take(name)
	if !ok {
		return absent
	}
	var v float64
	if json.Unmarshal(raw, &v) != nil {
		o.wrong(name, raw, "a number")
	}
	return v
}

// inner takes an object, an empty one if there is none.
func (o *object) inner(name string) *object {
	in := &object{m: map[string]json.RawMessage{}}
	raw, ok := o.take(name)
	if ok && json.Unmarshal(raw, &in.m) != nil {
		o.wrong(name, raw, "an object")
	}
	return in
}

// rest takes all fields that are left, sorted, each name behind the prefix.
func (o *object) rest(prefix string) Fields {
	if len(o.m) == 0 {
		return nil
	}
	fs := make(Fields, 0, len(o.m))
	for name, raw := range o.m {
		fs = append(fs, Field{prefix + name, raw})
	}
	sortFields(fs)
	return fs
}

// adopt makes the inner object's error and leftovers those of o.
func (o *object) adopt(name string, in *object, extra *Fields) {
	if o.err == nil && in.err != nil {
		o.err = fmt.Errorf("in %q: %w", name, in.err)
	}
	*extra = append(*extra, in.rest(name+".")...)
}

func parseHeader(o *object) (Header, error) {
	version, ok := o.take("zktrace")
	if !ok {
		return Header{}, errors.New(`no "zktrace" on the line where a recording begins: want a header line with "zktrace":1`)
	}
	if string(version) != "1" {
		return Header{}, fmt.Errorf(`"zktrace" is %s: want 1, the only version of the format this reader knows`, clip(string(version)))
	}
	h := Header{
		ID: o.text("id"), Scenario: o.text("scenario"), Variant: o.text("variant"),
		Note: o.text("note"), Clock: o.text("clock"), Session: o.text("session"),
		ClientsInParallel: int(o.whole("clients_in_parallel", math.MaxInt32, 0)),
	}
	if h.ID == "" {
		o.missing("id", `text such as "S1_kill9/java/A1-0006"`)
	}
	var extra Fields
	h.Servers = parseServers(o, &extra)
	h.Client = parseClient(o, &extra)

	noise := o.inner("noise_ms")
	h.Noise = Noise{noise.number("mean", -1), noise.number("max", -1)}
	o.adopt("noise_ms", noise, &extra)

	h.Params = o.inner("params").rest("")
	sessions := o.inner("sessions")
	for _, f := range sessions.rest("") {
		h.Sessions = append(h.Sessions, SessionAt{f.Name, int(sessions.needed(f.Name, math.MaxInt32))})
	}
	o.adopt("sessions", sessions, &extra)

	h.Extra = append(extra, o.rest("")...)
	sortFields(h.Extra)
	return h, o.err
}

func parseServers(o *object, extra *Fields) Servers {
	in := o.inner("servers")
	s := Servers{
		Count:               int(in.needed("count", math.MaxInt32)),
		Version:             in.text("version"),
		TickTimeMs:          in.needed("tickTime_ms", maxMs),
		InitLimit:           in.whole("initLimit", maxMs, 0),
		SyncLimit:           in.whole("syncLimit", maxMs, 0),
		MinSessionTimeoutMs: in.whole("minSessionTimeout_ms", maxMs, 0),
		MaxSessionTimeoutMs: in.whole("maxSessionTimeout_ms", maxMs, 0),
	}
	roles := in.inner("roles_at_start")
	for _, f := range roles.rest("") {
		id, err := strconv.Atoi(f.Name)
		if err != nil || id < 1 || strconv.Itoa(id) != f.Name {
			in.wrong("roles_at_start", f.Value, fmt.Sprintf("server numbers as names, not %q", clip(f.Name)))
			continue
		}
		s.RolesAtStart = append(s.RolesAtStart, ServerRole{id, roles.text(f.Name)})
	}
	// The names sort as text, server 10 before server 2.
	slices.SortFunc(s.RolesAtStart, func(a, b ServerRole) int { return a.Server - b.Server })
	in.adopt("roles_at_start", &object{err: roles.err}, extra)
	o.adopt("servers", in, extra)
	return s
}

func parseClient(o *object, extra *Fields) Client {
	in := o.inner("client")
	c := Client{
		Library:        in.text("library"),
		RequestedMs:    in.whole("requested_ms", maxMs, 0),
		NegotiatedMs:   in.needed("negotiated_ms", maxMs),
		Addresses:      int(in.whole("addresses", math.MaxInt32, 0)),
		AttachedServer: int(in.whole("attached_server", math.MaxInt32, 0)),
		AttachedRole:   in.text("attached_role"),
		Version:        in.inner("version").rest(""),
	}
	o.adopt("client", in, extra)
	return c
}

// parseEvent also answers whether the line is the end of the recording.
func parseEvent(o *object) (ev Event, ended bool, err error) {
	name := o.text("ev")
	if o.err == nil && name == "" {
		o.missing("ev", "the kind of the event")
	}
	if name == evEnd && o.err == nil {
		return Event{}, true, nil
	}
	if !o.has("t_ns") {
		o.missing("t_ns", "the event's instant in ns")
	}
	ev = Event{
		T:            o.whole("t_ns", maxInstant, 0),
		Node:         o.text("node"),
		Ev:           name,
		Kind:         o.text("kind"),
		Server:       int(o.whole("server", math.MaxInt32, 0)),
		Role:         o.text("role"),
		DoneNs:       o.whole("done_ns", maxInstant, Absent),
		State:        o.text("state"),
		Session:      o.text("session"),
		Handle:       o.whole("handle", maxInstant, Absent),
		By:           o.text("by"),
		ObserverRole: o.text("observer_role"),
		RTTms:        o.whole("rtt_ms", maxMs, Absent),
		IdleMs:       o.whole("idle_ms", maxMs, Absent),
		SuspendedMs:  o.whole("suspended_ms", maxMs, Absent),
		NegotiatedMs: o.whole("negotiated_ms", maxMs, Absent),
		GapNs:        o.whole("gap_ns", maxInstant, Absent),
		IssuedNs:     o.whole("issued", maxInstant, Absent),
		RC:           o.text("rc"),
	}
	if ev.Session == "" {
		ev.Session = o.text("of")
	}
	if ev.Node == "" {
		o.missing("node", "lab, client, serverN or observerN")
	}
	if (ev.Ev == EvFault || ev.Ev == EvHeal) && ev.DoneNs != Absent && ev.DoneNs < ev.T {
		o.wrong("done_ns", json.RawMessage(strconv.FormatInt(ev.DoneNs, 10)), fmt.Sprintf("an instant not before t_ns %d", ev.T))
	}
	ev.Extra = o.rest("")
	return ev, false, o.err
}
