package web

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"zksim/sim"
)

// A TimelineQuery asks for a run in one of its forms.
type TimelineQuery struct {
	RunRequest
	Format string `json:"format"` // one of Forms
}

// A TimelineAnswer is a file to save. Its bytes are those that the command line writes.
type TimelineAnswer struct {
	Name   string `json:"name"`
	Media  string `json:"media"`
	Text   string `json:"text,omitempty"`
	Base64 string `json:"base64,omitempty"` // instead of Text, of a binary file
}

// A form is a way to write a run.
type form struct {
	name, suffix, media string
	export              *sim.ExportFormat
}

var forms = func() []form {
	all := []form{{name: "text", suffix: "txt", media: "text/plain"}, {name: "jsonl", suffix: "jsonl", media: "application/jsonl"}, {name: "yaml", suffix: "yaml", media: "application/yaml"}}
	suffixes := map[string][2]string{"mermaid": {"mmd", "text/plain"}, "perfetto": {"pftrace", "application/octet-stream"}, "shiviz": {"log", "text/plain"}, "csv": {"csv", "text/csv"}}
	for i := range sim.ExportFormats {
		e := &sim.ExportFormats[i]
		all = append(all, form{e.Name, suffixes[e.Name][0], suffixes[e.Name][1], e})
	}
	return all
}()

// timeline writes a run as the command line does.
func timeline(q *TimelineQuery, w *work) (*TimelineAnswer, error) {
	var f *form
	var names []string
	for i := range forms {
		names = append(names, forms[i].name)
		if forms[i].name == q.Format {
			f = &forms[i]
		}
	}
	if f == nil {
		return nil, unusable("format", "no format %s; want one of %s", shown(q.Format), strings.Join(names, ", "))
	}
	s, err := q.load()
	if err != nil {
		return nil, err
	}
	if err := s.checkClient(q.Client); err != nil {
		return nil, err
	}
	a := &TimelineAnswer{Name: fileName(s.Name) + "." + f.suffix, Media: f.media}
	out := &bounded{}
	if f.name == "yaml" {
		text, err := s.YAML()
		a.Text = string(text)
		return a, err
	}
	writer := f.writer(out, s, q.Client)
	sink := sim.Sink(writer)
	if f.export != nil {
		sink = &first{writer, maxExported}
	}
	world, sum, err := w.play(s.Scenario, s.seed, s.number, sink, new(sim.Checker))
	if err != nil {
		return nil, err
	}
	if f.export != nil && sum.Records > maxExported {
		return nil, unusable("format", "the run has %d records; want at most %d here, or the command line, where %s is the same run", sum.Records, maxExported, q.command(s))
	}
	if err := writer.Finish(world, sum); err != nil {
		if errors.Is(err, errLong) {
			err = unusable("format", "the timeline is longer than %d bytes; want a shorter run, or the command line, where %s is the same run", MaxTimeline, q.command(s))
		}
		return nil, err
	}
	if f.export != nil && f.export.Binary {
		a.Base64 = base64.StdEncoding.EncodeToString([]byte(out.String()))
	} else {
		a.Text = out.String()
	}
	return a, nil
}

// writer is what writes the form.
func (f *form) writer(out io.Writer, s *loaded, client string) sim.TimelineWriter {
	if f.export != nil {
		return sim.NewExporter(out, s.Scenario, s.seed, s.number, f.export, sim.ExportOptions{Client: client, Limit: sim.DefaultSteps})
	}
	for i := range sim.TimelineFormats {
		if t := &sim.TimelineFormats[i]; t.Name == f.name {
			return t.New(out, s.Scenario, s.seed, s.number, sim.TextOptions{Width: sim.MaxTextWidth, Client: client})
		}
	}
	panic(fmt.Sprintf("web: no timeline format %s", f.name))
}

var errLong = errors.New("too long")

// bounded is a text that must not grow without end.
type bounded struct{ strings.Builder }

// Write implements [io.Writer].
func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > MaxTimeline {
		return 0, errLong
	}
	return b.Builder.Write(p)
}

// fileName is a scenario's name as a file may be called everywhere.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' {
			return r
		}
		return '-'
	}, name)
	if name = strings.Trim(name, "-."); name == "" {
		return "scenario"
	}
	return name[:min(len(name), 60)]
}
