package web

import (
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// mostFuzzed bounds how far one run of the fuzzer goes: what is asked about is what the
// engine makes of a question, not how long it can play.
const mostFuzzed = 3

// FuzzCall asks any method anything. Whatever it is, the answer is JSON in UTF-8: what was
// asked for, or a refusal that says something; never a bug.
func FuzzCall(f *testing.F) {
	for _, seed := range [][2]string{
		{"scenarios", `{}`},
		{"run", `{"scenario":"faq","records":true,"set":["faults.0.for=5s"],"fork_of":{"scenario":"faq"}}`},
		{"run", `{"scenario":"run: 30s\nclients: {a: {timeout: 1x}}"}`},
		{"run", `{"scenario":"run: 9s\nclients:\n  a: {attach: 1, count: 3}\nfaults: [{kill: a1, at: 3s}]\n","client":"a2","seed":"18446744073709551615","run":4294967295}`},
		{"run", `{"scenario":"zombie","add":["{pause: worker, at: 9s, for: 3s}"],"set":["network.loss=5%","ensemble.servers=5"]}`},
		{"why", `{"scenario":"faq","record":195}`},
		{"nearest", `{"scenario":"heal-in-time"}`},
		{"shake", `{"scenario":"faq","from":4294967290,"count":5}`},
		{"shake", `{"scenario":"gc-pause","count":2,"phases":"kept"}`},
		{"libraries", `{"scenario":"curator-460"}`},
		{"timeline", `{"scenario":"faq","format":"perfetto"}`},
		{"timeline", `{"scenario":"faq","format":"mermaid","client":"other"}`},
		{"rules", `{}`},
		{"rule", `{"id":"c-9A"}`},
		{"lessons", `{}`},
		{"lesson", `{"lesson":"1","round":1}`},
		{"judge", `{"lesson":"1","round":1,"guesses":["9.8"]}`},
		{"", "\x00"},
	} {
		f.Add(seed[0], []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, method string, question []byte) {
		looks := 0
		text, refused := call(method, question, func() bool { looks++; return looks > mostFuzzed })
		if !json.Valid(text) || !utf8.Valid(text) {
			t.Fatalf("%q is answered with no JSON: %.200q", method, text)
		}
		switch {
		case refused == nil:
		case refused.Kind == Broken:
			t.Fatalf("%q: %s\n%s", method, refused.Message, refused.trace)
		case refused.Message == "":
			t.Fatalf("%q: refused without a word", method)
		}
	})
}
