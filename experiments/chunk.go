//go:build !js

package experiments

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// A chunk is some replications of one point, the unit in which results are kept: a file
// whose name is a fingerprint of everything that its content depends on, and which ends
// in a checksum.
type chunk struct {
	point    int
	from, to uint32 // runs, the last one not included
	key      chunkKey
}

func (c *chunk) runs() int { return int(c.to - c.from) }

// A chunkKey names a chunk.
type chunkKey [16]byte

func (k chunkKey) String() string { return hex.EncodeToString(k[:]) }

// A chunkHead is the first line of a chunk's file, for those who find one.
type chunkHead struct {
	Format  string   `json:"zksim_chunk"`
	Key     string   `json:"key"`
	Engine  string   `json:"engine"`
	Point   string   `json:"point"`
	Set     []string `json:"set"`
	Seed    uint64   `json:"seed"`
	From    uint32   `json:"from_run"`
	To      uint32   `json:"to_run"` // included
	Columns []string `json:"columns"`
	// Digest is that of the first run. Another program that claims to be the same one is
	// found out by it.
	Digest string `json:"digest"`
}

const chunkFormat = "1"

// chunk makes the address of a point's replications.
func (p *Plan) chunk(point int, from, to uint32) chunk {
	pt := &p.Points[point]
	h := sha256.New()
	fmt.Fprintf(h, "zksim chunk %s\n%s\n%s\n%d %d %d\n", chunkFormat, p.Engine, pt.ID, pt.Seed, from, to)
	for _, c := range p.Columns {
		fmt.Fprintln(h, c.Title())
	}
	for _, place := range pt.places {
		fmt.Fprintln(h, place)
	}
	c := chunk{point: point, from: from, to: to}
	copy(c.key[:], h.Sum(nil))
	return c
}

// encode makes the content of a chunk's file: a line of JSON, the values row by row as
// binary floating point, least byte first, and the SHA-256 of all that.
func (p *Plan) encode(c *chunk, values []Value, digest uint64) []byte {
	pt := &p.Points[c.point]
	head := chunkHead{Format: chunkFormat, Key: c.key.String(), Engine: p.Engine, Point: pt.ID.String(), Set: p.assigned(c.point), Seed: pt.Seed,
		From: c.from, To: c.to - 1, Digest: fmt.Sprintf("%016x", digest)}
	for _, col := range p.Columns {
		head.Columns = append(head.Columns, col.Title())
	}
	out, err := json.Marshal(head)
	if err != nil {
		panic(err) // texts and numbers
	}
	out = append(out, '\n')
	for _, v := range values {
		if v != v {
			v = math.NaN() // one of its many forms
		}
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(v))
	}
	sum := sha256.Sum256(out)
	return append(out, sum[:]...)
}

// Errors of a chunk's file. Both kinds are named to the user and computed anew.
var (
	errCorrupt = errors.New("corrupt: its checksum does not fit")
	errForeign = errors.New("foreign: not what its name says")
)

// decode reads a chunk's file. The values are appended to those given.
func (p *Plan) decode(c *chunk, file []byte, values []Value) ([]Value, uint64, error) {
	n := len(file) - sha256.Size
	if n < 0 {
		return values, 0, errCorrupt
	}
	if sum := sha256.Sum256(file[:n]); !bytes.Equal(sum[:], file[n:]) {
		return values, 0, errCorrupt
	}
	line, body, ok := bytes.Cut(file[:n], []byte("\n"))
	var head chunkHead
	if !ok || json.Unmarshal(line, &head) != nil {
		return values, 0, errForeign
	}
	var digest uint64
	_, err := fmt.Sscanf(head.Digest, "%x", &digest)
	pt := &p.Points[c.point]
	if err != nil || head.Format != chunkFormat || head.Key != c.key.String() || head.Engine != p.Engine || head.Point != pt.ID.String() ||
		head.Seed != pt.Seed || head.From != c.from || head.To != c.to-1 || len(body) != 8*c.runs()*len(p.Columns) {
		return values, 0, errForeign
	}
	for ; len(body) > 0; body = body[8:] {
		values = append(values, math.Float64frombits(binary.LittleEndian.Uint64(body)))
	}
	return values, digest, nil
}
