package sim

import "zksim/clock"

// An event is one entry of the queue: 16 bytes, no pointers. Its key says what
// it is, completely, and orders events of one instant: class first, then entity,
// then counter. It never says when it was inserted, so an event that is left out
// cannot reorder the others.
type event struct {
	at  clock.Instant
	key uint64
}

// Classes of events, in the order in which they happen at one instant. Their
// order can be turned round (see Scenario.FaultsLast), since reality promises
// neither.
const (
	classFault    = 0 // a fault begins or ends: entity is the fault
	classCommand  = 1 // the script speaks to an application: entity is the node
	classDelivery = 2 // something of a connection: entity is the node that opened it
	classTimer    = 3 // a machine asked to be woken: entity is the node
)

const (
	keyClassBits   = 2
	keyEntityBits  = 24 // as many as an addressed draw has for its entity
	keyCounterBits = 64 - keyClassBits - keyEntityBits
)

func makeKey(class uint64, entity int, counter uint64) uint64 {
	return class<<(64-keyClassBits) | uint64(entity)<<keyCounterBits | counter&(1<<keyCounterBits-1)
}

func keyClass(key uint64) uint64   { return key >> (64 - keyClassBits) }
func keyEntity(key uint64) int     { return int(key >> keyCounterBits & (1<<keyEntityBits - 1)) }
func keyCounter(key uint64) uint64 { return key & (1<<keyCounterBits - 1) }

func (e event) before(f event) bool {
	return e.at < f.at || e.at == f.at && e.key < f.key
}
