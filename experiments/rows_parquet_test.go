package experiments

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// TestParquetHasTheRowsOfTheCSV reads both back: the same columns in the same order, and
// cell by cell the same values. The bytes are the same when they are written again.
func TestParquetHasTheRowsOfTheCSV(t *testing.T) {
	dir := t.TempDir()
	p := plan(t, small, Change{Vary: []string{"clients.worker.library=java,kazoo"}, Metrics: []string{"detection", "survival", "notice"}, Runs: 9})
	r := sweep(t, p, dir, How{Workers: 2})
	tables(t, r)
	text := contents(t, dir)[RowsFile]
	if _, err := r.Assemble("parquet", false); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "rows.parquet")
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Assemble("parquet", false); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(path); err != nil || !bytes.Equal(first, again) {
		t.Error("written a second time it has other bytes")
	}
	file, err := parquet.OpenFile(bytes.NewReader(first), int64(len(first)))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	var names []string
	for _, c := range file.Schema().Columns() {
		names = append(names, strings.Join(c, "."))
	}
	if got := strings.Join(names, ","); got != lines[0] {
		t.Fatalf("columns %s\nwant    %s", got, lines[0])
	}
	reader := parquet.NewReader(bytes.NewReader(first))
	defer reader.Close()
	rows := make([]parquet.Row, 1)
	nulls := 0
	for i, line := range lines[1:] {
		if n, err := reader.ReadRows(rows); n != 1 {
			t.Fatalf("row %d: %v", i+1, err)
		}
		cells := strings.Split(line, ",")
		for k, v := range rows[0] {
			if v.IsNull() {
				nulls++
			}
			if got, want := cellText(v), cells[k]; got != want {
				t.Errorf("row %d, %s: %q, the CSV has %q", i+1, names[k], got, want)
			}
		}
	}
	if n, _ := reader.ReadRows(rows); n != 0 {
		t.Error("more rows than the CSV has")
	}
	if nulls == 0 {
		t.Error("no cell without a value: this test looks at the wrong sweep")
	}
}

func cellText(v parquet.Value) string {
	switch v.Kind() {
	case parquet.Double:
		return strconv.FormatFloat(v.Double(), 'f', -1, 64)
	case parquet.Int64:
		return fmt.Sprint(v.Int64())
	case parquet.ByteArray:
		return string(v.ByteArray())
	}
	return ""
}
