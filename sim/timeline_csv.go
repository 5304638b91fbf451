package sim

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"

	"zksim/model"
)

// commonColumns are the fields that every record can have, in their order.
var commonColumns = []string{"id", "t_ns", "node", "kind", "session", "peer", "rule", "cause"}

// CSVColumns lists the columns of the CSV export: the fields that every record can
// have, then the fields of the kinds' own, in the order in which the kinds first
// name them. They carry the names and units of JSON Lines.
func CSVColumns() []string {
	columns := slices.Clone(commonColumns)
	for _, rows := range [][]model.KindRow{model.Kinds, WorldKinds} {
		for _, row := range rows {
			for _, name := range []string{row.A, row.B, row.Text} {
				if name != "" && !slices.Contains(columns, name) {
					columns = append(columns, name)
				}
			}
		}
	}
	return columns
}

// WriteCSV writes every record as one row, under one row of the columns' names. A
// field that a record does not have is empty; a zero is a zero.
func WriteCSV(w io.Writer, f *TimelineFile, _ ExportOptions) error {
	columns := CSVColumns()
	at := map[string]int{}
	for i, name := range columns {
		at[name] = i
	}
	out := csv.NewWriter(w)
	if err := out.Write(columns); err != nil {
		return err
	}
	line := make([]string, len(columns))
	for i := range f.Records {
		r := &f.Records[i]
		row := KindOf(r.Kind)
		clear(line)
		line[0] = strconv.FormatUint(uint64(r.ID), 10)
		line[1] = strconv.FormatInt(int64(r.At), 10)
		if r.Node >= 0 {
			line[2] = f.Nodes[r.Node].Name
		}
		line[3] = row.Name
		if r.Session != 0 {
			line[4] = "0x" + strconv.FormatUint(uint64(r.Session), 16)
		}
		if r.Peer >= 0 {
			line[5] = f.Nodes[r.Peer].Name
		}
		line[6] = r.Rule
		if r.Cause != 0 {
			line[7] = strconv.FormatUint(uint64(r.Cause), 10)
		}
		if row.A != "" {
			line[at[row.A]] = strconv.FormatInt(r.A, 10)
		}
		if row.B != "" {
			line[at[row.B]] = strconv.FormatInt(r.B, 10)
		}
		if row.Text != "" {
			line[at[row.Text]] = r.Text
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
