package sim

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"go.yaml.in/yaml/v3"
)

func TestEmbeddedScenariosAreListedAndSound(t *testing.T) {
	files, err := scenarioFiles.ReadDir("scenarios")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(embeddedNames) {
		t.Errorf("%d files, %d names in embeddedNames", len(files), len(embeddedNames))
	}
	for _, e := range Embedded() {
		s, err := ReadScenario(e.Name+".yaml", e.Source, nil)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if s.Name != e.Name || s.Title == "" || s.About == "" {
			t.Errorf("%s: name %q, title %q, about %q", e.Name, s.Name, s.Title, s.About)
		}
		for _, remark := range s.Remarks() {
			if e.Name != "clamped" {
				t.Errorf("%s: %s", e.Name, remark)
			}
		}
	}
	if e, ok := FindEmbedded("crash"); !ok || e.Name != "crash" || !strings.HasPrefix(string(e.Source), "name: crash\n") {
		t.Errorf("FindEmbedded(crash): %q, %v", e.Name, ok)
	}
	if e, ok := FindEmbedded("crsh"); ok {
		t.Errorf("FindEmbedded(crsh): %q, want none", e.Name)
	}
}

// validate holds a scenario against the schema, as an editor would.
func validate(t *testing.T, source []byte) error {
	t.Helper()
	var schema jsonschema.Schema
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatalf("schema: %v", err)
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		t.Fatalf("schema: %v", err)
	}
	var tree, instance any
	if err := yaml.Unmarshal(source, &tree); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &instance); err != nil {
		t.Fatal(err)
	}
	return resolved.Validate(instance)
}

func TestSchemaAcceptsWhatTheReaderAccepts(t *testing.T) {
	for _, e := range Embedded() {
		if err := validate(t, e.Source); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
	}
	for _, more := range []string{
		"seed: 18446744073709551615",
		"network: {latency: {uniform: [1ms, 5ms], max: 4ms}, servers: {law: lognormal, median: 1ms, sigma: 0.5}, loss: 0.1%}",
		"network: {latency: {exponential: 1ms}, servers: {lognormal: [1ms, 2ms]}, loss: 0.001}",
		"faults: [{pause: [worker, server1], at: 1d0.5h, for: 1s}, {pause: {who: worker, clock: stops}, when: node gone, after: 1ms}]",
		"ensemble: {version: 3.8.0-1, clocks: {server1: {ppm: -5}}}",
	} {
		source := smallest + more
		if err := validate(t, []byte(source)); err != nil {
			t.Errorf("schema: %s: %v", more, err)
		}
		if got := problems(t, strings.Replace(source, "1d0.5h", "1s", 1)); got != nil {
			t.Errorf("reader: %s: %v", more, got)
		}
	}
}

func TestSchemaRefusesWhatTheReaderRefuses(t *testing.T) {
	for _, more := range []string{
		"rum: 1s",
		"ensemble: {tickTime: 2000}",
		"ensemble: {tickTime: 2000s, ticktime: 1s}",
		"network: {latency: {uniform: [1ms]}}",
		"network: {latency: {law: unifrom, from: 1ms, to: 2ms}}",
		"network: {loss: lots}",
		"order: sometimes",
		"faults: [{at: 1s}]",
		"faults: [{kill: worker}]",
		"faults: [{kill: worker, at: 1s, when: node gone}]",
		"faults: [{kill: worker, lose: worker, at: 1s}]",
		"faults: [{slow_log: server1, at: 1s}]",
		"faults: [{partition: {between: worker}, at: 1s}]",
	} {
		if err := validate(t, []byte(smallest+more)); err == nil {
			t.Errorf("schema accepts %s", more)
		}
		if got := problems(t, smallest+more); got == nil {
			t.Errorf("reader accepts %s", more)
		}
	}
	if err := validate(t, []byte(smallest)); err != nil {
		t.Errorf("smallest: %v", err)
	}
}

func TestSchemaIsTheSameEveryTime(t *testing.T) {
	first := Schema()
	for range 10 {
		if !bytes.Equal(Schema(), first) {
			t.Fatal("two calls differ")
		}
	}
}
