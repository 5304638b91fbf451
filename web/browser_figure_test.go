package web

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// TestThePageShowsWhatTheEngineSays holds the numbers and the lanes of the first
// scenarios against the engine's own picture.
func TestThePageShowsWhatTheEngineSays(t *testing.T) {
	b := page(t, "#s=faq", desktop, light)
	for _, name := range []string{"faq", "zombie", "gc-pause", "crash", "heal-in-time", "revived"} {
		a := story(t, name)
		b.do(navigate(b, "#s="+name))
		b.until(fmt.Sprintf(`document.querySelector('#chips [data-name=%q]')?.getAttribute('aria-checked') === 'true'`, name))
		marked, learned := instant(a.Picture, "marked"), instant(a.Picture, "expired")
		for selector, want := range map[string]string{"[data-stat='Cluster ends it']": marked, "[data-stat='Client learns it']": learned} {
			if want != "" {
				b.says(selector, want+" s")
			}
		}
		b.says("#say", a.Picture.Headline[:20])
		for _, lane := range []string{"process", "belief", "attached", "tracker", "others"} {
			label := eval[string](b, fmt.Sprintf("document.querySelector('.lane-%s').getAttribute('aria-label')", lane))
			for _, bar := range map[string][]string{"belief": words(a, "belief"), "tracker": words(a, "tracker")}[lane] {
				if !strings.Contains(label, bar) {
					t.Errorf("%s: the %s lane is described as %q; want %q in it", name, lane, label, bar)
				}
			}
		}
		if label := eval[string](b, "document.querySelector('#stage svg').getAttribute('aria-label')"); marked != "" && !strings.Contains(label, marked) {
			t.Errorf("%s: the figure is described as %q; want %s in it", name, label, marked)
		}
	}
}

func words(a *RunAnswer, lane string) (all []string) {
	bars := a.Picture.Belief
	if lane == "tracker" {
		bars = a.Picture.Tracker
	}
	for _, b := range bars {
		all = append(all, b.Words)
	}
	return all
}

// TestDraggingRecomputesOnTheWay drags the end of the cut to the left, until the client is
// back in time: the numbers follow before the pointer is lifted, the axis does not, and no
// two questions are on their way at once.
func TestDraggingRecomputesOnTheWay(t *testing.T) {
	b := page(t, "#s=faq", desktop, light)
	before := b.text("#stage .axis")
	eval[bool](b, `(() => { const f = window.fetch; window.most = window.now = window.runs = 0; window.fetch = async (...a) => { if (!String(a[0]).endsWith('/run')) return f(...a); window.runs++; window.most = Math.max(window.most, ++window.now); try { return await f(...a) } finally { window.now-- } }; return true })()`)
	width := eval[float64](b, "document.querySelector('#stage .lane-process rect').getBoundingClientRect().width")
	b.drag("[data-grip='0.to'] .touch", -width*0.4, func() {
		b.says("[data-stat='Cluster ends it']", "not in this run")
		if axis := b.text("#stage .axis"); axis != before {
			t.Errorf("the axis moved while dragging: %q, then %q", before, axis)
		}
	})
	if axis := b.text("#stage .axis"); axis == before {
		t.Error("the axis is as before when the pointer is lifted, though the run is shorter")
	}
	if most, runs := eval[int](b, "window.most"), eval[int](b, "window.runs"); most != 1 || runs < 3 {
		t.Errorf("%d runs asked for, %d at once; want several, one at a time", runs, most)
	}
	b.says("#ask", "You changed the outcome.")
	b.says("#stage", eval[string](b, `document.querySelector("[data-grip='0.to']").getAttribute('aria-valuetext')`)[:5]+" s")
	b.shot("survives")

	// Where the rail has no room for the end that was chosen, it stands beside the fault.
	e := page(t, "#s=faq&set=faults.0.for%3D8778ms", desktop, light)
	e.says("#stage", "to 8.778 s")
	e.shot("beside")

	// The link is the run.
	link := b.hash("faults.0.for=")
	_, set, _ := strings.Cut(link, "set=")
	set, _, _ = strings.Cut(set, "&")
	a := story(t, "faq", strings.ReplaceAll(set, "%3D", "="))
	b.says("#say", a.Picture.Headline)
	c := page(t, link, desktop, dark)
	c.says("#say", a.Picture.Headline)

	b.click("#params .undo button")
	b.says("[data-stat='Cluster ends it']", instant(story(t, "faq").Picture, "marked"))
}

// TestParametersChangeTheScenario changes each parameter by hand.
func TestParametersChangeTheScenario(t *testing.T) {
	b := page(t, "#s=faq", desktop, light)
	set := func(selector, value string) {
		t.Helper()
		eval[bool](b, fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.value = %q; e.dispatchEvent(new Event('change', {bubbles: true})); return true })()`, selector, value))
	}
	for _, tc := range []struct {
		selector, value string
		set             []string
	}{
		{"#p-timeout", "6 s", []string{"clients.worker.timeout=6000ms"}},
		{"#p-tick", "3000 ms", []string{"clients.worker.timeout=6000ms", "ensemble.tickTime=3000ms"}},
		{"#params select[aria-label='Client attached to']", "3", []string{"clients.worker.timeout=6000ms", "ensemble.tickTime=3000ms", "clients.worker.attach=3"}},
		{"#p-library", "java39", []string{"clients.worker.timeout=6000ms", "ensemble.tickTime=3000ms", "clients.worker.attach=3", "clients.worker.version=3.9.4"}},
	} {
		set(tc.selector, tc.value)
		b.says("#say", story(t, "faq", tc.set...).Picture.Headline)
	}
	b.hash("clients.worker.version=")
	b.do(navigate(b, "#s=faq"))
	b.says("#say", story(t, "faq").Picture.Headline)
	b.click("#next-seed")
	b.hash("seed=1232")
	b.says("#say", answered[RunAnswer](t, "run", RunRequest{Scenario: "faq", Seed: "1232"}).Picture.Headline)

	// Fewer servers: the leader and all clients go to one that there is.
	b.do(navigate(b, "#s=faq"))
	b.says("#say", story(t, "faq").Picture.Headline)
	set("#params select[aria-label='Number of servers']", "1")
	b.says("#say", story(t, "faq", "ensemble.servers=1", "ensemble.leader=1", "clients.other.attach=1", "ensemble.clocks={}").Picture.Headline)
	b.hash("ensemble.servers=1")

	// What is refused is said, and the run stays.
	before := b.text("#say")
	set("#p-tick", "100 ms")
	b.until("!document.querySelector('#trouble').hidden")
	if after := b.text("#say"); after != before {
		t.Errorf("after a refusal the page says %q", after)
	}
}

// TestPlayStepAndScrub moves the cursor: both beliefs are said in one sentence.
func TestPlayStepAndScrub(t *testing.T) {
	b := page(t, "#s=faq&t=-1000", desktop, light)
	p := story(t, "faq").Picture
	b.says("#told", "At −1.000 s the application has been told Connected; the cluster holds the session.")
	seen := ""
	for _, i := range p.Instants {
		at := printed(i.AtNS - p.OriginNS)
		if at == seen {
			continue
		}
		seen = at
		b.click("#step-on")
		b.says("#told", "At "+at+" s")
	}
	b.says("#told", "has been told Expired; the cluster ended the session")
	b.click("#step-back")
	eval[bool](b, "(document.querySelector('#stage').focus(), true)")
	b.press(" ") // with reduced motion from instant to instant
	b.says("#play output", seen)
	b.hash("t=")
	eval[bool](b, `(() => { const e = document.querySelector('#play input[type=range]'); e.value = Number(e.min); e.dispatchEvent(new Event('input', {bubbles: true})); return true })()`)
	b.says("#play output", printed(p.FromNS-p.OriginNS))
}

// TestPlayGoesAtTheSpeedChosen plays with motion, on a clock that the test turns: so many
// seconds of the run for each second, until its end.
func TestPlayGoesAtTheSpeedChosen(t *testing.T) {
	b := page(t, "#s=faq&t=0", desktop, light)
	p := story(t, "faq").Picture
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "no-preference"}}})
		return err
	}))
	eval[bool](b, "(performance.now = () => 1000, window.requestAnimationFrame = (f) => (window.frame = f, 1), true)")
	b.click("#play-button")
	b.says("#play-button", "Stop")
	at := int64(0)
	for i, tc := range []struct {
		speed string
		by    int64 // ms of the run in a tenth of a second
	}{{"3", 300}, {"10", 1000}, {"0.5", 50}, {"1", 100}} {
		eval[bool](b, fmt.Sprintf("(document.querySelector('#play select').value = %q, window.frame(%d), true)", tc.speed, 1100+100*i))
		at += tc.by
		b.says("#told", "At "+printed(at*1_000_000)+" s")
	}
	eval[bool](b, "(window.frame(1e6), true)")
	b.says("#play-button", "Play")
	b.says("#play output", printed(p.ToNS-p.OriginNS))
}

// TestAFingerStretchesTheFault drags the end of the cut by touch, on a phone.
func TestAFingerStretchesTheFault(t *testing.T) {
	b := page(t, "#s=faq", phone, light)
	x, y := b.middle("[data-grip='0.to'] .touch")
	width := eval[float64](b, "document.querySelector('#stage .lane-process rect').getBoundingClientRect().width")
	touch := func(what input.DispatchTouchEventType, at ...*input.TouchPoint) {
		t.Helper()
		b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: what, TouchPoints: at})
			return err
		}))
	}
	touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: x, Y: y})
	for i := range 8 {
		touch(input.DispatchTouchEventTypeTouchMove, &input.TouchPoint{X: x - width*0.4*float64(i+1)/8, Y: y})
	}
	touch(input.DispatchTouchEventTypeTouchEnd)
	b.says("[data-stat='Cluster ends it']", "not in this run")
	b.hash("faults.0.for=")
}
