package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// Short is the recording in one line, for a list: its id, the ensemble, the
// session, the faults and how much was seen.
func (t *Trace) Short() string {
	h := &t.Header
	where := fmt.Sprintf("at server%d (%s)", h.Client.AttachedServer, h.Client.AttachedRole)
	if len(h.Sessions) > 0 {
		where = fmt.Sprintf("%d sessions", len(h.Sessions))
	}
	var faults []string
	for _, f := range t.Faults() {
		faults = append(faults, f.String())
	}
	if len(faults) == 0 {
		faults = []string{"no fault"}
	}
	line := fmt.Sprintf("%-34s %d×%s tick %d T %d %s: %s; %d events", h.ID, h.Servers.Count, h.Servers.Version,
		h.Servers.TickTimeMs, h.Client.NegotiatedMs, where, strings.Join(faults, ", "), len(t.Events))
	if len(t.Unknown) > 0 {
		line += fmt.Sprintf("; %d unknown names", len(t.Unknown))
	}
	return line
}

// Pick finds the recording whose id is exactly id, else the one whose id ends
// in it, whole parts between slashes: "java/C3-0012" or "C3-0012". The error for
// none or several lists the ids that come near.
func Pick(traces []*Trace, id string) (*Trace, error) {
	var exact, suffix []*Trace
	for _, t := range traces {
		switch {
		case t.Header.ID == id:
			exact = append(exact, t)
		case id != "" && strings.HasSuffix(t.Header.ID, "/"+id):
			suffix = append(suffix, t)
		}
	}
	found := exact
	if len(found) == 0 {
		found = suffix
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return nil, fmt.Errorf("recording %q: %d recordings have that id or end in it: want one of %s", clip(id), len(found), list(found))
	case len(traces) == 0:
		return nil, fmt.Errorf("recording %q: there are no recordings to pick from", clip(id))
	}
	return nil, fmt.Errorf("recording %q: none of %d recordings has that id or ends in it; near it: %s", clip(id), len(traces), list(nearest(traces, id)))
}

// listed is how many ids an error names.
const listed = 6

func list(traces []*Trace) string {
	var ids []string
	for _, t := range traces[:min(len(traces), listed)] {
		ids = append(ids, clip(t.Header.ID))
	}
	if more := len(traces) - len(ids); more > 0 {
		ids = append(ids, fmt.Sprintf("%d more", more))
	}
	return strings.Join(ids, ", ")
}

// nearest are the recordings whose ids, or tails with as many parts as id has,
// need the fewest edits to become id. Equal ones keep the order of the input.
func nearest(traces []*Trace, id string) []*Trace {
	parts := strings.Count(id, "/") + 1
	type near struct {
		t     *Trace
		edits int
	}
	var all []near
	for _, t := range traces {
		tail := strings.Split(t.Header.ID, "/")
		tail = tail[max(0, len(tail)-parts):]
		all = append(all, near{t, edits(clip(strings.Join(tail, "/")), clip(id))})
	}
	slices.SortStableFunc(all, func(a, b near) int { return a.edits - b.edits })
	var out []*Trace
	for _, n := range all[:min(len(all), listed)] {
		out = append(out, n.t)
	}
	return out
}

// edits is the Levenshtein distance in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
