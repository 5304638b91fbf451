package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// How a browser test goes:
//
//	tab := visit(t, served(t)+"#s=faq", desktop, light)
//	tab.until(`document.querySelector('#stage svg')`)
//	tab.do(chromedp.Click("#bPlay"))
//	tab.shot("playing")
//
// It fails if the page logs an error or asks another host for anything. All waiting is
// bounded by patience.

// patience is how long a tab waits for anything, on a machine that is busy.
const patience = 60 * time.Second

// A device is what the page is looked at with.
type device struct {
	name          string
	width, height int64
	scale         float64
	phone         bool
}

var (
	desktop = device{"desktop", 1376, 900, 1, false}
	phone   = device{"phone", 390, 844, 2, true}
)

// A scheme is what the reader prefers.
type scheme string

const (
	light scheme = "light"
	dark  scheme = "dark"
)

// chromium is the one browser of all tests. Each tab has a profile of its own.
var chromium struct {
	sync.Once
	ctx    context.Context
	cancel func()
	err    error
}

// browser starts it. Where there is none the test is skipped, and fails where skipping is
// forbidden.
func browser(t testing.TB) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser")
	}
	path := browserPath()
	if path == "" {
		const missing = "no Chromium: want chromium on PATH (Debian: apt-get install chromium), or its path in ZKSIM_CHROMIUM"
		if os.Getenv("ZKSIM_FORBID_SKIP") == "1" {
			t.Fatal(missing + "; ZKSIM_FORBID_SKIP=1 forbids going on without it")
		}
		t.Skip(missing)
	}
	chromium.Do(func() {
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.DisableGPU,
			chromedp.Flag("hide-scrollbars", true), chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("disable-lcd-text", true),
			chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))
		if os.Geteuid() == 0 {
			options = append(options, chromedp.NoSandbox)
		}
		alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, cancel := chromedp.NewContext(alloc)
		chromium.ctx, chromium.cancel = ctx, func() { cancel(); stop() }
		chromium.err = within(30*time.Second, func() error { return chromedp.Do(ctx) })
	})
	if chromium.err != nil {
		t.Fatalf("%s does not start: %v", path, chromium.err)
	}
	return chromium.ctx
}

// within gives something that has no bound of its own one.
func within(most time.Duration, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(most):
		return fmt.Errorf("no answer within %v", most)
	}
}

func browserPath() string {
	if path := os.Getenv("ZKSIM_CHROMIUM"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func TestMain(m *testing.M) {
	code := m.Run()
	if chromium.cancel != nil {
		chromium.cancel()
	}
	os.Exit(code)
}

// A host serves something to browsers for all tests.
type host struct {
	sync.Once
	address string
	err     error
}

func (h *host) start(handle func(l net.Listener)) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.err = err
		return
	}
	h.address = "http://" + l.Addr().String() + "/"
	go handle(l)
}

var (
	native host // as zksim serve
	static host // a server of files
)

// served is the address of the page as zksim serve gives it.
func served(t testing.TB) string {
	t.Helper()
	native.Do(func() { native.start(func(l net.Listener) { _ = Serve(context.Background(), l, Options{}) }) })
	if native.err != nil {
		t.Fatal(native.err)
	}
	return native.address
}

// sited is the address of the page with its own engine, as zksim site writes it, on a
// server that knows nothing but files.
func sited(t testing.TB) string {
	t.Helper()
	files := siteFiles(t)
	static.Do(func() {
		byName := map[string]File{"/": {}}
		for _, f := range files {
			byName["/"+f.Name] = f
		}
		byName["/"] = byName["/index.html"]
		static.start(func(l net.Listener) {
			_ = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				f, ok := byName[r.URL.Path]
				if !ok {
					http.NotFound(w, r)
					return
				}
				w.Header().Set("Content-Type", mediaOf(f.Name))
				_, _ = w.Write(f.Text)
			}))
		})
	})
	if static.err != nil {
		t.Fatal(static.err)
	}
	return static.address
}

var built struct {
	sync.Once
	files []File
	err   error
}

// siteFiles is the site, with an engine that was built from what is here now.
func siteFiles(t testing.TB) []File {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the engine for the browser")
	}
	built.Do(func() {
		var dir string
		if dir, built.err = os.MkdirTemp("", "zksim-site"); built.err != nil {
			return
		}
		defer os.RemoveAll(dir)
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		if out, err := exec.CommandContext(ctx, "go", "run", "generate.go", dir).CombinedOutput(); err != nil {
			built.err = fmt.Errorf("go run generate.go: %w\n%s", err, out)
			return
		}
		engine, err1 := os.ReadFile(filepath.Join(dir, "zksim.wasm.gz"))
		glue, err2 := os.ReadFile(filepath.Join(dir, "wasm_exec.js"))
		if built.err = errors.Join(err1, err2); built.err == nil {
			built.files, built.err = siteOf(engine, glue)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.files
}

// A tab is a page in the browser.
type tab struct {
	t       testing.TB
	ctx     context.Context
	address string
	device  device
	scheme  scheme

	mu      sync.Mutex
	trouble []string
	allowed []string
	asked   []string // every address that the page asked for
}

// visit opens an address in a tab of its own, which is closed when the test ends. Then the
// test fails if the page logged an error or asked another host for anything.
func visit(t testing.TB, address string, d device, s scheme) *tab {
	t.Helper()
	base, _, _ := strings.Cut(address, "#")
	b := &tab{t: t, address: base, device: d, scheme: s}
	ctx, cancel := chromedp.NewContext(browser(t), chromedp.WithNewBrowserContext(), chromedp.WithListener(b.hear))
	b.ctx = ctx
	t.Cleanup(func() {
		b.check()
		cancel()
	})
	// The tab lives as long as the first context that it is used with.
	if err := within(patience, func() error { return chromedp.Do(ctx) }); err != nil {
		t.Fatal(err)
	}
	viewport := []chromedp.EmulateViewportOption{chromedp.EmulateScale(d.scale)}
	if d.phone {
		viewport = append(viewport, chromedp.EmulateMobile, chromedp.EmulatePortrait, chromedp.EmulateTouch)
	}
	b.do(
		chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err1 := cdp.Call(ctx, t, network.Enable, network.EnableParams{})
			_, err2 := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: string(s)}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
			return errors.Join(err1, err2)
		}),
		chromedp.EmulateViewport(d.width, d.height, viewport...),
		chromedp.Navigate(address),
	)
	return b
}

// hear takes down what the browser tells of the page.
func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			var words []string
			for _, a := range e.Args {
				words = append(words, string(a.Value)+a.Description)
			}
			b.trouble = append(b.trouble, "console: "+strings.Join(words, " "))
		}
	case *runtime.EventExceptionThrown:
		b.trouble = append(b.trouble, fmt.Sprintf("exception: %s %+v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Source == log.EntrySourceSecurity {
			b.trouble = append(b.trouble, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, e.Request.URL)
		if !strings.HasPrefix(e.Request.URL, b.address) && !strings.HasPrefix(e.Request.URL, "data:") && !strings.HasPrefix(e.Request.URL, "blob:") {
			b.trouble = append(b.trouble, "another host: "+e.Request.URL)
		}
	}
}

// allow lets the page log errors that contain the words.
func (b *tab) allow(words string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.allowed = append(b.allowed, words)
}

// check reports what the browser complained of so far.
func (b *tab) check() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
next:
	for _, what := range b.trouble {
		for _, words := range b.allowed {
			if strings.Contains(what, words) {
				continue next
			}
		}
		b.t.Errorf("%s, %s: %s", b.device.name, b.scheme, what)
	}
	b.trouble = nil
}

// do carries out actions, and fails the test if they cannot be or take too long.
func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.check()
		b.t.Fatalf("%s, %s: %v", b.device.name, b.scheme, err)
	}
}

// get carries out an action that has a value.
func get[T any](b *tab, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		b.check()
		b.t.Fatalf("%s, %s: %v", b.device.name, b.scheme, err)
	}
	return value
}

// eval gives the value of an expression of JavaScript; of a promise, what it is kept with.
func eval[T any](b *tab, script string) T {
	b.t.Helper()
	return get(b, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

// until waits for an expression of JavaScript to become true.
func (b *tab) until(script string) {
	b.t.Helper()
	end := time.Now().Add(patience)
	for !eval[bool](b, "Boolean("+script+")") {
		if time.Now().After(end) {
			b.check()
			b.shot("waited")
			b.t.Fatalf("%s, %s: not within %v: %s", b.device.name, b.scheme, patience, script)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// text is what an element says.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf("document.querySelector(%q)?.textContent ?? ''", selector))
}

// shot keeps a picture of the whole page, in the directory that ZKSIM_SHOTS names; without
// it there is none.
func (b *tab) shot(name string) {
	b.t.Helper()
	dir := os.Getenv("ZKSIM_SHOTS")
	if dir == "" {
		return
	}
	png := get(b, chromedp.FullScreenshot(100))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	file := strings.NewReplacer("/", "-", " ", "-").Replace(fmt.Sprintf("%s-%s-%s-%s.png", b.t.Name(), name, b.device.name, b.scheme))
	if err := os.WriteFile(filepath.Join(dir, file), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// TestPageShowsTheFirstRun is the example of a browser test: the page as it opens, with
// either engine, on every device.
func TestPageShowsTheFirstRun(t *testing.T) {
	for _, tc := range []struct {
		engine func(testing.TB) string
		device device
		scheme scheme
	}{{served, desktop, light}, {served, phone, dark}, {sited, desktop, dark}, {sited, phone, light}} {
		b := visit(t, tc.engine(t)+"#s=faq", tc.device, tc.scheme)
		b.until(`document.querySelector('#stage svg text')`)
		if got := b.text("#stats"); !strings.Contains(got, "9.809") {
			t.Errorf("%s: the cluster ends the session at 9.809 s; the page says %q", b.address, got)
		}
		b.shot(map[bool]string{true: "served", false: "site"}[b.address == native.address])
	}
}
