package teach

import (
	"strings"
	"testing"

	"zksim/docs"
	"zksim/model"
)

// TestEveryKnownLineIsExplained: each example by its own pattern, with rules that exist.
func TestEveryKnownLineIsExplained(t *testing.T) {
	if len(logExamples) != len(logPatterns) {
		t.Fatalf("%d examples of %d patterns", len(logExamples), len(logPatterns))
	}
	for i, example := range logExamples {
		m, err := ExplainLogLine("2026-11-26 10:00:00,000 [myid:] - WARN  " + example + ", and more")
		if err != nil || m.By != logPatterns[i].by || len(m.Readings) == 0 {
			t.Errorf("%s: %+v, %v", example, m, err)
			continue
		}
		for _, r := range m.Readings {
			if len(r.Words) == 0 || len(r.Rules) == 0 {
				t.Errorf("%s: %+v", example, r)
			}
			for _, id := range r.Rules {
				if _, ok := docs.Lookup(id); !ok {
					t.Errorf("%s: rule %s", example, id)
				}
			}
		}
	}
}

// TestTimeoutsAreInferredFromSilence takes lines that people posted, with the timeouts that
// they had: 6669, 6978 and 7031 ms with 10 s, 6667 with 10 s, 26680 with 40 s (C-12); and
// what a client that has the limit from the model would log, for every timeout (C-1, C-20).
func TestTimeoutsAreInferredFromSilence(t *testing.T) {
	for n, want := range map[string]string{
		"6669": "of 10 s has the limit 6.666 s, and this came 3 ms late", "6978": "of 10 s has", "7031": "of 10 s has the limit 6.666 s, and this came 365 ms late",
		"6667": "of 10 s has", "26680": "of 40 s has the limit 26.666 s, and this came 14 ms late",
		"21824": "at most 32.737 s. If it is 30 s, the limit was 20 s and this came 1.824 s late",
	} {
		m, err := ExplainLogLine("Client session timed out, have not heard from server in " + n + "ms for sessionid 0x17ddcb5bc628138, closing socket connection and attempting reconnect")
		if err != nil || !strings.Contains(m.Readings[0].Words[1], want) {
			t.Errorf("%s: %+v, %v; want %s", n, m, err, want)
		}
	}
	for _, s := range usual {
		timers := model.NewJavaTimers(int32(s*1000), 3)
		for limit, thirds := range map[int64]int64{timers.Read: 2, timers.Expire: 4} {
			want := "A session timeout of " + shortly(s*1000) + " has the limit " + shortly(limit)
			if got := inferred(limit+2, thirds); !strings.HasPrefix(got, want+", and this came 2 ms late") {
				t.Errorf("%d ms, %d/3: %s; want %s", limit, thirds, got, want)
			}
		}
	}
	if got := inferred(1, 2); got != "The session timeout is at most 0.002 s." {
		t.Errorf("%s", got)
	}
}

// TestALineWithoutASessionIsOfAnAttempt.
func TestALineWithoutASessionIsOfAnAttempt(t *testing.T) {
	m, err := ExplainLogLine("Client session timed out, have not heard from server in 10006ms for session id 0x0")
	if err != nil || len(m.Readings) != 1 || !strings.Contains(m.Readings[0].Words[1], "10.006 s with 1, 30.018 s with 3") {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestLinesThatAreNotKnown(t *testing.T) {
	for _, line := range []string{"", "hello", strings.Repeat("x", maxLogLine+1), "Client session timed out, have not heard from server in xms"} {
		if _, err := ExplainLogLine(line); err == nil || !strings.Contains(err.Error(), "want ") {
			t.Errorf("%.20q: %v", line, err)
		}
	}
}
