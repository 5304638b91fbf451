package sim

import (
	"math/bits"

	"zksim/clock"
	"zksim/prefetch"
)

// Alarms are timers that are not due soon, of nodes that keep moving theirs: every
// answer puts off when a client pings next. They wait in slots, and one that moves within
// its slot, or further away, costs nothing: when its slot comes, its node says where the
// timer is now. Only then does it go into the queue.
type alarms struct {
	opens clock.Instant // when the earliest slot that holds anything begins; Never: none does
	used  [alarmSlots / 64]uint64
	slots [alarmSlots]*alarmBlock
	spare *alarmBlock
}

// An alarmBlock is some of a slot's nodes, one cache line of them. A node that says
// otherwise has moved its timer to an earlier slot, or into the queue.
type alarmBlock struct {
	next  *alarmBlock
	n     int32
	nodes [13]int32
}

const (
	// A slot is 1<<alarmShift ns long, 34 ms, and the slots reach 34 s ahead.
	alarmShift = 25
	alarmSlots = 1024
)

// alarmNodes is from how many nodes on there are alarms: in a smaller world the queue is
// short, and nothing is gained. Tests set it.
var alarmNodes = 64

// A slotID is the place of a slot among all, from 1; 0: none.
type slotID uint16

func slotOf(at clock.Instant) int64 { return int64(at >> alarmShift) }

// start is when the slot begins, of those that begin after now.
func (s slotID) start(now clock.Instant) clock.Instant {
	from := slotOf(now)
	return clock.Instant((from + (int64(s)-1-from)&(alarmSlots-1)) << alarmShift)
}

// add puts a node's timer into its slot, if that begins after from and within reach.
func (a *alarms) add(i int, n *node, from, at clock.Instant) bool {
	slot := slotOf(at)
	if d := slot - slotOf(from); d <= 0 || d >= alarmSlots {
		return false
	}
	k := slot & (alarmSlots - 1)
	n.slot = slotID(k + 1)
	b := a.slots[k]
	if b == nil || int(b.n) == len(b.nodes) {
		b = a.take()
		b.next, a.slots[k] = a.slots[k], b
	}
	b.nodes[b.n] = int32(i)
	b.n++
	a.used[k/64] |= 1 << (k % 64)
	a.opens = min(a.opens, clock.Instant(slot<<alarmShift))
	return true
}

// take gives an empty block.
func (a *alarms) take() *alarmBlock {
	if a.spare == nil {
		for made, i := new([64]alarmBlock), 0; i < len(made); i++ {
			a.give(&made[i])
		}
	}
	b := a.spare
	a.spare = b.next
	return b
}

// give takes a block back and returns the one behind it.
func (a *alarms) give(b *alarmBlock) *alarmBlock {
	next := b.next
	b.n, b.next, a.spare = 0, a.spare, b
	return next
}

// empty removes every alarm.
func (a *alarms) empty() {
	for k, word := range a.used {
		for ; word != 0; word &= word - 1 {
			b := &a.slots[k*64+bits.TrailingZeros64(word)]
			for *b != nil {
				*b = a.give(*b)
			}
		}
		a.used[k] = 0
	}
	a.opens = clock.Never
}

// next returns when the first slot after the given one begins that holds anything.
func (a *alarms) next(slot int64) clock.Instant {
	for d := int64(1); d <= alarmSlots; {
		k := (slot + d) & (alarmSlots - 1)
		if word := a.used[k/64] >> (k % 64); word != 0 {
			return clock.Instant((slot + d + int64(bits.TrailingZeros64(word))) << alarmShift)
		}
		d += 64 - k%64
	}
	return clock.Never
}

// openAlarms puts the timers of the earliest slot into the queue.
func (w *World) openAlarms() {
	a := &w.alarms
	opens := a.opens
	slot := slotOf(opens)
	k := slot & (alarmSlots - 1)
	a.used[k/64] &^= 1 << (k % 64)
	a.opens = a.next(slot)
	b := a.slots[k]
	a.slots[k] = nil
	for ; b != nil; b = a.give(b) {
		nodes := b.nodes[:b.n]
		for _, i := range nodes {
			prefetch.Value(&w.nodes[i])
		}
		for _, i := range nodes {
			w.openAlarm(int(i), slotID(k+1), opens)
		}
	}
}

// openAlarm puts a node's timer into the queue, or into a later slot.
func (w *World) openAlarm(i int, slot slotID, opens clock.Instant) {
	n := &w.nodes[i]
	if n.slot != slot {
		return
	}
	n.slot = 0
	if n.wakeAt != clock.Never && !w.alarms.add(i, n, opens, n.wakeAt) {
		w.push(n.wakeAt, makeKey(classTimer, i, 0))
	}
}
