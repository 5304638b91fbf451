//go:build !js

package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Options say how a [Handler] answers.
type Options struct {
	// Hosts are the names by which the page may be asked for, besides localhost and any
	// address. A name that is not listed is refused: it may be one that somebody else
	// points at this machine (DNS rebinding).
	Hosts []string
	// AtOnce bounds the questions that are worked on at one time, and with them the memory
	// (0: as many as there are processors, 2 to 4). Waiting bounds those that wait for their
	// turn, and Patience for how long they do. A question may take as long as Longest.
	AtOnce, Waiting   int
	Patience, Longest time.Duration
	Log               *log.Logger // where bugs go; nil: the standard one
}

// defaults fills what was left out.
func (o Options) defaults() Options {
	if o.AtOnce == 0 {
		o.AtOnce = min(max(runtime.GOMAXPROCS(0), 2), 4)
	}
	if o.Waiting == 0 {
		o.Waiting = 32
	}
	if o.Patience == 0 {
		o.Patience = 5 * time.Second
	}
	if o.Longest == 0 {
		o.Longest = 20 * time.Second
	}
	if o.Log == nil {
		o.Log = log.Default()
	}
	return o
}

// A handler serves the page and its questions.
type handler struct {
	Options
	assets  map[string]asset
	headers [][2]string
	foreign *http.CrossOriginProtection
	turns   chan struct{} // one for each question that is worked on
	line    chan struct{} // and one for each that is here at all
}

// Handler serves the page at / and answers questions at POST /api/METHOD (see [Call]).
func Handler(o Options) http.Handler {
	o = o.defaults()
	h := &handler{Options: o, assets: pageAssets(), foreign: http.NewCrossOriginProtection(),
		turns: make(chan struct{}, o.AtOnce), line: make(chan struct{}, o.AtOnce+o.Waiting)}
	h.headers = [][2]string{
		{"Content-Security-Policy", policy(index(h.assets), "") + "; frame-ancestors 'none'"},
		{"X-Content-Type-Options", "nosniff"},
		{"X-Frame-Options", "DENY"},
		{"Referrer-Policy", "no-referrer"},
		{"Cross-Origin-Opener-Policy", "same-origin"},
		{"Cross-Origin-Resource-Policy", "same-origin"},
		{"Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"},
	}
	return h
}

// ServeHTTP implements [http.Handler].
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, header := range h.headers {
		w.Header().Set(header[0], header[1])
	}
	if !h.known(r.Host) {
		refuse(w, http.StatusForbidden, &Refusal{Kind: Foreign, Message: fmt.Sprintf("asked for as %s; want localhost, an address, or a name that --host allows", shown(r.Host))})
		return
	}
	if name, ok := strings.CutPrefix(r.URL.Path, "/api/"); ok {
		h.api(w, r, name)
		return
	}
	h.file(w, r)
}

// known says whether the page may be asked for under this name.
func (h *handler) known(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if _, err := netip.ParseAddr(host); err == nil || host == "localhost" {
		return true
	}
	return slices.ContainsFunc(h.Hosts, func(name string) bool { return strings.EqualFold(name, host) })
}

// file gives one of the page's files.
func (h *handler) file(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "want GET, or POST below /api/", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" {
		name = "index.html"
	}
	a, ok := h.assets[name]
	if !ok {
		http.Error(w, "no such page; want /", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", a.media)
	// Another version of the program may serve at the same address tomorrow.
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Content-Length", fmt.Sprint(len(a.text)))
	if r.Method == http.MethodGet {
		w.Write(a.text)
	}
}

// api answers a question.
func (h *handler) api(w http.ResponseWriter, r *http.Request, name string) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		refuse(w, http.StatusMethodNotAllowed, unusable("", "%s; want POST", r.Method))
		return
	}
	if err := h.foreign.Check(r); err != nil {
		refuse(w, http.StatusForbidden, &Refusal{Kind: Foreign, Message: "the question comes from another page; want one from the page that this server gave"})
		return
	}
	// Another page cannot send this type without asking first, which nobody answers.
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, unusable("", "Content-Type %s; want application/json", shown(r.Header.Get("Content-Type"))))
		return
	}
	select {
	case h.line <- struct{}{}:
		defer func() { <-h.line }()
	default:
		h.busy(w)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxRequest))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		refuse(w, http.StatusRequestEntityTooLarge, tooLarge)
		return
	case err != nil:
		refuse(w, http.StatusBadRequest, unusable("", "the question did not arrive whole"))
		return
	}
	turn := time.NewTimer(h.Patience)
	defer turn.Stop()
	select {
	case h.turns <- struct{}{}:
		defer func() { <-h.turns }()
	case <-turn.C:
		h.busy(w)
		return
	case <-r.Context().Done():
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), h.Longest)
	defer cancel()
	text, refused := call(name, body, func() bool { return ctx.Err() != nil })
	if refused == nil {
		w.Header().Set("Content-Type", "application/json")
		w.Write(text)
		return
	}
	status := map[string]int{Unknown: http.StatusNotFound, Large: http.StatusRequestEntityTooLarge, Broken: http.StatusInternalServerError,
		Interrupted: http.StatusServiceUnavailable}[refused.Kind]
	switch {
	case status == 0:
		// The question came and was answered. Browsers log other answers as errors, and a
		// scenario that is being typed is none.
		status = http.StatusOK
	case refused.Kind == Broken:
		h.Log.Printf("%s: %s\n%s", name, refused.Message, refused.trace)
	case refused.Kind == Interrupted:
		refused = &Refusal{Kind: Interrupted, Message: fmt.Sprintf("it took longer than %s and was stopped; want fewer runs, a shorter one, or fewer clients", h.Longest)}
	}
	refuse(w, status, refused)
}

func (h *handler) busy(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "1")
	refuse(w, http.StatusServiceUnavailable, &Refusal{Kind: Busy, Message: "too many questions at once; ask again in a moment"})
}

func refuse(w http.ResponseWriter, status int, r *Refusal) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(r.json())
}
