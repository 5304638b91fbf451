package docs

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// idPattern matches a rule ID or open point and nothing around it. Whoever uses it on running text
// also has to look at the neighbours (bounded), because UTF-8 contains F-8. Numbers have one or two
// digits and letters end at h, the last clause letter in semantics.md, which keeps F-150 and C-4x out.
const idPattern = `(?:L-[CGKU]|[ANTHZVCFGKWQU]-)[0-9]{1,2}[a-h]?`

var (
	idInText = regexp.MustCompile(idPattern)
	// rangeTail is what turns an ID into a range. After a word the far end must be a whole ID: in
	// "T-2 to 9 s" the 9 is a quantity.
	rangeTail = regexp.MustCompile(`^(?:\s*(?:\.{2,3}|…|–)\s*|\s+(?:to|through)\s+)(` + idPattern + `)`)
	shortTail = regexp.MustCompile(`^(?:\.{2,3}|…|–)([0-9]{1,2}[a-h]?)`)
	listTail  = regexp.MustCompile(`^/([0-9]{1,2}[a-h]?)`)
	idParts   = regexp.MustCompile(`^(L-[CGKU]|[A-Z]-)([0-9]{1,2})([a-h]?)$`)
	// nameSegment is an ID in an identifier, where a hyphen cannot stand: TestTouch_T3, TestPing_C9a.
	nameSegment = regexp.MustCompile(`^(?:L[CGKU]|[NTHZVCFGKWQ])[0-9]{1,2}[a-h]?$`)
)

// citations returns the IDs cited in running text, in order, repeats included. IDs of no rule are
// returned too, for the caller to judge.
//
// It understands single IDs and lists (T-3, Z-10), ranges (T-2..T-9, T-2..9, T-2 to T-9) and the
// short list C-12/13. A range counts every rule between its ends; when an end is no rule, or the
// ends are out of order or of different sections, only the ends count. Letter case matters, since
// n-1 is arithmetic more often than not. N-1 in a formula still reads as the rule: write N − 1.
func (d *document) citations(text string) []string {
	var found []string
	for pos := 0; pos < len(text); {
		loc := idInText.FindStringIndex(text[pos:])
		if loc == nil {
			break
		}
		start, end := pos+loc[0], pos+loc[1]
		pos = end
		if !bounded(text, start, end) {
			continue
		}
		id := text[start:end]
		prefix := idParts.FindStringSubmatch(id)[1]
		if m := rangeTail.FindStringSubmatchIndex(text[end:]); m != nil && endsWell(text, end+m[1]) {
			found = append(found, d.between(id, text[end+m[2]:end+m[3]])...)
			pos = end + m[1]
			continue
		}
		if m := shortTail.FindStringSubmatchIndex(text[end:]); m != nil && endsWell(text, end+m[1]) {
			found = append(found, d.between(id, prefix+text[end+m[2]:end+m[3]])...)
			pos = end + m[1]
			continue
		}
		found = append(found, id)
		for {
			m := listTail.FindStringSubmatchIndex(text[pos:])
			if m == nil || !endsWell(text, pos+m[1]) {
				break
			}
			found = append(found, prefix+text[pos+m[2]:pos+m[3]])
			pos += m[1]
		}
	}
	return found
}

// citationsInName returns the IDs in the name of a test function: parts set off by underscores that
// are wholly an ID without its hyphen. Only existing rules count, because an identifier cannot say
// that it meant to cite.
func (d *document) citationsInName(name string) []string {
	var found []string
	parts := strings.Split(name, "_")
	for _, part := range parts[1:] {
		if !nameSegment.MatchString(part) {
			continue
		}
		digits := strings.IndexFunc(part, unicode.IsDigit)
		id := part[:digits] + "-" + part[digits:]
		if part[0] == 'L' {
			id = "L-" + part[1:]
		}
		if rule, ok := d.lookup(id); ok {
			found = append(found, rule.ID)
		}
	}
	return found
}

// resolve turns a cited ID into the rule it stands for. T-12b, a clause letter, stands for T-12 if
// that rule has a clause (b). An open point such as U-2 is known and stands for no rule.
func (d *document) resolve(id string) (rule string, known bool) {
	if i, ok := d.index[strings.ToLower(id)]; ok && d.rules[i].ID == id {
		return id, true
	}
	for _, p := range d.points {
		if p == id {
			return "", true
		}
	}
	last := id[len(id)-1]
	if unicode.IsLetter(rune(last)) {
		base, ok := d.lookup(id[:len(id)-1])
		if ok && strings.Contains(base.Text, "("+string(last)+")") {
			return base.ID, true
		}
	}
	return "", false
}

// between returns every rule from one ID to the other, both included, in document order. What lies
// between is decided by number and then letter: C-9..C-9c leaves out C-10, although the document has
// it between those two. Ends that span no range are returned alone.
func (d *document) between(from, to string) []string {
	_, fromKnown := d.lookup(from)
	_, toKnown := d.lookup(to)
	low, high := idParts.FindStringSubmatch(from), idParts.FindStringSubmatch(to)
	if !fromKnown || !toKnown || low[1] != high[1] || idLess(high, low) {
		return []string{from, to}
	}
	var ids []string
	for _, r := range d.rules {
		at := idParts.FindStringSubmatch(r.ID)
		if at[1] == low[1] && !idLess(at, low) && !idLess(high, at) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// idLess orders two IDs of one section, given as matches of idParts.
func idLess(a, b []string) bool {
	x, _ := strconv.Atoi(a[2]) // the pattern admits one or two digits only
	y, _ := strconv.Atoi(b[2])
	if x != y {
		return x < y
	}
	return a[3] < b[3]
}

// bounded reports whether text[start:end] stands alone: not the tail of a longer word or formula
// (UTF-8, X-T-3, 0..N-1, t+T-1) and not the head of one.
func bounded(text string, start, end int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:start])
	if start > 0 && (isWord(before) || strings.ContainsRune("-.+", before)) {
		return false
	}
	return endsWell(text, end)
}

// endsWell reports whether an ID may end here. A full stop may follow, a decimal point may not; a
// hyphen may follow before a lower-case word (T-3-like), but not before another number or name.
func endsWell(text string, end int) bool {
	next, size := utf8.DecodeRuneInString(text[end:])
	if size == 0 {
		return true
	}
	after, _ := utf8.DecodeRuneInString(text[end+size:])
	switch {
	case isWord(next), next == '+':
		return false
	case next == '.':
		return !unicode.IsDigit(after)
	case next == '-':
		return unicode.IsLower(after)
	}
	return true
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
