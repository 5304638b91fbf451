package gozk

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zookeeper/zk"
)

// path is the one node that anybody asks for; it does not exist.
const path = "/node"

// A bubble is one run of the real library.
type bubble struct {
	script *Script
	start  time.Time

	mu       sync.Mutex
	log      Log
	order    []string // addresses, as they came to be dialled
	attempts int
	sessions int64
	answers  int64
	conns    []net.Conn // the server's ends
	over     bool
	quit     chan struct{} // closed when it is over
	watching bool          // a watch is set, or being set
	closed   bool          // by the application, which wants nothing more
}

// playLibrary runs the real client along a script. It returns what could be seen, and
// the order in which it tries its addresses.
func playLibrary(t *testing.T, s *Script) (log *Log, order []string) {
	b := &bubble{script: s}
	synctest.Test(t, func(t *testing.T) {
		b.start, b.quit = time.Now(), make(chan struct{})
		var servers []string
		for i := range s.Servers {
			servers = append(servers, fmt.Sprintf("10.0.0.%d:2181", i+1))
		}
		c, events, err := zk.Connect(servers, s.Timeout, zk.WithDialer(b.dial), zk.WithLogger(quiet{}))
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			b.listen(c, events)
		}()
		for _, a := range s.Do {
			time.Sleep(a.At - time.Since(b.start))
			go b.act(c, a.What)
		}
		time.Sleep(s.Until - time.Since(b.start))
		b.stop()
		c.Close()
		<-ended
	})
	return &b.log, b.order
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}

func (b *bubble) note(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.log.add(time.Since(b.start), format, args...)
}

// stop ends the run: no server is there any more.
func (b *bubble) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
	close(b.quit)
	for _, c := range b.conns {
		c.Close()
	}
}

// sleep waits, until the run is over at most.
func (b *bubble) sleep(d time.Duration) {
	select {
	case <-time.After(d):
	case <-b.quit:
	}
}

// listen is the application hearing of its events.
func (b *bubble) listen(c *zk.Conn, events <-chan zk.Event) {
	for ev := range events {
		if b.ended() {
			continue
		}
		if ev.Type == zk.EventSession {
			b.note("event %s", strings.TrimPrefix(ev.State.String(), "State"))
			if ev.State == zk.StateHasSession && b.script.Watches {
				go b.watch(c)
			}
		}
		b.sleep(b.script.Slow)
	}
}

func (b *bubble) ended() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.over
}

// watch leaves a watch unless there is one.
func (b *bubble) watch(c *zk.Conn) {
	b.mu.Lock()
	busy := b.watching || b.closed // what it asks of a handle that it has closed is its own affair
	b.watching = true
	b.mu.Unlock()
	if busy {
		return
	}
	_, _, fired, err := c.ExistsW(path)
	if err == nil {
		b.note("result exists NoNode") // which the library makes false, and no error
	} else {
		b.note("result exists %s", word(err))
		b.mu.Lock()
		b.watching = false
		b.mu.Unlock()
		return
	}
	ev := <-fired
	b.mu.Lock()
	b.watching = false
	b.mu.Unlock()
	if ev.Type != zk.EventNotWatching && !b.ended() {
		b.watch(c)
	}
}

// act is the application doing something.
func (b *bubble) act(c *zk.Conn, d Deed) {
	switch d {
	case Read:
		_, _, err := c.Get(path)
		b.note("result getData %s", word(err))
	case Write:
		_, err := c.Set(path, nil, -1)
		b.note("result setData %s", word(err))
	case Close:
		b.mu.Lock()
		b.closed = true
		b.mu.Unlock()
		c.Close()
	}
}

// word is an error in the words of the model.
func word(err error) string {
	for known, w := range map[error]string{zk.ErrNoNode: "NoNode", zk.ErrConnectionClosed: "ConnectionClosed",
		zk.ErrSessionExpired: "SessionExpired", zk.ErrNoServer: "NoServer", zk.ErrClosing: "Closing"} {
		if errors.Is(err, known) {
			return w
		}
	}
	return fmt.Sprint(err)
}

// dial is the network.
func (b *bubble) dial(_, address string, timeout time.Duration) (net.Conn, error) {
	b.mu.Lock()
	a := b.script.Attempts[min(b.attempts, len(b.script.Attempts)-1)]
	b.attempts++
	if len(b.order) < b.script.Servers {
		b.order = append(b.order, address)
	}
	over := b.over
	b.mu.Unlock()
	if over {
		time.Sleep(timeout)
		return nil, errors.New("over")
	}
	b.note("dial %s", address)
	switch a.Dial {
	case Silence:
		b.sleep(timeout)
		return nil, errors.New("timed out")
	case Refuse:
		b.sleep(a.Takes)
		return nil, errors.New("refused")
	}
	b.sleep(a.Takes)
	ours, theirs := net.Pipe()
	b.mu.Lock()
	b.conns = append(b.conns, theirs)
	b.mu.Unlock()
	go b.serve(theirs, &a)
	return ours, nil
}

// A shore is the server's end of one connection.
type shore struct {
	net.Conn
	attempt *Attempt
	up      time.Time // when the ConnectRequest was answered

	mu      sync.Mutex
	closed  bool // by either side
	watched bool // a watch is set
}

// end closes the server's end and says whether that was the first that happened to
// the connection.
func (s *shore) end() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := !s.closed
	s.closed = true
	s.Conn.Close()
	return first
}

// takeWatch says whether a watch is set, which fires once.
func (s *shore) takeWatch() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	set := s.watched
	s.watched = false
	return set
}

// serve is the server's side of one connection.
func (b *bubble) serve(conn net.Conn, a *Attempt) {
	s := &shore{Conn: conn, attempt: a}
	defer func() {
		if s.end() && !b.ended() {
			b.note("close")
		}
	}()
	p, err := readPacket(conn)
	if err != nil {
		return
	}
	ask := parseConnect(p)
	b.note("connect session=%d timeout=%d zxid=%d", ask.session, ask.timeout, ask.zxid)
	hangUp := func(after time.Duration) {
		b.sleep(after)
		if s.end() && !b.ended() {
			b.note("hung up")
		}
	}
	switch a.Handshake {
	case Accept:
		b.sleep(a.After)
		if a.Grants > 0 {
			ask.timeout = int32(a.Grants / time.Millisecond)
		}
		if ask.session == 0 {
			b.mu.Lock()
			b.sessions++
			ask.session = b.sessions
			b.mu.Unlock()
		}
		if _, err := conn.Write(connectResponse(ask.timeout, ask.session)); err != nil {
			return
		}
		s.up = time.Now()
		for _, at := range a.Fires {
			go func() {
				b.sleep(at)
				if s.takeWatch() {
					conn.Write(notification(path))
				}
			}()
		}
		if a.CloseAfter > 0 {
			go hangUp(a.CloseAfter)
		}
	case Refuse:
		hangUp(a.After)
		return
	case Expire:
		b.sleep(a.After)
		if _, err := conn.Write(connectResponse(0, 0)); err == nil {
			hangUp(0) // V-5; the library forgets this connection without closing it
		}
		return
	}
	requests := make(chan request, 1000) // more than one connection ever waits for
	defer close(requests)
	go b.answer(s, requests)
	for {
		p, err := readPacket(conn)
		if err != nil {
			return
		}
		r := request{int32At(p, 0), int32At(p, 4), time.Now().Add(a.RoundTrip)}
		b.note("%s", names[r.op])
		requests <- r
	}
}

// names are what the log calls the operations.
var names = map[int32]string{opPing: "ping", opExists: "send exists", opGetData: "send getData", opSetData: "send setData",
	opClose: "send closeSession", opSetWatches: "send setWatches"}

// A request has reached the server, which answers it when it is due.
type request struct {
	xid, op int32
	due     time.Time
}

// answer answers the requests of one connection in the order in which they came, as a
// server does: two that came at one instant would otherwise race for their zxids.
func (b *bubble) answer(s *shore, requests <-chan request) {
	for r := range requests {
		b.sleep(time.Until(r.due))
		if s.attempt.DeafFrom > 0 && time.Since(s.up) >= s.attempt.DeafFrom {
			continue
		}
		s.mu.Lock()
		gone := s.closed
		s.watched = s.watched || r.op == opExists || r.op == opSetWatches
		s.mu.Unlock()
		if gone {
			continue
		}
		code := int32(errNoNode)
		if r.op == opPing || r.op == opClose || r.op == opSetWatches {
			code = 0
		}
		zxid := int64(0)
		if r.op != opPing {
			b.mu.Lock()
			b.answers++
			zxid = b.answers
			b.mu.Unlock()
		}
		s.Write(reply(r.xid, zxid, code).packet())
	}
}
