//go:build !js

package experiments

import (
	"bufio"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"path/filepath"
	"sync"

	"crypto/sha256"
)

// Files of a folder of results.
const (
	RowsFile     = "rows.csv"
	SummaryFile  = "summary.csv"
	ManifestFile = "manifest.json"
	SweepFile    = "sweep.json"
)

// A chunkError is a chunk that is not there, or not right.
type chunkError struct {
	results *Results
	chunk   chunk
	err     error
}

func (e *chunkError) Error() string {
	what := "missing"
	if !errors.Is(e.err, fs.ErrNotExist) {
		what = reason(e.err).Error()
	}
	return fmt.Sprintf("%s: %s: %s, runs %d to %d", e.results.store.path(e.chunk.key), what, e.results.Plan.Describe(e.chunk.point), e.chunk.from, e.chunk.to-1)
}

func (e *chunkError) Unwrap() error { return e.err }

// A Table is what is written of a sweep's rows, in a format.
type Table interface {
	// Rows takes rows of a point, in order.
	Rows(point int, from uint32, rows []Value, text []byte) error
	Close() error
}

// Assemble writes the tables and the manifest from the chunks, which must all be there
// unless partial says that gaps may be left out. It gives the summaries of all points.
func (r *Results) Assemble(format string, partial bool) (*Digested, error) {
	rows, err := r.create(rowsName(format))
	if err != nil {
		return nil, err
	}
	defer rows.discard()
	table, err := newTable(format, r.Plan, rows)
	if err != nil {
		return nil, err
	}
	d := newDigested(r.Plan)
	if err := r.walk(partial, d, table); err != nil {
		return nil, err
	}
	if err := table.Close(); err != nil {
		return nil, err
	}
	if err := d.compare(r); err != nil {
		return nil, err
	}
	summary, err := r.create(SummaryFile)
	if err != nil {
		return nil, err
	}
	defer summary.discard()
	if err := d.writeCSV(summary); err != nil {
		return nil, err
	}
	manifest, err := r.create(ManifestFile)
	if err != nil {
		return nil, err
	}
	defer manifest.discard()
	if err := r.manifest(manifest, d, []*output{rows, summary}); err != nil {
		return nil, err
	}
	// The manifest comes last: where it is, all is there.
	for _, o := range []*output{rows, summary, manifest} {
		if err := o.commit(); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Files lists the tables of the results.
func (r *Results) Files(format string) []string {
	var all []string
	for _, name := range []string{rowsName(format), SummaryFile, ManifestFile} {
		all = append(all, filepath.Join(r.store.dir, name))
	}
	return all
}

// Tidy removes what killed processes left unfinished, and names files among the chunks
// that belong to no point of the sweep.
func (r *Results) Tidy() []string {
	known := map[chunkKey]bool{}
	for point := range r.Plan.Points {
		if size, err := r.size(point); err == nil {
			for _, c := range r.Plan.chunks(point, size) {
				known[c.key] = true
			}
		}
	}
	return r.store.tidy(known)
}

// A loaded chunk is one that has been read, or the error of it.
type loaded struct {
	chunk  chunk
	values []Value
	text   []byte
	err    error
	ready  chan struct{}
}

// walk reads the chunks in order, several at a time, and hands them to the digest and to
// the table.
func (r *Results) walk(partial bool, d *Digested, table Table) error {
	ahead := 2 * processors()
	line := make(chan *loaded, ahead) // in order
	jobs := make(chan *loaded, ahead)
	free := sync.Pool{New: func() any { return new(loaded) }}
	var workers sync.WaitGroup
	for range processors() {
		workers.Go(func() {
			for l := range jobs {
				l.read(r)
				close(l.ready)
			}
		})
	}
	quit := make(chan struct{})
	var failed error // of who puts the jobs
	go func() {
		defer close(line)
		defer close(jobs)
		for point := range r.Plan.Points {
			size, err := r.size(point)
			if err != nil && !partial {
				failed = err
				return
			}
			for _, c := range r.Plan.chunks(point, size) {
				l := free.Get().(*loaded)
				l.chunk, l.err, l.ready = c, nil, make(chan struct{})
				select {
				case <-quit:
					return
				case jobs <- l:
					line <- l
				}
			}
		}
	}()
	var err error
	for l := range line {
		<-l.ready
		if err == nil {
			err = d.take(l, partial)
		}
		if err == nil && l.err == nil {
			err = table.Rows(l.chunk.point, l.chunk.from, l.values, l.text)
		}
		if err != nil && quit != nil {
			close(quit)
			quit = nil
			continue
		}
		free.Put(l)
	}
	workers.Wait()
	if err == nil {
		err = failed
	}
	if err == nil {
		d.finish()
	}
	return err
}

// read loads and formats a chunk.
func (l *loaded) read(r *Results) {
	l.values, l.text = l.values[:0], l.text[:0]
	file, err := r.store.load(l.chunk.key)
	if err == nil {
		l.values, _, err = r.Plan.decode(&l.chunk, file, l.values)
	}
	if err != nil {
		l.err = &chunkError{r, l.chunk, err}
		return
	}
	l.text = r.Plan.appendRows(l.text, l.chunk.point, l.chunk.from, l.values)
}

// size is how many runs a point has in the end.
func (r *Results) size(point int) (uint32, error) {
	size := r.Plan.runs()
	if r.Plan.Spec.Until == nil {
		return size, nil
	}
	for {
		enough, next, err := r.enough(point, size)
		if enough || err != nil {
			return size, err
		}
		size = next
	}
}

// An output is a file of results, written aside, with its fingerprint.
type output struct {
	*bufio.Writer
	file  *aside
	path  string
	sum   hash.Hash
	bytes int64
	done  bool
}

func (r *Results) create(name string) (*output, error) {
	path := filepath.Join(r.store.dir, name)
	f, err := createAside(path)
	if err != nil {
		return nil, err
	}
	o := &output{file: f, path: path, sum: sha256.New()}
	o.Writer = bufio.NewWriterSize((*behind)(o), 1<<18)
	return o, nil
}

// behind is what an output's buffer writes to. Its errors name the file that is meant, not
// the one aside.
type behind output

// Write implements [io.Writer].
func (o *behind) Write(b []byte) (int, error) {
	o.sum.Write(b)
	o.bytes += int64(len(b))
	n, err := o.file.Write(b)
	if err != nil {
		err = fmt.Errorf("%s: %w", o.path, reason(err))
	}
	return n, err
}

func (o *output) commit() error {
	if err := o.Flush(); err != nil {
		return err
	}
	o.done = true
	return o.file.commit()
}

func (o *output) discard() {
	if !o.done {
		o.done = true
		o.file.discard()
	}
}

// rowsName is the file of the rows in a format.
func rowsName(format string) string {
	if format == "parquet" {
		return "rows.parquet"
	}
	return RowsFile
}

// newTable makes the table of the rows.
func newTable(format string, p *Plan, w io.Writer) (Table, error) {
	switch format {
	case "csv":
		_, err := io.WriteString(w, lineCSV(p.header()))
		return csvTable{w}, err
	case "parquet":
		return newParquetTable(p, w)
	}
	return nil, fmt.Errorf("format %s: want csv or parquet", format)
}

// A csvTable takes the text as it is.
type csvTable struct{ w io.Writer }

// Rows implements [Table].
func (t csvTable) Rows(_ int, _ uint32, _ []Value, text []byte) error {
	_, err := t.w.Write(text)
	return err
}

// Close implements [Table].
func (csvTable) Close() error { return nil }
