package model

// JavaTimers are the Java client's limits, derived in int arithmetic from the
// session timeout: the negotiated one, or the requested one before the first
// handshake (C-1, N-6; ClientCnxn.java:SendThread.onConnected). Milliseconds.
type JavaTimers struct {
	Read    int64 // R = T*2/3: silence that a connected client bears
	Ping    int64 // p = R/2: an idle client pings this long after its last send
	Connect int64 // k = T/n: for TCP, and again for the handshake
	Expire  int64 // X = T*4/3: silence after which 3.9.3+ gives the session up
}

// NewJavaTimers returns the limits for a timeout of t milliseconds and n server
// addresses.
func NewJavaTimers(t int32, n int) JavaTimers {
	read := int64(t) * 2 / 3
	return JavaTimers{Read: read, Ping: read / 2, Connect: int64(t) / int64(n), Expire: int64(t) * 4 / 3}
}

// The Java client's constants, in milliseconds.
const (
	javaPingMargin = 1000  // taken off the ping period after a second without sending (C-9)
	javaMaxIdle    = 10000 // a ping goes out at the first turn after so long without sending (C-9, C-9c)
	javaTeardown   = 100   // the NIO socket's cleanup sleeps this long (C-13)
	javaSpin       = 1000  // wait when the address list has come round (C-16)
	javaBackoff    = 1000  // an attempt waits 0 to 999 ms (C-17)
)
