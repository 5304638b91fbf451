package teach

import (
	"fmt"
	"time"

	"zksim/model"
	"zksim/sim"
)

// A knob is one value of a scenario that a search turns, in milliseconds.
type knob struct {
	key, what   string
	value       int64 // as it is
	least, most int64
	step        int64
	// words say what a value would have been; of is the value as it is.
	words func(v, of int64) string
	shown func(v int64) string
	set   func(v int64) string
	// stretch is how much longer the run has to be for each millisecond more, so that its
	// end does not come before that of the story.
	stretch int64
	instant bool // it is one of the run: nothing happens behind its end
}

// maxFaultKnobs bounds the faults that are turned.
const maxFaultKnobs = 3

// knobs are those of a case: of the faults that can matter, the one that is to blame
// first; of its client; of the ensemble.
func (c *Case) knobs(steps int) []knob {
	var list []knob
	order := []int{}
	if c.Story.Fault >= 0 {
		order = append(order, c.Story.Fault)
	}
	for i := range c.Timeline.Faults {
		if i != c.Story.Fault && c.concerns(&c.Timeline.Faults[i]) {
			order = append(order, i)
		}
	}
	for _, i := range order[:min(len(order), maxFaultKnobs)] {
		list = append(list, c.faultKnobs(&c.Timeline.Faults[i])...)
	}
	list = append(list, c.timeoutKnob()...)
	list = append(list, c.tickKnob())
	for i := range list {
		k := &list[i]
		k.step = stepFor(max(k.value-k.least, k.most-k.value), steps)
	}
	return list
}

// faultKnobs are a fault's length and instant.
func (c *Case) faultKnobs(f *sim.FaultSpan) []knob {
	var list []knob
	spec := &c.Timeline.Scenario.Faults[f.Index]
	timeout := c.Story.Timeout.Milliseconds()
	name := "the fault"
	if len(c.Timeline.Scenario.Faults) > 1 {
		name = fmt.Sprintf("fault %d, %s,", f.Index, sim.FaultKinds[spec.Kind].Name)
	}
	begin := roundMillis(f.Begin.At.Sub(0))
	if sim.FaultKinds[spec.Kind].Ends {
		end, least := f.End.At, int64(1)
		most := int64(0)
		if !f.End.Happened() {
			end = c.Timeline.End
		}
		value := roundMillis(end.Sub(f.Begin.At))
		if f.End.Happened() {
			most = value + max(2*timeout, value)
		} else {
			most = value // it outlasts the run
		}
		key := fmt.Sprintf("faults.%d.for", f.Index)
		list = append(list, knob{key: key, what: "length of " + unstop(name), value: value, least: least, most: most, stretch: 1,
			words: func(v, of int64) string {
				if !f.End.Happened() {
					return fmt.Sprintf("If %s had ended after %s", name, shortly(v))
				}
				return fmt.Sprintf("If %s had lasted %s instead of %s", name, shortly(v), shortly(of))
			},
			shown: shortly,
			set:   func(v int64) string { return fmt.Sprintf("%s=%dms", key, v) }})
	}
	if spec.At != nil {
		// The client has its session before, as it has it now.
		least := max(begin-timeout, roundMillis(c.Story.Up.At.Sub(0))+1, spec.After.Milliseconds())
		if begin > least {
			key := fmt.Sprintf("faults.%d.at", f.Index)
			list = append(list, knob{key: key, what: "instant of " + unstop(name), value: begin, least: least, most: begin + timeout, stretch: 1, instant: true,
				words: func(v, of int64) string { return fmt.Sprintf("If %s had begun %s", name, shifted(v, of)) },
				shown: func(v int64) string { return shifted(v, begin) },
				set:   func(v int64) string { return fmt.Sprintf("%s=%dms", key, v-spec.After.Milliseconds()) }})
		}
	}
	return list
}

// shortly writes milliseconds as seconds without needless decimals.
func shortly(ms int64) string { return trimmed(inSeconds(ms)) + " s" }

// shifted says by how much an instant is another one.
func shifted(v, of int64) string {
	switch {
	case v < of:
		return shortly(of-v) + " earlier"
	case v > of:
		return shortly(v-of) + " later"
	}
	return "as it is"
}

// unstop takes the comma off a name that has one behind.
func unstop(name string) string {
	if name[len(name)-1] == ',' {
		return name[:len(name)-1]
	}
	return name
}

// timeoutKnob is the client's session timeout, as far as the servers grant it (N-2).
func (c *Case) timeoutKnob() []knob {
	spec := c.client()
	e := &c.Timeline.Scenario.Ensemble
	least, most := (2 * e.Tick).Milliseconds(), (20 * e.Tick).Milliseconds()
	if e.MinTimeout > 0 {
		least = e.MinTimeout.Milliseconds()
	}
	if e.MaxTimeout > 0 {
		most = e.MaxTimeout.Milliseconds()
	}
	value := c.Story.Timeout.Milliseconds()
	if spec == nil || value < least || value > most {
		return nil
	}
	key := "clients." + spec.Name + ".timeout"
	return []knob{{key: key, what: "session timeout", value: value, least: least, most: most, stretch: 2,
		words: func(v, of int64) string {
			return fmt.Sprintf("If the session timeout had been %s instead of %s", shortly(v), shortly(of))
		},
		shown: shortly,
		set:   func(v int64) string { return fmt.Sprintf("%s=%dms", key, v) }}}
}

// tickKnob is the servers' tickTime.
func (c *Case) tickKnob() knob {
	value := c.Timeline.Scenario.Ensemble.Tick.Milliseconds()
	return knob{key: "ensemble.tickTime", what: "tickTime", value: value, least: max(value/4, 1), most: 3 * value, stretch: 5,
		words: func(v, of int64) string {
			return fmt.Sprintf("If tickTime had been %s instead of %s", shortly(v), shortly(of))
		},
		shown: shortly,
		set:   func(v int64) string { return fmt.Sprintf("ensemble.tickTime=%dms", v) }}
}

// client is the scenario's description of the story's client.
func (c *Case) client() *sim.Client {
	s := c.Timeline.Scenario
	i := int(c.Story.Client) - s.Ensemble.Servers - s.Ensemble.Observers
	for k := range s.Clients {
		n := max(s.Clients[k].Count, 1)
		if i < n {
			return &s.Clients[k]
		}
		i -= n
	}
	return nil
}

// stepFor is a round step that divides a range into so many parts at most.
func stepFor(length int64, parts int) int64 {
	for scale := int64(1); ; scale *= 10 {
		for _, n := range []int64{1, 2, 5} {
			if n*scale*int64(parts) >= length {
				return n * scale
			}
		}
	}
}

func roundMillis(d time.Duration) int64 { return int64(d.Round(time.Millisecond) / time.Millisecond) }

// otherLibraries are the rows of client libraries that are not the client's own, with the
// newest version that the rules were read from.
func (c *Case) otherLibraries(spec *sim.Client) []*model.Library {
	var list []*model.Library
	for i := range model.Libraries {
		if l := &model.Libraries[i]; l != spec.Library && !l.Unreleased {
			list = append(list, l)
		}
	}
	return list
}
