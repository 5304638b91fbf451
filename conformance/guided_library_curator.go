package conformance

import (
	"time"

	"zksim/model"
)

// ledCurator is Curator on a Java client, of which the recordings tell as Java's do.
// Each of its handles has a list of addresses of its own.
var ledCurator = ledLibrary{
	prefix:  "curator",
	model:   "curator",
	version: func(h *Client) string { return h.Version.Text("lib") },
	config: func(h *Client, cfg *model.ClientConfig) bool {
		under, err := model.FindLibrary("java", numberIn(h.Version.Text("zk")))
		percent, ok := h.Version.Number("simulatedSessionExpirationPercent")
		cfg.Under, cfg.Percent, cfg.InjectionRace = under, int(percent), 0.5
		return err == nil && ok && percent >= 1 && percent <= 100
	},
	tells: func(e *Event) telling {
		switch e.Ev {
		case EvZKTold:
			switch e.State {
			case model.ToldDisconnected:
				return tellsAction
			case model.ToldExpired:
				return tellsExpired
			}
			return tellsNothing
		case EvInject:
			return tellsAction
		case EvTold, EvDropped:
			return tellsNothing // of a handle that has been replaced, perhaps
		}
		return ledJava.tells(e)
	},
	kind: func(e *Event) string {
		switch e.Ev {
		case EvZKTold:
			return word(e.Ev, e.State)
		case EvInject:
			return e.Ev
		case EvState:
			return "" // what can be polled is the handle's and Curator's in one
		}
		return ledJava.kind(e)
	},
	noted: func(n *model.Note) string {
		switch n.Kind {
		case model.KindHandleTold:
			return word(EvZKTold, n.Text)
		case model.KindInjected:
			return EvInject
		case model.KindState:
			return ""
		}
		return ledJava.noted(n)
	},
	up: EvTCPUp, session: EvSessionUp, expired: word(EvZKTold, model.ToldExpired),
	pings:    pingsByReply,
	talks:    true,
	order:    asTried,
	patience: ledJava.patience,
	slack:    ledJava.slack,
}

// injectionLate is by how much later than the injection Curator says LOST where the
// handle's event thread has won the race, and a real close must end first (L-U4).
const injectionLate = int64(50 * time.Millisecond)

// drawInjection draws who won that race, as the recording shows it.
func (c *ledClient) drawInjection() uint64 {
	now := int64(c.read)
	lost := c.g.find(EvTold, string(ClassClient), "", now, forEver, now)
	for k := max(lost, 0); lost >= 0 && k < len(c.g.t.Events); k++ {
		e := &c.g.t.Events[k]
		if e.Class() == ClassClient && e.Ev == EvTold && e.State == model.CuratorLost && e.T >= now {
			if e.T > now+injectionLate {
				return 0
			}
			break
		}
	}
	return 1<<64 - 1
}

// drawShuffle draws the order in which the addresses of one handle were tried. A
// handle's draws are told apart by the bits above the first 16 (C-16).
func (c *ledClient) drawShuffle(n uint64) uint64 {
	handle, i := int(n>>16), int(n&(1<<16-1))
	if i == len(c.servers)-1 { // the first of one shuffle; a copy of the machine may have drawn it before
		c.shuffling = shuffling{order: append([]model.NodeID(nil), c.servers...), want: c.triedBy(handle)}
	}
	s := &c.shuffling
	for j := 0; j <= i && i < len(s.order); j++ {
		if s.order[j] == s.want[i] {
			s.order[i], s.order[j] = s.order[j], s.order[i]
			return uint64(1<<63) / uint64(i+1) * uint64(2*j+1)
		}
	}
	return 1<<64 - 1
}

// A shuffling is a list of addresses on its way from its order in the configuration to
// the order in which a handle tried it.
type shuffling struct{ order, want []model.NodeID }

// triedBy is the order in which a handle, counted from zero, tried its addresses.
func (c *ledClient) triedBy(handle int) []model.NodeID {
	if handle == 0 {
		return c.servers
	}
	var want []model.NodeID
	enter := func(s model.NodeID) {
		for _, w := range want {
			if w == s {
				return
			}
		}
		for _, w := range c.servers {
			if w == s {
				want = append(want, s)
			}
		}
	}
	made := 0
	for k := range c.g.t.Events {
		e := &c.g.t.Events[k]
		if e.Class() == ClassClient && e.Ev == EvHandleNew && e.Handle > 0 {
			made = int(e.Handle)
		}
		if made == handle && e.Class() == ClassClient && e.Ev == EvAttempt {
			enter(model.NodeID(e.Server - 1))
		}
	}
	for _, s := range c.servers {
		enter(s)
	}
	return want
}
