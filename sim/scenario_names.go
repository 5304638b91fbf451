package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"zksim/model"
)

// A span is the nodes from one to below another.
type span struct{ from, to model.NodeID }

// A roster says which nodes the names of a scenario stand for. Servers come
// first, voters before observers, then clients in the order of the scenario, then
// resources.
type roster struct {
	s       *Scenario
	voters  int
	servers int // voters and observers
	ends    int // servers and clients: the first node of a resource
	nodes   int
	clients map[string]span // single clients and groups of alike ones
}

func (s *Scenario) roster() *roster {
	r := &roster{s: s, clients: make(map[string]span, len(s.Clients))}
	r.voters = max(s.Ensemble.Servers, 0)
	r.servers = r.voters + max(s.Ensemble.Observers, 0)
	r.nodes = r.servers
	for i := range s.Clients {
		first := r.nodes
		r.nodes += s.Clients[i].size()
		if _, taken := r.clients[s.Clients[i].Name]; !taken {
			r.clients[s.Clients[i].Name] = span{model.NodeID(first), model.NodeID(r.nodes)}
		}
	}
	r.ends = r.nodes
	r.nodes += len(s.Resources)
	return r
}

// size is how many clients there are of the kind.
func (c *Client) size() int { return max(c.Count, 1) }

// libraryOf is the client library of a node; nil for a server.
func (s *Scenario) libraryOf(n model.NodeID) *model.Library {
	if c := s.clientOf(n); c != nil {
		return c.Library
	}
	return nil
}

// clientOf is what the scenario says about the client at a node; nil for a server.
func (s *Scenario) clientOf(n model.NodeID) *Client {
	first := s.Ensemble.Servers + s.Ensemble.Observers
	if int(n) < first {
		return nil
	}
	for i := range s.Clients {
		if first += s.Clients[i].size(); int(n) < first {
			return &s.Clients[i]
		}
	}
	return nil
}

// nodesOf lists the nodes that names stand for; none where one stands for nothing.
func (s *Scenario) nodesOf(names []string) []model.NodeID {
	nodes, err := s.Resolve(names)
	if err != nil {
		return nil
	}
	return nodes
}

// leaderNode is the leader's node.
func (r *roster) leaderNode() model.NodeID {
	if l := r.s.Ensemble.Leader; l != 0 {
		return model.NodeID(l - 1)
	}
	return model.NodeID(r.voters - 1)
}

// find gives the nodes that a name stands for, as one or two spans. Who leads and
// who follows is as at the start of the run.
func (r *roster) find(name string) ([]span, bool) { return r.findUnder(name, r.leaderNode()) }

// findUnder is find while the given server leads, or nobody does.
func (r *roster) findUnder(name string, leader model.NodeID) ([]span, bool) {
	voters, servers, nodes := model.NodeID(r.voters), model.NodeID(r.servers), model.NodeID(r.nodes)
	if leader == model.NoNode && (name == "leader" || name == "followers") {
		return nil, true
	}
	switch name {
	case "all":
		return []span{{0, nodes}}, true
	case "servers":
		return []span{{0, servers}}, true
	case "clients":
		return []span{{servers, model.NodeID(r.ends)}}, true
	case "leader":
		return []span{{leader, leader + 1}}, true
	case "followers":
		return []span{{0, leader}, {leader + 1, voters}}, true
	case "observers":
		return []span{{voters, servers}}, true
	}
	if n, ok := serverNumber(name); ok {
		if n < 1 || n > r.servers {
			return nil, false
		}
		return []span{{model.NodeID(n - 1), model.NodeID(n)}}, true
	}
	if i, ok := r.s.resource(name); ok {
		node := model.NodeID(r.ends + i)
		return []span{{node, node + 1}}, true
	}
	if sp, ok := r.findClient(name); ok {
		return []span{sp}, true
	}
	return nil, false
}

// findClient gives the clients that a name stands for.
func (r *roster) findClient(name string) (span, bool) {
	if c, ok := r.clients[name]; ok {
		return c, true
	}
	// NAME7 is the seventh of the clients called NAME. The name itself may end in
	// digits, so every split is tried.
	for cut := len(name) - 1; cut > 0 && isDigit(name[cut]); cut-- {
		group, ok := r.clients[name[:cut]]
		if !ok || name[cut] == '0' || group.to-group.from < 2 {
			continue
		}
		if n, err := strconv.Atoi(name[cut:]); err == nil && n <= int(group.to-group.from) {
			node := group.from + model.NodeID(n-1)
			return span{node, node + 1}, true
		}
	}
	return span{}, false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// serverNumber takes server3 apart. It does not ask whether there is one.
func serverNumber(name string) (int, bool) {
	digits, ok := strings.CutPrefix(name, "server")
	if !ok || digits == "" || digits[0] == '0' {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n > 0
}

// choices lists the names that a fault can use, for messages.
func (r *roster) choices() string {
	const most = 12
	var names []string
	for i := range r.s.Clients {
		if len(names) == most {
			names = append(names, "...")
			break
		}
		names = append(names, r.s.Clients[i].Name)
	}
	for i := range r.s.Resources {
		names = append(names, r.s.Resources[i].Name)
	}
	if r.servers > 0 {
		names = append(names, fmt.Sprintf("server1 to server%d", r.servers))
	}
	return strings.Join(append(names, Groups...), ", ")
}

// Nodes lists the names of all nodes in the order of their IDs: server1 and so
// on, observers numbered behind the voters, then the clients, then the resources.
// Several clients alike are called NAME1, NAME2 and so on.
func (s *Scenario) Nodes() []string {
	r := s.roster()
	names := make([]string, 0, r.nodes)
	for i := range r.servers {
		names = append(names, "server"+strconv.Itoa(i+1))
	}
	for i := range s.Clients {
		c := &s.Clients[i]
		if c.size() == 1 {
			names = append(names, c.Name)
			continue
		}
		for n := range c.size() {
			names = append(names, c.Name+strconv.Itoa(n+1))
		}
	}
	for i := range s.Resources {
		names = append(names, s.Resources[i].Name)
	}
	return names
}

// Resolve gives the nodes that names of nodes and of [Groups] stand for, in the
// order of their IDs and each once. The name of several clients alike stands
// for all of them. The error for an unknown name lists the choices.
func (s *Scenario) Resolve(names []string) ([]model.NodeID, error) { return s.roster().resolve(names) }

// resolve is Resolve for several calls with one roster.
func (r *roster) resolve(names []string) ([]model.NodeID, error) {
	return r.resolveUnder(names, r.leaderNode())
}

// resolveUnder is resolve while the given server leads, or nobody does.
func (r *roster) resolveUnder(names []string, leader model.NodeID) ([]model.NodeID, error) {
	var nodes []model.NodeID
	for _, name := range names {
		spans, ok := r.findUnder(name, leader)
		if !ok {
			return nil, fmt.Errorf("unknown node or group %q: want one of %s", name, r.choices())
		}
		for _, sp := range spans {
			for n := sp.from; n < sp.to; n++ {
				nodes = append(nodes, n)
			}
		}
	}
	slices.Sort(nodes)
	return slices.Compact(nodes), nil
}
