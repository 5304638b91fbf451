package sim

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The vectors are the three lines "philox2x64 10" of tests/kat_vectors in the
// Random123 distribution (github.com/DEShawResearch/random123, 9545ff6): two
// counter words, the key, two output words.
func TestPhiloxMeetsPublishedVectors(t *testing.T) {
	for _, c := range []struct{ c0, c1, key, want0, want1 uint64 }{
		{0, 0, 0, 0xca00a0459843d731, 0x66c24222c9a845b5},
		{math.MaxUint64, math.MaxUint64, math.MaxUint64, 0x65b021d60cd8310f, 0x4d02f3222f86df20},
		{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x0a5e742c2997341c, 0xb0f883d38000de5d},
	} {
		got0, got1 := philox2x64(c.c0, c.c1, c.key)
		if got0 != c.want0 || got1 != c.want1 {
			t.Errorf("philox2x64(%#x, %#x, %#x) = %#x, %#x, want %#x, %#x",
				c.c0, c.c1, c.key, got0, got1, c.want0, c.want1)
		}
	}
}

// The third published vector has the word 0x13198a2e03707344, which reads as
// run 0x13198a2e, purpose 3, entity 0x707344.
func TestDrawPlacesTheAddressAsDocumented(t *testing.T) {
	got := Draw(0xa4093822299f31d0, 0x13198a2e, PurposeFault, 0x707344, 0x243f6a8885a308d3)
	if want := uint64(0x0a5e742c2997341c); got != want {
		t.Errorf("Draw = %#x, want %#x", got, want)
	}
}

type drawAddress struct {
	Seed    uint64
	Run     uint32
	Purpose uint8
	Entity  uint32
	Counter uint64
}

func (a drawAddress) draw() uint64 {
	return Draw(a.Seed, a.Run, Purpose(a.Purpose), a.Entity, a.Counter)
}

// Two addresses that differ give different words but for one chance in 2⁶⁴, so a
// collision here means that two addresses share a block.
func TestDrawChangesWithEachPartOfTheAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawAddress{
			Seed:    rapid.Uint64().Draw(t, "seed"),
			Run:     rapid.Uint32().Draw(t, "run"),
			Purpose: rapid.Uint8Range(1, 255).Draw(t, "purpose"),
			Entity:  rapid.Uint32Range(0, MaxEntity).Draw(t, "entity"),
			Counter: rapid.Uint64().Draw(t, "counter"),
		}
		if first, second := a.draw(), a.draw(); first != second {
			t.Fatalf("%+v: two draws at one address differ: %#x and %#x", a, first, second)
		}
		others := []drawAddress{a, a, a, a, a}
		others[0].Seed++
		others[1].Run++
		others[2].Purpose = a.Purpose%255 + 1
		others[3].Entity = (a.Entity + 1) % (MaxEntity + 1)
		others[4].Counter++
		for _, b := range others {
			if a.draw() == b.draw() {
				t.Errorf("%+v and %+v give the same draw", a, b)
			}
		}
	})
}

func TestDrawRefusesAnAddressOutsideItsFields(t *testing.T) {
	for _, c := range []struct {
		name string
		call func()
	}{
		{"no purpose", func() { Draw(1, 1, 0, 1, 1) }},
		{"entity too large", func() { Draw(1, 1, PurposeLoss, MaxEntity+1, 1) }},
		{"no choice", func() { Below(1, 0) }},
	} {
		if !panics(c.call) {
			t.Errorf("%s: no panic", c.name)
		}
	}
	Draw(1, 1, PurposeLoss, MaxEntity, 1)
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

func TestDrawPurposesHaveNames(t *testing.T) {
	for _, c := range []struct {
		p    Purpose
		want string
	}{
		{PurposeLatency, "latency"}, {PurposeLoss, "loss"}, {PurposeFault, "fault"}, {PurposeClock, "clock"},
		{PurposePhase, "phase"}, {PurposeNode + 3, "node 3"}, {0, "purpose 0"}, {17, "purpose 17"},
	} {
		if got := c.p.String(); got != c.want {
			t.Errorf("Purpose(%d).String() = %q, want %q", uint8(c.p), got, c.want)
		}
	}
}

func TestDrawUnitStaysOffBothEnds(t *testing.T) {
	for _, c := range []struct {
		random uint64
		want   float64
	}{
		{0, 0x1p-53},
		{1<<12 - 1, 0x1p-53}, // the low 12 bits do not count
		{1 << 63, 0.5 + 0x1p-53},
		{math.MaxUint64, 1 - 0x1p-53},
	} {
		if got := Unit(c.random); got != c.want {
			t.Errorf("Unit(%#x) = %v, want %v", c.random, got, c.want)
		}
	}
}

func TestDrawBelowIsTheHighWordOfTheProduct(t *testing.T) {
	for _, c := range []struct{ random, n, want uint64 }{
		{math.MaxUint64, 1, 0},
		{0, 6, 0},
		{math.MaxUint64, 6, 5},
		{1 << 63, 10, 5},
		{1<<63 - 1, 10, 4},
		{math.MaxUint64, math.MaxUint64, math.MaxUint64 - 1},
	} {
		if got := Below(c.random, c.n); got != c.want {
			t.Errorf("Below(%#x, %d) = %d, want %d", c.random, c.n, got, c.want)
		}
	}
}

// Neighbouring addresses are what a world uses most. Over n = 100,000 pairs of
// uniforms the mean has the standard error 1/√(12n) and the correlation 1/√n;
// both stay within five of them.
func TestDrawNeighboursAreIndependentUniforms(t *testing.T) {
	const n = 100_000
	for _, c := range []struct {
		name      string
		neighbour func(i uint64) uint64
	}{
		{"next counter", func(i uint64) uint64 { return Draw(7, 0, PurposeLatency, 1, i+1) }},
		{"next entity", func(i uint64) uint64 { return Draw(7, 0, PurposeLatency, 2, i) }},
		{"next purpose", func(i uint64) uint64 { return Draw(7, 0, PurposeLoss, 1, i) }},
		{"next run", func(i uint64) uint64 { return Draw(7, 1, PurposeLatency, 1, i) }},
		{"next seed", func(i uint64) uint64 { return Draw(8, 0, PurposeLatency, 1, i) }},
	} {
		var sum, product float64
		for i := range uint64(n) {
			u := Unit(Draw(7, 0, PurposeLatency, 1, i)) - 0.5
			v := Unit(c.neighbour(i)) - 0.5
			sum += v
			product += u * v
		}
		if mean, bound := sum/n, 5/math.Sqrt(12*n); math.Abs(mean) > bound {
			t.Errorf("%s: mean is %v off 1/2, want at most %v", c.name, mean, bound)
		}
		if r, bound := 12*product/n, 5/math.Sqrt(n); math.Abs(r) > bound {
			t.Errorf("%s: correlation %v, want at most %v", c.name, r, bound)
		}
	}
}

func TestDrawDoesNotAllocate(t *testing.T) {
	var sum uint64
	got := testing.AllocsPerRun(100, func() { sum += Below(Draw(1, 2, PurposeLoss, 4, sum), 10) })
	if got != 0 {
		t.Errorf("Draw and Below allocate %v times, want 0", got)
	}
}

func BenchmarkDraw(b *testing.B) {
	b.ReportAllocs()
	var sum uint64
	for i := range uint64(b.N) {
		sum ^= Draw(1, 2, PurposeLatency, 3, i)
	}
	benchmarkWord = sum
}

func BenchmarkDrawUnit(b *testing.B) {
	b.ReportAllocs()
	var sum float64
	for i := range uint64(b.N) {
		sum += Unit(Draw(1, 2, PurposeLatency, 3, i))
	}
	benchmarkWord = math.Float64bits(sum)
}

// benchmarkWord keeps results alive so that the compiler cannot drop the work.
var benchmarkWord uint64
