package plots

import (
	"bytes"
	"image/color"
	"io"
	"math"
	"sync"
	"time"

	"codeberg.org/go-pdf/fpdf"
	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// A pdfCanvas is a page of PDF. gonum's own writes text in the encoding of Windows, which
// has no minus sign, no Greek and no narrow spaces; this one writes Unicode, with those
// letters of the font that it uses.
type pdfCanvas struct {
	doc           *fpdf.Fpdf
	width, height vg.Length
	fonts         map[string]bool
}

// undated is the hour of drawing of every figure, so that the same one is the same bytes.
var undated = time.Unix(0, 0).UTC()

func newPDF(width, height vg.Length) *pdfCanvas {
	doc := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: width.Points(), Ht: height.Points()}})
	doc.SetCreationDate(undated)
	doc.SetModificationDate(undated)
	doc.SetCatalogSort(true)
	doc.SetMargins(0, 0, 0)
	doc.SetAutoPageBreak(false, 0)
	doc.AddPage()
	doc.SetLineJoinStyle("miter")
	return &pdfCanvas{doc: doc, width: width, height: height, fonts: map[string]bool{}}
}

// SetColor is the colour of all that follows.
func (c *pdfCanvas) SetColor(clr color.Color) {
	r, g, b, _ := clr.RGBA()
	c.doc.SetFillColor(int(r>>8), int(g>>8), int(b>>8))
	c.doc.SetDrawColor(int(r>>8), int(g>>8), int(b>>8))
	c.doc.SetTextColor(int(r>>8), int(g>>8), int(b>>8))
}

// SetLineWidth is the width of lines.
func (c *pdfCanvas) SetLineWidth(w vg.Length) { c.doc.SetLineWidth(w.Points()) }

// SetLineDash is how lines are broken.
func (c *pdfCanvas) SetLineDash(pattern []vg.Length, offset vg.Length) {
	var dashes []float64
	for _, d := range pattern {
		dashes = append(dashes, d.Points())
	}
	c.doc.SetDashPattern(dashes, offset.Points())
}

// Stroke draws along a path.
func (c *pdfCanvas) Stroke(p vg.Path) { c.path(p, "D") }

// Fill fills a path.
func (c *pdfCanvas) Fill(p vg.Path) { c.path(p, "F") }

func (c *pdfCanvas) path(p vg.Path, how string) {
	at := func(pt vg.Point) (x, y float64) { return pt.X.Points(), (c.height - pt.Y).Points() }
	drawn := false
	for _, part := range p {
		switch part.Type {
		case vg.MoveComp:
			c.doc.MoveTo(at(part.Pos))
		case vg.LineComp:
			c.doc.LineTo(at(part.Pos))
			drawn = true
		case vg.ArcComp:
			c.arc(part, at)
			drawn = true
		case vg.CloseComp:
			c.doc.ClosePath()
		}
	}
	if drawn {
		c.doc.DrawPath(how)
	}
}

// arc draws a part of a circle as curves of at most a quarter.
func (c *pdfCanvas) arc(part vg.PathComp, at func(vg.Point) (x, y float64)) {
	n := max(int(math.Ceil(math.Abs(part.Angle)/(math.Pi/2)-1e-9)), 1)
	turn := part.Angle / float64(n)
	reach := part.Radius * vg.Length(4.0/3*math.Tan(turn/4))
	from := part.Start
	point := func(angle float64, ahead vg.Length) vg.Point {
		sin, cos := vg.Length(math.Sin(angle)), vg.Length(math.Cos(angle))
		return vg.Point{X: part.Pos.X + part.Radius*cos - ahead*sin, Y: part.Pos.Y + part.Radius*sin + ahead*cos}
	}
	for range n {
		x1, y1 := at(point(from, reach))
		x2, y2 := at(point(from+turn, -reach))
		x, y := at(point(from+turn, 0))
		c.doc.CurveBezierCubicTo(x1, y1, x2, y2, x, y)
		from += turn
	}
}

// fontFiles are the fonts as they come, by name.
var fontFiles sync.Map

// FillString writes words with their baseline at a point.
func (c *pdfCanvas) FillString(face font.Face, pt vg.Point, words string) {
	name := "regular"
	if face.Font.Weight == stdfont.WeightBold {
		name = "bold"
	}
	if !c.fonts[name] {
		file, ok := fontFiles.Load(name)
		if !ok {
			var b bytes.Buffer
			if _, err := face.Face.WriteSourceTo(nil, &b); err != nil {
				c.doc.SetError(err)
				return
			}
			file, _ = fontFiles.LoadOrStore(name, b.Bytes())
		}
		c.doc.AddUTF8FontFromBytes(name, "", file.([]byte))
		c.fonts[name] = true
	}
	c.doc.SetFont(name, "", face.Font.Size.Points())
	c.doc.Text(pt.X.Points(), (c.height - pt.Y).Points(), words)
}

// WriteTo writes the page.
func (c *pdfCanvas) WriteTo(w io.Writer) (int64, error) { return 0, c.doc.Output(w) }
