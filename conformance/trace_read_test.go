package conformance

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// header is the shortest header that a reader accepts.
const header = `{"zktrace":1,"id":"S1/java/A1-0001","servers":{"count":1,"tickTime_ms":200,"roles_at_start":{"1":"standalone"}},"client":{"negotiated_ms":2000}}`

const end = `{"ev":"end"}`

func recording(lines ...string) string { return strings.Join(lines, "\n") + "\n" }

func zipped(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestHeaderFieldsAreRead(t *testing.T) {
	text := recording(`{"zktrace":1,"id":"S8/curator33/B3-0002","scenario":"S8","variant":"stop_1.5x","note":"n","clock":"mono",`+
		`"session":"many","sessions":{"0x2":3,"0x1":1},"clients_in_parallel":8,"noise_ms":{"mean":0.25,"max":11.5},`+
		`"params":{"factor":1.5,"mode":"all"},`+
		`"servers":{"count":11,"version":"3.9.6","tickTime_ms":500,"initLimit":10,"syncLimit":5,"minSessionTimeout_ms":1000,`+
		`"maxSessionTimeout_ms":10000,"roles_at_start":{"10":"follower","2":"leader"}},`+
		`"client":{"library":"curator33","version":{"lib":"curator 5.4.0","simulatedSessionExpirationPercent":33},`+
		`"requested_ms":3000,"negotiated_ms":4000,"addresses":null,"attached_server":2,"attached_role":"leader"}}`, end)
	traces, err := Read(strings.NewReader(text), "a.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	h := traces[0].Header
	for _, c := range []struct {
		field     string
		got, want any
	}{
		{"id", h.ID, "S8/curator33/B3-0002"},
		{"scenario", h.Scenario, "S8"},
		{"variant", h.Variant, "stop_1.5x"},
		{"note", h.Note, "n"},
		{"clock", h.Clock, "mono"},
		{"session", h.Session, "many"},
		{"clients_in_parallel", h.ClientsInParallel, 8},
		{"noise_ms", h.Noise, Noise{0.25, 11.5}},
		{"count", h.Servers.Count, 11},
		{"version", h.Servers.Version, "3.9.6"},
		{"tickTime_ms", h.Servers.TickTimeMs, int64(500)},
		{"initLimit", h.Servers.InitLimit, int64(10)},
		{"syncLimit", h.Servers.SyncLimit, int64(5)},
		{"minSessionTimeout_ms", h.Servers.MinSessionTimeoutMs, int64(1000)},
		{"maxSessionTimeout_ms", h.Servers.MaxSessionTimeoutMs, int64(10000)},
		{"first role", h.Servers.RolesAtStart[0], ServerRole{2, "leader"}},
		{"second role", h.Servers.RolesAtStart[1], ServerRole{10, "follower"}},
		{"first session", h.Sessions[0], SessionAt{"0x1", 1}},
		{"second session", h.Sessions[1], SessionAt{"0x2", 3}},
		{"library", h.Client.Library, "curator33"},
		{"lib", h.Client.Version.Text("lib"), "curator 5.4.0"},
		{"requested_ms", h.Client.RequestedMs, int64(3000)},
		{"negotiated_ms", h.Client.NegotiatedMs, int64(4000)},
		{"addresses", h.Client.Addresses, 0},
		{"attached_server", h.Client.AttachedServer, 2},
		{"attached_role", h.Client.AttachedRole, "leader"},
		{"mode", h.Params.Text("mode"), "all"},
		{"no such param", h.Params.Text("depth"), ""},
		{"unknown", len(traces[0].Unknown), 0},
	} {
		if c.got != c.want {
			t.Errorf("%s = %v, want %v", c.field, c.got, c.want)
		}
	}
	if pct, ok := h.Client.Version.Number("simulatedSessionExpirationPercent"); !ok || pct != 33 {
		t.Errorf("percent = %v, %v, want 33", pct, ok)
	}
	if v, ok := h.Params.Number("factor"); !ok || v != 1.5 {
		t.Errorf("factor = %v, %v, want 1.5", v, ok)
	}
	if _, ok := h.Params.Number("mode"); ok {
		t.Error("mode is a number, want text only")
	}
}

func TestEventFieldsAreRead(t *testing.T) {
	for _, c := range []struct {
		line string
		want Event
	}{
		{`{"t_ns":5,"node":"lab","ev":"fault","kind":"sigstop_server","server":3,"role":"leader","done_ns":7}`,
			Event{T: 5, Node: "lab", Ev: EvFault, Kind: FaultSigstopServer, Server: 3, Role: "leader", DoneNs: 7}},
		{`{"t_ns":5,"node":"client","ev":"ping_reply","rtt_ms":0}`, Event{T: 5, Node: "client", Ev: EvPingReply, RTTms: 0, DoneNs: Absent}},
		{`{"t_ns":5,"node":"client","ev":"silence","idle_ms":1333,"server":2}`, Event{T: 5, Node: "client", Ev: EvSilence, IdleMs: 1333, Server: 2}},
		{`{"t_ns":5,"node":"client","ev":"inject","suspended_ms":9}`, Event{T: 5, Node: "client", Ev: EvInject, SuspendedMs: 9}},
		{`{"t_ns":5,"node":"client","ev":"ready","negotiated_ms":4000}`, Event{T: 5, Node: "client", Ev: EvReady, NegotiatedMs: 4000}},
		{`{"t_ns":5,"node":"client","ev":"told","state":"LOST","session":"0x0","handle":0}`,
			Event{T: 5, Node: "client", Ev: EvTold, State: "LOST", Session: "0x0", Handle: 0}},
		{`{"t_ns":5,"node":"client","ev":"wake","gap_ns":8,"state":"CONNECTED"}`, Event{T: 5, Node: "client", Ev: EvWake, GapNs: 8, State: "CONNECTED"}},
		{`{"t_ns":5,"node":"client","ev":"wake_read","rc":"OK","issued":4}`, Event{T: 5, Node: "client", Ev: EvWakeRead, RC: "OK", IssuedNs: 4}},
		{`{"t_ns":5,"node":"server2","ev":"marked_closing","by":"expiry","session":"0x1"}`,
			Event{T: 5, Node: "server2", Ev: EvMarkedClosing, By: "expiry", Session: "0x1"}},
		{`{"t_ns":5,"node":"server2","ev":"close_applied","of":"0x1"}`, Event{T: 5, Node: "server2", Ev: EvCloseApplied, Session: "0x1"}},
		{`{"t_ns":5,"node":"observer1","ev":"saw_deleted","observer_role":"follower"}`,
			Event{T: 5, Node: "observer1", Ev: EvSawDeleted, ObserverRole: "follower"}},
	} {
		traces, err := Read(strings.NewReader(recording(header, c.line, end)), "a")
		if err != nil {
			t.Errorf("%s: %v", c.line, err)
			continue
		}
		got, want := traces[0].Events[0], c.want
		// A number that the line does not name is Absent.
		for _, n := range []struct {
			name string
			want *int64
		}{{"done_ns", &want.DoneNs}, {"handle", &want.Handle}, {"rtt_ms", &want.RTTms}, {"idle_ms", &want.IdleMs},
			{"suspended_ms", &want.SuspendedMs}, {"negotiated_ms", &want.NegotiatedMs}, {"gap_ns", &want.GapNs}, {"issued", &want.IssuedNs}} {
			if !strings.Contains(c.line, `"`+n.name+`"`) {
				*n.want = Absent
			}
		}
		if len(got.Extra) != 0 || len(traces[0].Unknown) != 0 {
			t.Errorf("%s: extra %v, unknown %v, want none", c.line, got.Extra, traces[0].Unknown)
		}
		got.Extra = nil
		if !sameEvent(got, want) {
			t.Errorf("%s\n got %+v\nwant %+v", c.line, got, want)
		}
	}
}

func sameEvent(a, b Event) bool {
	return a.T == b.T && a.Node == b.Node && a.Ev == b.Ev && a.Kind == b.Kind && a.Server == b.Server && a.Role == b.Role &&
		a.DoneNs == b.DoneNs && a.State == b.State && a.Session == b.Session && a.Handle == b.Handle && a.By == b.By &&
		a.ObserverRole == b.ObserverRole && a.RTTms == b.RTTms && a.IdleMs == b.IdleMs && a.SuspendedMs == b.SuspendedMs &&
		a.NegotiatedMs == b.NegotiatedMs && a.GapNs == b.GapNs && a.IssuedNs == b.IssuedNs && a.RC == b.RC
}

func TestUnknownNamesAreKeptAndCounted(t *testing.T) {
	text := recording(
		strings.Replace(header, `"count":1`, `"count":1,"racks":4`, 1),
		`{"t_ns":1,"node":"server1","ev":"flush","pages":[1,2]}`,
		`{"t_ns":2,"node":"server1","ev":"touch","mood":"good"}`,
		`{"t_ns":3,"node":"server2","ev":"flush"}`,
		`{"t_ns":4,"node":"lab","ev":"fault","kind":"flood","done_ns":4}`,
		`{"t_ns":5,"node":"router1","ev":"touch"}`,
		`{"t_ns":6,"node":"client","ev":"touch"}`, end)
	traces, err := Read(strings.NewReader(text), "a")
	if err != nil {
		t.Fatal(err)
	}
	want := []Unknown{
		{"field", "header.servers.racks", 1, 1},
		{"event", "server flush", 2, 2},
		{"field", "flush.pages", 1, 2},
		{"field", "touch.mood", 1, 3},
		{"fault", "flood", 1, 5},
		{"node", "router1", 1, 6},
		{"event", "client touch", 1, 7}, // known, but not from a client
	}
	tr := traces[0]
	if len(tr.Unknown) != len(want) {
		t.Fatalf("unknown = %v, want %v", tr.Unknown, want)
	}
	for i := range want {
		if tr.Unknown[i] != want[i] {
			t.Errorf("unknown %d = %v, want %v", i, tr.Unknown[i], want[i])
		}
	}
	if got := tr.Events[0].Extra.Text("pages"); got != "[1,2]" {
		t.Errorf("pages = %q, want its JSON text [1,2]", got)
	}
	if got := tr.Header.Extra.Text("servers.racks"); got != "4" {
		t.Errorf("racks = %q, want 4", got)
	}
	if len(tr.Events) != 6 {
		t.Errorf("%d events, want all 6", len(tr.Events))
	}
}

func TestBadInputIsOneErrorWithItsPlace(t *testing.T) {
	touch := `{"t_ns":9,"node":"server1","ev":"touch"}`
	for _, c := range []struct {
		name, text string
		want       []string // parts of the message, the position first
	}{
		{"empty", "", []string{"x.jsonl:1: ", "no recording", `"zktrace":1`}},
		{"only blank lines", "\n\n", []string{"x.jsonl:2: ", "no recording"}},
		{"not JSON", recording(header, "touch 9"), []string{"x.jsonl:2: ", `"touch 9"`, "want one JSON object"}},
		{"cut inside a line", header + "\n" + `{"t_ns":`, []string{"x.jsonl:2: ", "want one JSON object"}},
		{"null", "null", []string{"x.jsonl:1: ", "want one JSON object"}},
		{"an array", "[1]", []string{"x.jsonl:1: ", "want one JSON object"}},
		{"two objects on a line", recording(header, end+end), []string{"x.jsonl:2: ", "want one JSON object"}},
		{"no zktrace", recording(`{"ev":"header"}`), []string{"x.jsonl:1: ", `no "zktrace"`, `want a header`}},
		{"an event behind the end", recording(header, end, touch), []string{"x.jsonl:3: ", `no "zktrace"`}},
		{"version 2", recording(`{"zktrace":2}`), []string{"x.jsonl:1: ", `"zktrace" is 2`, "want 1"}},
		{"version as text", recording(`{"zktrace":"1"}`), []string{"x.jsonl:1: ", `"zktrace" is "1"`, "want 1"}},
		{"no id", recording(strings.Replace(header, `"id"`, `"ID"`, 1)), []string{"x.jsonl:1: ", `"id" is missing`}},
		{"no tick", recording(strings.Replace(header, "tickTime_ms", "ticktime", 1)), []string{"x.jsonl:1: ", `in "servers": "tickTime_ms" is missing`}},
		{"tick 0", recording(strings.Replace(header, `"tickTime_ms":200`, `"tickTime_ms":0`, 1)), []string{"x.jsonl:1: ", `"tickTime_ms" is 0`, "1..2147483647"}},
		{"timeout beyond an int", recording(strings.Replace(header, "2000", "2147483648", 1)), []string{"x.jsonl:1: ", `in "client": "negotiated_ms" is 2147483648`}},
		{"role of no server", recording(strings.Replace(header, `{"1":`, `{"a":`, 1)), []string{"x.jsonl:1: ", `not "a"`}},
		{"servers not an object", recording(`{"zktrace":1,"id":"a","servers":[]}`), []string{"x.jsonl:1: ", `"servers" is []`, "want an object"}},
		{"no end at the end", recording(header, touch), []string{"x.jsonl:2: ", "the input ends after 1 events", "S1/java/A1-0001", "header on line 1", `want {"ev":"end"}`}},
		{"no end before a header", recording(header, touch, header), []string{"x.jsonl:3: ", "the next header comes after 1 events", `want {"ev":"end"}`}},
		{"out of order", recording(header, touch, `{"t_ns":8,"node":"client","ev":"open"}`), []string{"x.jsonl:3: ", `t_ns 8 of "open"`, `t_ns 9 of "touch"`, "want events ordered"}},
		{"no t_ns", recording(header, `{"node":"client","ev":"open"}`), []string{"x.jsonl:2: ", `"t_ns" is missing`}},
		{"t_ns null", recording(header, `{"t_ns":null,"node":"client","ev":"open"}`), []string{"x.jsonl:2: ", `"t_ns" is missing`}},
		{"t_ns negative", recording(header, `{"t_ns":-1,"node":"client","ev":"open"}`), []string{"x.jsonl:2: ", `"t_ns" is -1`, "want a whole number"}},
		{"t_ns a fraction", recording(header, `{"t_ns":1.5,"node":"client","ev":"open"}`), []string{"x.jsonl:2: ", `"t_ns" is 1.5`}},
		{"t_ns near overflow", recording(header, `{"t_ns":9223372036854775807,"node":"client","ev":"open"}`), []string{"x.jsonl:2: ", `"t_ns" is 9223372036854775807`}},
		{"no node", recording(header, `{"t_ns":1,"ev":"open"}`), []string{"x.jsonl:2: ", `"node" is missing`}},
		{"no ev", recording(header, `{"t_ns":1,"node":"client"}`), []string{"x.jsonl:2: ", `"ev" is missing`}},
		{"done before begun", recording(header, `{"t_ns":9,"node":"lab","ev":"heal","kind":"blackhole","done_ns":8}`), []string{"x.jsonl:2: ", `"done_ns" is 8`, "t_ns 9"}},
		{"state a number", recording(header, `{"t_ns":9,"node":"client","ev":"told","state":3}`), []string{"x.jsonl:2: ", `"state" is 3`, "want a string"}},
		{"gzip in name only", "\x1f\x8bxx", []string{"x.jsonl:1: ", "gzip"}},
		{"gzip cut short", string(zipped(t, recording(header, end))[:40]), []string{"x.jsonl:1: ", "unexpected EOF"}},
	} {
		_, err := Read(strings.NewReader(c.text), "x.jsonl")
		if err == nil {
			t.Errorf("%s: read without an error", c.name)
			continue
		}
		if !strings.HasPrefix(err.Error(), c.want[0]) {
			t.Errorf("%s: %v\nwant it to begin with %s", c.name, err, c.want[0])
		}
		for _, part := range c.want[1:] {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v\nwant %q in it", c.name, err, part)
			}
		}
		var fe *FormatError
		if !errors.As(err, &fe) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v: want a FormatError of one line", c.name, err)
		}
	}
}

func TestLimitsAreNamedErrors(t *testing.T) {
	touch := `{"t_ns":9,"node":"server1","ev":"touch"}`
	long := `{"t_ns":9,"node":"server1","ev":"touch","mood":"` + strings.Repeat("x", MaxLineBytes) + `"}`
	atLimit := header + strings.Repeat(" ", MaxLineBytes-len(header))
	bomb := zipped(t, recording(header, end)+strings.Repeat("\n", 1<<20))
	for _, c := range []struct {
		name  string
		input []byte
		lower func(*Reader)
		want  error
	}{
		{"line of the limit", []byte(recording(atLimit, end)), func(*Reader) {}, nil},
		{"line beyond the limit", []byte(recording(header, long, end)), func(*Reader) {}, ErrLineTooLong},
		{"endless line", bytes.Repeat([]byte(" "), MaxLineBytes+10), func(*Reader) {}, ErrLineTooLong},
		{"events at the limit", []byte(recording(header, touch, touch, end)), func(r *Reader) { r.maxEvents = 2 }, nil},
		{"events beyond the limit", []byte(recording(header, touch, touch, end)), func(r *Reader) { r.maxEvents = 1 }, ErrTooManyEvents},
		{"unknown fields count as events", []byte(recording(header, `{"t_ns":9,"node":"server1","ev":"touch","a":1}`, end)),
			func(r *Reader) { r.maxEvents = 1 }, ErrTooManyEvents},
		{"bytes at the limit", []byte(recording(header, end)), func(r *Reader) { r.maxTotal = int64(len(recording(header, end))) }, nil},
		{"bytes beyond the limit", []byte(recording(header, end)), func(r *Reader) { r.maxTotal = int64(len(recording(header, end))) - 1 }, ErrTooLarge},
		{"gzip bomb", bomb, func(r *Reader) { r.maxTotal = 1 << 19 }, ErrTooLarge},
	} {
		r := NewReader(bytes.NewReader(c.input), "x.jsonl")
		c.lower(r)
		_, err := r.all(MaxHeld)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		var fe *FormatError
		if c.want != nil && !errors.As(err, &fe) {
			t.Errorf("%s: %v, want a FormatError with file and line", c.name, err)
		}
	}
	if len(bomb) > 1<<12 {
		t.Errorf("the bomb has %d bytes, want it small against the limit it breaks", len(bomb))
	}
	two := recording(header, touch, end, header, touch, end)
	if _, err := NewReader(strings.NewReader(two), "x").all(3); !errors.Is(err, ErrTooManyEvents) {
		t.Errorf("two recordings of one event with room for 3: %v, want %v", err, ErrTooManyEvents)
	}
}

func TestNextHandsOutOneRecordingAtATime(t *testing.T) {
	text := recording(header, end, "", strings.Replace(header, "0001", "0002", 1), end, "no JSON")
	r := NewReader(strings.NewReader(text), "x")
	for i, want := range []struct {
		id   string
		line int
	}{{"S1/java/A1-0001", 1}, {"S1/java/A1-0002", 4}} {
		tr, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if tr.Header.ID != want.id || tr.Line != want.line {
			t.Errorf("recording %d is %s of line %d, want %s of line %d", i, tr.Header.ID, tr.Line, want.id, want.line)
		}
	}
	_, first := r.Next()
	_, again := r.Next()
	if first == nil || first == io.EOF || first != again {
		t.Errorf("Next at bad input = %v, then %v: want the same error twice", first, again)
	}
}

func TestGzipIsKnownByItsBytesNotItsName(t *testing.T) {
	text := recording(header, end)
	for name, data := range map[string][]byte{"text.jsonl.gz": []byte(text), "zipped.jsonl": zipped(t, text)} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		traces, err := ReadFile(path)
		if err != nil || len(traces) != 1 {
			t.Errorf("%s: %d recordings, %v, want one", name, len(traces), err)
		}
	}
	if _, err := ReadFile(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v, want %v", err, os.ErrNotExist)
	}
}
