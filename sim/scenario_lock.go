package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"zksim/model"
)

// stopsWords are the policies for when an owner stops, as a scenario calls them.
var stopsWords = [...]string{model.StopsOnExpired: "expired", model.StopsOnDisconnected: "disconnected", model.StopsNever: "never"}

func stopsNames() []string { return stopsWords[:] }

// stops reads a policy.
func (r *reader) stops(v value, t **model.Stops) {
	s, ok := r.scalar(v, "one of "+strings.Join(stopsWords[:], ", "))
	if !ok {
		return
	}
	for i, word := range stopsWords {
		if word == s {
			stops := model.Stops(i)
			*t = &stops
			return
		}
	}
	r.refuse(v, "unknown choice (%s); want one of %s", v.shown(), strings.Join(stopsWords[:], ", "))
}

// StopsOn is when the client stops acting as owner: what it says, or else what its
// library's policy is.
func (c *Client) StopsOn() model.Stops {
	if c.Stops != nil {
		return *c.Stops
	}
	if c.Under != nil && !c.SessionPolicy {
		return model.StopsOnDisconnected // Curator's standard policy (L-U8)
	}
	return model.StopsOnExpired
}

var resourceKeys = []key[Resource]{
	{keyRow{name: "fencing", form: formChoice, choices: either("none", "token"), initial: "none",
		meaning: "what it refuses: nothing, or what comes with a lower token than something it has accepted (A-6)"},
		func(r *reader, v value, t *Resource) { r.choice(v, &t.Fencing, "none", "token") }},
}

// resources reads the resources by name.
func (r *reader) resources(v value, s *Scenario) {
	names, values := r.entries(v)
	for i, name := range names {
		t := Resource{Name: name}
		readMapping(r, values[i], resourceKeys, &t)
		s.Resources = append(s.Resources, t)
	}
}

// resource finds a resource by its name; its place is that among the resources.
func (s *Scenario) resource(name string) (place int, ok bool) {
	place = slices.IndexFunc(s.Resources, func(t Resource) bool { return t.Name == name })
	return place, place >= 0
}

// MaxResources bounds the resources of a scenario.
const MaxResources = 100

// resources checks their names: nodes of all kinds have one of their own.
func (c *checker) resources() {
	c.count("resources", len(c.s.Resources), 0, MaxResources)
	for i := range c.s.Resources {
		name := c.s.Resources[i].Name
		path := "resources." + name
		c.name(path, name)
		if _, taken := c.roster.findClient(name); taken {
			c.report(path, fmt.Sprintf("a resource and a client with one name (%s); want another", shorten(name)), c.namesNeed...)
		}
		if slices.ContainsFunc(c.s.Resources[:i], func(t Resource) bool { return t.Name == name }) {
			c.report(path, fmt.Sprintf("two resources with one name (%s); want another", shorten(name)))
		}
	}
}

// maxOutstanding bounds the writes that one client keeps on their way.
const maxOutstanding = 1000

// lock checks what a client says about owning, and its load.
func (c *checker) lock(path string, k *Client) {
	if k.Owns == "" {
		for _, option := range []struct {
			key string
			set bool
		}{{"recipe", k.Recipe != model.RecipeNode}, {"stops_on", k.Stops != nil}} {
			if option.set {
				c.report(path+"."+option.key, "a client that owns nothing; want owns as well", path+".owns")
			}
		}
	}
	switch _, ok := c.s.resource(k.ActsOn); {
	case k.ActsOn == "" && k.ActEvery != 0:
		c.report(path+".act_every", "acts ("+brief(k.ActEvery)+" apart) at nothing; want acts_on as well", path+".acts_on")
	case k.ActsOn == "":
	case k.Owns == "":
		c.report(path+".acts_on", "a client that owns nothing; want owns as well", path+".owns")
	case !ok:
		c.report(path+".acts_on", fmt.Sprintf("no such resource (%s); want one of resources, as in resources: {%s: {}}", shorten(k.ActsOn), shorten(k.ActsOn)), "resources")
	default:
		c.millis(path+".act_every", k.ActEvery, time.Millisecond, time.Hour)
	}
	for i := range c.s.Clients {
		o := &c.s.Clients[i]
		if o == k {
			break
		}
		if k.Owns != "" && o.Owns == k.Owns && o.Recipe != k.Recipe {
			c.report(path+".recipe", fmt.Sprintf("two recipes for one lock (%s, as %s has it); want the same", k.Owns, o.Name), path+".owns")
			break
		}
	}
	if c.count(path+".outstanding", k.Outstanding, 0, maxOutstanding) && k.Outstanding > 0 && k.WriteEvery > 0 {
		c.report(path+".outstanding", "a client that writes periodically, too (write_every); want one of the two", path+".write_every")
	}
	if k.Outstanding > 0 && c.instantWrites() {
		c.report(path+".outstanding", "writes one after another that take no time (latency and log are 0s); want network.latency, network.servers or ensemble.log above 0",
			"network.latency", "network.servers", "ensemble.log", "ensemble.servers")
	}
}

// instantWrites says that a write can be answered at the instant at which it is made.
func (c *checker) instantWrites() bool {
	e, n := &c.s.Ensemble, &c.s.Network
	zero := func(s *Sampler) bool { return s == nil || longest(s) == 0 }
	return zero(n.Clients) && zero(e.Log) && (e.Servers == 1 || zero(n.Servers))
}
