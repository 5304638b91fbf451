// Package clock holds the two kinds of time that zksim keeps apart, and the
// imperfect clocks between them.
//
// An [Instant] is the world's time: no node can see it. A [Reading] is what one
// node's own monotonic clock shows. ZooKeeper never compares clocks of two
// machines (K-4), so the model's machines only ever receive readings of their
// own clock; the compiler refuses to mix the two.
//
// The package never looks at the machine's real clock. Durations are
// [time.Duration] because that type already prints and parses as people expect.
package clock
