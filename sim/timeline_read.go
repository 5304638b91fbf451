package sim

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"zksim/clock"
	"zksim/model"
)

// Limits of what ReadTimeline takes.
const (
	// MaxTimelineLine bounds a line, in bytes. The header names every node.
	MaxTimelineLine = 1 << 22
	// MaxTimelineRecords bounds the records of one file.
	MaxTimelineRecords = 5_000_000
)

// A TimelineNode is one node in the header of a timeline.
type TimelineNode struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // server, observer, client or resource
}

// A TimelineHeader is the first line of a timeline in JSON Lines.
type TimelineHeader struct {
	Scenario  string         `json:"scenario"`
	Title     string         `json:"title"`
	Seed      uint64         `json:"seed"`
	Run       uint32         `json:"run"`
	LengthNS  int64          `json:"length_ns"`
	ZooKeeper string         `json:"zookeeper"`
	Nodes     []TimelineNode `json:"nodes"`
	Faults    []string       `json:"faults,omitempty"` // what each of the scenario's does, in words
}

// A TimelineFile is a timeline that was read from JSON Lines.
type TimelineFile struct {
	TimelineHeader
	Records []Record
	Summary Summary
	Stopped string // why the run ended early; empty if it did not
}

// Write writes the timeline as it was read.
func (f *TimelineFile) Write(w io.Writer) error {
	j := &JSONL{w: w}
	j.begin(&f.TimelineHeader)
	for i := range f.Records {
		j.Record(&f.Records[i])
	}
	return j.end(f.Summary, f.Stopped)
}

// ReadTimeline reads a timeline in JSON Lines and checks that it is whole: IDs
// without gaps, instants in order, causes before their effects, and the digest.
// Fields that it does not know it skips. Errors begin with name and line.
func ReadTimeline(name string, r io.Reader) (*TimelineFile, error) {
	p := &timelineReader{name: name, in: bufio.NewReaderSize(r, 1<<16), file: &TimelineFile{}, byName: map[string]model.NodeID{}}
	if err := p.read(); err != nil {
		if p.line == 0 {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return nil, fmt.Errorf("%s:%d: %w", name, p.line, err)
	}
	return p.file, nil
}

type timelineReader struct {
	name   string
	in     *bufio.Reader
	line   int
	file   *TimelineFile
	byName map[string]model.NodeID
	digest digest
	raw    []byte
}

var errCutOff = errors.New(`no line {"end":true,...}: the timeline is cut off`)

func (p *timelineReader) read() error {
	line, err := p.next()
	if err != nil {
		return err
	}
	if line == nil {
		return errors.New("empty: want a timeline in JSON Lines")
	}
	if err := p.header(line); err != nil {
		return err
	}
	for {
		line, err := p.next()
		if err != nil {
			return err
		}
		if line == nil {
			return errCutOff
		}
		fields, err := scan(line)
		if err != nil {
			return err
		}
		if _, last := fields.find("end"); last {
			return p.end(fields)
		}
		if err := p.record(fields); err != nil {
			return err
		}
	}
}

// next returns the next line, nil at the end of the file.
func (p *timelineReader) next() ([]byte, error) {
	p.raw = p.raw[:0]
	for {
		part, err := p.in.ReadSlice('\n')
		p.raw = append(p.raw, part...)
		if len(p.raw) > MaxTimelineLine {
			p.line++
			return nil, fmt.Errorf("line of more than %d bytes", MaxTimelineLine)
		}
		switch {
		case err == nil:
			p.line++
			return bytes.TrimSpace(p.raw), nil
		case err == io.EOF && len(p.raw) == 0:
			return nil, nil
		case err == io.EOF:
			p.line++
			return bytes.TrimSpace(p.raw), nil
		case err != bufio.ErrBufferFull:
			return nil, err
		}
	}
}

func (p *timelineReader) header(line []byte) error {
	var h struct {
		Version *int `json:"zksim_timeline"`
		TimelineHeader
	}
	if err := json.Unmarshal(line, &h); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	switch {
	case h.Version == nil:
		return errors.New(`header: no "zksim_timeline": want a timeline of zksim in JSON Lines`)
	case *h.Version != JSONLVersion:
		return fmt.Errorf("header: version %d: want %d", *h.Version, JSONLVersion)
	case len(h.Nodes) > MaxEntity:
		return fmt.Errorf("header: %d nodes: want at most %d", len(h.Nodes), MaxEntity)
	}
	for i, n := range h.Nodes {
		if _, twice := p.byName[n.Name]; twice {
			return fmt.Errorf("header: node %q is there twice", n.Name)
		}
		p.byName[n.Name] = model.NodeID(i)
	}
	p.file.TimelineHeader = h.TimelineHeader
	return nil
}

// A field is one name and value of a flat JSON object.
type field struct {
	name string
	text string // of a string
	num  string // of a number
}

type fields []field

func (f fields) find(name string) (field, bool) {
	for i := range f {
		if f[i].name == name {
			return f[i], true
		}
	}
	return field{}, false
}

// scan takes a flat JSON object apart. Values that are neither strings nor
// numbers keep their name alone.
func scan(line []byte) (fields, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("%q: want a JSON object", shortened(line))
	}
	var list fields
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("%q: %w", shortened(line), err)
		}
		f := field{name: key.(string)}
		if _, twice := list.find(f.name); twice {
			return nil, fmt.Errorf("%q is there twice", f.name)
		}
		var v any
		if err := d.Decode(&v); err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		switch v := v.(type) {
		case string:
			f.text = v
		case json.Number:
			f.num = v.String()
		}
		list = append(list, f)
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("%q: the object does not end", shortened(line))
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than one JSON value: want one object per line")
	}
	return list, nil
}

func shortened(line []byte) string {
	if len(line) > 60 {
		return string(line[:60]) + "..."
	}
	return string(line)
}

// integer reads a whole number, zero if it is not there.
func (f fields) integer(name string, least, most int64) (int64, error) {
	v, ok := f.find(name)
	if !ok {
		return 0, nil
	}
	n, err := strconv.ParseInt(v.num, 10, 64)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%s %q: want a whole number from %d to %d", name, v.num+v.text, least, most)
	}
	return n, nil
}

func (p *timelineReader) node(f fields, name string) (model.NodeID, error) {
	v, ok := f.find(name)
	if !ok {
		return model.NoNode, nil
	}
	n, ok := p.byName[v.text]
	if !ok {
		return 0, fmt.Errorf("%s %q: want a node that the header names", name, v.text)
	}
	return n, nil
}

func (p *timelineReader) record(f fields) (err error) {
	if len(p.file.Records) == MaxTimelineRecords {
		return fmt.Errorf("more than %d records", MaxTimelineRecords)
	}
	var r Record
	want, earliest := int64(1), int64(0)
	if n := len(p.file.Records); n > 0 {
		want, earliest = int64(n)+1, int64(p.file.Records[n-1].At)
	}
	id, err := f.integer("id", 0, math.MaxInt64)
	if err != nil {
		return err
	}
	if id != want {
		return fmt.Errorf("id %d: want %d", id, want)
	}
	at, err := f.integer("t_ns", 0, math.MaxInt64)
	if err != nil {
		return err
	}
	if at < earliest {
		return fmt.Errorf("t_ns %d: want %d or later, the instant of the line before", at, earliest)
	}
	r.ID, r.At = model.RecordID(id), clock.Instant(at)
	if r.Node, err = p.node(f, "node"); err != nil {
		return err
	}
	if r.Peer, err = p.node(f, "peer"); err != nil {
		return err
	}
	kind, _ := f.find("kind")
	k, ok := kindByName(kind.text)
	if !ok {
		return fmt.Errorf("kind %q: want one of the kinds in docs/timeline.md", kind.text)
	}
	r.Kind = k
	if s, ok := f.find("session"); ok {
		n, err := strconv.ParseUint(strings.TrimPrefix(s.text, "0x"), 16, 64)
		if err != nil || !strings.HasPrefix(s.text, "0x") {
			return fmt.Errorf("session %q: want 0x and up to 16 hexadecimal digits", s.text)
		}
		r.Session = model.SessionID(n)
	}
	rule, _ := f.find("rule")
	r.Rule = rule.text
	cause, err := f.integer("cause", 0, id-1)
	if err != nil {
		return err
	}
	r.Cause = model.RecordID(cause)
	row := KindOf(k)
	if row.A != "" {
		if r.A, err = f.integer(row.A, math.MinInt64, math.MaxInt64); err != nil {
			return err
		}
	}
	if row.B != "" {
		if r.B, err = f.integer(row.B, math.MinInt64, math.MaxInt64); err != nil {
			return err
		}
	}
	if row.Text != "" {
		text, _ := f.find(row.Text)
		r.Text = text.text
	}
	p.digest.add(&r)
	p.file.Records = append(p.file.Records, r)
	return nil
}

func (p *timelineReader) end(f fields) error {
	s := &p.file.Summary
	s.Seed, s.Run = p.file.Seed, p.file.Run
	earliest := int64(0)
	if n := len(p.file.Records); n > 0 {
		earliest = int64(p.file.Records[n-1].At)
	}
	at, err := f.integer("t_ns", earliest, math.MaxInt64)
	if err != nil {
		return err
	}
	if at < earliest { // a missing number reads as zero
		return fmt.Errorf("no t_ns: want a whole number from %d on", earliest)
	}
	events, err := f.integer("events", 0, math.MaxInt64)
	if err != nil {
		return err
	}
	records, err := f.integer("records", 0, math.MaxInt64)
	if err != nil {
		return err
	}
	if int(records) != len(p.file.Records) {
		return fmt.Errorf("records %d: the timeline has %d", records, len(p.file.Records))
	}
	s.End, s.Events, s.Records = clock.Instant(at), uint64(events), uint64(records)
	hex, _ := f.find("digest")
	s.Digest, err = strconv.ParseUint(hex.text, 16, 64)
	if err != nil || len(hex.text) != 16 {
		return fmt.Errorf("digest %q: want 16 hexadecimal digits", hex.text)
	}
	if s.Digest != uint64(p.digest) {
		return fmt.Errorf("digest %s: that of the records is %016x: the timeline has been changed", hex.text, uint64(p.digest))
	}
	stopped, _ := f.find("stopped")
	p.file.Stopped = stopped.text
	rest, err := p.next()
	if err != nil {
		return err
	}
	if rest != nil {
		return errors.New("a line behind the end")
	}
	return nil
}
