package sim

// brackets draws the intervals below the lanes, in as few lines as hold them.
func (t *Timeline) brackets(p *page, pic *picture, s *Story) {
	type bracket struct {
		span  Span
		words []string
		role  role
	}
	var list []bracket
	for _, iv := range t.lengths(s) {
		if iv.kind != intervalStops && iv.kind != intervalWaits {
			list = append(list, bracket{iv.span, iv.words, iv.role})
		}
	}
	var rows []cells
	for i := range list {
		b := &list[i]
		placed := false
		for _, row := range rows {
			if pic.bracket(row, b.span, b.words, b.role) {
				placed = true
				break
			}
		}
		if !placed {
			row := p.row()
			if pic.bracket(row, b.span, b.words, b.role) {
				rows = append(rows, row)
			}
		}
	}
	for _, row := range rows {
		p.add(row)
	}
}

// bracket draws one interval with its label inside, or beside it, if that leaves
// alone what the row holds. An interval that is open ends in an arrow.
func (pic *picture) bracket(row cells, sp Span, words []string, ro role) bool {
	x0, x1 := pic.clamp(pic.x(sp.From)), pic.clamp(pic.x(sp.To)) // x1 is the last column
	if x1 >= pic.right {
		x1 = pic.right - 1
	}
	if x1 < x0 || !row.free(max(x0-1, 0), x1+1) && !(row.free(x0+1, x1+1) && x0+1 < x1) {
		return false
	}
	if row[x0].r != 0 {
		x0++
	}
	draw := func() {
		for x := x0; x <= x1; x++ {
			row[x] = cell{'─', ro}
		}
		row[x0].r = '├'
		row[x1].r = '┤'
		if x0 == x1 {
			row[x0].r = '│'
		}
		if sp.Open {
			row[x1].r = '→'
		}
	}
	for _, word := range words {
		text := " " + word + " "
		if n := columns(text); n+2 <= x1-x0+1 {
			draw()
			row.put(x0+(x1-x0+1-n)/2, ro, text)
			return true
		}
		n := columns(word)
		if row.free(x1+1, x1+n+3) || x1+n+2 == len(row) && row.free(x1+1, len(row)) {
			draw()
			row.put(x1+2, ro, word)
			return true
		}
		if x := x0 - n - 1; x > gutter && row.free(x-1, x0) {
			draw()
			row.put(x, ro, word)
			return true
		}
	}
	return false
}
