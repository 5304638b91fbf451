package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestEverythingIsReachedByKeyboard moves a fault, the cursor and the panel with keys alone.
func TestEverythingIsReachedByKeyboard(t *testing.T) {
	b := page(t, "#s=faq&t=0", desktop, light)
	p := story(t, "faq").Picture
	heal := p.Faults[0].ToNS - p.OriginNS
	eval[bool](b, "(document.querySelector('[data-grip=\"0.to\"]').focus(), true)")
	value := func() string { return eval[string](b, "document.activeElement.getAttribute('aria-valuetext')") }
	if got := value(); got != printed(heal)+" seconds" {
		t.Errorf("the handle says %q; want %s seconds", got, printed(heal))
	}
	for _, tc := range []struct {
		with []chromedp.Modifier
		by   int64
	}{{nil, 100_000_000}, {[]chromedp.Modifier{chromedp.ModifierShift}, 1_000_000_000}, {[]chromedp.Modifier{chromedp.ModifierAlt}, 1_000_000}} {
		heal -= tc.by
		b.press(kb.ArrowLeft, tc.with...)
		b.until(fmt.Sprintf("document.activeElement.getAttribute('aria-valuetext') === %q", printed(heal)+" seconds"))
	}
	b.says("[data-stat='Client learns it']", instant(story(t, "faq", fmt.Sprintf("faults.0.for=%dms", heal/1_000_000)).Picture, "expired"))

	eval[bool](b, "(document.querySelector('#stage').focus(), true)")
	b.press(kb.ArrowRight)
	b.says("#play output", instant(p, "disconnected"))
	b.press("w")
	b.says("#why-title", instant(p, "disconnected"))
	if id := eval[string](b, "document.activeElement.id"); id != "why-title" {
		t.Errorf("W goes to %q; want the panel", id)
	}
}

// TestEveryControlHasANameAndRoom looks at everything that can be focused: it has a name
// for those who do not see it, on a phone it is large enough for a finger, and nothing is
// wider than the page.
func TestEveryControlHasANameAndRoom(t *testing.T) {
	b := page(t, "#s=faq", phone, dark)
	for _, tc := range []struct{ hash, there string }{
		{"#s=faq", "#nearest li"},
		{"#s=faq&ask=1", ".typed-guess"},
		{"#s=zombie&t=3000&f=11000~pause~5000ms", "#fork .split"},
		{"#v=lessons", "#view-lessons li"},
		{"#v=rules", "#view-rules li"},
		{"#l=connected:1", "#tour .order"},
	} {
		hash := tc.hash
		if hash != "#s=faq" {
			b.do(navigate(b, hash))
		}
		b.until(fmt.Sprintf("document.querySelector(%q)?.checkVisibility()", tc.there))
		b.settle()
		unnamed := eval[string](b, `(() => [...document.querySelectorAll('a[href],button,input,select,textarea,[tabindex="0"]')].filter((e) => e.checkVisibility() && !(e.ariaLabel || e.textContent.trim() || e.labels?.length || e.title || e.placeholder)).map((e) => e.outerHTML.slice(0, 120)).join('\n'))()`)
		if unnamed != "" {
			t.Errorf("%s: without a name:\n%s", hash, unnamed)
		}
		small := eval[string](b, `(() => [...document.querySelectorAll('.btn,.chips button,select,input[type=range],.grip .touch,.order')].filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 43.5 && !e.classList.contains('tiny')).map((e) => e.outerHTML.slice(0, 100) + ' ' + e.getBoundingClientRect().height).join('\n'))()`)
		if small != "" {
			t.Errorf("%s: too small for a finger:\n%s", hash, small)
		}
		if wide := eval[float64](b, "document.documentElement.scrollWidth"); wide > 390 {
			t.Errorf("%s: the page is %.0f px wide on a phone of 390", hash, wide)
		}
		b.shot(strings.Trim(strings.NewReplacer("#", "", "&", " ", "=", " ", "~", " ").Replace(hash), " "))
	}
}
