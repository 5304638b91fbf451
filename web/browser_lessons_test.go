package web

import (
	"fmt"
	"strings"
	"testing"

	"zksim/docs"
	"zksim/teach"
)

// TestEveryLessonCanBeTakenInThePage opens every round of every lesson, answers it with
// what is as good as a guess, and gets the explanation and the rules. Before the answer
// nothing of the run after the fault is shown.
func TestEveryLessonCanBeTakenInThePage(t *testing.T) {
	b := page(t, "#v=lessons", desktop, light)
	b.until(fmt.Sprintf("document.querySelectorAll('#view-lessons li').length === %d", len(teach.Lessons())))
	b.shot("list")
	for n, l := range teach.Lessons() {
		b.says("#view-lessons", l.Title)
		for round := range l.Rounds {
			if round > 0 && n%3 > 0 {
				break // the later rounds of some lessons will do
			}
			b.do(navigate(b, fmt.Sprintf("#l=%s:%d", l.Name, round+1)))
			b.says("#tour", fmt.Sprintf("Lesson %d, round %d of", l.Number, round+1))
			b.until("document.querySelector('#tour form:not([hidden])') && document.querySelector('#stats').textContent.includes('?')")
			eval[bool](b, `(() => { for (const f of document.querySelectorAll('#tour fieldset, #tour .ask-field')) {
				const radio = f.querySelector('input[type=radio]'), text = f.querySelector('input:not([type=radio])');
				if (radio) radio.checked = true; else if (text) text.value = '5'; else for (const o of f.querySelectorAll('.order')) o.click();
			} document.querySelector('#tour [type=submit]').click(); return true })()`)
			b.until("document.querySelectorAll('#tour .judged').length === document.querySelectorAll('#tour fieldset, #tour .ask-field').length")
			guesses := eval[string](b, "[...document.querySelectorAll('#tour .judged b')].map((e) => e.textContent).join('|')")
			if guesses == "" || strings.Contains(guesses, "undefined") {
				t.Errorf("%s, round %d is judged %q", l.Name, round+1, guesses)
			}
			for _, id := range l.Rounds[round].Rules {
				b.says("#tour .verdict", id)
			}
		}
		if n == 6 {
			b.shot("judged")
		}
	}
	// Where a lesson does not name another number it says how many ms one is off.
	b.do(navigate(b, "#l=faq:1"))
	b.until("document.querySelector('#tour form:not([hidden])')")
	b.shot("asked")
}

// TestRulesArePagesOfTheirOwn searches the rules, and follows one from the reasons.
func TestRulesArePagesOfTheirOwn(t *testing.T) {
	b := page(t, "#v=rules&r=T-18", desktop, light)
	b.says("#rule-page", "touched late")
	b.until(fmt.Sprintf("document.querySelectorAll('#rule-index li').length === %d", len(docs.Rules())))
	eval[bool](b, "(document.querySelector('#view-rules input').focus(), true)")
	b.press("REVALIDATE")
	b.until(fmt.Sprintf("document.querySelectorAll('#rule-index li').length < %d / 4", len(docs.Rules())))
	b.shot("rules")
	b.click("#nav [data-view=play]")
	b.settle()
	b.until("document.querySelector('#why .chain .rid[data-rule=\"T-17\"]')")
	b.click("#why .chain .rid[data-rule='T-17']")
	b.says("#rule-card", "T-17")
	b.says("#rule-card", "PING")
}
