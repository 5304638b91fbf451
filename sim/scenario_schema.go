//go:build !js

package sim

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// Patterns of scalars in the JSON Schema. They accept what the reader accepts.
const (
	durationPattern    = `^(([0-9]+\.?[0-9]*|\.[0-9]+)d)?(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))*$`
	probabilityPattern = `^[0-9]*\.?[0-9]+ *%?$`
)

// Schema returns the JSON Schema (2020-12) of a scenario, for editors that read
// YAML by a schema. It is made from the same rows as the reader, and says what
// can be said of each value alone; [Scenario.Check] says the rest.
func Schema() []byte {
	root := mappingSchema(rows(scenarioKeys)())
	root.Schema = "https://json-schema.org/draft/2020-12/schema"
	root.Title = "zksim scenario"
	root.Description = "What one run of zksim depends on: the ensemble, the network, the clients, the faults and the length."
	names := make([]any, len(Groups))
	for i, g := range Groups {
		names[i] = g
	}
	root.Defs = map[string]*jsonschema.Schema{
		"step": {Type: "string", MinLength: jsonschema.Ptr(1), Pattern: "^-?" + durationPattern[1:],
			Description: "A duration, forward or (with a minus) back: -4s, 500ms."},
		"duration": {Type: "string", MinLength: jsonschema.Ptr(1), Pattern: durationPattern,
			Description: "A duration in Go's syntax, with d for days in front: 10s, 1.5ms, 1d12h."},
		"law": lawSchema(),
		"probability": {Description: "A percentage such as 5%, or a fraction such as 0.05.", AnyOf: []*jsonschema.Schema{
			{Type: "number", Minimum: jsonschema.Ptr(0.0), Maximum: jsonschema.Ptr(1.0)},
			{Type: "string", Pattern: probabilityPattern},
		}},
		"name":  {Type: "string", MinLength: jsonschema.Ptr(1), Description: "The name of a node or of a group.", Examples: names},
		"names": {AnyOf: []*jsonschema.Schema{ref("name"), {Type: "array", Items: ref("name"), MinItems: jsonschema.Ptr(1)}}},
	}
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("the scenarios' schema: %v", err))
	}
	return append(text, '\n')
}

func ref(def string) *jsonschema.Schema { return &jsonschema.Schema{Ref: "#/$defs/" + def} }

// nothing is the schema that no value fits.
func nothing() *jsonschema.Schema { return &jsonschema.Schema{Not: &jsonschema.Schema{}} }

// mappingSchema is a mapping with these keys and no others. Where some are
// kinds of fault, exactly one of those must be there, and one of at and when.
func mappingSchema(keys []keyRow) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{}, AdditionalProperties: nothing()}
	var kinds []*jsonschema.Schema
	for i := range keys {
		k := &keys[i]
		s.Properties[k.name] = k.schema()
		s.PropertyOrder = append(s.PropertyOrder, k.name)
		if k.required {
			s.Required = append(s.Required, k.name)
		}
		if k.fault {
			kinds = append(kinds, &jsonschema.Schema{Required: []string{k.name}})
		}
	}
	if kinds != nil {
		s.AllOf = []*jsonschema.Schema{{OneOf: kinds}, {OneOf: []*jsonschema.Schema{{Required: []string{"at"}}, {Required: []string{"when"}}}}}
	}
	return s
}

// schema is what the key takes.
func (k *keyRow) schema() *jsonschema.Schema {
	var s *jsonschema.Schema
	switch k.form {
	case formText:
		s = &jsonschema.Schema{Type: "string"}
	case formRelease:
		s = &jsonschema.Schema{Type: "string", Pattern: `^[0-9]+\.[0-9]+\.[0-9]+(-.*)?$`}
	case formSeed:
		s = &jsonschema.Schema{Type: "integer", Minimum: jsonschema.Ptr(0.0), Maximum: jsonschema.Ptr(float64(math.MaxUint64))}
	case formInteger:
		s = &jsonschema.Schema{Type: "integer"}
	case formDuration:
		s = ref("duration")
	case formStep:
		s = ref("step")
	case formLaw:
		s = ref("law")
	case formProbability:
		s = ref("probability")
	case formChoice:
		s = &jsonschema.Schema{Type: "string"}
		for _, c := range k.choices() {
			if c == "true" || c == "false" { // YAML's own, unless quoted
				s.Type, s.Types = "", []string{"boolean", "string"}
				s.Enum = append(s.Enum, c == "true")
			}
			s.Enum = append(s.Enum, c)
		}
	case formServerIDs:
		s = &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "integer", Minimum: jsonschema.Ptr(1.0)},
			MinItems: jsonschema.Ptr(1), UniqueItems: true}
	case formNames:
		s = ref("names")
	case formStruck:
		s = &jsonschema.Schema{AnyOf: []*jsonschema.Schema{ref("names"), mappingSchema(k.keys())}}
	case formNamed:
		s = &jsonschema.Schema{Type: "object", AdditionalProperties: mappingSchema(k.keys()),
			PropertyNames: &jsonschema.Schema{Pattern: namePattern.String()}}
	case formList:
		s = &jsonschema.Schema{Type: "array", Items: mappingSchema(k.keys()), MaxItems: jsonschema.Ptr(MaxFaults)}
	case formMapping:
		s = mappingSchema(k.keys())
	}
	s.Description = strings.ToUpper(k.meaning[:1]) + k.meaning[1:] + "."
	if k.initial != "" {
		s.Default = k.initialJSON()
	}
	return s
}

// initialJSON is the default as a value of JSON.
func (k *keyRow) initialJSON() json.RawMessage {
	if k.form == formInteger || k.form == formSeed || k.initial == "true" || k.initial == "false" {
		return json.RawMessage(k.initial)
	}
	text, err := json.Marshal(k.initial)
	if err != nil {
		panic(err) // a string always has its JSON
	}
	return text
}

// lawSchema is a duration, or one of the laws in its long or its short form.
func lawSchema() *jsonschema.Schema {
	forms := []*jsonschema.Schema{ref("duration")}
	for i := range Laws {
		row := &Laws[i]
		short := &jsonschema.Schema{Type: "object", Description: "Law " + row.Name + ": " + row.Meaning + ".",
			Properties: map[string]*jsonschema.Schema{"min": ref("duration"), "max": ref("duration")},
			Required:   []string{row.Name}, AdditionalProperties: nothing()}
		var values []*jsonschema.Schema
		for _, form := range row.Forms {
			long := &jsonschema.Schema{Type: "object", Description: short.Description,
				Properties: map[string]*jsonschema.Schema{"min": ref("duration"), "max": ref("duration"),
					"law": {Type: "string", Enum: []any{row.Name}}},
				Required: []string{"law"}, AdditionalProperties: nothing(), PropertyOrder: []string{"law"}}
			list := &jsonschema.Schema{Type: "array", MinItems: jsonschema.Ptr(len(form)), MaxItems: jsonschema.Ptr(len(form))}
			for _, p := range form {
				one := p.schema()
				long.Properties[p.Name] = one
				long.Required = append(long.Required, p.Name)
				long.PropertyOrder = append(long.PropertyOrder, p.Name)
				list.PrefixItems = append(list.PrefixItems, p.schema())
			}
			long.PropertyOrder = append(long.PropertyOrder, "min", "max")
			forms = append(forms, long)
			values = append(values, list)
			if len(form) == 1 {
				values = append(values, form[0].schema())
			}
		}
		short.Properties[row.Name] = &jsonschema.Schema{AnyOf: values}
		short.PropertyOrder = []string{row.Name, "min", "max"}
		forms = append(forms, short)
	}
	return &jsonschema.Schema{Description: "A duration that is always the same, or a law that draws one. min and max are cut-offs.", AnyOf: forms}
}

// schema is what a parameter of a law takes.
func (p *LawParam) schema() *jsonschema.Schema {
	description := strings.ToUpper(p.Meaning[:1]) + p.Meaning[1:] + "."
	switch p.Unit {
	case UnitDuration:
		s := ref("duration")
		s.Description = description
		return s
	case UnitFile:
		return &jsonschema.Schema{Type: "string", MinLength: jsonschema.Ptr(1), Description: description}
	}
	return &jsonschema.Schema{Type: "number", Minimum: jsonschema.Ptr(p.Least), Maximum: jsonschema.Ptr(p.Most), Description: description}
}
