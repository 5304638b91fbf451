// Package experiments asks questions of many worlds and answers them with
// numbers: metrics of runs, statistics over runs, and the closed forms of section
// 11 of docs/semantics.md, against which the simulator is tested.
//
// A world is single-threaded; parallelism is many worlds. Results depend on the
// seeds alone, never on which world was finished first.
//
// What plays and stores sweeps is left out of a build for the browser (files with
// "!js"): it has no use there, and brings the languages of expressions and of Parquet
// with it. Metrics, statistics and closed forms are in every build.
package experiments
