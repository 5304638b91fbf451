package sim

import (
	"fmt"
	"strings"

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

// stops is when the client stops acting as owner.
func (c *Client) stops() model.Stops {
	if c.Stops != nil {
		return *c.Stops
	}
	if c.Under != nil && !c.SessionPolicy {
		return model.StopsOnDisconnected // Curator's standard policy (L-U8)
	}
	return model.StopsOnExpired
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
}
