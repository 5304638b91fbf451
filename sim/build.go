package sim

import (
	"fmt"
	"time"

	"zksim/clock"
	"zksim/model"
)

// build makes the nodes of the scenario and resolves what it names: all that every
// replication has in common. What is drawn comes with [World.Reset].
func (w *World) build() error {
	s, names := w.scenario, w.names
	if names.nodes > MaxEntity {
		return fmt.Errorf("%d nodes: want at most %d", names.nodes, MaxEntity)
	}
	if names.nodes >= manyNodes {
		w.queue.reserve = bottomReserve
	}
	w.nodes, w.hosts = make([]node, names.nodes), make([]host, names.nodes)
	for i := range w.hosts {
		w.hosts[i].env = nodeEnv{world: w, node: i}
	}
	w.servers, w.resources = s.Ensemble.Servers+s.Ensemble.Observers, names.ends
	if err := w.addServers(); err != nil {
		return err
	}
	if err := w.addClients(); err != nil {
		return err
	}
	w.addResources()
	return w.addFaults()
}

// addServers makes the machines of the ensemble. Server IDs count from 1; nodes
// from 0.
func (w *World) addServers() error {
	e := &w.scenario.Ensemble
	limits, err := model.NewLimits(millis(e.Tick), millis(e.MinTimeout), millis(e.MaxTimeout))
	if err != nil {
		return err
	}
	var voters, observers []model.NodeID
	for i := range w.servers {
		if i >= e.Servers {
			observers = append(observers, model.NodeID(i))
		} else {
			voters = append(voters, model.NodeID(i))
		}
	}
	for i := range w.servers {
		cfg := model.ServerConfig{Node: model.NodeID(i), ID: i + 1, Voters: voters, Observers: observers, Leader: model.NodeID(w.leader()), Limits: limits,
			Tick: int64(e.Tick / time.Millisecond), InitLimit: int64(e.InitLimit), SyncLimit: int64(e.SyncLimit), ConnectLimit: int64(e.ConnectLimit),
			IdleCheck: int64(e.IdleCheck / time.Millisecond), Startup: int64(e.Startup / time.Millisecond),
			LocalSessions: e.LocalSessions, LocalUpgrade: e.LocalUpgrade, ReadOnly: e.ReadOnly, LeaderIdle: e.LeaderIdle, ObserverMaster: e.ObserverMaster > 0,
			Deviation: w.scenario.wrong}
		if e.Cold {
			cfg.Leader = model.NoNode
		}
		w.configs = append(w.configs, cfg)
		w.nodes[i].machine = model.NewServer(cfg, &w.hosts[i].env)
		if err := w.checkClock(w.serverClock(i)); err != nil {
			return fmt.Errorf("server%d: %w", i+1, err)
		}
	}
	return nil
}

// leader returns the node that leads, or stands alone.
func (w *World) leader() int {
	e := &w.scenario.Ensemble
	if e.Leader > 0 {
		return e.Leader - 1
	}
	return e.Servers - 1
}

// serverClock is what the scenario says about a server's clock.
func (w *World) serverClock(i int) Clock {
	if clocks := w.scenario.Ensemble.Clocks; i < len(clocks) {
		return clocks[i]
	}
	return Clock{}
}

// checkClock refuses a description that no clock answers to.
func (w *World) checkClock(c Clock) error {
	offset := time.Duration(0)
	if c.Offset != nil {
		offset = *c.Offset
	}
	_, err := clock.New(clock.Reading(offset), c.PPM)
	return err
}

func (w *World) addClients() error {
	i := w.servers
	for k := range w.scenario.Clients {
		spec := &w.scenario.Clients[k]
		for range max(spec.Count, 1) {
			if err := w.addClient(i, spec); err != nil {
				return fmt.Errorf("%s: %w", w.Names()[i], err)
			}
			i++
		}
	}
	return nil
}

func (w *World) addClient(i int, spec *Client) error {
	cfg := model.ClientConfig{Node: model.NodeID(i), Library: spec.Library, Timeout: millis(spec.Timeout), First: model.NoNode,
		Owns: spec.Owns, Recipe: spec.Recipe, Stops: spec.StopsOn(), Watches: spec.Watches,
		ReadEvery: spec.ReadEvery, WriteEvery: spec.WriteEvery, Outstanding: spec.Outstanding, Callback: spec.Callback}
	cfg.Lasting, cfg.Deviation = spec.Lasting, w.scenario.wrong
	cfg.Under, cfg.Percent = spec.Under, spec.Percent
	cfg.ConnectionTimeout, cfg.InjectionRace = spec.ConnectionTimeout, spec.InjectionRace
	cfg.CanBeReadOnly, cfg.OneName = spec.ReadOnly, spec.OneName
	cfg.MaxTries, cfg.KeepOrder = spec.MaxTries, spec.KeepOrder
	if spec.MaxDelay != nil {
		cfg.MaxDelay = *spec.MaxDelay
	}
	if spec.ActsOn != "" {
		place, _ := w.scenario.resource(spec.ActsOn)
		cfg.ActEvery, cfg.Resource = spec.ActEvery, model.NodeID(w.resources+place)
	}
	if spec.NewSession != nil {
		limit := millis(*spec.NewSession)
		cfg.NewSession = &limit
	}
	for _, id := range spec.Servers {
		cfg.Servers = append(cfg.Servers, model.NodeID(id-1))
	}
	if len(spec.Servers) == 0 {
		for s := range w.servers {
			cfg.Servers = append(cfg.Servers, model.NodeID(s))
		}
	}
	if spec.Attach > 0 {
		cfg.First = model.NodeID(spec.Attach - 1)
	}
	w.nodes[i].machine = model.NewClient(cfg, &w.hosts[i].env)
	return w.checkClock(spec.Clock)
}

// addResources makes the machines of the resources.
func (w *World) addResources() {
	for i := range w.scenario.Resources {
		w.nodes[w.resources+i].machine = model.NewResource(model.ResourceConfig{Fencing: w.scenario.Resources[i].Fencing})
	}
}

// millis turns a duration of whole milliseconds into ZooKeeper's int.
func millis(d time.Duration) int32 { return int32(d / time.Millisecond) }
