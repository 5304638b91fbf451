package docs

import (
	"slices"
	"strings"
	"testing"
)

func TestCitationsInText(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"T-3", "T-3"},
		{"see (T-3), H-1; V-4: and Z-6.", "T-3 H-1 V-4 Z-6"},
		{"C-9a and L-U3", "C-9a L-U3"},
		{"Z-3, Z-10", "Z-3 Z-10"},
		{"T-7..T-9", "T-7 T-8 T-9"},
		{"T-7 .. T-9", "T-7 T-8 T-9"},
		{"T-7..9 then", "T-7 T-8 T-9"},
		{"T-7 to\nT-9", "T-7 T-8 T-9"},
		{"T-7 through T-9", "T-7 T-8 T-9"},
		{"T-7–T-9", "T-7 T-8 T-9"},
		{"L-G9..L-G10", "L-G9 L-G10"},
		{"C-9..C-9c", "C-9 C-9a C-9b C-9c"},                    // C-10 stands between them in the document and does not belong
		{"C-8..C-10", "C-8 C-9 C-10 C-9a C-9b C-9c C-9d C-9e"}, // document order
		{"T-9 to Z-4", "T-9 Z-4"},                              // ends of two sections
		{"T-4 to Z-9", "T-4 Z-9"},
		{"T-9..T-7", "T-9 T-7"},      // ends out of order
		{"T-24..T-99", "T-24 T-99"},  // an unknown end is for resolve to judge
		{"C-12/13", "C-12 C-13"},     // the short list of section 15
		{"Z-6/V-5", "Z-6 V-5"},       //
		{"T-3 to 9 s", "T-3"},        // a quantity
		{"the T-3-like rule", "T-3"}, //
		{"T-3. Then", "T-3"},         //
		{"T-12b", "T-12b"},           //
		{"UTF-8 SHA-256 X-9 ISO-8859-1", ""},
		{"F-150 T-3ms T-3_x xT-3 _T-3 T-3.5", ""},
		{"0..N-1 and t+T-1 and A-T-3 and T-3-4", ""},
		{"t-3 n-1", ""},
	} {
		if got := strings.Join(embedded().citations(c.text), " "); got != c.want {
			t.Errorf("citations(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestCitationsInTestName(t *testing.T) {
	for name, want := range map[string][]string{
		"TestTouch_T3":         {"T-3"},
		"TestPing_C9a_LU3":     {"C-9a", "L-U3"},
		"TestT3Touch":          nil,
		"TestUTF_8":            nil,
		"TestLayout_C99":       nil,
		"TestTouch_T3IsBeyond": nil,
	} {
		if got := embedded().citationsInName(name); !slices.Equal(got, want) {
			t.Errorf("citationsInName(%q) = %q, want %q", name, got, want)
		}
	}
}

// T-12 has clauses (a) to (d), Q-23 (a) to (h), T-3 none; U-8 is the last open point.
func TestResolveKnowsRulesClausesAndOpenPoints(t *testing.T) {
	for _, c := range []struct {
		id, rule string
		known    bool
	}{
		{"T-3", "T-3", true}, {"C-9a", "C-9a", true}, {"T-12b", "T-12", true}, {"L-U3c", "L-U3", true}, {"Q-23h", "Q-23", true},
		{"U-8", "", true}, {"U-9", "", false}, {"T-3b", "", false}, {"T-12e", "", false}, {"T-26", "", false}, {"T-03", "", false}, {"C-9A", "", false},
	} {
		if rule, known := embedded().resolve(c.id); rule != c.rule || known != c.known {
			t.Errorf("resolve(%s) = %q, %v; want %q, %v", c.id, rule, known, c.rule, c.known)
		}
	}
}
