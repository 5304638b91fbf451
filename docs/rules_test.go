package docs

import (
	"slices"
	"strings"
	"testing"
)

// The number is counted without the parser: semantics.md has 219 lines that start with "- **" and
// an ID, of which 7 are the open points "- **[U-1]**" to "- **[U-7]**" of section 16, which are not
// rules. By prefix the rest is N 6, T 25, H 8, Z 11, V 11, C 41 (C-1 to C-36 and C-9a to C-9e),
// F 22, G 9, K 5, L-C 7, L-G 10, L-K 9, L-U 8, A 6, W 8, Q 27. The vectors of section 15 are numbered
// lines and not bullets, so they are in neither count.
func TestDocumentHas213Rules(t *testing.T) {
	perPrefix := map[string]int{"N-": 6, "T-": 25, "H-": 8, "Z-": 11, "V-": 11, "C-": 41, "F-": 22, "G-": 9,
		"K-": 5, "L-C": 7, "L-G": 10, "L-K": 9, "L-U": 8, "A-": 6, "W-": 8, "Q-": 27}
	rules := Rules()
	if len(rules) != 213 {
		t.Errorf("got %d rules, want 213", len(rules))
	}
	got := map[string]int{}
	for _, r := range rules {
		got[strings.TrimRight(r.ID, "0123456789abcde")]++
	}
	for prefix, want := range perPrefix {
		if got[prefix] != want {
			t.Errorf("got %d rules with prefix %s, want %d", got[prefix], prefix, want)
		}
	}
	if points := len(embedded().points); points != 8 {
		t.Errorf("got %d open points, want 8", points)
	}
	if lines := strings.Count("\n"+semantics, "\n- **"); lines != 213+8 {
		t.Errorf("got %d bold bullets in semantics.md, want 213 rules and 8 open points", lines)
	}
}

func TestEveryRuleHasAUniqueIDAndText(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[strings.ToLower(r.ID)] {
			t.Errorf("rule %s appears twice", r.ID)
		}
		seen[strings.ToLower(r.ID)] = true
		if strings.TrimSpace(r.Text) == "" || r.Section == "" {
			t.Errorf("rule %s: text %q, section %q: want both", r.ID, r.Text, r.Section)
		}
	}
}

func TestRulesComeInDocumentOrder(t *testing.T) {
	at := 0
	for _, r := range Rules() {
		i := strings.Index(semantics[at:], "- **"+r.ID+"** ")
		if i < 0 {
			t.Fatalf("rule %s does not stand after the rules before it", r.ID)
		}
		at += i + 1
	}
}

func TestLookupIgnoresCase(t *testing.T) {
	for asked, want := range map[string]string{"c-9A": "C-9a", "l-c1": "L-C1", "T-3": "T-3"} {
		if r, ok := Lookup(asked); !ok || r.ID != want {
			t.Errorf("Lookup(%q) = %q, %v; want %s", asked, r.ID, ok, want)
		}
	}
	for _, asked := range []string{"", "T-26", "T-12b", "U-1", "C-9f"} {
		if r, ok := Lookup(asked); ok {
			t.Errorf("Lookup(%q) = %s, want no rule", asked, r.ID)
		}
	}
}

func TestRuleCarriesSectionTextAndSources(t *testing.T) {
	v4, _ := Lookup("V-4")
	if want := []string{"Learner.java:Learner.validateSession", "Leader.java:Leader.revalidateSession", "NIOServerCnxn.java:NIOServerCnxn.disableRecv"}; !slices.Equal(v4.Sources, want) {
		t.Errorf("sources of V-4 = %q, want %q", v4.Sources, want)
	}
	if !strings.Contains(v4.Text, "\n- at the leader: touch") {
		t.Errorf("text of V-4 lacks its indented list:\n%s", v4.Text)
	}
	t16, _ := Lookup("T-16")
	if t16.Section != "T: session tracker and touches" || t16.Part != "Learners" {
		t.Errorf("T-16 stands in %q, %q", t16.Section, t16.Part)
	}
	w2, _ := Lookup("W-2")
	if w2.Section != "W: the transport underneath" || w2.Part != "" || w2.Sources != nil {
		t.Errorf("W-2 stands in %q, %q with sources %q; want section W, no part, no source", w2.Section, w2.Part, w2.Sources)
	}
}

func TestSection15HasTwentyVectors(t *testing.T) {
	vectors := Vectors()
	if len(vectors) != 20 {
		t.Fatalf("got %d vectors, want 20", len(vectors))
	}
	want := map[int][]string{1: {"T-3"}, 6: {"C-9a"}, 9: {"C-12", "C-13"}, 10: {"C-20", "C-22"}, 17: {"L-C5"}, 20: {"Z-6", "V-5"}}
	for i, v := range vectors {
		if v.Number != i+1 || v.Text == "" || len(v.Rules) == 0 {
			t.Errorf("vector %d: number %d, rules %q, text %q", i+1, v.Number, v.Rules, v.Text)
		}
		if ids, listed := want[v.Number]; listed && !slices.Equal(v.Rules, ids) {
			t.Errorf("vector %d exercises %q, want %q", v.Number, v.Rules, ids)
		}
	}
}

func TestParserRefusesDamage(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"mistyped ID":         {"## 1. N: x\n- **N1** text\n", `semantics.md:2: bullet "N1"`},
		"no text":             {"## 1. N: x\n- **N-1**\n", `semantics.md:2: bullet "N-1"`},
		"repeated ID":         {"- **N-1** a\n- **N-1** b\n", "semantics.md:2: rule N-1 appears a second time"},
		"vector out of order": {"- **N-1** a\n## 15. Test vectors\n2. **N-1** b\n", "semantics.md:3: test vector 2: want number 1"},
		"vector of no rule":   {"## 15. Test vectors\n1. **N-1** b\n", "test vector 1 names N-1"},
	} {
		if _, err := parseDocument(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}
