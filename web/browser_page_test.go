package web

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"zksim/sim"
)

// What the tests of the page have in common: the engine's own answers, which the page has
// to show, and a hand for mouse and keyboard.

// story is the run of a scenario.
func story(t testing.TB, scenario string, set ...string) *RunAnswer {
	t.Helper()
	return answered[RunAnswer](t, "run", RunRequest{Scenario: scenario, Set: set})
}

// instant is when something happened in a picture, in words as the page has them; empty
// if it did not happen.
func instant(p *sim.Picture, what string) string {
	for _, i := range p.Instants {
		if i.What == what {
			return printed(i.AtNS - p.OriginNS)
		}
	}
	return ""
}

// printed is an instant or a length as the page prints it: milliseconds, half away from
// zero, a true minus.
func printed(ns int64) string {
	sign := ""
	if ns < 0 {
		sign, ns = "−", -ns
	}
	ms := (ns + 500_000) / 1_000_000
	return fmt.Sprintf("%s%d.%03d", sign, ms/1000, ms%1000)
}

// page visits the page and waits for its first run.
func page(t testing.TB, hash string, d device, s scheme) *tab {
	t.Helper()
	b := visit(t, served(t)+hash, d, s)
	b.settle()
	return b
}

// settle waits until the page shows what it was asked for.
func (b *tab) settle() {
	b.t.Helper()
	b.until(`document.querySelector('#stage svg') && !document.body.classList.contains('busy')`)
}

// says waits until an element says something.
func (b *tab) says(selector, words string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(document.querySelector(%q)?.textContent ?? '').replaceAll('\u00a0', ' ').includes(%q)`, selector, words))
}

// press presses keys, with modifiers.
func (b *tab) press(keys string, with ...chromedp.Modifier) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys, chromedp.KeyModifiers(with...)))
}

// click clicks an element where a reader would: in its middle, after scrolling to it.
func (b *tab) click(selector string) {
	b.t.Helper()
	x, y := b.middle(selector)
	b.do(chromedp.MouseClickXY(x, y))
}

// middle is where the middle of an element is on the screen, once it rests there and
// nothing but its own group lies over it.
func (b *tab) middle(selector string) (x, y float64) {
	b.t.Helper()
	where := fmt.Sprintf(`(() => {
		const e = document.querySelector(%q);
		if (!e) return '';
		e.scrollIntoView({block: 'center', behavior: 'instant'});
		const r = e.getBoundingClientRect(), x = r.x + r.width/2, y = r.y + r.height/2, hit = document.elementFromPoint(x, y);
		return hit && (e.parentNode.contains(hit) || hit.contains(e)) ? x + ' ' + y : '';
	})()`, selector)
	b.until(fmt.Sprintf("(() => { const at = %s, same = at && at === window.before; window.before = at; return same })()", where))
	at := eval[string](b, where)
	if _, err := fmt.Sscan(at, &x, &y); err != nil {
		b.t.Fatalf("%s: %q: %v", selector, at, err)
	}
	return x, y
}

// drag takes an element by so many pixels to the right, in steps. Held is what is done
// before it is let go.
func (b *tab) drag(selector string, by float64, held func()) {
	b.t.Helper()
	const steps = 12
	x, y := b.middle(selector)
	b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, x, y, chromedp.ButtonLeft, chromedp.ClickCount(1)))
	for i := range steps {
		b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x+by*float64(i+1)/steps, y, chromedp.ButtonLeft))
	}
	if held != nil {
		held()
	}
	b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, x+by, y, chromedp.ButtonLeft, chromedp.ClickCount(1)))
	b.settle()
}

// hash is the link that the page has now, once it has been written.
func (b *tab) hash(contains string) string {
	b.t.Helper()
	b.until(fmt.Sprintf("decodeURIComponent(location.hash).includes(%q)", contains))
	return eval[string](b, "location.hash")
}

// number reads the number that a text begins with, as the page writes it.
func number(t testing.TB, text string) float64 {
	t.Helper()
	word := strings.NewReplacer("−", "-", "\u00a0", " ").Replace(strings.TrimSpace(text))
	word, _, _ = strings.Cut(word, " ")
	n, err := strconv.ParseFloat(word, 64)
	if err != nil {
		t.Fatalf("no number: %q", text)
	}
	return n
}

// navigate changes the part of the address behind the #, as a link in the page does.
func navigate(b *tab, hash string) chromedp.Action[chromedp.Void] {
	return chromedp.Navigate(b.address + hash)
}

// moveTo moves the mouse.
func moveTo(x, y float64) chromedp.Action[chromedp.Void] {
	return chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y)
}
