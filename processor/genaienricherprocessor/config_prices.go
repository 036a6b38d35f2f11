package genaienricherprocessor

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"time"

	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap"

	"github.com/spanledger/spanledger/internal/confvalue"
)

// CatalogConfig is one user catalogue: a file or a URL.
type CatalogConfig struct {
	// File is a path; it is read at start, where a bad file is refused, and
	// again whenever it changes.
	File string `mapstructure:"file"`
	// Refresh is how often the file is looked at. Default 30s.
	Refresh time.Duration `mapstructure:"refresh"`
	// URL is fetched at start and from then on every refresh.
	URL configoptional.Optional[URLConfig] `mapstructure:"url"`
}

// URLConfig is a catalogue that is fetched: where from, with the TLS, headers,
// authentication and proxy of every collector client.
type URLConfig struct {
	// ClientConfig holds the endpoint; timeout bounds one fetch, default 30s.
	ClientConfig confighttp.ClientConfig `mapstructure:",squash"`
	// Refresh is how often the URL is asked. Default 1h.
	Refresh time.Duration `mapstructure:"refresh"`
}

const (
	defaultFileRefresh = 30 * time.Second
	defaultURLRefresh  = time.Hour
	defaultURLTimeout  = 30 * time.Second
	minURLRefresh      = time.Second
)

// Unmarshal reads a catalogue on top of the defaults of its kind.
func (c *CatalogConfig) Unmarshal(conf *confmap.Conf) error {
	u := URLConfig{ClientConfig: confighttp.NewDefaultClientConfig(), Refresh: defaultURLRefresh}
	u.ClientConfig.Timeout = defaultURLTimeout
	c.URL = configoptional.Default(u)
	if conf.IsSet("file") {
		c.Refresh = defaultFileRefresh
	}
	return conf.Unmarshal(c)
}

// Unmarshal refuses keys that nobody reads: a squashed client does not.
func (u *URLConfig) Unmarshal(conf *confmap.Conf) error {
	known := map[string]bool{"refresh": true}
	client := reflect.TypeFor[confighttp.ClientConfig]()
	for i := range client.NumField() {
		key, _, _ := strings.Cut(client.Field(i).Tag.Get("mapstructure"), ",")
		known[key] = true
	}
	var errs []error
	for _, key := range sortedKeys(conf.ToStringMap()) {
		if !known[key] {
			errs = append(errs, fmt.Errorf("%q is no key of a url", key))
		}
	}
	return errors.Join(append(errs, conf.Unmarshal(u))...)
}

// check names every fault under its path in the YAML.
func (c *CatalogConfig) check(path string) error {
	var errs []error
	fault := func(key, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s%s: %s", path, key, fmt.Sprintf(format, args...)))
	}
	u := c.URL.Get()
	switch {
	case c.File == "" && u == nil:
		fault("", "names neither a file nor a url")
	case c.File != "" && u != nil:
		fault("", "names both a file and a url; list them as two catalogues")
	case u != nil && c.Refresh != 0:
		fault("::refresh", "is for files; that of a url stands below url")
	}
	if c.Refresh < 0 {
		fault("::refresh", "%s: not negative", c.Refresh)
	}
	if u != nil {
		if e, err := url.Parse(u.ClientConfig.Endpoint); err != nil || (e.Scheme != "http" && e.Scheme != "https") || e.Host == "" {
			fault("::url::endpoint", "is no http or https URL")
		}
		if u.Refresh < minURLRefresh {
			fault("::url::refresh", "%s: at least %s", u.Refresh, minURLRefresh)
		}
		if u.ClientConfig.Timeout <= 0 {
			fault("::url::timeout", "%s: a fetch needs a bound", u.ClientConfig.Timeout)
		}
	}
	return errors.Join(errs...)
}

// AliasConfig maps one name.
type AliasConfig struct {
	// From is the id as it stands on the span.
	From string `mapstructure:"from"`
	// To is the model behind it, with or without a platform ("azure/gpt-4o").
	To string `mapstructure:"to"`
}

// OverrideConfig is the price of one model.
type OverrideConfig struct {
	// Model is the id as it stands on the span, or its canonical id.
	Model string `mapstructure:"model"`
	// Platform narrows the price to one platform; empty is any.
	Platform string `mapstructure:"platform"`
	// Currency is ISO 4217. Default USD.
	Currency string `mapstructure:"currency"`
	// Input, Output and the others are prices per million tokens.
	Input        confvalue.Decimal `mapstructure:"input"`
	CacheRead    confvalue.Decimal `mapstructure:"cache_read"`
	CacheWrite   confvalue.Decimal `mapstructure:"cache_write"`
	CacheWrite1h confvalue.Decimal `mapstructure:"cache_write_1h"`
	Output       confvalue.Decimal `mapstructure:"output"`
	Reasoning    confvalue.Decimal `mapstructure:"reasoning"`
	// Request is a price per call.
	Request confvalue.Decimal `mapstructure:"request"`
	// ValidFrom and ValidTo bound the calls by their start; to is exclusive.
	ValidFrom confvalue.Date `mapstructure:"valid_from"`
	ValidTo   confvalue.Date `mapstructure:"valid_to"`
}

// ContractConfig is one agreed price.
type ContractConfig struct {
	Name string `mapstructure:"name"`
	// Vendor and Platform are exact; Model and Route are patterns with * and ?.
	Vendor   string `mapstructure:"vendor"`
	Platform string `mapstructure:"platform"`
	Model    string `mapstructure:"model"`
	Route    string `mapstructure:"route"`
	// Tier is a service tier; empty is every tier.
	Tier string `mapstructure:"tier"`
	// DiscountPercent is taken off list; 0 to 100.
	DiscountPercent confvalue.Decimal `mapstructure:"discount_percent"`
	// Input and Output fix prices per million tokens instead of a discount.
	Input     confvalue.Decimal `mapstructure:"input"`
	CacheRead confvalue.Decimal `mapstructure:"cache_read"`
	Output    confvalue.Decimal `mapstructure:"output"`
	// Prices fix any other item: tokens per million, units per one. The names
	// are those of spanledger-catalog (cache_write, reasoning, web_searches,
	// requests ...).
	Prices map[string]confvalue.Decimal `mapstructure:"prices"`
	// Commitment is throughput that was bought by the hour.
	Commitment configoptional.Optional[CommitmentConfig] `mapstructure:"commitment"`
	// Currency of the fixed prices or the commitment, ISO 4217. Default that of
	// the price list, for a commitment USD; a call that the list prices in another one stays at list.
	Currency string `mapstructure:"currency"`
	// ValidFrom and ValidTo bound the calls by their start; RecordedAt is when
	// the terms were entered: what was booked before stays as it was.
	ValidFrom  confvalue.Date `mapstructure:"valid_from"`
	ValidTo    confvalue.Date `mapstructure:"valid_to"`
	RecordedAt confvalue.Date `mapstructure:"recorded_at"`
}

// CommitmentConfig is throughput bought by the hour. A call is charged its
// share of an hour at full use; what calls do not add up to is idle.
type CommitmentConfig struct {
	// PerHour is what an hour costs, used or not.
	PerHour confvalue.Decimal `mapstructure:"per_hour"`
	// Capacity is how many units an hour can serve.
	Capacity int64 `mapstructure:"capacity"`
	// Unit of the capacity: tokens (default) or calls.
	Unit string `mapstructure:"unit"`
	// Weights say how much capacity a token of a kind takes. Default 1; kinds
	// of input and of output default to what input and output weigh.
	Weights map[string]confvalue.Decimal `mapstructure:"weights"`
}

const (
	unitTokens = "tokens"
	unitCalls  = "calls"
)
