package gozk

import (
	"encoding/binary"
	"io"
)

// Operations of the wire protocol (ZooDefs.java:ZooDefs.OpCode), and the xids that
// mean something by themselves.
const (
	opExists     = 3
	opGetData    = 4
	opSetData    = 5
	opPing       = 11
	opClose      = -11
	opSetWatches = 101

	xidNotify = -1
	xidPing   = -2
)

const errNoNode = -101

// A packer writes numbers and buffers as jute does, behind four bytes of length.
type packer struct{ b []byte }

func newPacker() *packer { return &packer{make([]byte, 4)} }

func (p *packer) int32(v int32) *packer {
	p.b = binary.BigEndian.AppendUint32(p.b, uint32(v))
	return p
}

func (p *packer) int64(v int64) *packer {
	p.b = binary.BigEndian.AppendUint64(p.b, uint64(v))
	return p
}

func (p *packer) bytes(v []byte) *packer {
	p.int32(int32(len(v)))
	p.b = append(p.b, v...)
	return p
}

func (p *packer) packet() []byte {
	binary.BigEndian.PutUint32(p.b, uint32(len(p.b)-4))
	return p.b
}

// readPacket reads one packet without its length.
func readPacket(r io.Reader) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	b := make([]byte, binary.BigEndian.Uint32(length[:]))
	_, err := io.ReadFull(r, b)
	return b, err
}

func int32At(b []byte, i int) int32 { return int32(binary.BigEndian.Uint32(b[i:])) }
func int64At(b []byte, i int) int64 { return int64(binary.BigEndian.Uint64(b[i:])) }

// A connectRequest is what the server needs of one (ConnectRequest in zookeeper.jute):
// version, last zxid seen, timeout, session ID, password.
type connectRequest struct {
	zxid    int64
	timeout int32
	session int64
}

func parseConnect(b []byte) connectRequest {
	return connectRequest{int64At(b, 4), int32At(b, 12), int64At(b, 16)}
}

// connectResponse is version, timeout, session ID, password.
func connectResponse(timeout int32, session int64) []byte {
	return newPacker().int32(0).int32(timeout).int64(session).bytes(make([]byte, 16)).packet()
}

// reply is a reply's header, xid, zxid and error, and what follows it.
func reply(xid int32, zxid int64, err int32) *packer {
	return newPacker().int32(xid).int64(zxid).int32(err)
}

// notification is a watch event: a node's data has changed.
func notification(path string) []byte {
	return reply(xidNotify, -1, 0).int32(3).int32(3).bytes([]byte(path)).packet()
}
