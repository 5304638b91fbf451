// Package sim is one world: the queue of events, the random streams, the links
// and their TCP, the faults, and the timeline of what happened.
//
// A [Scenario] says what a run depends on; [New] makes the [World] of it and
// [World.Run] plays it. Records go to sinks, in order; a sink cannot answer, so
// whatever watches a run leaves it unchanged. The same scenario, seed and run
// number give the same records and the same digest, on every machine.
package sim
