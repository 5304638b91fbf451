package sim

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"zksim/clock"
	"zksim/model"
)

// DefaultSteps is how many steps a sequence diagram has at most, unless asked
// otherwise: what fits a page that also has something else to say.
const DefaultSteps = 24

// MaxSteps bounds what can be asked. Mermaid's viewers refuse longer texts.
const MaxSteps = 400

// WriteMermaid writes a Mermaid sequence diagram of what matters to one client's
// session: faults, what its application is told, when the leader marks the session,
// when the end is committed, who sees it. Instants are seconds from the first fault,
// as in the text form. Where there are more steps than the limit, the lightest are
// left out, the latest of them first, and the diagram says how many.
func WriteMermaid(w io.Writer, f *TimelineFile, opts ExportOptions) error {
	client, err := f.pick(opts.Client)
	if err != nil {
		return err
	}
	limit := opts.Limit
	if limit == 0 {
		limit = DefaultSteps
	}
	m := mermaid{f: f, client: client, sessions: map[model.SessionID]bool{}, paths: map[string]bool{}}
	for i := range f.Records {
		if f.Records[i].Kind == KindFaultBegins {
			m.origin = f.Records[i].At
			break
		}
	}
	chosen := m.choose()
	left := max(len(chosen)-limit, 0)
	if left > 0 {
		slices.SortStableFunc(chosen, func(a, b choice) int {
			return cmp.Or(cmp.Compare(b.step.weight, a.step.weight), cmp.Compare(a.r.ID, b.r.ID))
		})
		chosen = chosen[:limit]
		slices.SortFunc(chosen, func(a, b choice) int { return cmp.Compare(a.r.ID, b.r.ID) })
	}
	return m.write(w, chosen, left)
}

// A mermaid chooses and draws the steps of one client.
type mermaid struct {
	f        *TimelineFile
	client   model.NodeID
	origin   clock.Instant
	sessions map[model.SessionID]bool // of the client; looked up, never ranged over
	paths    map[string]bool          // that it ever owned; looked up, never ranged over
}

// A choice is a record that is shown, and how.
type choice struct {
	r    *Record
	step *step
}

// choose finds the records that steps tell of.
func (m *mermaid) choose() []choice {
	counts := m.heartbeats()
	var list []choice
	for i := range m.f.Records {
		r := &m.f.Records[i]
		for j := range steps {
			s := &steps[j]
			if s.kind != r.Kind || !m.concerns(s.scope, r) || s.say(m.f, r) == "" {
				continue
			}
			if (r.Kind == model.KindPing || r.Kind == model.KindTouch) && !slices.Contains(counts, r.ID) {
				continue
			}
			list = append(list, choice{r, s})
		}
	}
	return list
}

// heartbeats learns what sessions the client has and what it owns, and finds, for
// each mark of such a session, the touch that it follows from and the ping that the
// touch follows from.
func (m *mermaid) heartbeats() []model.RecordID {
	var counts []model.RecordID
	for i := range m.f.Records {
		r := &m.f.Records[i]
		switch {
		case r.Kind == model.KindSessionUp && r.Node == m.client:
			m.sessions[r.Session] = true
		case r.Kind == model.KindHolds && r.Node == m.client:
			m.paths[r.Text] = true
		case r.Kind == model.KindMarked && m.sessions[r.Session]:
			for id := r.Cause; id != 0; id = m.f.Records[id-1].Cause {
				counts = append(counts, id)
				if k := m.f.Records[id-1].Kind; k == model.KindPing || k == model.KindRequest {
					break
				}
			}
		}
	}
	return counts
}

// concerns says whether a record is of a scope.
func (m *mermaid) concerns(s stepScope, r *Record) bool {
	server := r.Node >= 0 && (m.f.Nodes[r.Node].Kind == "server" || m.f.Nodes[r.Node].Kind == "observer")
	switch s {
	case ofClient:
		return r.Node == m.client
	case ofSession:
		return r.Node >= 0 && m.sessions[r.Session]
	case ofPeer:
		return server && r.Peer == m.client
	case ofServers:
		return server
	case ofOthers:
		return m.f.isClient(r.Node) && r.Node != m.client && m.paths[r.Text]
	case ofParties:
		return server || r.Node == m.client
	}
	return true
}

// from is the node that an arrow begins at, the other end, and whether there is an
// arrow at all.
func (m *mermaid) arrow(c choice) (from, to model.NodeID, ok bool) {
	switch c.step.form {
	case stepFromPeer:
		return c.r.Peer, c.r.Node, c.r.Peer >= 0
	case stepToPeer, stepLost:
		return c.r.Node, c.r.Peer, c.r.Peer >= 0
	case stepByCause:
		if sent := m.f.sender(c.r); sent != nil {
			return sent.Node, c.r.Node, true
		}
	}
	return model.NoNode, model.NoNode, false
}

// write draws the steps. Names stand behind short words of the diagram's own, so that
// no name can be taken for a word of Mermaid.
func (m *mermaid) write(w io.Writer, chosen []choice, left int) error {
	there := make([]bool, len(m.f.Nodes))
	there[m.client] = true
	for _, c := range chosen {
		if c.r.Node >= 0 {
			there[c.r.Node] = true
		}
		if from, to, ok := m.arrow(c); ok {
			there[from], there[to] = true, true
		}
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "sequenceDiagram\n    title %s (zksim, seed %d)\n", escapeMermaid(cmp.Or(m.f.Title, m.f.Scenario, "A run")), m.f.Seed)
	// The client stands left of its servers, and who watches stands right of them.
	var order []model.NodeID
	order = append(order, m.client)
	for _, clients := range []bool{false, true} {
		for i := range m.f.Nodes {
			if n := model.NodeID(i); there[i] && n != m.client && m.f.isClient(n) == clients {
				order = append(order, n)
			}
		}
	}
	for _, n := range order {
		fmt.Fprintf(out, "    participant n%d as %s\n", n, escapeMermaid(m.f.Nodes[n].Name))
	}
	all := "n" + strconv.Itoa(int(order[0]))
	if len(order) > 1 {
		all += ",n" + strconv.Itoa(int(order[len(order)-1]))
	}
	for _, c := range chosen {
		said := seconds(roundMillis(c.r.At.Sub(m.origin))) + " s: " + escapeMermaid(c.step.say(m.f, c.r))
		switch from, to, ok := m.arrow(c); {
		case ok && c.step.form == stepLost:
			fmt.Fprintf(out, "    n%d-xn%d: %s\n", from, to, said)
		case ok:
			fmt.Fprintf(out, "    n%d->>n%d: %s\n", from, to, said)
		case c.step.form == stepWide:
			fmt.Fprintf(out, "    Note over %s: %s\n", all, said)
		default:
			fmt.Fprintf(out, "    Note over n%d: %s\n", c.r.Node, said)
		}
	}
	if left > 0 {
		fmt.Fprintf(out, "    Note over %s: lesser steps left out: %d\n", all, left)
	}
	return out.Flush()
}

// escapeMermaid keeps a text from ending its line or being taken for anything but
// text: Mermaid takes a semicolon for an end of line, and # for the begin of an
// entity.
func escapeMermaid(s string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' || r == '\u0085':
			b.WriteByte(' ')
		case strings.ContainsRune("#;<>&\"%{}", r):
			fmt.Fprintf(&b, "#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
