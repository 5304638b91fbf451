package conformance

import (
	"fmt"
	"slices"
	"time"

	"zksim/model"
	"zksim/sim"
)

// manySessions stands for the session in recordings of many.
const manySessions = "many"

// A recordedClient is the client under test as a scenario has it.
type recordedClient struct {
	sim.Client
	row *ledLibrary
}

// clientOf finds the model of a recorded client and configures it as the lab did.
func clientOf(h *Client) (*recordedClient, error) {
	row, library := ledLibraryOf(h)
	if row == nil {
		for _, l := range ledLibraries {
			if slices.Contains(l.names, h.Library) {
				return nil, fmt.Errorf("version %q of its client: want three numbers in front, as in 3.8.0", clip(l.version(h)))
			}
		}
		return nil, fmt.Errorf("its client is %q: want one of the libraries that the model has", clip(h.Library))
	}
	c := &recordedClient{row: row}
	c.Client = sim.Client{Name: Victim, Count: 1, Library: library, Version: numberIn(row.version(h)), Timeout: milliseconds(h.RequestedMs),
		Attach: h.AttachedServer, Owns: VictimPath}
	if row == &ledCurator {
		var cfg model.ClientConfig
		row.config(h, &cfg)
		c.Under, c.UnderVersion, c.Percent, c.InjectionRace = cfg.Under, numberIn(h.Version.Text("zk")), cfg.Percent, labInjectionRace
		c.ConnectionTimeout = milliseconds(h.RequestedMs / curatorConnects)
	}
	c.KeepOrder = row == &ledKazoo
	// The lab's applications make their node once, and never another.
	once := model.StopsNever
	c.Stops = &once
	return c, nil
}

const (
	// curatorConnects is the share of the timeout that the lab gave Curator as its
	// connection timeout: the ratio of the defaults.
	curatorConnects = 4
	// labInjectionRace is how often the handle's event thread wins the race of L-U4:
	// the rate that the rules state.
	labInjectionRace = 0.069
)

// setAddresses gives the client its list: one address, or all of them, from the server
// that it was to try first on. Libraries that shuffle do so with the rest (C-16); for
// the others the lab turned the list round.
func (c *recordedClient) setAddresses(h *Header) {
	first := h.Client.AttachedServer
	if h.Client.Addresses == 1 {
		c.Servers = []int{first}
		return
	}
	if c.row == &ledJava || c.row == &ledCurator {
		return
	}
	for i := range h.Servers.Count {
		c.Servers = append(c.Servers, (first-1+i)%h.Servers.Count+1)
	}
}

// unreachable is what the lab cut off besides: with S6's variant reach_F_only the
// client reaches none but the server that is cut off from the others. The lab
// did so before; nothing comes of it until the client looks for another server.
func (p *Plan) unreachable(faults []Fault) []sim.Fault {
	t := p.Trace
	if t.Header.Variant != onlyCutOff {
		return nil
	}
	for i := range faults {
		f := &faults[i]
		if f.Kind != FaultServerPartition || f.At == Absent {
			continue
		}
		cut := sim.Fault{Kind: sim.FaultPartition, Between: []string{Victim}, At: p.constant(time.Duration(max(f.At, f.Done) - p.Shift)),
			Where: t.Header.ID + ": " + onlyCutOff}
		for id := 1; id <= t.Header.Servers.Count; id++ {
			if id != f.Server {
				cut.And = append(cut.And, fmt.Sprintf("server%d", id))
			}
		}
		return []sim.Fault{cut}
	}
	return nil
}

// startup is the least that a server which the lab started again took until it looked
// for a leader: how fast a virtual machine starts is no rule's business (H-4). In whole
// milliseconds; zero where none was started.
func (p *Plan) startup(faults []Fault) time.Duration {
	least := time.Duration(0)
	for i := range faults {
		if looked, ok := p.looked(&faults[i]); ok {
			if took := time.Duration(looked - faults[i].Healed); least == 0 || took < least {
				least = took
			}
		}
	}
	return least.Truncate(time.Millisecond)
}

// started is when a killed server must be started so that it looks for a leader when it
// did, all start-ups being alike in a scenario.
func (p *Plan) started(f *Fault) int64 {
	looked, ok := p.looked(f)
	if !ok {
		return f.Healed
	}
	return looked - int64(p.Scenario.Ensemble.Startup)
}

// looked is when a server that was killed and started again first looked for a leader.
func (p *Plan) looked(f *Fault) (int64, bool) {
	if f.Kind != FaultSigkillServer || f.Healed == Absent {
		return 0, false
	}
	for i := range p.Trace.Events {
		e := &p.Trace.Events[i]
		if e.T >= f.Healed && e.Ev == EvRole && e.Role == roleLooking && e.Class() == ClassServer && e.NodeID() == f.Server {
			return e.T, true
		}
	}
	return 0, false
}

// died is when a killed server's connections ended. Its kernel closes them when it has
// freed the virtual machine's memory, 10 to 53 ms behind the signal in the recordings of
// S7, and the first of the others to lose a leader says when.
func (p *Plan) died(f *Fault) int64 {
	for i := range p.Trace.Events {
		e := &p.Trace.Events[i]
		if e.T < f.At || e.Ev != EvRole || e.Class() != ClassServer || e.NodeID() == f.Server {
			continue
		}
		if late := time.Duration(e.T - f.At); late > mostLag {
			break
		}
		if e.Role == roleLostLeader {
			return max(e.T-int64(serverLatency), f.At)
		}
	}
	return f.At
}
