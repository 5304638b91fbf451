// Package web is the teaching page and the engine behind it.
//
// [Call] answers a question in JSON with JSON. It is the same function behind the HTTP
// interface of [Handler], which zksim serve offers, and in the WebAssembly build (package
// web/wasm), which zksim site puts beside the page: one engine, in two places. What it
// says is what the command line says, to the byte.
//
// It plays what strangers send, so everything is bounded (see the constants in
// limits.go), and what is refused is refused with a place and with what would be right.
package web
