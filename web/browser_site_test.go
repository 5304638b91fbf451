package web

import (
	"strings"
	"testing"
)

// TestSiteNeedsNoServer takes the page with its own engine through what is asked of it: a
// drag, the reasons, what would have changed it, a shake, a lesson, and an export.
func TestSiteNeedsNoServer(t *testing.T) {
	b := visit(t, sited(t)+"#s=faq", desktop, light)
	b.settle()
	p := story(t, "faq").Picture
	b.says("[data-stat='Cluster ends it']", instant(p, "marked"))
	b.says("#why .chain", "touches worker's session")
	b.says("#nearest", "worker would have kept its session")
	b.click("#nearest .btn")
	b.says("#ask", "You changed the outcome.")
	width := eval[float64](b, "document.querySelector('#stage .lane-process rect').getBoundingClientRect().width")
	b.drag("[data-grip='0.to'] .touch", width*0.3, nil)
	b.says("[data-stat='Cluster ends it']", instant(p, "marked"))

	eval[bool](b, "(document.querySelector('#shake-button').click(), true)")
	b.until("document.querySelectorAll('#shake .ghost').length > 10 && document.querySelector('#shake path')")
	eval[bool](b, "(document.querySelector('#shake-button').click(), true)") // enough

	text := exported(b, "html")
	if !strings.Contains(text, "zksim-answers") || strings.Contains(text, "http-equiv") {
		t.Error("the file has no answers, or the policy of the site")
	}
	b.do(navigate(b, "#l=faq:1"))
	b.says("#tour", "Lesson 1, round 1")
	b.shot("site")
}
