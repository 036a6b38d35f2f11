package rollupcomponent

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"strconv"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/rollup"
)

// Books is what the page, the API and the scrape look at: the live ledger.
type Books interface {
	// Snapshot cuts the ledger now.
	Snapshot() *rollup.Snapshot
	// Receipts are the latest calls, newest first; route "" is every route.
	Receipts(limit int, route string) []rollup.Receipt
	Receipt(key llm.SpanKey) (rollup.Receipt, bool)
	// Fleet is what the routes use, and what changed of it.
	Fleet() Fleet
}

// About says under which assumptions the figures stand.
type About struct {
	Sampling string `json:"sampling"`
	Scope    string `json:"scope"`
	Version  string `json:"version"`
}

//go:embed page
var pageFiles embed.FS

const (
	defaultReceipts = 50
	maxReceipts     = 1000
)

// contentPolicy lets the page load what it came with and nothing else.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// NewPage serves the built-in page and /api/v1. It only reads.
func NewPage(books Books, about About) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/about", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, about) })
	mux.HandleFunc("GET /api/v1/rollups", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, rollupsOf(books.Snapshot())) })
	mux.HandleFunc("GET /api/v1/inventory", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, inventoryOf(books.Fleet(), books.Snapshot().At, r.FormValue("route")))
	})
	mux.HandleFunc("GET /api/v1/changes", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, changesOf(books.Fleet(), r.FormValue("route")))
	})
	mux.HandleFunc("GET /api/v1/receipts", func(w http.ResponseWriter, r *http.Request) {
		limit, err := strconv.Atoi(r.FormValue("limit"))
		if r.FormValue("limit") == "" {
			limit, err = defaultReceipts, nil
		}
		if err != nil || limit < 0 {
			http.Error(w, "limit is not a number of receipts", http.StatusBadRequest)
			return
		}
		out := apiReceipts{Receipts: []apiReceipt{}}
		for _, receipt := range books.Receipts(min(limit, maxReceipts), r.FormValue("route")) {
			out.Receipts = append(out.Receipts, receiptOf(&receipt))
		}
		writeJSON(w, out)
	})
	mux.HandleFunc("GET /api/v1/receipts/{trace}/{span}", func(w http.ResponseWriter, r *http.Request) {
		key, ok := spanKeyOf(r.PathValue("trace"), r.PathValue("span"))
		if !ok {
			http.Error(w, "a receipt is named by 32 and 16 hexadecimal digits", http.StatusBadRequest)
			return
		}
		receipt, ok := books.Receipt(key)
		if !ok {
			http.Error(w, "no such call among the recent ones", http.StatusNotFound)
			return
		}
		writeJSON(w, receiptOf(&receipt))
	})
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(err) // the folder is embedded
	}
	mux.Handle("GET /", http.FileServerFS(files))
	return guarded(mux)
}

// guarded sets the headers that keep the page to itself.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	// A failed write is a client that went away; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(v)
}
