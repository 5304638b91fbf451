package web

import (
	"fmt"
	"strings"
	"testing"
)

// TestWhyWalksBackToTheFault chooses instants, by mouse and by keyboard, and holds the
// chain of causes against the engine's.
func TestWhyWalksBackToTheFault(t *testing.T) {
	b := page(t, "#s=faq", desktop, light)
	p := story(t, "faq").Picture
	check := func(record uint64) {
		t.Helper()
		steps := answered[WhyAnswer](t, "why", WhyQuery{RunRequest: RunRequest{Scenario: "faq"}, Record: record}).Steps
		b.says("#why-title", fmt.Sprintf("Why %s s?", printed(int64(steps[0].At)-p.OriginNS)))
		b.until(fmt.Sprintf("document.querySelectorAll('#why .chain li').length === %d", len(steps)))
		for _, s := range steps {
			b.says("#why .chain", strings.TrimPrefix(s.Words, s.Words[:1]))
			b.says("#why .chain", s.Rule)
		}
	}
	for _, i := range p.Instants {
		if i.What == "marked" {
			check(i.Record) // without a choice
		}
	}
	for _, i := range p.Instants {
		if i.What == "disconnected" {
			b.click(fmt.Sprintf("#stage .key[data-record='%d']", i.Record))
			check(i.Record)
		}
	}
	for _, i := range p.Instants {
		if i.What == "expired" {
			eval[bool](b, fmt.Sprintf("(document.querySelector(\"#stage .key[data-record='%d']\").focus(), true)", i.Record))
			b.press("\r")
			check(i.Record)
			b.hash(fmt.Sprintf("w=%d", i.Record))
		}
	}
	b.shot("why")
}

// TestACardSaysWhatAMarkIs hovers over an instant.
func TestACardSaysWhatAMarkIs(t *testing.T) {
	b := page(t, "#s=faq", desktop, dark)
	p := story(t, "faq").Picture
	for _, i := range p.Instants {
		if i.What != "marked" {
			continue
		}
		x, y := b.middle(fmt.Sprintf("#stage .key[data-record='%d']", i.Record))
		b.do(moveTo(x, y))
		b.says("#tip", printed(i.AtNS-p.OriginNS))
		b.says("#tip", i.Rule)
		b.shot("card")
	}
}
