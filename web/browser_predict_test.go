package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestNothingIsShownBeforeTheGuess opens the page as a newcomer: nothing that the run
// tells after the fault may be anywhere in the page, neither in sight nor in what is read
// aloud. Then the guess is scored in milliseconds.
func TestNothingIsShownBeforeTheGuess(t *testing.T) {
	p := story(t, "faq").Picture
	for _, d := range []device{desktop, phone} {
		b := page(t, "", d, light)
		b.says("#ask", "Your prediction first.")
		b.shot("asked")
		document := eval[string](b, "document.body.outerHTML + [...document.querySelectorAll('*')].map((e) => e.ariaLabel ?? '').join()")
		for _, i := range p.Instants {
			at := printed(i.AtNS - p.OriginNS)
			if i.AtNS > p.OriginNS && i.What != "heal" && strings.Contains(document, at) {
				t.Errorf("%s: %s (%s) is in the page before the guess", d.name, at, i.Words)
			}
		}
		for _, words := range []string{"Disconnected", "session alive", "marked", "gone", p.Headline[:30]} {
			if strings.Contains(eval[string](b, "document.querySelector('#stage').innerHTML + document.querySelector('#why').innerHTML + document.querySelector('#stats').innerHTML + document.querySelector('#events').innerHTML"), words) {
				t.Errorf("%s: %q is in the page before the guess", d.name, words)
			}
		}

		// A click in the figure is the guess.
		at := eval[string](b, `(() => { const t = document.querySelector('#stage .axis').parentNode; t.scrollIntoView({block: 'center'}); const r = t.getBoundingClientRect(); return (r.x + r.width * 0.6) + ' ' + (r.y + r.height * 0.5) })()`)
		var x, y float64
		fmt.Sscan(at, &x, &y)
		b.do(chromedp.MouseClickXY(x, y))
		b.says("#ask", "It was "+instant(p, "marked")+" s")
		b.says("[data-stat='Client learns it']", instant(p, "expired"))
		b.until("document.querySelector('#stage .guess')")
		guess := eval[float64](b, "import('zksim/state').then((m) => m.state.guess)")
		off := guess - number(t, instant(p, "marked"))*1000
		b.says("#ask", fmt.Sprintf("%.0f ms", max(off, -off)))
		b.shot("scored")
	}
}

// TestTheScoreNamesTheRuleThatWasMissed types guesses that people make.
func TestTheScoreNamesTheRuleThatWasMissed(t *testing.T) {
	p := story(t, "faq").Picture
	b := page(t, "#s=faq&ask=1", desktop, light)
	for _, tc := range []struct{ guess, words string }{
		{printed(p.TimeoutNS), "You counted from the fault"},
		{printed(p.Touches[0].SumNS - p.OriginNS), "rounded up to a bucket edge"},
		{instant(p, "disconnected"), "when the client hears Disconnected"},
		{instant(p, "expired"), "when the client learns of it"},
		{instant(p, "marked"), "to the millisecond"},
	} {
		b.do(navigate(b, "#s=faq&ask=1"))
		b.until("document.querySelector('.typed-guess')")
		eval[bool](b, "(document.querySelector('.typed-guess').focus(), true)")
		b.press(strings.ReplaceAll(tc.guess, "−", "-"))
		// A run that is shown once more does not take away what is being typed.
		eval[bool](b, "import('zksim/state').then((m) => (m.change({ ask: false }), m.change({ ask: true }), true))")
		b.press("\r")
		b.says("#ask", tc.words)
		b.hash("g=")
	}
	// A session that is not ended.
	b.do(navigate(b, "#s=heal-in-time&ask=1"))
	b.until("document.querySelector('#chips [data-name=heal-in-time]').ariaChecked === 'true'")
	b.settle()
	b.click("#ask-buttons button")
	b.says("#ask", "You said never, and you were right.")
}
