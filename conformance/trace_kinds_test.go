package conformance

import (
	"os"
	"strings"
	"testing"
)

func TestKindsAreListedOnceAndCiteRulesThatExist(t *testing.T) {
	text, err := os.ReadFile("../docs/semantics.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	check := func(key, meaning, rule string) {
		if seen[key] {
			t.Errorf("%s is listed twice", key)
		}
		seen[key] = true
		if meaning == "" {
			t.Errorf("%s has no meaning", key)
		}
		if rule != "" && !strings.Contains(string(text), "\n- **"+rule+"** ") {
			t.Errorf("%s cites %s, which docs/semantics.md does not define", key, rule)
		}
	}
	for _, k := range EventKinds() {
		check(string(k.Class)+" "+k.Name, k.Meaning, k.Rule)
		if !knownEvent(k.Class, k.Name) || !knownClass(k.Class) {
			t.Errorf("%s of %s is in the table but not known", k.Name, k.Class)
		}
	}
	for _, k := range FaultKinds() {
		check("fault "+k.Name, k.Meaning, k.Rule)
		if !knownFault(k.Name) {
			t.Errorf("fault %s is in the table but not known", k.Name)
		}
	}
}
