//go:build !js

package experiments

import (
	"strconv"
	"strings"
)

// leading are the columns of a row before its parameters: which run it is, and what the
// first client asked for and got.
var leading = []struct{ name, unit, meaning string }{
	{"point", "", "number of the point, from 1"},
	{"run", "", "number of the replication at that point, from 1"},
	{"seed", "", "seed of its draws"},
	{"requested_timeout_ms", "ms", "session timeout that the first client asks for"},
	{"negotiated_timeout_ms", "ms", "session timeout that it gets (N-2)"},
}

// header names the columns of the rows.
func (p *Plan) header() []string {
	var all []string
	for _, l := range leading {
		all = append(all, l.name)
	}
	for _, param := range p.Varied() {
		all = append(all, param.Title())
	}
	for _, c := range p.Columns {
		all = append(all, c.Title())
	}
	return all
}

// appendRows writes rows of a point as CSV.
func (p *Plan) appendRows(b []byte, point int, from uint32, rows []Value) []byte {
	pt := &p.Points[point]
	before := strconv.Itoa(pt.Number) + ","
	after := "," + strconv.FormatUint(pt.Seed, 10) + "," + string(appendMicros(nil, pt.Asked.Microseconds())) + "," + string(appendMicros(nil, pt.Granted.Microseconds()))
	for i, v := range pt.Values[:p.varied()] {
		after += "," + quoteCSV(v.cell(p.Params[i].Kind))
	}
	columns := len(p.Columns)
	for i := 0; i < len(rows); i += columns {
		b = append(b, before...)
		b = strconv.AppendUint(b, uint64(from)+uint64(i/columns), 10)
		b = append(b, after...)
		for k := range columns {
			b = append(b, ',')
			b = p.Columns[k].AppendText(b, rows[i+k])
		}
		b = append(b, '\n')
	}
	return b
}

// quoteCSV writes a cell as RFC 4180 has it.
func quoteCSV(s string) string {
	if strings.ContainsAny(s, ",\"\r\n") {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

// lineCSV writes one line.
func lineCSV(cells []string) string {
	quoted := make([]string, len(cells))
	for i, c := range cells {
		quoted[i] = quoteCSV(c)
	}
	return strings.Join(quoted, ",") + "\n"
}
