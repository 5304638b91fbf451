package model

import "testing"

func TestAStoppedEventThreadStopsNoPings_G4_C32(t *testing.T) {
	r := newRig(t, "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.command(1000, CommandStopEvents)
	r.pongs(1, 20000)
	// Every p, as if nothing were (C-9a).
	same(t, "pings", r.sent(OpPing), 3333, 6666, 9999, 13332, 16665, 19998)
	r.closed(20100, ReasonEOF) // Disconnected would be told at 20200 (C-13)
	r.until(20200)
	same(t, "states", r.story(KindState)[2:], "20200 CONNECTING") // at once, of the next attempt
	r.connected(20201)
	r.accept(20202, 10000)
	same(t, "told", r.told(), "0 SyncConnected")
	r.command(25000, CommandRunEvents)
	r.until(25000)
	same(t, "told", r.told()[1:], "25000 Disconnected", "25000 SyncConnected")
	r.command(25001, CommandRunEvents) // once more means nothing
	r.until(25002)
	same(t, "told", r.told()[3:])
}

func TestACallbackThatRunsOnWhenItsThreadDoesTakesTheRestOfItsTime_G4(t *testing.T) {
	r := newRigOf(t, ClientConfig{Node: 9, Library: library(t, "3.9.5"), Timeout: 10000, Servers: servers(3), First: NoNode, Callback: 4000 * 1e6})
	r.session(0, 10000) // its callback runs until 4000
	r.command(1000, CommandStopEvents)
	r.closed(1500, ReasonEOF)
	r.command(2000, CommandRunEvents)
	r.until(3999)
	same(t, "told", r.told(), "0 SyncConnected")
	r.until(4000)
	same(t, "told", r.told()[1:], "4000 Disconnected")
}

func TestAStoppedReaderOfGosChannelMissesWhatExceedsIt_G4_LG8(t *testing.T) {
	r := newLibraryRig(t, "go", "1.0.4", 6000, 3)
	r.connected(0)
	r.accept(0, 6000)
	before := len(r.told())
	r.command(1, CommandStopEvents)
	at := int64(10)
	for range 3 {
		r.closed(at, ReasonEOF)
		r.before(at + 1500) // the wait of a second where the list comes round (L-G5)
		r.connected(at + 1500)
		r.accept(at+1500, 6000)
		at += 2000
	}
	same(t, "told while it stands", r.told()[before:])
	// Disconnected, Connecting, Connected, HasSession three times: six fit.
	if dropped := len(r.when(KindEventDropped)); dropped < 6 {
		t.Errorf("%d events dropped, want 6 at least", dropped)
	}
	r.command(at, CommandRunEvents)
	r.until(at)
	if told := len(r.told()) - before; told != 6 {
		t.Errorf("told %v, want six", r.told()[before:])
	}
}
