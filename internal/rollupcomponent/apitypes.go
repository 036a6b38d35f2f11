package rollupcomponent

// The types of /api/v1/rollups. Money is an exact decimal string, a duration a
// number of seconds, a map holds only what is not zero; what is unknown is
// null or absent, never zero.
type (
	apiRollups struct {
		Start      string         `json:"start"`
		At         string         `json:"at"`
		Instance   string         `json:"instance"`
		Lost       string         `json:"lost,omitempty"` // figures before it are incomplete
		Dimensions []string       `json:"dimensions"`
		Totals     apiTotals      `json:"totals"`
		Routes     []apiRoute     `json:"routes"`
		Rows       []apiRow       `json:"rows"`
		Components []apiComponent `json:"components"`
		Unpriced   []apiUnpriced  `json:"unpriced"`
		SLOs       []apiSLO       `json:"slos"`
		Budgets    []apiBudget    `json:"budgets"`
	}

	apiTotals struct {
		Spans       int64              `json:"spans"`
		Calls       int64              `json:"calls"`
		Attempts    int64              `json:"attempts"`
		Billed      int64              `json:"billed"`
		Duplicates  int64              `json:"duplicates"`
		Unpriced    int64              `json:"unpriced"`
		NoUsage     int64              `json:"no_usage"`
		NotBillable int64              `json:"not_billable"`
		Unstamped   int64              `json:"unstamped"`
		Tokens      int64              `json:"tokens"`
		Pending     int                `json:"pending"`
		Cost        []apiCurrencyTotal `json:"cost"`
	}

	apiCurrencyTotal struct {
		Currency       string `json:"currency"`
		Total          string `json:"total"`
		Wasted         string `json:"wasted"`
		Naive          string `json:"naive"`
		Reported       string `json:"reported"`
		ListOfReported string `json:"list_of_reported"`
	}

	apiRoute struct {
		Route          string            `json:"route"`
		Calls          map[string]int64  `json:"calls"`
		CallsTotal     int64             `json:"calls_total"`
		Attempts       map[string]int64  `json:"attempts"`
		AttemptsTotal  int64             `json:"attempts_total"`
		AttemptsFailed map[string]int64  `json:"attempts_failed"`
		Amplification  *float64          `json:"amplification"`
		Waste          apiWaste          `json:"waste"`
		Cost           map[string]string `json:"cost"`
		Wasted         map[string]string `json:"wasted"`
		Naive          map[string]string `json:"naive"`
		CostPerCall    map[string]string `json:"cost_per_call"`
		Tokens         map[string]int64  `json:"tokens"`
		Coverage       *float64          `json:"coverage"`
		Duration       *apiDuration      `json:"duration"`
		SLOs           []string          `json:"slos"`
	}

	// apiWaste is what attempts that delivered nothing took beside money.
	apiWaste struct {
		AttemptsHidden  int64   `json:"attempts_hidden"`
		AttemptsFutile  int64   `json:"attempts_futile"`
		AttemptsUnknown int64   `json:"attempts_unknown"` // of unknown cost
		Tokens          int64   `json:"tokens"`
		LatencySeconds  float64 `json:"latency_seconds"`
		BackoffSeconds  float64 `json:"backoff_seconds"` // part of the latency
	}

	apiDuration struct {
		P50   float64 `json:"p50"`
		P95   float64 `json:"p95"`
		P99   float64 `json:"p99"`
		Count uint64  `json:"count"`
	}

	apiRow struct {
		Route          string            `json:"route"`
		Dimensions     map[string]string `json:"dimensions"`
		Overflow       bool              `json:"overflow,omitempty"`
		Currency       string            `json:"currency"`
		Cost           map[string]string `json:"cost"`
		CostTotal      string            `json:"cost_total"`
		CostAtLeast    string            `json:"cost_at_least,omitempty"`
		Naive          string            `json:"naive"`
		Calls          map[string]int64  `json:"calls"`
		CallsFailed    map[string]int64  `json:"calls_failed"`
		Attempts       map[string]int64  `json:"attempts"`
		AttemptsFailed map[string]int64  `json:"attempts_failed"`
		Tokens         map[string]int64  `json:"tokens"`
		Statuses       map[string]int64  `json:"statuses"`
	}

	apiComponent struct {
		Vendor    string `json:"vendor"`
		Platform  string `json:"platform"`
		Model     string `json:"model"`
		Component string `json:"component"`
		Currency  string `json:"currency"`
		Cost      string `json:"cost"`
	}

	apiUnpriced struct {
		Vendor   string `json:"vendor"`
		Platform string `json:"platform"`
		Model    string `json:"model"`
		Reason   string `json:"reason"`
		Calls    int64  `json:"calls"`
		Tokens   int64  `json:"tokens"`
		Override string `json:"override"`
	}

	apiSLO struct {
		Name       string           `json:"name"`
		Route      string           `json:"route"`
		SLI        string           `json:"sli"`
		Scope      string           `json:"scope"`
		Objective  float64          `json:"objective"`
		Good       int64            `json:"good"`
		Bad        int64            `json:"bad"`
		Excluded   int64            `json:"excluded"`
		BadBy      map[string]int64 `json:"bad_by_reason"`
		ExcludedBy map[string]int64 `json:"excluded_by_reason"`
		SLIValue   *float64         `json:"sli_value"`
		Remaining  float64          `json:"remaining"`
		Burn       []apiBurn        `json:"burn"`
		Alerts     []apiAlert       `json:"alerts"`
		NoData     bool             `json:"no_data"`
		Blind      bool             `json:"blind"`
		Exhaustion float64          `json:"exhaustion_seconds"`
		TopClass   string           `json:"top_class"`
		TopModel   string           `json:"top_model"`
		Declared   bool             `json:"declared"` // false: a route's default
	}

	apiBurn struct {
		Window string  `json:"window"`
		Rate   float64 `json:"rate"`
		NoData bool    `json:"no_data"`
	}

	apiAlert struct {
		Tier   string  `json:"tier"`
		Active bool    `json:"active"`
		Factor float64 `json:"factor"`
		Burn   float64 `json:"burn"`
	}

	apiBudget struct {
		Name        string  `json:"name"`
		Currency    string  `json:"currency"`
		Limit       string  `json:"limit"`
		Soft        string  `json:"soft,omitempty"`
		Spent       string  `json:"spent"`
		Remaining   string  `json:"remaining"`
		Forecast    *string `json:"forecast"`
		Burn        float64 `json:"burn"` // pace over the pace that just reaches the limit
		Exhaustion  string  `json:"exhaustion,omitempty"`
		Start       string  `json:"start,omitempty"`
		Reset       string  `json:"reset,omitempty"`
		State       string  `json:"state"`
		Exceeded    bool    `json:"exceeded"`
		PricedShare float64 `json:"priced_share"`
		Calls       int64   `json:"calls"`
		Unpriced    int64   `json:"unpriced"`
	}
)
