package sim

import (
	"bufio"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"zksim/model"
)

// ShiVizPattern is the regular expression that ShiViz has to be given for the log
// that [WriteShiViz] writes, with the names of the groups that it knows.
const ShiVizPattern = `(?<event>.*)\n(?<host>\S+) (?<clock>\{.*\})`

// WriteShiViz writes every record as an event with a vector clock: a line that says
// what happened, and a line of the node's name and its clock. A clock counts the
// records of every node that the record can follow from: those before it at its own
// node, and, where its cause is a record of another, all that one could follow from.
// What the world does, such as a fault, is an event of a host of its own.
func WriteShiViz(w io.Writer, f *TimelineFile, _ ExportOptions) error {
	world := len(f.Nodes)
	host := func(r *Record) int {
		if r.Node < 0 {
			return world
		}
		return int(r.Node)
	}
	// A clock is kept from the record that others follow from to the last of them.
	last := make([]model.RecordID, len(f.Records)+1)
	for i := range f.Records {
		if r := &f.Records[i]; r.Cause != 0 && host(&f.Records[r.Cause-1]) != host(r) {
			last[r.Cause] = r.ID
		}
	}
	names := make([]string, world+1)
	clocks := make([][]uint64, world+1)
	for i := range clocks {
		if clocks[i] = make([]uint64, world+1); i < world {
			names[i] = oneWord(f.Nodes[i].Name)
		}
	}
	names[world] = "world"
	for slices.Contains(names[:world], names[world]) {
		names[world] += "_"
	}
	kept := map[model.RecordID][]uint64{} // looked up, never ranged over
	out := bufio.NewWriter(w)
	var b []byte
	for i := range f.Records {
		r := &f.Records[i]
		h := host(r)
		clock := clocks[h]
		clock[h]++
		if cause := r.Cause; cause != 0 {
			for n, ticks := range kept[cause] {
				clock[n] = max(clock[n], ticks)
			}
			if last[cause] == r.ID {
				delete(kept, cause)
			}
		}
		if last[r.ID] != 0 {
			kept[r.ID] = append([]uint64(nil), clock...)
		}
		b = append(f.appendEvent(b[:0], r), '\n')
		b = append(append(b, names[h]...), " {"...)
		for n, ticks := range clock {
			if ticks > 0 {
				if b[len(b)-1] != '{' {
					b = append(b, ',')
				}
				b = strconv.AppendUint(append(appendString(b, names[n]), ':'), ticks, 10)
			}
		}
		b = append(b, "}\n"...)
		if _, err := out.Write(b); err != nil {
			return err
		}
	}
	return out.Flush()
}

// appendEvent appends what a record says, on one line: its instant in seconds since
// the start of the run, its kind, its fields and its rule.
func (f *TimelineFile) appendEvent(b []byte, r *Record) []byte {
	row := KindOf(r.Kind)
	b = strconv.AppendFloat(b, float64(r.At)/1e9, 'f', 6, 64)
	b = append(append(b, " s "...), row.Name...)
	if r.Peer >= 0 {
		b = append(append(b, " peer="...), oneWord(f.Nodes[r.Peer].Name)...)
	}
	if r.Session != 0 {
		b = strconv.AppendUint(append(b, " session=0x"...), uint64(r.Session), 16)
	}
	if row.A != "" {
		b = strconv.AppendInt(append(append(append(b, ' '), row.A...), '='), r.A, 10)
	}
	if row.B != "" {
		b = strconv.AppendInt(append(append(append(b, ' '), row.B...), '='), r.B, 10)
	}
	if row.Text != "" {
		b = appendString(append(append(append(b, ' '), row.Text...), '='), r.Text)
	}
	if r.Rule != "" {
		b = append(append(append(b, " ("...), oneWord(r.Rule)...), ')')
	}
	return b
}

// oneWord is a name without white space. Names of scenarios have none; a timeline
// that was written by something else may.
func oneWord(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return '_'
		}
		return r
	}, s)
}
