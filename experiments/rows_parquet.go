//go:build !js

package experiments

import (
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// A parquetTable writes the rows as Parquet: the columns of the CSV, whole numbers as
// 64 bits, durations and other numbers as doubles, words as texts in a dictionary. What
// has no value is null.
type parquetTable struct {
	plan   *Plan
	writer *parquet.GenericWriter[any]
	row    parquet.Row
	lead   []parquet.Value // of the point that is being written
	point  int
}

// mostInGroup bounds the rows that are held in memory.
const mostInGroup = 100_000

func newParquetTable(p *Plan, w io.Writer) (*parquetTable, error) {
	schema := parquet.SchemaOf(reflect.New(p.rowType()).Interface())
	return &parquetTable{plan: p, point: -1, writer: parquet.NewGenericWriter[any](w, schema, parquet.Compression(&zstd.Codec{Level: zstd.SpeedDefault}),
		parquet.MaxRowsPerRowGroup(mostInGroup), parquet.CreatedBy("zksim", "", ""))}, nil
}

// rowType is a struct with the columns as fields, since that alone keeps their order.
func (p *Plan) rowType() reflect.Type {
	var fields []reflect.StructField
	add := func(name string, t reflect.Type, options string) {
		// A comma would end the name.
		name = strings.ReplaceAll(name, ",", "_")
		fields = append(fields, reflect.StructField{Name: "C" + strconv.Itoa(len(fields)), Type: t,
			Tag: reflect.StructTag("parquet:" + strconv.Quote(name+options))})
	}
	whole, double, text := reflect.TypeFor[int64](), reflect.TypeFor[float64](), reflect.TypeFor[string]()
	for _, l := range leading {
		switch l.name {
		case "seed":
			add(l.name, reflect.TypeFor[uint64](), "")
		case "point", "run":
			add(l.name, whole, "")
		default:
			add(l.name, double, "")
		}
	}
	for _, param := range p.Varied() {
		if param.Kind == GivenText {
			add(param.Title(), text, ",dict")
		} else {
			add(param.Title(), double, "")
		}
	}
	for _, c := range p.Columns {
		switch c.Kind {
		case KindWord:
			add(c.Title(), text, ",optional,dict")
		case KindCount, KindProbability:
			add(c.Title(), whole, ",optional")
		default:
			add(c.Title(), double, ",optional")
		}
	}
	return reflect.StructOf(fields)
}

// Rows implements [Table].
func (t *parquetTable) Rows(point int, from uint32, rows []Value, _ []byte) error {
	t.begin(point)
	columns := len(t.plan.Columns)
	for i := 0; i < len(rows); i += columns {
		t.row = append(t.row[:0], t.lead...)
		t.row[1] = parquet.Int64Value(int64(from)+int64(i/columns)).Level(0, 0, 1)
		for k := range columns {
			t.row = append(t.row, t.value(&t.plan.Columns[k], rows[i+k]).Level(0, 0, len(t.lead)+k))
			if v := rows[i+k]; !math.IsNaN(v) && !math.IsInf(v, 0) {
				t.row[len(t.row)-1] = t.row[len(t.row)-1].Level(0, 1, len(t.lead)+k)
			}
		}
		if _, err := t.writer.WriteRows([]parquet.Row{t.row}); err != nil {
			return err
		}
	}
	return nil
}

// begin makes the cells that are the same in all rows of a point.
func (t *parquetTable) begin(point int) {
	if t.point == point {
		return
	}
	t.point = point
	pt := &t.plan.Points[point]
	t.lead = t.lead[:0]
	add := func(v parquet.Value) { t.lead = append(t.lead, v.Level(0, 0, len(t.lead))) }
	add(parquet.Int64Value(int64(pt.Number)))
	add(parquet.Int64Value(0))
	add(parquet.Int64Value(int64(pt.Seed)))
	add(parquet.DoubleValue(millisOf(pt.Asked)))
	add(parquet.DoubleValue(millisOf(pt.Granted)))
	for i, param := range t.plan.Varied() {
		v := pt.Values[i]
		switch param.Kind {
		case GivenText:
			add(parquet.ByteArrayValue([]byte(v.Text)))
		case GivenDuration:
			add(parquet.DoubleValue(math.Round(v.Number/1000) / 1000))
		default:
			add(parquet.DoubleValue(v.Number))
		}
	}
}

// value is a cell, null where there is no value.
func (t *parquetTable) value(c *Column, v Value) parquet.Value {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return parquet.NullValue()
	case c.Kind == KindWord:
		return parquet.ByteArrayValue([]byte(c.Words[int(v)]))
	case c.Kind == KindCount || c.Kind == KindProbability:
		return parquet.Int64Value(int64(v))
	}
	return parquet.DoubleValue(v)
}

// Close implements [Table].
func (t *parquetTable) Close() error { return t.writer.Close() }
