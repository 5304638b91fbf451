package web

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
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

// FuzzHandler sends requests as they come over the wire. Whatever they are, no answer is
// that of a bug, each has the headers that keep the page safe, and none but the page gets an
// answer of the engine.
func FuzzHandler(f *testing.F) {
	const head = "Host: localhost:8372\r\nContent-Type: application/json\r\n"
	for _, seed := range []string{
		"GET / HTTP/1.1\r\nHost: localhost:8372\r\n\r\n",
		"HEAD /main.js HTTP/1.1\r\nHost: 127.0.0.1:8372\r\n\r\n",
		"GET /../../etc/passwd HTTP/1.0\r\n\r\n",
		"GET http://elsewhere.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"POST /api/run HTTP/1.1\r\n" + head + "Content-Length: 18\r\n\r\n{\"scenario\":\"faq\"}",
		"POST /api/run HTTP/1.1\r\n" + head + "Content-Length: 99\r\n\r\n{\"scenario\":\"faq\"}",
		"POST /api/rules HTTP/1.1\r\n" + head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
		"POST /api/run HTTP/1.1\r\n" + head + "Origin: https://elsewhere.example\r\nContent-Length: 18\r\n\r\n{\"scenario\":\"faq\"}",
		"POST /api/run HTTP/1.1\r\n" + head + "Sec-Fetch-Site: same-origin\r\nContent-Length: 2\r\n\r\n{}",
		"POST /api/../api/run HTTP/1.1\r\nHost: rebound.example\r\n\r\n",
		"OPTIONS /api/run HTTP/1.1\r\nHost: [::1]:8372\r\nAccess-Control-Request-Method: POST\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	h := Handler(Options{Longest: 50 * time.Millisecond, Log: log.New(io.Discard, "", 0)})
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil {
			return // net/http answers it
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code == http.StatusInternalServerError {
			t.Fatalf("status 500: %.300s", w.Body)
		}
		if !strings.HasPrefix(w.Header().Get("Content-Security-Policy"), "default-src 'none'") || w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Fatalf("headers %v", w.Header())
		}
		if w.Header().Get("Content-Type") != "application/json" {
			return
		}
		if !json.Valid(w.Body.Bytes()) {
			t.Fatalf("no JSON: %.300q", w.Body)
		}
		if w.Code == http.StatusOK && (r.Method != http.MethodPost || r.Header.Get("Sec-Fetch-Site") == "cross-site") {
			t.Fatalf("answered: %.300q", raw)
		}
	})
}
