package conformance

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// Limits of what one reader accepts. The largest recordings known have lines of
// 5 KiB and 5,537 events, so reaching one means that the input is not a
// recording, or is meant to fill the memory.
const (
	MaxLineBytes  = 1 << 20   // of one line, without its end
	MaxEvents     = 1_000_000 // of one recording; a field kept as unknown counts as an event
	MaxTotalBytes = 1 << 30   // of one input, after decompression
	MaxHeld       = 4_000_000 // events of all recordings that Read holds at once
)

// The limits as errors, for errors.Is. They come wrapped in a FormatError.
var (
	ErrLineTooLong   = errors.New("line too long")
	ErrTooManyEvents = errors.New("too many events")
	ErrTooLarge      = errors.New("input too large")
)

// FormatError says where an input stops being zktrace 1, and why.
type FormatError struct {
	File string
	Line int // counted from 1
	Err  error
}

// Error gives the position first: S1.jsonl:4: ...
func (e *FormatError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }

// Unwrap gives the reason without the position.
func (e *FormatError) Unwrap() error { return e.Err }

// Reader reads recordings one after another, so that only one is in memory.
type Reader struct {
	name   string
	src    io.Reader
	closer io.Closer

	lines *bufio.Scanner // nil until the first Next
	line  int
	read  int // recordings handed out
	err   error

	maxLine, maxEvents int // the constants above, smaller in tests
	maxTotal           int64
}

// NewReader reads recordings from r, which is text or gzip: the first two bytes
// tell. The name stands before the line number in errors.
func NewReader(r io.Reader, name string) *Reader {
	return &Reader{name: name, src: r, maxLine: MaxLineBytes, maxEvents: MaxEvents, maxTotal: MaxTotalBytes}
}

// Open is NewReader on a file. The caller closes the reader.
func Open(path string) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open recordings: %w", err)
	}
	r := NewReader(f, path)
	r.closer = f
	return r, nil
}

// Close closes the file behind a reader made by Open; otherwise it does nothing.
func (r *Reader) Close() error {
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}

// ReadFile reads all recordings of a file, text or gzip.
func ReadFile(path string) ([]*Trace, error) {
	r, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return r.all(MaxHeld)
}

// Read reads all recordings of r, text or gzip. It fails as a whole: recordings
// before the first error are not returned, since a file that is damaged in one
// place is not evidence in another.
func Read(r io.Reader, name string) ([]*Trace, error) {
	return NewReader(r, name).all(MaxHeld)
}

func (r *Reader) all(maxHeld int) ([]*Trace, error) {
	var traces []*Trace
	held := 0
	for {
		t, err := r.Next()
		if err == io.EOF {
			return traces, nil
		}
		if err != nil {
			return nil, err
		}
		held += 1 + len(t.Events)
		if held > maxHeld {
			return nil, r.fail(fmt.Errorf("%w: more than %d in all recordings; want fewer, or a Reader that holds one recording at a time",
				ErrTooManyEvents, maxHeld))
		}
		traces = append(traces, t)
	}
}

// Next is the next recording, or io.EOF behind the last. Any other error is
// final and comes again on the next call.
func (r *Reader) Next() (*Trace, error) {
	if r.err != nil {
		return nil, r.err
	}
	t, err := r.next()
	if err != nil {
		r.err = err
		return nil, err
	}
	r.read++
	return t, nil
}

func (r *Reader) next() (*Trace, error) {
	line, err := r.nextLine()
	if err == io.EOF && r.read == 0 {
		return nil, r.fail(errors.New(`no recording read: want a header line with "zktrace":1`))
	}
	if err != nil {
		return nil, err
	}
	o, err := parseObject(line)
	if err != nil {
		return nil, r.fail(err)
	}
	h, err := parseHeader(o)
	if err != nil {
		return nil, r.fail(err)
	}
	t := &Trace{Header: h, File: r.name, Line: r.line}
	kept := len(h.Extra)
	if kept > r.maxEvents {
		return nil, r.failMany(h.ID)
	}
	count := newCounter(t)
	for _, f := range h.Extra {
		count.add("field", "header."+f.Name, r.line)
	}
	for {
		line, err := r.nextLine()
		if err == io.EOF {
			return nil, r.fail(noEnd(t, "the input ends"))
		}
		if err != nil {
			return nil, err
		}
		o, err := parseObject(line)
		if err != nil {
			return nil, r.fail(err)
		}
		if o.has("zktrace") {
			return nil, r.fail(noEnd(t, "the next header comes"))
		}
		ev, ended, err := parseEvent(o)
		if err != nil {
			return nil, r.fail(err)
		}
		if ended {
			return t, nil
		}
		if n := len(t.Events); n > 0 && ev.T < t.Events[n-1].T {
			return nil, r.fail(fmt.Errorf("t_ns %d of %q is before t_ns %d of %q above it: want events ordered by t_ns",
				ev.T, clip(ev.Ev), t.Events[n-1].T, clip(t.Events[n-1].Ev)))
		}
		kept += 1 + len(ev.Extra)
		if kept > r.maxEvents {
			return nil, r.failMany(h.ID)
		}
		t.Events = append(t.Events, ev)
		count.event(&ev, r.line)
	}
}

func noEnd(t *Trace, what string) error {
	return fmt.Errorf(`%s after %d events of recording %s (header on line %d): want {"ev":"end"} behind its last event`,
		what, len(t.Events), clip(t.Header.ID), t.Line)
}

// nextLine is the next line that is not blank. Its bytes live until the next call.
func (r *Reader) nextLine() ([]byte, error) {
	if r.lines == nil {
		if err := r.start(); err != nil {
			return nil, err
		}
	}
	for r.lines.Scan() {
		r.line++
		line := bytes.TrimSpace(r.lines.Bytes())
		if len(r.lines.Bytes()) > r.maxLine {
			return nil, r.failLong()
		}
		if len(line) > 0 {
			return line, nil
		}
	}
	err := r.lines.Err()
	if err == nil {
		return nil, io.EOF
	}
	r.line++ // the line that could not be read
	if errors.Is(err, bufio.ErrTooLong) {
		return nil, r.failLong()
	}
	return nil, r.fail(fmt.Errorf("reading on: %w", err))
}

func (r *Reader) start() error {
	in := bufio.NewReader(r.src)
	var text io.Reader = in
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			r.line = 1
			return r.fail(fmt.Errorf("the input begins as gzip does, but reading it: %w", err))
		}
		text = z
	}
	r.lines = bufio.NewScanner(&capped{r: text, left: r.maxTotal, limit: r.maxTotal})
	// A Scanner refuses a line that fills its buffer; two bytes more leave room for the line's end.
	r.lines.Buffer(make([]byte, 0, min(64<<10, r.maxLine+2)), r.maxLine+2)
	return nil
}

func (r *Reader) fail(err error) error {
	return &FormatError{File: r.name, Line: max(r.line, 1), Err: err}
}

func (r *Reader) failLong() error {
	return r.fail(fmt.Errorf("%w: more than %d bytes; want one JSON object a line", ErrLineTooLong, r.maxLine))
}

func (r *Reader) failMany(id string) error {
	return r.fail(fmt.Errorf("%w: more than %d, unknown fields included, in recording %s; want fewer", ErrTooManyEvents, r.maxEvents, clip(id)))
}

// capped ends with ErrTooLarge instead of handing out more than its limit. A
// gzip stream can promise a thousand times its own size.
type capped struct {
	r           io.Reader
	left, limit int64
}

func (c *capped) Read(p []byte) (int, error) {
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1] // one byte more tells a full input from one that is too large
	}
	n, err := c.r.Read(p)
	if int64(n) > c.left {
		n = int(c.left)
		c.left = 0
		return n, fmt.Errorf("%w: more than %d bytes after decompression; want fewer, or the recordings in several files", ErrTooLarge, c.limit)
	}
	c.left -= int64(n)
	return n, err
}

// counter collects Trace.Unknown in the order of first appearance.
type counter struct {
	t     *Trace
	index map[[2]string]int
}

func newCounter(t *Trace) counter { return counter{t, map[[2]string]int{}} }

func (c counter) add(what, name string, line int) {
	key := [2]string{what, name}
	i, ok := c.index[key]
	if !ok {
		i = len(c.t.Unknown)
		c.index[key] = i
		c.t.Unknown = append(c.t.Unknown, Unknown{What: what, Name: name, Line: line})
	}
	c.t.Unknown[i].Count++
}

func (c counter) event(ev *Event, line int) {
	class := ev.Class()
	switch {
	case !knownClass(class):
		c.add("node", ev.Node, line)
	case !knownEvent(class, ev.Ev):
		c.add("event", string(class)+" "+ev.Ev, line)
	case class == ClassLab && !knownFault(ev.Kind):
		c.add("fault", ev.Kind, line)
	}
	for _, f := range ev.Extra {
		c.add("field", ev.Ev+"."+f.Name, line)
	}
}

// clip shortens text of the input for an error message.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}

// jsonProblem is why a line is no JSON object, in words about the line.
func jsonProblem(line []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("read %q: %v at byte %d: want one JSON object a line", clip(string(line)), err, syntax.Offset)
	}
	return fmt.Errorf("read %q: want one JSON object a line", clip(string(line)))
}

func sortFields(fs Fields) {
	slices.SortFunc(fs, func(a, b Field) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
}
