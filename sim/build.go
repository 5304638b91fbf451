package sim

import (
	"fmt"
	"time"

	"zksim/clock"
	"zksim/model"
)

// addServers makes the machines of the ensemble. Server IDs count from 1; nodes
// from 0.
func (w *World) addServers() error {
	e := &w.scenario.Ensemble
	limits, err := model.NewLimits(millis(e.Tick), millis(e.MinTimeout), millis(e.MaxTimeout))
	if err != nil {
		return err
	}
	leader := w.leader()
	var voters, observers []model.NodeID
	for i := range w.servers {
		if i >= e.Servers {
			observers = append(observers, model.NodeID(i))
		} else {
			voters = append(voters, model.NodeID(i))
		}
	}
	h := int64(e.Tick/time.Millisecond) / 2
	phase := int64(Below(w.draw(PurposePhase, leader, 0), uint64(max(h, 1))))
	if e.PingPhase != nil {
		phase = int64(*e.PingPhase / time.Millisecond)
	}
	for i := range w.servers {
		cfg := model.ServerConfig{Node: model.NodeID(i), ID: i + 1, Voters: voters, Observers: observers, Leader: model.NodeID(leader), Limits: limits,
			Tick: int64(e.Tick / time.Millisecond), InitLimit: int64(e.InitLimit), SyncLimit: int64(e.SyncLimit), ConnectLimit: int64(e.ConnectLimit),
			IdleCheck: int64(e.IdleCheck / time.Millisecond), PingPhase: phase, Startup: int64(e.Startup / time.Millisecond),
			LocalSessions: e.LocalSessions, LocalUpgrade: e.LocalUpgrade, ReadOnly: e.ReadOnly, LeaderIdle: e.LeaderIdle, ObserverMaster: e.ObserverMaster > 0}
		if e.Cold {
			cfg.Leader = model.NoNode
		}
		w.nodes[i].machine = model.NewServer(cfg, &w.hosts[i].env)
		var c Clock
		if i < len(e.Clocks) {
			c = e.Clocks[i]
		}
		if err = w.makeClock(i, c, 10*e.Tick); err != nil {
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

// makeClock draws what a clock's description leaves open: an offset within the
// given span, in whole microseconds. It decides the phase of the node's
// milliseconds and, on a leader, of the bucket boundaries (T-2).
func (w *World) makeClock(i int, c Clock, span time.Duration) error {
	offset := time.Duration(Below(w.draw(PurposeClock, i, 0), uint64(span/time.Microsecond))) * time.Microsecond
	if c.Offset != nil {
		offset = *c.Offset
	}
	made, err := clock.New(clock.Reading(offset), c.PPM)
	if err != nil {
		return err
	}
	w.hosts[i].clock, w.nodes[i].line = *made, made.Current()
	return nil
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
		Owns: spec.Owns, Recipe: spec.Recipe, Stops: spec.stops(), Watches: spec.Watches,
		ReadEvery: spec.ReadEvery, WriteEvery: spec.WriteEvery, Outstanding: spec.Outstanding, Callback: spec.Callback}
	cfg.Lasting = spec.Lasting
	cfg.Under, cfg.Percent = spec.Under, spec.Percent
	cfg.ConnectionTimeout, cfg.InjectionRace = spec.ConnectionTimeout, spec.InjectionRace
	cfg.CanBeReadOnly = spec.ReadOnly
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
	n := &w.nodes[i]
	n.machine = model.NewClient(cfg, &w.hosts[i].env)
	if err := w.makeClock(i, spec.Clock, time.Second); err != nil {
		return err
	}
	open := clock.Instant(0)
	if spec.Open != nil {
		open = clock.Instant(spec.Open.Sample(w.draw(PurposePhase, i, 1)))
	}
	w.push(open, makeKey(classCommand, i, uint64(model.CommandOpen)))
	if spec.Close != nil {
		w.push(clock.Instant(spec.Close.Sample(w.draw(PurposePhase, i, 2))), makeKey(classCommand, i, uint64(model.CommandClose)))
	}
	return nil
}

// addResources makes the machines of the resources.
func (w *World) addResources() error {
	for i := range w.scenario.Resources {
		n := w.resources + i
		w.nodes[n].machine = model.NewResource(model.ResourceConfig{Fencing: w.scenario.Resources[i].Fencing})
		if err := w.makeClock(n, Clock{}, time.Second); err != nil {
			return err
		}
	}
	return nil
}

// millis turns a duration of whole milliseconds into ZooKeeper's int.
func millis(d time.Duration) int32 { return int32(d / time.Millisecond) }
