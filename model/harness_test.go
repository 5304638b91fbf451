package model

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"testing"
	"time"

	"zksim/clock"
)

// A fixedEnv answers every question alike: the address list stays in order, each
// back-off lasts the next of backoffs (the last one for ever), a flush takes
// flush.
type fixedEnv struct {
	backoffs []uint64 // ms, 0 to 999
	flush    time.Duration
	jitter   []uint64      // kazoo's, as places 0 to 39 among those that there are; the last for ever
	spread   float64       // kazoo's, 0 to 1 of the way from 0.6 to 1.4
	load     time.Duration // F-14
	// observerWait is how long an observer waits before it looks, in ms (F-4).
	observerWait uint64
	wins         bool // the event thread, when an expiry is injected
}

func (e *fixedEnv) Draw(p Purpose, n uint64) uint64 {
	if p == PurposeObserverDelay {
		quotient, _ := bits.Div64(e.observerWait, 0, observerDelay)
		return quotient + 1
	}
	switch {
	case p == PurposeJitter && len(e.jitter) > 0:
		quotient, _ := bits.Div64(e.jitter[min(int(n), len(e.jitter)-1)], 0, 40)
		return quotient + 1 // the same place among 41
	case p == PurposeInjection && e.wins:
		return 0
	case p == PurposeRetry:
		return min(uint64(e.spread*(1<<53)), 1<<53-1) << 11
	}
	if p == PurposeShuffle || len(e.backoffs) == 0 {
		if p == PurposeBackoff {
			return 0
		}
		return math.MaxUint64
	}
	want := e.backoffs[min(int(n), len(e.backoffs)-1)]
	quotient, _ := bits.Div64(want, 0, javaBackoff) // the word whose share of 1000 is want
	return quotient + 1
}

func (e *fixedEnv) FlushTime(uint64) time.Duration { return e.flush }

func (e *fixedEnv) LoadTime(uint64) time.Duration { return e.load }

// A mark is a note, or an effect, at its millisecond.
type mark struct {
	at   int64
	node NodeID
	note Note
}

// A rig drives one client by hand. Times are milliseconds of its clock.
type rig struct {
	t     *testing.T
	c     Client
	env   *fixedEnv
	out   Output
	next  RecordID
	marks []mark
	wire  []flight
	conn  ConnID // last dialled
}

// A flight is one packet, dial or close that a machine asked for.
type flight struct {
	at   int64
	what EffectKind
	peer NodeID
	conn ConnID
	p    Packet
}

func library(t *testing.T, version string) *Library {
	t.Helper()
	return libraryOf(t, "java", version)
}

func libraryOf(t *testing.T, name, version string) *Library {
	t.Helper()
	l, err := FindLibrary(name, version)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// servers lists nodes 0 to n-1.
func servers(n int) []NodeID {
	var s []NodeID
	for i := range n {
		s = append(s, NodeID(i))
	}
	return s
}

// newRig makes a client with timeout ms, n servers and a library version, and
// opens its handle at 0.
func newRig(t *testing.T, version string, timeout int32, n int, backoffs ...uint64) *rig {
	t.Helper()
	return newRigOf(t, ClientConfig{Node: 9, Library: library(t, version), Timeout: timeout, Servers: servers(n), First: NoNode}, backoffs...)
}

func newRigOf(t *testing.T, cfg ClientConfig, backoffs ...uint64) *rig {
	t.Helper()
	r := &rig{t: t, env: &fixedEnv{backoffs: backoffs}, next: 1}
	r.c = NewClient(cfg, r.env)
	r.step(0, Input{Kind: InputCommand, Command: CommandOpen})
	return r
}

// java is the client, if it is ZooKeeper's Java client.
func (r *rig) java() *JavaClient { return r.c.(*JavaClient) }

func (r *rig) step(ms int64, in Input) { r.stepAt(clock.ReadingOfMillis(ms), in) }

func (r *rig) stepAt(at clock.Reading, in Input) {
	r.out.Reset(r.next, in.Cause)
	r.c.Step(at, &in, &r.out)
	ms := at.Millis()
	r.next += RecordID(len(r.out.Notes))
	for _, n := range r.out.Notes {
		r.marks = append(r.marks, mark{ms, 9, n})
	}
	for _, e := range r.out.Effects {
		r.wire = append(r.wire, flight{ms, e.Kind, e.Peer, e.Conn, e.Packet})
		if e.Kind == EffectDial {
			r.conn = e.Conn
		}
	}
}

// before lets the client's timers run until just before ms.
func (r *rig) before(ms int64) {
	for r.c.Wake() < clock.ReadingOfMillis(ms) {
		r.stepAt(r.c.Wake(), Input{Kind: InputWake})
	}
}

// until lets them run up to ms and through it.
func (r *rig) until(ms int64) { r.before(ms + 1) }

func (r *rig) command(ms int64, cmd Command) {
	r.before(ms)
	r.step(ms, Input{Kind: InputCommand, Command: cmd})
}

func (r *rig) connected(ms int64) {
	r.before(ms)
	r.step(ms, Input{Kind: InputConnected, Conn: r.conn})
}

func (r *rig) packet(ms int64, p Packet) {
	r.before(ms)
	r.step(ms, Input{Kind: InputPacket, Conn: r.conn, Packet: &p})
}

func (r *rig) closed(ms int64, reason CloseReason) {
	r.before(ms)
	r.step(ms, Input{Kind: InputClosed, Conn: r.conn, Reason: reason})
}

// accept answers the handshake under way.
func (r *rig) accept(ms int64, timeout int32) {
	r.packet(ms, Packet{Op: OpConnect, Reply: true, Session: makeSessionID(1, 7), Password: 5, Timeout: timeout})
}

// session brings the client to a session: TCP up at 0 and the handshake answered
// at ms.
func (r *rig) session(ms int64, timeout int32) {
	r.connected(0)
	r.accept(ms, timeout)
}

// watchEvent delivers a notification.
func (r *rig) watchEvent(ms int64) {
	r.packet(ms, Packet{Op: OpNotify, Reply: true, Xid: -1, Event: WatchDataChanged, Path: "/x"})
}

func (r *rig) pong(ms int64) { r.packet(ms, Packet{Op: OpPing, Reply: true}) }

// pongs answers every ping of the run after rtt, until the given time.
func (r *rig) pongs(rtt, until int64) {
	var due []int64
	seen := 0
	for {
		for _, at := range r.sent(OpPing)[seen:] {
			due = append(due, at+rtt)
			seen++
		}
		next := r.c.Wake().Millis()
		if len(due) > 0 && due[0] <= next {
			if due[0] > until {
				return
			}
			r.pong(due[0])
			due = due[1:]
		} else {
			if next > until {
				return
			}
			r.until(next)
		}
	}
}

// sent lists when packets of an operation went out.
func (r *rig) sent(op Op) []int64 {
	var at []int64
	for _, f := range r.wire {
		if f.what == EffectSend && f.p.Op == op {
			at = append(at, f.at)
		}
	}
	return at
}

// dials lists the attempts as "ms:peer".
func (r *rig) dials() []string {
	var d []string
	for _, f := range r.wire {
		if f.what == EffectDial {
			d = append(d, fmt.Sprintf("%d:%d", f.at, f.peer))
		}
	}
	return d
}

// when lists when notes of a kind were left.
func (r *rig) when(k Kind) []int64 {
	var at []int64
	for _, m := range r.marks {
		if m.note.Kind == k {
			at = append(at, m.at)
		}
	}
	return at
}

// story lists notes of the given kinds in order, as "ms text".
func (r *rig) story(kinds ...Kind) []string {
	var s []string
	for _, m := range r.marks {
		if slices.Contains(kinds, m.note.Kind) {
			s = append(s, fmt.Sprintf("%d %s", m.at, m.note.Text))
		}
	}
	return s
}

func (r *rig) told() []string { return r.story(KindTold) }

func same[T comparable](t *testing.T, what string, got []T, want ...T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// at is one entry of a story.
func (r *rig) at(ms int64, text string) string { return fmt.Sprintf("%d %s", ms, text) }
