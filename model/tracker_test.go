package model

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

var sessionA, sessionB = makeSessionID(1, 0), makeSessionID(2, 3)

// pollAll runs the expiry loop at now and lists what it marks.
func pollAll(tr *Tracker, now int64) []string {
	var marked []string
	for tr.Poll(now, func(id SessionID, boundary int64, touched RecordID) {
		marked = append(marked, fmt.Sprintf("%x@%d", id, boundary))
	}) {
	}
	return marked
}

func TestVector3_T5(t *testing.T) {
	tr := NewTracker(2000, 0)
	tr.Track(sessionA, 8000, 0)
	if d, ok := tr.Touch(sessionA, 8000, 1000, 1); d != 10000 || !ok {
		t.Errorf("touch at 1000 with T=8000: deadline %d, %v, want 10000", d, ok)
	}
	if d, ok := tr.Touch(sessionA, 4000, 1500, 2); d != 6000 || !ok {
		t.Errorf("touch at 1500 with T=4000: deadline %d, %v, want 6000", d, ok)
	}
	same(t, "marked by 4000", pollAll(tr, 4000))
	same(t, "marked at 6000", pollAll(tr, 6000), fmt.Sprintf("%x@6000", sessionA)) // and not at 10000
	same(t, "marked later", pollAll(tr, 20000))
}

func TestTouchNeverBringsASessionBack(t *testing.T) { // T-6
	tr := NewTracker(2000, 0)
	if _, ok := tr.Touch(sessionA, 4000, 0, 1); ok {
		t.Error("touched an unknown session")
	}
	tr.Track(sessionA, 4000, 0)
	pollAll(tr, 6000)
	if _, ok := tr.Touch(sessionA, 4000, 6000, 2); ok {
		t.Error("touched a session that is marked closing")
	}
	if !tr.Closing(sessionA) {
		t.Error("the mark is gone")
	}
	same(t, "marked again", pollAll(tr, 60000))
}

func TestMarkedSessionStaysUntilItsCloseIsApplied(t *testing.T) { // T-9, T-10
	tr := NewTracker(2000, 0)
	tr.Track(sessionB, 4000, 0)
	tr.Track(sessionA, 4000, 1999)
	// One batch, in the order of the IDs, from one bucket.
	same(t, "batch", pollAll(tr, 6000), fmt.Sprintf("%x@6000", sessionA), fmt.Sprintf("%x@6000", sessionB))
	if !tr.Closing(sessionA) || !tr.Closing(sessionB) {
		t.Error("the expiry loop removed what it marked")
	}
	tr.Remove(sessionA)
	if tr.Closing(sessionA) {
		t.Error("still tracked after its close was applied")
	}
	if tr.Check(sessionA, 0) != ErrSessionExpired {
		t.Error("a removed session passes the check")
	}
}

func TestTrackingAgainKeepsOwnerAndTouches(t *testing.T) { // T-11
	tr := NewTracker(2000, 0)
	if d, added := tr.Track(sessionA, 4000, 0); d != 6000 || !added {
		t.Errorf("Track = %d, %v", d, added)
	}
	tr.SetOwner(sessionA, 2)
	if d, added := tr.Track(sessionA, 4000, 2500); d != 8000 || added {
		t.Errorf("Track again = %d, %v, want 8000 and not new", d, added)
	}
	if tr.Check(sessionA, 1) != ErrSessionMoved {
		t.Error("Track forgot the owner")
	}
}

func TestOnlyTheOwnerSpeaksForASession(t *testing.T) { // H-8
	tr := NewTracker(2000, 0)
	tr.Track(sessionA, 4000, 0)
	steps := []struct {
		from NodeID
		want ErrCode
	}{{1, ErrOK}, {1, ErrOK}, {2, ErrSessionMoved}, {1, ErrOK}} // whoever asks first owns it
	for i, s := range steps {
		if got := tr.Check(sessionA, s.from); got != s.want {
			t.Errorf("request %d through %d: %v, want %v", i, s.from, got, s.want)
		}
	}
	tr.SetOwner(sessionA, 2)
	if tr.Check(sessionA, 2) != ErrOK || tr.Check(sessionA, 1) != ErrSessionMoved {
		t.Error("SetOwner did not move the session")
	}
	tr.SetClosing(sessionA)
	if tr.Check(sessionA, 2) != ErrSessionExpired { // Z-8
		t.Error("the owner of a closing session passes the check")
	}
}

// TestClosingByRequestKeepsTheBucket follows setSessionClosing of
// SessionTrackerImpl.java, which leaves the expiry queue alone: if the deadline
// comes first, a second closeSession is submitted (Z-2, Z-9).
func TestClosingByRequestKeepsTheBucket(t *testing.T) {
	tr := NewTracker(2000, 0)
	tr.Track(sessionA, 4000, 0)
	tr.SetClosing(sessionA)
	if _, ok := tr.Touch(sessionA, 4000, 1000, 1); ok {
		t.Error("touched a session whose client asked to close it")
	}
	same(t, "marked at its deadline", pollAll(tr, 6000), fmt.Sprintf("%x@6000", sessionA))
}

// TestTrackerAgainstPlainBookkeeping plays random histories against a map: a
// session is marked at the first poll at or beyond the bucket of its last touch,
// never before, and only once.
func TestTrackerAgainstPlainBookkeeping(t *testing.T) { // T-1, T-3, T-5, T-6, T-9, T-10
	type book struct {
		deadline int64
		closing  bool
	}
	rapid.Check(t, func(t *rapid.T) {
		tick := rapid.SampledFrom([]int64{1, 7, 2000}).Draw(t, "tick")
		now := rapid.Int64Range(0, 3*tick).Draw(t, "start")
		tr := NewTracker(tick, now)
		books := map[SessionID]*book{}
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			now += rapid.Int64Range(0, 2*tick).Draw(t, "pause")
			id := makeSessionID(rapid.IntRange(1, 3).Draw(t, "server"), rapid.IntRange(0, 2).Draw(t, "count"))
			timeout := rapid.Int32Range(0, int32(5*tick)).Draw(t, "timeout")
			// The loop first, so that nothing is overdue when a touch comes.
			marked := map[SessionID]bool{}
			for tr.Poll(now, func(id SessionID, boundary int64, _ RecordID) {
				b := books[id]
				if b == nil || b.closing || b.deadline != boundary || marked[id] {
					t.Fatalf("marked %x at %d, books say %+v", id, boundary, b)
				}
				b.closing, marked[id] = true, true
			}) {
			}
			for id, b := range books {
				if !b.closing && b.deadline <= now {
					t.Fatalf("%x was due at %d and is not marked at %d", id, b.deadline, now)
				}
			}
			b := books[id]
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0:
				tr.Remove(id)
				delete(books, id)
			case 1:
				d, added := tr.Track(id, timeout, now)
				if added != (b == nil) {
					t.Fatalf("Track says new: %v, books say %+v", added, b)
				}
				if b == nil {
					b = &book{}
					books[id] = b
				}
				if !b.closing {
					b.deadline = ((now+int64(timeout))/tick + 1) * tick
					if d != b.deadline {
						t.Fatalf("Track set %d, want %d", d, b.deadline)
					}
				}
			default:
				d, ok := tr.Touch(id, timeout, now, 1)
				if ok != (b != nil && !b.closing) {
					t.Fatalf("Touch says %v, books say %+v", ok, b)
				}
				if ok {
					b.deadline = ((now+int64(timeout))/tick + 1) * tick
					if d != b.deadline {
						t.Fatalf("Touch set %d, want %d", d, b.deadline)
					}
				}
			}
		}
	})
}
