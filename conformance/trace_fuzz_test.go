package conformance

import (
	"bytes"
	"errors"
	"testing"
)

// FuzzReadTrace holds the reader to its word: any input is either recordings in
// order or one FormatError, within its limits, and what it accepts can be shown.
func FuzzReadTrace(f *testing.F) {
	whole := recording(header,
		`{"t_ns":1,"node":"server1","ev":"touch","mood":1}`,
		`{"t_ns":2,"node":"lab","ev":"fault","kind":"blackhole","done_ns":3}`,
		`{"t_ns":4,"node":"lab","ev":"heal","kind":"blackhole","done_ns":5}`,
		`{"t_ns":6,"node":"client","ev":"told","state":"Disconnected"}`,
		`{"t_ns":7,"node":"server1","ev":"marked_closing","by":"expiry"}`,
		`{"t_ns":8,"node":"server1","ev":"close_applied","of":"0x1"}`, end)
	f.Add([]byte(whole))
	f.Add([]byte(whole + whole))
	f.Add(zipped(f, whole))
	f.Add(append(zipped(f, whole), zipped(f, whole)...))
	f.Add([]byte(header))
	f.Add([]byte(`{"zktrace":1,"id":"a","sessions":{"0x1":1},"servers":null}`))
	f.Add([]byte("\x1f\x8b"))
	f.Add([]byte("null\n\n[]"))
	f.Fuzz(func(t *testing.T, input []byte) {
		r := NewReader(bytes.NewReader(input), "fuzz")
		r.maxLine, r.maxEvents, r.maxTotal = 1<<12, 100, 1<<16
		traces, err := r.all(1000)
		var fe *FormatError
		if err != nil && (!errors.As(err, &fe) || fe.Line < 1 || fe.Line > 1<<16+1) {
			t.Fatalf("%v: want a FormatError with a line of the input", err)
		}
		if err == nil && len(traces) == 0 {
			t.Fatal("neither a recording nor an error")
		}
		for _, tr := range traces {
			extra := len(tr.Header.Extra)
			for i, e := range tr.Events {
				extra += len(e.Extra)
				if e.T < 0 || i > 0 && e.T < tr.Events[i-1].T {
					t.Fatalf("event %d at %d ns is out of order", i, e.T)
				}
			}
			if len(tr.Events)+extra > 100 {
				t.Fatalf("%d events and %d unknown fields, want at most 100", len(tr.Events), extra)
			}
			fields := 0
			for _, u := range tr.Unknown {
				if u.What == "field" {
					fields += u.Count
				}
			}
			if fields != extra {
				t.Fatalf("%d unknown fields counted, %d kept", fields, extra)
			}
			if tr.Short() == "" || tr.TickMs() < 1 {
				t.Fatalf("%q, tick %d: want a line and a tick", tr.Short(), tr.TickMs())
			}
			for _, c := range tr.Closings() {
				if c.LastTouch != Absent && c.BucketMs <= c.LastTouch/1e6+tr.Header.Client.NegotiatedMs {
					t.Fatalf("%+v: want a bucket beyond touch and timeout (T-3)", c)
				}
			}
		}
	})
}
