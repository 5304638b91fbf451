package web

import (
	"strings"

	"zksim/docs"
	"zksim/teach"
)

// A RuleQuery asks for a rule.
type RuleQuery struct {
	ID string `json:"id"` // such as T-3
}

// A RuleInfo is a rule of docs/semantics.md in a list.
type RuleInfo struct {
	ID    string `json:"id"`
	Title string `json:"title"` // the beginning of its text
	Text  string `json:"text"`
}

// A RuleAnswer is a rule with where it is at work.
type RuleAnswer struct {
	*teach.RulePage
	Source string `json:"source,omitempty"` // where ZooKeeper or a client does so
}

// rules lists all rules.
func rules(*struct{}, *work) ([]RuleInfo, error) {
	var all []RuleInfo
	for _, r := range docs.Rules() {
		all = append(all, RuleInfo{ID: r.ID, Title: docs.Begins(r), Text: docs.Plain(r)})
	}
	return all, nil
}

// rule gives one of them.
func rule(q *RuleQuery, _ *work) (*RuleAnswer, error) {
	p, err := teach.FindRule(q.ID)
	if err != nil {
		return nil, unusable("id", "%s", err)
	}
	return &RuleAnswer{p, strings.Join(p.Source, ", ")}, nil
}
