package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// ask sends a question to a handler, as a page on localhost does.
func askHandler(h http.Handler, name, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "http://localhost:8372/api/"+name, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", "http://localhost:8372")
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// refusalIn is the refusal of an answer, nil if it is none.
func refusalIn(t testing.TB, text []byte) *Refusal {
	t.Helper()
	var v struct{ Error *Refusal }
	if text[0] == '{' {
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatalf("no JSON: %v: %.200s", err, text)
		}
	}
	return v.Error
}

func TestOnlyThePageItselfMayAsk(t *testing.T) {
	h := Handler(Options{Hosts: []string{"lab.example"}})
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	host := func(name string) func(*http.Request) {
		return func(r *http.Request) { r.Host = name; r.Header.Set("Origin", "http://"+name) }
	}
	for _, tc := range []struct {
		what   string
		change func(*http.Request)
		status int
	}{
		{"the page", func(*http.Request) {}, 200},
		{"by address", host("127.0.0.1:8372"), 200},
		{"by IPv6 address", host("[::1]:8372"), 200},
		{"a name that was allowed", host("lab.example:8372"), 200},
		{"a name that somebody points at this machine", host("rebound.example:8372"), 403},
		{"no name", host(""), 403},
		{"another page", set("Origin", "http://elsewhere.example"), 403},
		{"another page, as browsers say it", set("Sec-Fetch-Site", "cross-site"), 403},
		{"a form", set("Content-Type", "text/plain"), 415},
		{"no type", set("Content-Type", ""), 415},
		{"no origin, as curl", func(r *http.Request) { r.Header.Del("Origin") }, 200},
		{"reading", func(r *http.Request) { r.Method = "GET" }, 405},
		{"a method that is none", func(r *http.Request) { r.URL.Path = "/api/shutdown" }, 404},
	} {
		w := askHandler(h, "run", `{"scenario":"faq"}`, tc.change)
		if w.Code != tc.status {
			t.Errorf("%s: status %d, want %d: %.200s", tc.what, w.Code, tc.status, w.Body)
		}
		if r := refusalIn(t, w.Body.Bytes()); (r == nil) != (tc.status == 200) || r != nil && r.Message == "" {
			t.Errorf("%s: %+v", tc.what, r)
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'; script-src 'self'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "http") {
			t.Errorf("%s: policy %q", tc.what, csp)
		}
	}
}

func TestPageHasNoScriptThatThePolicyForbids(t *testing.T) {
	page := string(index(pageAssets()))
	if page == "" {
		t.Fatal("no page in the program")
	}
	if n := len(importMap.FindAllString(page, -1)); n != 1 {
		t.Errorf("%d import maps, want 1", n)
	}
	rest := importMap.ReplaceAllString(page, "")
	for tag := range strings.SplitSeq(rest, "<script") {
		if tag == rest || strings.HasPrefix(tag, "<!doctype") {
			continue
		}
		if !strings.Contains(strings.SplitN(tag, ">", 2)[0], ` src="`) {
			t.Errorf("an inline script: <script%.60s", tag)
		}
	}
	for _, forbidden := range []string{" style=\"", " onclick=", " onload=", "javascript:", "<style"} {
		if strings.Contains(rest, forbidden) {
			t.Errorf("%q in the page, which the policy forbids", forbidden)
		}
	}
}

func TestFilesOfThePageAreServedAndNothingElse(t *testing.T) {
	h := Handler(Options{})
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "http://localhost/", nil)
		r.URL.Path = path
		h.ServeHTTP(w, r)
		return w
	}
	for path, media := range map[string]string{"/": "text/html; charset=utf-8", "/index.html": "text/html; charset=utf-8", "/main.js": "text/javascript; charset=utf-8", "/style.css": "text/css; charset=utf-8", "/icon.svg": "image/svg+xml"} {
		w := get(path)
		if w.Code != 200 || w.Header().Get("Content-Type") != media || w.Body.Len() == 0 {
			t.Errorf("%s: status %d, %s, %d bytes; want 200, %s", path, w.Code, w.Header().Get("Content-Type"), w.Body.Len(), media)
		}
	}
	for _, path := range []string{"/../engine.go", "/page/index.html", "/..%2fengine.go", "//etc/passwd", "/api", "/nothing"} {
		if w := get(path); w.Code != 404 {
			t.Errorf("%s: status %d, want 404", path, w.Code)
		}
	}
}

// endless reads as many bytes as are asked for.
type endless struct{ read, most int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.read >= e.most {
		return 0, io.EOF
	}
	for i := range p {
		p[i] = ' '
	}
	e.read += int64(len(p))
	return len(p), nil
}

func TestBodyOfAHundredMegabytesIsRefusedWithoutReadingIt(t *testing.T) {
	h := Handler(Options{})
	body := &endless{most: 100 << 20}
	r := httptest.NewRequest("POST", "http://localhost/api/run", body)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if got := refusalIn(t, w.Body.Bytes()); w.Code != 413 || got == nil || got.Kind != Large || !strings.Contains(got.Message, fmt.Sprint(MaxRequest)) {
		t.Errorf("status %d, %+v; want 413 and the limit", w.Code, got)
	}
	if body.read > MaxRequest+64<<10 {
		t.Errorf("%d bytes of it were read, want little more than %d", body.read, MaxRequest)
	}
}

// TestTooManyQuestionsAreToldToComeBack: with one turn and one place in the line, of which
// a question that waits for the rest of its body holds one, the others are refused.
func TestTooManyQuestionsAreToldToComeBack(t *testing.T) {
	h := Handler(Options{AtOnce: 1, Waiting: 1, Patience: time.Millisecond})
	inner := h.(*handler)
	inner.turns <- struct{}{} // somebody's question is being worked on
	inner.line <- struct{}{}
	w := askHandler(h, "run", `{"scenario":"faq"}`)
	if r := refusalIn(t, w.Body.Bytes()); w.Code != 503 || r == nil || r.Kind != Busy || w.Header().Get("Retry-After") == "" {
		t.Errorf("no turn: status %d, %+v; want 503, busy, and when to ask again", w.Code, r)
	}
	inner.line <- struct{}{}
	w = askHandler(h, "run", `{"scenario":"faq"}`)
	if r := refusalIn(t, w.Body.Bytes()); w.Code != 503 || r == nil || r.Kind != Busy {
		t.Errorf("no place in the line: status %d, %+v; want 503, busy", w.Code, r)
	}
	<-inner.line
	<-inner.line
	<-inner.turns
	if w = askHandler(h, "run", `{"scenario":"faq"}`); w.Code != 200 {
		t.Errorf("afterwards: status %d, want 200", w.Code)
	}
}

// TestRunEndsWithWhoeverAskedForIt: a request that is cancelled, or takes too long, ends
// its run at the next look, long before the limit of events.
func TestRunEndsWithWhoeverAskedForIt(t *testing.T) {
	const long = `{"scenario":"faq","set":["clients.worker.count=100","run=24h"]}`
	h := Handler(Options{Longest: time.Nanosecond})
	w := askHandler(h, "run", long)
	if r := refusalIn(t, w.Body.Bytes()); w.Code != 503 || r == nil || r.Kind != Interrupted || !strings.Contains(r.Message, "longer than 1ns") {
		t.Errorf("too long: status %d, %+v; want 503 and how long it may take", w.Code, r)
	}
	looks := 0
	text := Call("run", []byte(long), func() bool { looks++; return looks == 3 })
	if r := refusalIn(t, text); r == nil || r.Kind != Interrupted || looks != 3 {
		t.Errorf("%d looks, %+v; want it to end at the third", looks, r)
	}
}

// TestServerAnswersOverARealConnectionAndEndsInPeace plays a client of one connection: an
// answer, then the end of the server, which closes the port and reports nothing.
func TestServerAnswersOverARealConnectionAndEndsInPeace(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, Options{}) }()
	client := &http.Client{Timeout: 10 * time.Second}
	reply, err := client.Post("http://"+l.Addr().String()+"/api/run", "application/json", strings.NewReader(`{"scenario":"faq"}`))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(reply.Body)
	reply.Body.Close()
	if err != nil || reply.StatusCode != 200 || !bytes.Equal(text, Call("run", []byte(`{"scenario":"faq"}`), nil)) {
		t.Errorf("status %d, %v; want what Call says", reply.StatusCode, err)
	}
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the server does not end")
	}
	if _, err := net.DialTimeout("tcp", l.Addr().String(), time.Second); err == nil {
		t.Error("the port is still open")
	}
}
