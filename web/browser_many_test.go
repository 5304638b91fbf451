package web

import (
	"fmt"
	"strings"
	"testing"
)

// TestShakeGrowsADistribution shakes the FAQ's story: ghost bars, a histogram, the law over
// it; and a click on a bar shows that run.
func TestShakeGrowsADistribution(t *testing.T) {
	b := page(t, "#s=faq", desktop, light)
	b.press("s")
	b.until("document.querySelectorAll('#shake .ghost').length > 10") // it grows
	b.until("document.querySelector('#shake-button').textContent === 'Shake'")
	b.says("#shake .sub", "of 500 runs")
	all := answered[ShakeAnswer](t, "shake", ShakeQuery{RunRequest: RunRequest{Scenario: "faq"}, From: 1, Count: 500})
	early := 0
	for _, r := range all.Runs {
		if r.Marked != nil && *r.Marked < story(t, "faq").Picture.TimeoutNS {
			early++
		}
	}
	b.says("#shake .sub", fmt.Sprintf("%d %% of them before the 10 s timeout", (early*100+250)/500))
	b.says("#shake", "latest "+printed(all.Law.MostNS)+" s")
	b.says("#shake", "earliest "+printed(all.Law.LeastNS)+" s")
	b.says("#shake", all.Law.Rule)
	b.shot("shaken")

	number := eval[string](b, "document.querySelectorAll('#shake .ghost')[40].dataset.run")
	b.click("#shake .ghost:nth-child(41)")
	for _, r := range all.Runs {
		if fmt.Sprint(r.Run) == number {
			b.says("[data-stat='Cluster ends it']", printed(*r.Marked)+" s")
		}
	}
	b.hash("run=" + number)
}

// TestOtherLibrariesSideBySide holds the strip of libraries against the engine's answer,
// and goes over to one of them.
func TestOtherLibrariesSideBySide(t *testing.T) {
	b := page(t, "#s=faq", desktop, dark)
	rows := *answered[[]LibraryAnswer](t, "libraries", RunRequest{Scenario: "faq"})
	b.until(fmt.Sprintf("document.querySelectorAll('#libraries .lib').length === %d", len(rows)))
	for _, r := range rows {
		// A length is the difference of two instants as they are printed.
		const ms = 1_000_000
		lag, sign := (*r.Learned+ms/2)/ms*ms-(*r.Marked+ms/2)/ms*ms, "+"
		if lag < 0 {
			sign = ""
		}
		b.says("#libraries", r.Title)
		b.says("#libraries", sign+printed(lag)+" s")
		b.says("#libraries", r.Rule)
	}
	b.shot("libraries")
	eval[bool](b, "(document.querySelector('#libraries .lib.key').focus(), true)")
	eval[bool](b, "(document.querySelector('#libraries .lib.key').dispatchEvent(new MouseEvent('click', {bubbles: true})), true)")
	b.says("[data-stat='Client learns it']", printed(*rows[1].Learned)+" s")
}

// TestARefusedForkIsAskedForOnce opens a link to a fork that the engine refuses: it is told,
// the page stays, and the engine is not asked for it again and again.
func TestARefusedForkIsAskedForOnce(t *testing.T) {
	b := page(t, "#s=faq", desktop, light)
	b.allow("api/run")
	eval[bool](b, `(() => { const f = window.fetch; window.forks = 0; window.fetch = (...a) => { if (String(a[1]?.body).includes('fork_of')) window.forks++; return f(...a) }; return true })()`)
	b.do(navigate(b, "#s=faq&f=21812~cut~9999999999ms"))
	b.says("#trouble", "This fork cannot be played.")
	// As many answers of the server as a second question would have needed, and more.
	eval[bool](b, "(async () => { for (let n = 0; n < 20; n++) await (await fetch('index.html')).text(); return true })()")
	if n := eval[int](b, "window.forks"); n != 1 {
		t.Errorf("the engine was asked %d times for a fork that it refuses; want once", n)
	}
	b.says("#fork", "Fork at")
	b.click("#fork-close")
	b.until("document.querySelector('#trouble').hidden && !document.querySelector('#fork').firstElementChild")
}

// TestARefusedTextStaysInTheEditor plays a text that is refused while a fork is open: the
// fork closes, the run before is drawn again, and the text is still there to be mended.
func TestARefusedTextStaysInTheEditor(t *testing.T) {
	b := page(t, "#s=faq&t=8000&f=20000~kill~", desktop, light)
	b.allow("api/run")
	b.says("#fork-words", "In the fork")
	b.click("#editor-title")
	b.until("document.querySelector('#yaml').value.includes('faq')")
	eval[bool](b, `(() => { const a = document.querySelector('#yaml'); a.value = 'name: mine\nrun: 60s\nclients:\n' + Array.from({length: 501}, (_, n) => '  c' + n + ': {}\n').join(''); a.dispatchEvent(new Event('input', {bubbles: true})); return true })()`)
	b.click("#yaml-play")
	b.says("#yaml-error", "501 clients")
	b.until("!document.querySelector('#fork').firstElementChild")
	if text := eval[string](b, "document.querySelector('#yaml').value"); !strings.HasPrefix(text, "name: mine") {
		t.Errorf("the editor has %q; want the text that was refused", text)
	}
}

// TestForkShowsBothFutures forks the FAQ's story in the middle of the cut: healed then, the
// session lives. Both futures stand on one axis, and the engine says until when they are
// the same.
func TestForkShowsBothFutures(t *testing.T) {
	b := page(t, "#s=faq&t=8000", desktop, light)
	p := story(t, "faq").Picture
	b.press("f")
	b.says("#fork-words", "As it was: the cluster ends it at "+instant(p, "marked")+" s")
	b.says("#fork-words", "In the fork: the session lives.")
	b.says("#fork-words", "Until 8.000 s the two are the same, record by record.")
	b.until("document.querySelectorAll('#stage .split, #fork .split').length === 2 && document.querySelector('#stage .veil')")
	axes := eval[string](b, "document.querySelector('#stage .axis').textContent + '|' + document.querySelector('#fork .axis').textContent")
	if above, below, _ := strings.Cut(axes, "|"); above != below {
		t.Errorf("the two futures have different axes: %s", axes)
	}
	b.shot("healed")

	// Another change at the same instant.
	eval[bool](b, "(() => { const e = document.querySelector('#fork-kind'); e.value = 'kill'; e.dispatchEvent(new Event('change', {bubbles: true})); return true })()")
	b.says("#fork-words", "the client is not told in this run")
	link := b.hash("f=20000~kill")
	c := page(t, link, phone, dark)
	c.says("#fork-words", "the client is not told in this run")
	c.shot("killed")

	b.click("#fork-keep")
	b.says("[data-stat='Client learns it']", "never: it is dead")
	b.hash("add=")
}
