package fleet

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spanledger/spanledger/internal/llm"
	"github.com/spanledger/spanledger/internal/stamp"
)

// Override is the user's own word on how long models are served; it stands
// above the catalogue's.
//
// With a Lifecycle it is the whole story: of the catalogue's dates none is
// left, but those that the override gives too. Without, its dates take the
// place of the catalogue's and the stage follows from them. A replacement that
// it does not name is the catalogue's.
type Override struct {
	// Model is a pattern as in [Approval]. Platform narrows it to models served
	// there, since clouds retire models later than their makers; "" any.
	Model, Platform string
	Lifecycle       stamp.Lifecycle // LifecycleUnknown: not said
	// DeprecationDate and RetirementDate are days, as in [Info]; "" not said.
	DeprecationDate, RetirementDate string
	Replacement                     string
}

// Check reports all that is wrong with the override.
func (o *Override) Check() error {
	var errs []error
	if _, err := compileGlob(o.Model); err != nil {
		errs = append(errs, err)
	}
	if o.Lifecycle == stamp.LifecycleUnknown && o.DeprecationDate == "" && o.RetirementDate == "" && o.Replacement == "" {
		errs = append(errs, errors.New("says nothing about the model"))
	}
	for _, d := range [...]string{o.DeprecationDate, o.RetirementDate} {
		if _, err := time.Parse(time.DateOnly, d); d != "" && err != nil {
			errs = append(errs, fmt.Errorf("%q is no day", d))
		}
	}
	if o.DeprecationDate != "" && o.RetirementDate != "" && o.RetirementDate < o.DeprecationDate {
		errs = append(errs, fmt.Errorf("retired on %s, before it is deprecated on %s", o.RetirementDate, o.DeprecationDate))
	}
	return errors.Join(errs...)
}

type override struct {
	Override
	models modelGlob
}

func compileOverrides(list []Override) (out []override, err error) {
	var errs []error
	for i := range list {
		if err := list[i].Check(); err != nil {
			errs = append(errs, fmt.Errorf("lifecycle %d: %w", i, err))
			continue
		}
		g, _ := compileGlob(list[i].Model)
		o := override{list[i], g}
		o.Platform = strings.ToLower(o.Platform)
		if p, ok := llm.Platform(o.Platform); ok {
			o.Platform = p
		}
		out = append(out, o)
	}
	return out, errors.Join(errs...)
}

// overrideFor is the first override of a model, nil none.
func (r *Resolver) overrideFor(m *llm.Model) *override {
	for i := range r.overrides {
		o := &r.overrides[i]
		if (o.Platform == "" || o.Platform == m.Platform) && o.models.matches(m) {
			return o
		}
	}
	return nil
}

// on lays the override over what the catalogue knows.
func (o *override) on(info Info) Info {
	if o.Lifecycle != stamp.LifecycleUnknown {
		info.Lifecycle, info.DeprecationDate, info.RetirementDate = o.Lifecycle, "", ""
	}
	if o.RetirementDate != "" {
		info.RetirementDate = o.RetirementDate
		if o.Lifecycle == stamp.LifecycleUnknown && info.Lifecycle == stamp.LifecycleRetired {
			info.Lifecycle = stamp.LifecycleDeprecated // until that day
		}
	}
	if o.DeprecationDate != "" {
		info.DeprecationDate = o.DeprecationDate
		if o.Lifecycle == stamp.LifecycleUnknown && info.Lifecycle == stamp.LifecycleDeprecated {
			info.Lifecycle = stamp.LifecycleActive // until that day
		}
	}
	if o.Replacement != "" {
		info.Replacement = o.Replacement
	}
	return info
}

// over lays what one catalogue says over what another does.
func (i Info) over(under Info) Info {
	o := override{Override: Override{
		Lifecycle: i.Lifecycle, DeprecationDate: i.DeprecationDate, RetirementDate: i.RetirementDate, Replacement: i.Replacement,
	}}
	out := o.on(under)
	out.ContextWindow, out.MaxOutput = cmp.Or(i.ContextWindow, out.ContextWindow), cmp.Or(i.MaxOutput, out.MaxOutput)
	out.Cache = cmp.Or(i.Cache, out.Cache)
	return out
}
