package sim

import (
	"fmt"
	"io"
	"strings"

	"zksim/model"
)

// ExportOptions are what some exports can be asked. The zero value is the default.
type ExportOptions struct {
	Client string // Mermaid: whose session it tells of; empty: the first to which something happened
	Limit  int    // Mermaid: how many steps at most; 0: [DefaultSteps]
}

// An ExportFormat is one way to write a timeline for a tool that is not zksim.
type ExportFormat struct {
	Name    string // what the command line calls it
	Meaning string
	Binary  bool // nothing to print on a terminal
	Chooses bool // it tells of one client, and takes ExportOptions
	Write   func(w io.Writer, f *TimelineFile, opts ExportOptions) error
}

// ExportFormats lists every export.
var ExportFormats = []ExportFormat{
	{Name: "mermaid", Meaning: "a sequence diagram of what matters to one client, short enough for a README", Chooses: true, Write: WriteMermaid},
	{Name: "perfetto", Meaning: "a trace for Perfetto's viewer: tracks of states, and the messages between them", Binary: true, Write: WritePerfetto},
	{Name: "shiviz", Meaning: "a log with vector clocks, for ShiViz", Write: WriteShiViz},
	{Name: "csv", Meaning: "a table of every record, with a column for each field of JSON Lines", Write: WriteCSV},
}

// An Exporter is the sink that keeps a run whole and exports it at the end.
type Exporter struct {
	*Recorder
	w      io.Writer
	format *ExportFormat
	opts   ExportOptions
}

// NewExporter returns an exporter of one run.
func NewExporter(w io.Writer, s *Scenario, seed uint64, run uint32, format *ExportFormat, opts ExportOptions) *Exporter {
	return &Exporter{Recorder: NewRecorder(s, seed, run), w: w, format: format, opts: opts}
}

// Finish implements [TimelineWriter]: it writes the export.
func (e *Exporter) Finish(w *World, sum Summary) error {
	file, err := e.File(w, sum)
	if err != nil {
		return err
	}
	return e.format.Write(e.w, file, e.opts)
}

// nodeName is the name of a node, and of the world where there is none.
func (f *TimelineFile) nodeName(n model.NodeID) string {
	if n < 0 {
		return "world"
	}
	return f.Nodes[n].Name
}

// isClient says whether a node is a client.
func (f *TimelineFile) isClient(n model.NodeID) bool { return n >= 0 && f.Nodes[n].Kind == "client" }

// faultWords say what the fault of a record does: by the header, or else by its kind.
func (f *TimelineFile) faultWords(r *Record) string {
	if r.A >= 0 && r.A < int64(len(f.Faults)) {
		return f.Faults[r.A]
	}
	return r.Text
}

// sender is the record at another node that a record follows from, by a message;
// nil if there is none.
func (f *TimelineFile) sender(r *Record) *Record {
	if r.Cause == 0 || r.Node < 0 {
		return nil
	}
	if cause := &f.Records[r.Cause-1]; cause.Node >= 0 && cause.Node != r.Node {
		return cause
	}
	return nil
}

// pick finds the client of an export by its name, or, if the name is empty, the
// first owner of a node to which something happened, else the first client to which
// something happened, else the first owner, else the first client, as
// [Timeline.Select] does.
func (f *TimelineFile) pick(name string) (model.NodeID, error) {
	var clients []string
	for i, n := range f.Nodes {
		if n.Kind == "client" {
			if n.Name == name {
				return model.NodeID(i), nil
			}
			clients = append(clients, n.Name)
		}
	}
	switch {
	case len(clients) == 0:
		return model.NoNode, fmt.Errorf("the timeline has no client: there is no session to tell of")
	case name != "" && len(clients) > 8:
		return model.NoNode, fmt.Errorf("client %q: want one client, %s to %s", name, clients[0], clients[len(clients)-1])
	case name != "":
		return model.NoNode, fmt.Errorf("client %q: want one client of %s", name, strings.Join(clients, ", "))
	}
	owns, struck := make([]bool, len(f.Nodes)), make([]bool, len(f.Nodes))
	owner := map[model.SessionID]model.NodeID{} // looked up, never ranged over
	for i := range f.Records {
		r := &f.Records[i]
		if r.Node < 0 {
			continue
		}
		switch r.Kind {
		case model.KindSessionUp:
			owner[r.Session] = r.Node
		case model.KindHolds:
			owns[r.Node] = true
		case model.KindMarked:
			if n, ok := owner[r.Session]; ok {
				struck[n] = true
			}
		case model.KindSilence, model.KindDropped, model.KindLocalExpiry, KindKilled, KindPaused:
			struck[r.Node] = true
		}
	}
	best, rank := model.NoNode, -1
	for i := range f.Nodes {
		n := 0
		if owns[i] {
			n++
		}
		if struck[i] {
			n += 2
		}
		if f.isClient(model.NodeID(i)) && n > rank {
			best, rank = model.NodeID(i), n
		}
	}
	return best, nil
}
