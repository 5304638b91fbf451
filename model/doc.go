// Package model is ZooKeeper's session handling as pure machines: the client
// library, the server with its session tracker, and the messages between them.
//
// A [Machine] takes one input and its own clock's reading, changes its own
// fields and leaves its effects in a buffer that its caller owns. It never
// schedules, sends, sleeps or draws from a source of its own, and it does not
// know who runs it. What the original decides by chance is asked of [Env]; what
// the original does in time is answered by [Machine.Wake].
//
// The machines follow the numbered rules of docs/semantics.md. Every note that a
// machine leaves names the rule that made it so, and uses ZooKeeper's words:
// touch, bucket, tick, negotiated timeout, learner, zxid, REVALIDATE.
package model
