// Package gozk holds the model of go-zookeeper against the library itself
// (rules L-G).
//
// The real client runs in a bubble of testing/synctest, where time is virtual, over
// connections in memory, against a server that speaks ZooKeeper's wire protocol and
// follows a script. The model's client is stepped along the same script. Both leave a
// log, a line for everything that can be seen from outside, and the two must agree to
// the nanosecond. In which order things happen at one instant is not compared.
//
// It is a module of its own, so that the program does not depend on a library that
// only its judge needs.
package gozk
