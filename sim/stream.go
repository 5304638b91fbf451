package sim

import (
	"fmt"
	"math/bits"
)

// A random number here has an address instead of a place in a sequence. The
// address is (seed, run, purpose, entity, counter), and the number is a hash of
// it. Nobody shares a generator, so adding a client, a metric or a fault moves
// nobody else's luck, and a draw that is not needed need not be made.
//
// The hash is Philox2x64-10 of Salmon, Moraes, Dror and Shaw, "Parallel Random
// Numbers: As Easy as 1, 2, 3" (SC11): for a fixed key it is a bijection of
// 128-bit blocks, so two addresses under one seed never read the same block.

// Purpose says what a draw decides. It is one byte of the draw's address.
// Zero is no purpose, so that an address somebody forgot to fill is caught.
type Purpose uint8

// The world's own purposes lie below PurposeNode. A value, once given, keeps its
// meaning: renumbering changes every result that was ever printed with a seed.
const (
	// PurposeLatency is the delay of one message; the entity is the link.
	PurposeLatency Purpose = 1
	// PurposeLoss is whether a link drops one message; the entity is the link.
	PurposeLoss Purpose = 2
	// PurposeFault is when, to whom and for how long a fault acts; the entity is
	// the fault's position in the scenario.
	PurposeFault Purpose = 3
	// PurposeClock is a node's clock offset, rate or step; the entity is the node.
	PurposeClock Purpose = 4
	// PurposePhase is where in its period a node starts; the entity is the node.
	PurposePhase Purpose = 5
	// PurposeFlush is how long one flush of a log device takes; the entity is the
	// server.
	PurposeFlush Purpose = 6
	// PurposeLoad is how long a server takes to load its database when it begins to
	// lead; the entity is the server.
	PurposeLoad Purpose = 7
	// PurposeScenario is what a random scenario is like (see [RandomScenario]); it has
	// no entity.
	PurposeScenario Purpose = 8
	// PurposeNode is the first of the purposes that package model numbers (see
	// model.Purpose). The entity is the node.
	PurposeNode Purpose = 64
)

// purposeNames names the world's purposes in listings and panics.
var purposeNames = [PurposeNode]string{
	PurposeLatency: "latency",
	PurposeLoss:    "loss",
	PurposeFault:   "fault",
	PurposeClock:   "clock",
	PurposePhase:   "phase",
	PurposeFlush:   "flush",
	PurposeLoad:    "load",

	PurposeScenario: "scenario",
}

// String names the purpose: "latency" for the world's own, "node 3" for
// PurposeNode+3, "purpose 17" for a number nobody has taken.
func (p Purpose) String() string {
	if p >= PurposeNode {
		return fmt.Sprintf("node %d", uint8(p-PurposeNode))
	}
	if name := purposeNames[p]; name != "" {
		return name
	}
	return fmt.Sprintf("purpose %d", uint8(p))
}

// entityBits is the width of the entity in an address, which leaves a byte for
// the purpose beside it in the low half of the word.
const entityBits = 24

// MaxEntity is the largest entity a draw can be addressed to.
const MaxEntity = 1<<entityBits - 1

// Draw gives the 64 random bits at an address.
//
// The key of the block cipher is the seed; its input words are the counter and
// run<<32 | purpose<<24 | entity, which is injective, so no two addresses share
// a block. Only the first of the two output words is used: a second one would
// tie two draws to one address.
//
// The bits decide one thing. Two decisions taken from the same bits are not
// independent and need two purposes or two counters.
//
// Draw panics when p is zero or entity exceeds MaxEntity.
func Draw(seed uint64, run uint32, p Purpose, entity uint32, counter uint64) uint64 {
	if p == 0 || entity > MaxEntity {
		badAddress(p, entity)
	}
	first, _ := philox2x64(counter, drawWord(run, p, entity), seed)
	return first
}

// drawWord is the second input word of a draw.
func drawWord(run uint32, p Purpose, entity uint32) uint64 {
	return uint64(run)<<32 | uint64(p)<<entityBits | uint64(entity)
}

// badAddress panics for Draw; apart, it keeps the formatting out of the hot path.
func badAddress(p Purpose, entity uint32) {
	if p == 0 {
		panic(fmt.Sprintf("sim: draw for entity %d without a purpose", entity))
	}
	panic(fmt.Sprintf("sim: draw for %v: entity %d: want at most %d", p, entity, MaxEntity))
}

// The constants of Philox2x64: the multiplier, and the Weyl increment of the
// key, which is the golden ratio's fraction in 64 bits.
const (
	philoxMultiplier = 0xD2B74407B1CE6E93
	philoxWeyl       = 0x9E3779B97F4A7C15
)

// philox2x64 enciphers the block (c0, c1) under key. The rounds are written out:
// as a loop they cost twice as much.
func philox2x64(c0, c1, key uint64) (uint64, uint64) {
	c0, c1 = philoxRound(c0, c1, key)
	key += philoxWeyl
	c0, c1 = philoxRound(c0, c1, key)
	key += philoxWeyl
	c0, c1 = philoxRound(c0, c1, key)
	key += philoxWeyl
	c0, c1 = philoxRound(c0, c1, key)
	key += philoxWeyl
	c0, c1 = philoxRound(c0, c1, key)
	key += philoxWeyl
	c0, c1 = philoxRound(c0, c1, key)
	key += philoxWeyl
	c0, c1 = philoxRound(c0, c1, key)
	key += philoxWeyl
	c0, c1 = philoxRound(c0, c1, key)
	key += philoxWeyl
	c0, c1 = philoxRound(c0, c1, key)
	key += philoxWeyl
	c0, c1 = philoxRound(c0, c1, key)
	return c0, c1
}

func philoxRound(c0, c1, key uint64) (uint64, uint64) {
	hi, lo := bits.Mul64(philoxMultiplier, c0)
	return hi ^ key ^ c1, lo
}

// Unit maps random bits to a number strictly between 0 and 1: the top 52 bits
// plus a half, in units of 2⁻⁵². The half keeps it off both ends, where a
// quantile may be infinite. Every result, and 1 minus it, is exact in a float64;
// the least is 2⁻⁵³ and the greatest 1-2⁻⁵³.
func Unit(random uint64) float64 {
	return (float64(random>>12) + 0.5) * 0x1p-52
}

// Below maps random bits to an integer from 0 to n-1: the high word of random×n.
// Each value takes the floor or the ceiling of 2⁶⁴/n of the words, so its
// probability is off 1/n by less than 2⁻⁶⁴. Trying again until there is no bias
// would take a varying number of draws. Below panics when n is 0.
func Below(random, n uint64) uint64 {
	if n == 0 {
		panic("sim: Below(0): want at least 1 choice")
	}
	hi, _ := bits.Mul64(random, n)
	return hi
}
