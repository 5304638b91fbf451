package web

import (
	"strings"

	"zksim/docs"
)

// A RuleQuery asks for a rule.
type RuleQuery struct {
	ID string `json:"id"` // such as T-3
}

// A RuleInfo is a rule of docs/semantics.md.
type RuleInfo struct {
	ID     string `json:"id"`
	Title  string `json:"title"`            // of the part that it stands in
	Text   string `json:"text,omitempty"`   // with its Markdown
	Source string `json:"source,omitempty"` // where ZooKeeper or a client does so
}

func ruleInfo(r docs.Rule) RuleInfo {
	title := r.Part
	if title == "" {
		_, title, _ = strings.Cut(r.Section, ": ")
	}
	return RuleInfo{ID: r.ID, Title: title, Text: r.Text, Source: strings.Join(r.Sources, ", ")}
}

// rules lists all rules.
func rules(*struct{}, *work) ([]RuleInfo, error) {
	var all []RuleInfo
	for _, r := range docs.Rules() {
		all = append(all, ruleInfo(r))
	}
	return all, nil
}

// rule gives one of them.
func rule(q *RuleQuery, _ *work) (*RuleInfo, error) {
	r, ok := docs.Lookup(q.ID)
	if !ok {
		return nil, unusable("id", "no rule %s; want one of docs/semantics.md, such as T-3", shown(q.ID))
	}
	info := ruleInfo(r)
	return &info, nil
}
