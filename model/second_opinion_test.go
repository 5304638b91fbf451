package model

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
)

// Second opinions: what the model does quickly is done again slowly, in the words
// of the rules, and both must agree on every step of many random histories.
// ZKSIM_HISTORIES says how many histories each test plays; ZKSIM_HISTORY plays
// one alone, by its number.

// usualHistories is how many histories a test plays when nobody asks for more.
const usualHistories = 20_000

// A dice answers the n-th question about a history. The answer depends on the
// history's number, on the subject and on n alone, so two players of one history
// get the same answers in whatever order they ask.
type dice struct {
	history uint64
	subject uint64
	n       uint64
}

func (d *dice) next() uint64 {
	d.n++
	return scramble(scramble(scramble(d.history)+d.subject) + d.n)
}

// about returns the dice for one subject of the same history.
func (d *dice) about(subject uint64) dice { return dice{history: d.history, subject: subject} }

// upTo returns a number from 0 to most.
func (d *dice) upTo(most int64) int64 { return int64(d.next() % uint64(most+1)) }

// between returns a number from least to most.
func (d *dice) between(least, most int64) int64 { return least + d.upTo(most-least) }

// percent says yes in share of 100 cases.
func (d *dice) percent(share int64) bool { return d.upTo(99) < share }

// scramble is a bijection of 64 bits in which every input bit moves every output
// bit: two rounds of multiplying by an odd number and folding.
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>31) * 0xd6e8feb86659fd93
	x = (x ^ x>>29) * 0xa0761d6478bd642f
	return x ^ x>>32
}

// playHistories plays as many histories as are asked for and stops at the first
// on which the two opinions differ, with the command that plays it again. It
// reports whether it played them all, so that a caller can ask what they covered.
func playHistories(t *testing.T, play func(d dice) error) bool {
	t.Helper()
	number := func(name string, otherwise uint64) (uint64, bool) {
		text := os.Getenv(name)
		if text == "" {
			return otherwise, false
		}
		n, err := strconv.ParseUint(text, 10, 63)
		if err != nil {
			t.Fatalf("%s=%q: want a number, as in 1000", name, text)
		}
		return n, true
	}
	first, alone := number("ZKSIM_HISTORY", 0)
	count, _ := number("ZKSIM_HISTORIES", usualHistories)
	if alone {
		count = 1
	}
	for i := first; i < first+count; i++ {
		if err := play(dice{history: i}); err != nil {
			t.Fatalf("history %d: %v\nagain: ZKSIM_HISTORY=%d go test -count=1 -run '^%s$' ./model", i, err, i, t.Name())
		}
	}
	return !alone
}

// TestSecondOpinionOnTheQueue plays the obvious queue of expiry_test.go beside the
// fast one. Polls come late, one or many at a time, with touches in between.
func TestSecondOpinionOnTheQueue(t *testing.T) { // T-3, T-4, T-5, T-7, T-8
	polled, earlier := 0, 0
	all := playHistories(t, func(d dice) error {
		interval := d.between(1, 50)
		now := d.upTo(200)
		q := NewExpiryQueue(interval, now)
		slow := &slowQueue{interval, (now/interval + 1) * interval, map[int32]int64{}, map[int64]map[int32]bool{}}
		elems, longest := d.between(1, 8), d.upTo(6*interval)
		for range d.between(5, 40) {
			if d.percent(70) {
				now += d.upTo(2 * interval)
			}
			elem := int32(d.upTo(elems - 1))
			switch d.upTo(9) {
			case 0:
				q.Remove(elem)
				slow.remove(elem)
			case 1, 2, 3:
				for range d.between(1, 4) {
					got, want := q.Poll(now, nil), slow.poll(now)
					slices.Sort(got)
					if !slices.Equal(got, want) {
						return fmt.Errorf("poll at %d: %v, the obvious queue says %v", now, got, want)
					}
					polled += len(got)
				}
			default:
				timeout := d.upTo(longest)
				before, had := slow.elems[elem]
				q.Update(elem, timeout, now)
				slow.update(elem, timeout, now)
				if had && slow.elems[elem] < before {
					earlier++
				}
			}
			if q.Next() != slow.next {
				return fmt.Errorf("at %d: next boundary %d, the obvious queue says %d", now, q.Next(), slow.next)
			}
			for e := range int32(elems) {
				want, ok := slow.elems[e]
				if !ok {
					want = -1
				}
				if got := q.Deadline(e); got != want {
					return fmt.Errorf("at %d: deadline of %d is %d, the obvious queue says %d", now, e, got, want)
				}
			}
		}
		return nil
	})
	if all && (polled == 0 || earlier == 0) {
		t.Errorf("%d elements polled, %d moved to an earlier bucket: the histories show nothing", polled, earlier)
	}
}

// A slowTracker is a list of sessions that is gone through from end to end for
// whatever is asked.
type slowTracker struct {
	tick, next int64
	sessions   []slowSession // in the order of their IDs
}

type slowSession struct {
	id       SessionID
	deadline int64 // none once the expiry loop has marked it
	closing  bool
	owner    NodeID
	touched  RecordID
}

// A slowMark is one session marked by the expiry loop.
type slowMark struct {
	id       SessionID
	boundary int64
	touched  RecordID
}

func (s *slowTracker) find(id SessionID) *slowSession {
	for i := range s.sessions {
		if s.sessions[i].id == id {
			return &s.sessions[i]
		}
	}
	return nil
}

// deadlineFor is T-3 in the words of the rule: B(t) = ((t+T)/τ + 1)·τ.
func (s *slowTracker) deadlineFor(t int64, timeout int32) int64 {
	return ((t+int64(timeout))/s.tick + 1) * s.tick
}

func (s *slowTracker) track(id SessionID, timeout int32, now int64) (added bool) { // T-11
	x := s.find(id)
	if x == nil {
		s.sessions = append(s.sessions, slowSession{id: id, owner: NoNode})
		slices.SortFunc(s.sessions, func(a, b slowSession) int {
			if a.id < b.id {
				return -1
			}
			return 1
		})
		x, added = s.find(id), true
	}
	if !x.closing {
		x.deadline = s.deadlineFor(now, timeout)
	}
	return added
}

func (s *slowTracker) touch(id SessionID, timeout int32, now int64, record RecordID) bool { // T-5, T-6
	x := s.find(id)
	if x == nil || x.closing {
		return false
	}
	x.deadline, x.touched = s.deadlineFor(now, timeout), record
	return true
}

func (s *slowTracker) poll(now int64) (marks []slowMark, polled bool) { // T-7, T-8, T-9
	if now < s.next {
		return nil, false
	}
	for i := range s.sessions {
		if x := &s.sessions[i]; x.deadline == s.next {
			x.closing, x.deadline = true, none
			marks = append(marks, slowMark{x.id, s.next, x.touched})
		}
	}
	s.next += s.tick
	return marks, true
}

func (s *slowTracker) remove(id SessionID) { // T-10
	s.sessions = slices.DeleteFunc(s.sessions, func(x slowSession) bool { return x.id == id })
}

func (s *slowTracker) check(id SessionID, owner NodeID) ErrCode { // H-8, Z-8
	x := s.find(id)
	if x == nil || x.closing {
		return ErrSessionExpired
	}
	if x.owner == NoNode {
		x.owner = owner
	}
	if x.owner != owner {
		return ErrSessionMoved
	}
	return ErrOK
}

// TestSecondOpinionOnTheTracker adds to TestTrackerAgainstPlainBookkeeping what
// that test leaves out: a loop that is late, sessions closed on request, owners,
// and which touch a mark follows from.
func TestSecondOpinionOnTheTracker(t *testing.T) { // T-3 to T-11, Z-2, Z-9, H-8
	marked, late, closed, moved := 0, 0, 0, 0
	all := playHistories(t, func(d dice) error {
		tick := d.between(1, 60)
		now := d.upTo(3 * tick)
		tr := NewTracker(tick, now)
		slow := &slowTracker{tick: tick, next: (now/tick + 1) * tick}
		longest := d.upTo(6 * tick)
		servers, each := d.between(1, 3), d.between(1, 3)
		for step := range d.between(5, 40) {
			if d.percent(70) {
				now += d.upTo(2 * tick)
			}
			id := makeSessionID(int(d.between(1, servers)), int(d.upTo(each-1)))
			timeout := int32(d.upTo(longest))
			switch d.upTo(11) {
			case 0:
				tr.Remove(id)
				slow.remove(id)
			case 1:
				tr.SetClosing(id)
				if x := slow.find(id); x != nil {
					x.closing = true
				}
			case 2:
				owner := NodeID(d.upTo(2))
				tr.SetOwner(id, owner)
				if x := slow.find(id); x != nil {
					x.owner = owner
				}
			case 3:
				owner := NodeID(d.upTo(2))
				got, want := tr.Check(id, owner), slow.check(id, owner)
				if got != want {
					return fmt.Errorf("at %d: %x through %d: %v, the list says %v", now, id, owner, got, want)
				}
				if want == ErrSessionMoved {
					moved++
				}
			case 4, 5, 6:
				for range d.between(1, 4) {
					if slow.next+tick <= now {
						late++
					}
					var got []slowMark
					polled := tr.Poll(now, func(id SessionID, boundary int64, touched RecordID) {
						got = append(got, slowMark{id, boundary, touched})
					})
					for _, m := range got {
						if x := slow.find(m.id); x != nil && x.closing {
							closed++
						}
					}
					want, due := slow.poll(now)
					if polled != due || !slices.Equal(got, want) {
						return fmt.Errorf("poll at %d: %v, %v, the list says %v, %v", now, got, polled, want, due)
					}
					marked += len(got)
				}
			case 7, 8:
				_, got := tr.Track(id, timeout, now)
				if want := slow.track(id, timeout, now); got != want {
					return fmt.Errorf("at %d: Track of %x says new: %v, the list says %v", now, id, got, want)
				}
			default:
				_, got := tr.Touch(id, timeout, now, RecordID(step+1))
				if want := slow.touch(id, timeout, now, RecordID(step+1)); got != want {
					return fmt.Errorf("at %d: Touch of %x: %v, the list says %v", now, id, got, want)
				}
			}
			if tr.Next() != slow.next {
				return fmt.Errorf("at %d: next boundary %d, the list says %d", now, tr.Next(), slow.next)
			}
			for server := range servers {
				for count := range each {
					id := makeSessionID(int(server+1), int(count))
					x := slow.find(id)
					got, ok := tr.Deadline(id)
					if want := x != nil && !x.closing; ok != want || ok && got != x.deadline {
						return fmt.Errorf("at %d: deadline of %x: %d, %v, the list says %+v", now, id, got, ok, x)
					}
					if got, want := tr.Closing(id), x != nil && x.closing; got != want {
						return fmt.Errorf("at %d: %x closing: %v, the list says %v", now, id, got, want)
					}
				}
			}
		}
		return nil
	})
	if all && (marked == 0 || late == 0 || closed == 0 || moved == 0) {
		t.Errorf("%d marks, %d late polls, %d marks of closing sessions, %d moved: the histories show too little", marked, late, closed, moved)
	}
}
