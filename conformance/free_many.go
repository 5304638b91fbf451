package conformance

// oneSessionEach takes recordings of many sessions apart, so that each recording has
// one. A session keeps what was recorded of it and what befell all.
func oneSessionEach(traces []*Trace) []*Trace {
	var all []*Trace
	for _, t := range traces {
		if t.Header.Session != manySessions || len(t.Header.Sessions) == 0 {
			all = append(all, t)
			continue
		}
		parts := make([]*Trace, len(t.Header.Sessions))
		of := map[string]*Trace{}
		for i, s := range t.Header.Sessions {
			part := &Trace{Header: t.Header, File: t.File, Line: t.Line, ofMany: true}
			h := &part.Header
			h.ID, h.Session, h.Sessions, h.Client.AttachedServer = t.Header.ID+"/"+s.ID, s.ID, nil, s.Server
			parts[i], of[s.ID] = part, part
		}
		for i := range t.Events {
			e := &t.Events[i]
			if e.Session == "" {
				for _, part := range parts {
					part.Events = append(part.Events, *e)
				}
			} else if part := of[e.Session]; part != nil {
				part.Events = append(part.Events, *e)
			}
		}
		all = append(all, parts...)
	}
	return all
}
