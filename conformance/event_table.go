package conformance

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"
)

// EventColumns are the columns of a table of compared events. Instants are milliseconds
// since the first fault of their recording, to the microsecond.
var EventColumns = []string{
	"recording", "scenario", "library",
	"event", // kind, with the word that a listener was told
	"node",
	"session",         // in recordings of many
	"rule",            // that predicts it; empty where it was invented
	"drawn",           // yes where a draw lies before it: the prediction is an interval
	"predicted_ms",    // or the beginning of the interval
	"predicted_to_ms", // the end of the interval
	"recorded_ms",
	"error_ms", // recorded less predicted; of an interval, how far outside of it
	"verdict",  // inside, outside, wrong bucket, missing or invented
	"tolerance_ms",
	"engine",
}

// An eventTable writes compared events as CSV, a line each.
type eventTable struct {
	w         *csv.Writer
	tolerance time.Duration
	engine    string
}

// WriteEvents makes the judge write a line for each event that it compares from here on,
// and begins with the header. Engine is what predicted them.
func (j *Judge) WriteEvents(w io.Writer, engine string) error {
	j.table = &eventTable{csv.NewWriter(w), j.tolerance, engine}
	if err := j.table.w.Write(EventColumns); err != nil {
		return err
	}
	j.table.w.Flush()
	return j.table.w.Error()
}

// add writes the events of one recording; begin is its zero.
func (t *eventTable) add(of *Trace, begin int64, compared []Compared) error {
	ms := func(at int64) string {
		return strconv.FormatFloat(micro(float64(at-begin)/1e6), 'f', -1, 64)
	}
	h := &of.Header
	for i := range compared {
		c := &compared[i]
		row := []string{c.Recording, h.Scenario, h.Client.Library, c.Kind, c.Node, c.Session, c.Rule, "no", "", "", "", "", t.verdict(c),
			strconv.FormatFloat(micro(float64(t.tolerance)/1e6), 'f', -1, 64), t.engine}
		if c.Drawn {
			row[7] = "yes"
		}
		if !c.Invented() {
			row[8] = ms(c.Predicted.Lo)
			if c.Drawn {
				row[9] = ms(c.Predicted.Hi)
			}
		}
		if !c.Missing() {
			row[10] = ms(c.Recorded)
		}
		if c.Met() {
			row[11] = strconv.FormatFloat(micro(float64(c.Error())/1e6), 'f', -1, 64)
		}
		if err := t.w.Write(row); err != nil {
			return err
		}
	}
	t.w.Flush()
	return t.w.Error()
}

func (t *eventTable) verdict(c *Compared) string {
	switch {
	case c.Missing():
		return "missing"
	case c.Invented():
		return "invented"
	case c.WrongBucket:
		return "wrong bucket"
	case c.Disagrees(t.tolerance):
		return "outside"
	}
	return "inside"
}
