package web

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// write puts a text into the editor and plays it.
func write(b *tab, text string) {
	b.t.Helper()
	eval[bool](b, fmt.Sprintf("(() => { document.querySelector('#editor-box').open = true; const a = document.querySelector('#yaml'); a.value = %q; a.dispatchEvent(new Event('input')); document.querySelector('#yaml-play').click(); return true })()", text))
}

// TestScenarioIsEditedAsText plays a changed text, and a broken one: the place is named,
// the caret goes there, and the run that was shown stays.
func TestScenarioIsEditedAsText(t *testing.T) {
	b := page(t, "#s=faq", desktop, light)
	b.allow("api/run") // which refuses with a status that the console notes
	a := story(t, "faq")
	eval[bool](b, "(document.querySelector('#editor-box').open = true)")
	b.until("document.querySelector('#yaml').value.length > 100")
	if text := eval[string](b, "document.querySelector('#yaml').value"); text != a.YAML {
		t.Errorf("the editor shows\n%s\nwant the scenario as the engine writes it\n%s", text, a.YAML)
	}
	changed := strings.Replace(a.YAML, "    attach: 1\n", "    attach: 1\n    timeout: 8s\n", 1)
	want := answered[RunAnswer](t, "run", RunRequest{Scenario: changed}).Picture
	write(b, changed)
	b.says("[data-stat='Cluster ends it']", instant(want, "marked"))

	// The text is in the link.
	c := page(t, b.hash("#y="), desktop, light)
	c.says("[data-stat='Cluster ends it']", instant(want, "marked"))

	broken := strings.Replace(changed, "timeout: 8s", "timeout: soon", 1)
	write(b, broken)
	line := strings.Count(broken[:strings.Index(broken, "timeout: soon")], "\n") + 1
	b.says("#trouble", fmt.Sprintf("line %d", line))
	b.says("#yaml-error", fmt.Sprintf("line %d", line))
	if at := eval[int](b, "document.querySelector('#yaml').value.slice(0, document.querySelector('#yaml').selectionStart).split('\\n').length"); at != line {
		t.Errorf("the caret is in line %d; want %d", at, line)
	}
	b.says("[data-stat='Cluster ends it']", instant(want, "marked"))
	b.shot("broken")

	for _, text := range []string{"", "{{{", "run: 30s\nclients: {a: {count: 1000}}\n", "run: 1000000h\nclients: {a: {}}\n", "\x00\x01\x02", strings.Repeat("# a very long scenario\n", 20_000)} {
		write(b, text)
		b.until("document.querySelector('#yaml-error').textContent.length > 10")
	}
	// Usable all the same.
	b.click("#chips [data-name=faq]")
	b.says("[data-stat='Cluster ends it']", instant(a.Picture, "marked"))
	b.until("document.querySelector('#trouble').hidden")
}

// TestBrokenLinksAreToldAndThePageGoesOn opens links that somebody cut short or changed.
func TestBrokenLinksAreToldAndThePageGoesOn(t *testing.T) {
	marked := instant(story(t, "faq").Picture, "marked")
	b := page(t, "#s=faq", phone, light)
	b.allow("api/run")
	bomb := "#y=" + strings.Repeat("A", 4000)
	for _, tc := range []struct{ hash, words string }{
		{"#y=tVTBbtNAEL3", "cut short"},
		{"#y=%%%", "cut short"},
		{bomb, "cut short"},
		{"#s=nobody", "no scenario is called"},
		{"#s=faq&seed=often", "the seed"},
		{"#s=faq&set=nonsense", "no assignment"},
		{"#s=faq&set=clients.worker.timeout=soon", "not a duration"},
		{"#s=faq&t=noon", "the cursor"},
		{"#s=faq&c=nobody", "no client is called"},
		{"#s=faq&f=x", "the fork"},
		{"#l=nothing:1", "no lesson"},
		{"#s=<img src=x onerror=alert(1)>", "no scenario"},
	} {
		b.do(navigate(b, tc.hash))
		b.says("#trouble", tc.words)
		b.until("!document.querySelector('#trouble').hidden")
		b.do(navigate(b, "#s=faq"))
		b.says("[data-stat='Cluster ends it']", marked)
		b.until("document.querySelector('#trouble').hidden") // with its cause
	}
}

// exported is what the page saves in a form.
func exported(b *tab, form string) string {
	b.t.Helper()
	eval[bool](b, `(() => { window.saved = null; const make = URL.createObjectURL; URL.createObjectURL = (blob) => { blob.text().then((text) => { window.saved = text }); return make.call(URL, blob) }; document.querySelector('#export-open').click(); document.querySelector('[data-form=`+form+`]').click(); return true })()`)
	b.until("window.saved != null")
	return eval[string](b, "window.saved")
}

// offers is what leads from an exported file to what is not in it: links inside the page,
// runs of other libraries, buttons of rules whose text is not there, and trouble.
const offers = `[...document.querySelectorAll('main a[href^="#"], aside a[href^="#"], #libraries [role=button], #trouble:not([hidden]), #fork > *')].filter((e) => e.getClientRects().length).map((e) => e.textContent).join('; ')`

// TestExportsAreWhatTheCommandLineWrites holds the exported timelines against the engine's,
// reads the SVG as XML, and opens the page that is one file with nothing but itself.
func TestExportsAreWhatTheCommandLineWrites(t *testing.T) {
	b := page(t, "#s=faq&t=8000", desktop, light)
	b.until("document.querySelector('#nearest li')") // at rest
	for _, form := range []string{"yaml", "jsonl", "text", "mermaid", "csv"} {
		want := answered[TimelineAnswer](t, "timeline", TimelineQuery{RunRequest: RunRequest{Scenario: "faq"}, Format: form})
		if got := exported(b, form); got != want.Text {
			t.Errorf("%s: %d bytes; want %d", form, len(got), len(want.Text))
		}
	}

	d := xml.NewDecoder(strings.NewReader(exported(b, "svg")))
	said := ""
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the SVG is no XML: %v", err)
		}
		if c, ok := token.(xml.CharData); ok {
			said += string(c)
		}
	}
	p := story(t, "faq").Picture
	for _, words := range []string{instant(p, "marked"), instant(p, "expired"), "Library’s belief", "still only Disconnected"} {
		if !strings.Contains(strings.ReplaceAll(said, "\u00a0", " "), words) {
			t.Errorf("the SVG does not say %q", words)
		}
	}

	text := exported(b, "html")
	alone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			t.Errorf("the file asks for %s", r.URL)
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, text)
	}))
	defer alone.Close()
	for _, s := range []scheme{light, dark} {
		c := visit(t, alone.URL+"/", desktop, s)
		c.settle()
		c.says("[data-stat='Cluster ends it']", instant(p, "marked"))
		c.says("#why .chain", "touches worker's session")
		c.says("#rule-card", "bucket")
		c.says("#play output", "8.000 s")
		c.click("#step-on")
		c.says("#play output", instant(p, "marked"))
		c.shot("alone")

		// Nothing is offered that the file cannot do.
		c.until("document.querySelector('#libraries .lib')")
		c.press("f")
		c.press("s")
		if offered := eval[string](c, offers); offered != "" {
			t.Errorf("the file offers what it cannot do: %s", offered)
		}
		for _, words := range []string{"drag either end", "Drag the ends", "fork from here", "shake"} {
			if strings.Contains(eval[string](c, "document.body.innerText"), words) {
				t.Errorf("the file says %q", words)
			}
		}
	}
	if strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(served(t)))) {
		t.Error("the file names the server in its modules")
	}
}
