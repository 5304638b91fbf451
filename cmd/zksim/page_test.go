package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"zksim/sim"
	"zksim/web"
)

// TestThePageSavesWhatTheCommandLineWrites holds what the page's engine gives to be saved
// against standard output, byte by byte: every embedded scenario as records and as text, and
// every export of one of them.
func TestThePageSavesWhatTheCommandLineWrites(t *testing.T) {
	saved := func(scenario, format string) string {
		question, err := json.Marshal(web.TimelineQuery{RunRequest: web.RunRequest{Scenario: scenario}, Format: format})
		if err != nil {
			t.Fatal(err)
		}
		var a web.TimelineAnswer
		if err := json.Unmarshal(web.Call("timeline", question, nil), &a); err != nil {
			t.Fatal(err)
		}
		text, err := base64.StdEncoding.DecodeString(a.Base64)
		if err != nil {
			t.Fatal(err)
		}
		return a.Text + string(text)
	}
	same := func(scenario, format string, words ...string) {
		code, stdout, _ := zksimHere(context.Background(), words...)
		if got := saved(scenario, format); code != exitOK || got != stdout || got == "" {
			t.Errorf("%s, %s: %d bytes in the page, %d on the command line", scenario, format, len(got), len(stdout))
		}
	}
	for _, e := range sim.Embedded() {
		same(e.Name, "jsonl", "run", e.Name, "--format", "jsonl")
		same(e.Name, "text", "run", e.Name, "--format", "text")
	}
	for _, f := range sim.ExportFormats {
		same("faq", f.Name, "export", f.Name, "faq")
	}
}

// A teller calls back once something has been written.
type teller struct {
	sync.Mutex
	bytes.Buffer
	told func(text string)
}

// Write implements [io.Writer].
func (w *teller) Write(p []byte) (int, error) {
	w.Lock()
	defer w.Unlock()
	w.Buffer.Write(p)
	if text := w.String(); w.told != nil && strings.Contains(text, "\n") {
		w.told(text)
		w.told = nil
	}
	return len(p), nil
}

// TestServeSaysWhereAnswersAndEndsWithStatus0 plays a user: starts it on any free port, opens
// the address that it prints, and ends it with Ctrl-C.
func TestServeSaysWhereAnswersAndEndsWithStatus0(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	where := make(chan string, 1)
	out := &teller{told: func(text string) { where <- strings.Fields(text)[0] }}
	var errs bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"serve", "--listen", "localhost:0"}, strings.NewReader(""), out, &errs)
	}()
	var address string
	select {
	case address = <-where:
	case code := <-ended:
		t.Fatalf("exit status %d: %s", code, errs.String())
	}
	if !strings.HasPrefix(address, "http://127.0.0.1:") || !strings.HasSuffix(address, "/") {
		t.Errorf("address %q", address)
	}
	client := &http.Client{Timeout: 20 * time.Second}
	reply, err := client.Get(address)
	if err != nil || reply.StatusCode != 200 {
		t.Fatalf("%v, %+v", err, reply)
	}
	reply.Body.Close()
	// Somebody else cannot have the same port, and is told so in one line.
	code, stdout, stderr := zksimHere(ctx, "serve", "--listen", strings.Trim(strings.TrimPrefix(address, "http://"), "/"))
	if code != exitUnusable || stdout != "" || !strings.Contains(stderr, "another program listens there") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("the same port: exit status %d, %q, %q", code, stdout, stderr)
	}
	cancel()
	if code := <-ended; code != exitOK || errs.Len() > 0 {
		t.Errorf("Ctrl-C: exit status %d, stderr %q; want 0 and nothing", code, errs.String())
	}
}

// TestServeWarnsWhereOthersCanReachIt: an address that is not this machine's alone.
func TestServeWarnsWhereOthersCanReachIt(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	code, stdout, stderr := zksimHere(ctx, "serve", "--listen", "0.0.0.0:0")
	if code != exitOK || !strings.HasPrefix(stdout, "http://localhost:") || !strings.Contains(stderr, "can be reached from other machines") {
		t.Errorf("exit status %d, %q, %q; want an address and a warning", code, stdout, stderr)
	}
}

// TestSiteIsWrittenWholeOrNotAtAll: into a new directory; into one with something in it only
// if that is meant; and nothing of it into one that a file stands in the way of.
func TestSiteIsWrittenWholeOrNotAtAll(t *testing.T) {
	t.Chdir(t.TempDir())
	files := []web.File{{Name: "index.html", Text: []byte("new")}, {Name: "zksim.wasm.gz", Text: []byte("engine")}}
	var out bytes.Buffer
	if err := writeSite("a/b", false, files, &out); err != nil || out.String() != "a/b: 2 files, 0.0 MB, for any server of files\n" {
		t.Fatalf("%v, %q", err, out.String())
	}
	if got := tree(t, "a"); len(got) != 2 || got["b/index.html"] != "new" || got["b/zksim.wasm.gz"] != "engine" {
		t.Errorf("%v", got)
	}
	for name, text := range map[string]string{"index.html": "old", "CNAME": "zksim.example"} {
		if err := os.WriteFile("a/b/"+name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := writeSite("a/b", false, files, &out); err == nil || !strings.Contains(err.Error(), "a/b: not empty; give another directory, or --force") {
		t.Errorf("not empty: %v", err)
	}
	if got := tree(t, "a"); got["b/index.html"] != "old" {
		t.Errorf("refused, and yet %v", got)
	}
	if err := writeSite("a/b", true, files, &out); err != nil {
		t.Errorf("--force: %v", err)
	}
	if got := tree(t, "a"); len(got) != 3 || got["b/index.html"] != "new" || got["b/CNAME"] != "zksim.example" {
		t.Errorf("--force: %v", got)
	}
	if err := writeSite("a/b/CNAME", true, files, &out); err == nil || !strings.Contains(err.Error(), "want a directory") {
		t.Errorf("a file: %v", err)
	}
}
