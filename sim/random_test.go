package sim

import (
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"zksim/clock"
	"zksim/model"
)

// randomScenario draws the number of a random scenario.
func randomScenario(t *rapid.T) *Scenario {
	return RandomScenario(rapid.Uint64().Draw(t, "number"))
}

// TestRandomScenariosRunTheSameTwice: no panic, no hang, the same digest for the
// same seed, and a watcher changes nothing.
func TestRandomScenariosRunTheSameTwice(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := randomScenario(rt)
		seed := rapid.Uint64().Draw(rt, "seed")
		var sums [2]Summary
		for i, sinks := range [2][]Sink{nil, {new(Checker)}} {
			w := unwatched(t, s, seed, sinks...)
			sum, err := w.Run(clock.Instant(s.Length), nil)
			if err != nil {
				rt.Fatal(err)
			}
			sums[i] = sum
		}
		if sums[0] != sums[1] {
			rt.Fatalf("two runs differ: %+v and %+v", sums[0], sums[1])
		}
	})
}

// neverDrawn are the keys and words of a scenario that no random one has, and why.
var neverDrawn = map[string]string{
	"title":         "for people",
	"about":         "for people",
	"law empirical": "its durations are in a file beside the scenario, and a random one is a number",
}

// TestRandomScenariosSayEverything wants every key that a scenario can have among the
// first thousand, every choice, law, group, trigger and row of the table of libraries,
// so that the soak leaves nothing out.
func TestRandomScenariosSayEverything(t *testing.T) {
	const first = 1000
	used := map[string]bool{}
	for number := range uint64(first) {
		s := RandomScenario(number)
		source, err := s.YAML()
		if err != nil {
			t.Fatal(err)
		}
		var root yaml.Node
		if err := yaml.Unmarshal(source, &root); err != nil {
			t.Fatal(err)
		}
		use(used, root.Content[0], rows(scenarioKeys)(), "")
		for i := range s.Clients {
			for _, l := range []*model.Library{s.Clients[i].Library, s.Clients[i].Under} {
				if l != nil {
					used["library "+l.Name+" "+l.From] = true
				}
			}
		}
	}
	for _, word := range everyWord(rows(scenarioKeys)(), "") {
		switch why, excepted := neverDrawn[word]; {
		case !used[word] && !excepted:
			t.Errorf("no %s in the first %d random scenarios", word, first)
		case used[word] && excepted:
			t.Errorf("%s is drawn, and is said not to be: %s", word, why)
		}
	}
}

// everyWord lists what there is to use: the paths of all keys and of choices but the
// ones that stand for themselves, then laws, groups and libraries.
func everyWord(keys []keyRow, path string) (words []string) {
	for _, k := range keys {
		at := path + k.name
		words = append(words, at)
		if k.keys != nil {
			words = append(words, everyWord(k.keys(), at+".")...)
		}
		if k.form == formChoice {
			for _, c := range k.choices() {
				if c != k.initial && !slices.Contains([]string{"recipe", "library"}, k.name) {
					words = append(words, at+" "+c)
				}
			}
		}
	}
	if path != "" {
		return words
	}
	for _, row := range Laws {
		words = append(words, "law "+row.Name)
		for _, form := range row.Forms {
			for _, p := range form {
				if row.New != nil && row.Name != constantRow.Name {
					words = append(words, "law "+row.Name+" "+p.Name)
				}
			}
		}
	}
	words = append(words, "law uniform min", "law uniform max")
	for _, g := range Groups {
		words = append(words, "name "+g)
	}
	for i := range model.Libraries {
		words = append(words, "library "+model.Libraries[i].Name+" "+model.Libraries[i].From)
	}
	return words
}

// use enters what a part of a file says.
func use(used map[string]bool, n *yaml.Node, keys []keyRow, path string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i].Value, n.Content[i+1]
		at := slices.IndexFunc(keys, func(k keyRow) bool { return k.name == name })
		if at < 0 {
			panic("unknown key " + path + name)
		}
		k, here := &keys[at], path+name
		used[here] = true
		switch {
		case k.form == formMapping, k.form == formStruck && value.Kind == yaml.MappingNode:
			use(used, value, k.keys(), here+".")
		case k.form == formNamed:
			for i := 1; i < len(value.Content); i += 2 {
				use(used, value.Content[i], k.keys(), here+".")
			}
		case k.form == formList:
			for _, item := range value.Content {
				use(used, item, k.keys(), here+".")
			}
		case k.form == formChoice:
			used[here+" "+value.Value] = true
		case k.form == formNames:
			used["name "+value.Value] = true
			for _, one := range value.Content {
				used["name "+one.Value] = true
			}
		case k.form == formLaw && value.Kind == yaml.ScalarNode:
			used["law "+constantRow.Name] = true
		case k.form == formLaw:
			law := "law " + value.Content[1].Value
			used[law] = true
			for i := 2; i < len(value.Content); i += 2 {
				used[law+" "+value.Content[i].Value] = true
			}
		}
	}
}
