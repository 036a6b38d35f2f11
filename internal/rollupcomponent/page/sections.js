"use strict";
// The sections of the page, each a function from the API's answer to a node.

const causes = {
  rate_limited: "The provider's rate limit was hit. Not billed. Spread the load, raise the limit or fall back.",
  overloaded: "The provider had no capacity. Not billed. A fallback model or region helps.",
  timeout: "No answer in time. Providers bill what was generated, so part of this may be paid for.",
  connection: "The connection failed before an answer. Look at network, DNS and proxies.",
  server_error: "The provider failed with a 5xx.",
  quota_exhausted: "Credit or quota of the account is used up. Retrying does not help.",
  context_length: "The prompt is longer than the model's context window.",
  content_filter: "The provider's content filter refused the request or the answer.",
  auth: "The key is missing, wrong or not allowed to use this model.",
  bad_request: "The provider refused the request as malformed: a fault of the caller.",
  model_not_found: "The model does not exist or is not served any more. Check names and retirements.",
  policy_blocked: "Your own gateway or guardrail refused it.",
  cancelled: "The caller went away. What was generated until then is usually billed.",
  unknown: "The span failed without saying why.",
};
const reasons = {
  unpriced_model: "No price is known for this model.",
  partial: "A part of the usage has no price; only a lower bound is known.",
  no_usage: "The spans do not say how many tokens were used. Where calls were answered, switch usage reporting on in the SDK.",
};

function headline(d, history) {
  const t = d.totals, tiles = [];
  const tile = (name, figure, note, extra) => tiles.push(el("div", { class: "tile" }, el("dt", {}, name), el("dd", {}, el("div", { class: "figure" }, figure), el("div", { class: "note" }, note), extra)));
  const currencies = t.cost.length ? t.cost : [{ currency: "USD", total: "0", wasted: "0", naive: "0" }];
  const main = currencies.reduce((a, b) => (Number(b.total) > Number(a.total) ? b : a));
  const calls = {}, tries = d.routes.reduce((n, r) => n + r.attempts_total, 0);
  d.routes.forEach((r) => Object.entries(r.calls).forEach(([k, n]) => (calls[k] = (calls[k] || 0) + n)));
  const ok = delivered(calls), settled = sum(calls), recovered = ok - (calls.success || 0);
  const others = currencies.filter((c) => c !== main).map((c) => fmt.money(c.total, c.currency));

  const known = sum(Object.fromEntries(["priced", "reported"].map((s) => [s, statusCount(d, s)])));
  const unknown = sum(Object.fromEntries(["partial", "unpriced_model", "no_usage"].map((s) => [s, statusCount(d, s)])));
  const covered = known + unknown ? known / (known + unknown) : null;
  const money = (text) => (!known && unknown ? "unknown" : cash(text, main.currency));
  tile("Spend", money(main.total), [others.length ? "and " + others.join(", ") + "; " : "", "estimate by list price", unknown ? ", of the " + fmt.percent(covered) + " of billable calls with a known cost" : ""], sparkline(history));
  tile("Calls", fmt.count(settled), fmt.count(tries) + " attempts" + (t.pending ? ", " + fmt.count(t.pending) + " not settled yet" : ""));
  tile("Success", settled ? fmt.percent(ok / settled) : "–", settled ? [fmt.count(recovered) + " recovered by a retry or fallback, ", fmt.count(calls.failed || 0) + " failed"] : "no call has settled yet");
  tile("Wasted", money(main.wasted), Number(main.total) > 0 ? fmt.percent(Number(main.wasted) / Number(main.total)) + " of spend bought no answer" : "nothing spent yet");
  tile("Coverage", fmt.percent(covered), unknown ? fmt.count(unknown) + " billable calls with unknown cost, not in the spend" : known ? "every billable call has a cost" : "no billable call yet");
  const factor = Number(main.total) > 0 ? Number(main.naive) / Number(main.total) : 0;
  tile("Without deduplication", factor ? factor.toFixed(2) + " ×" : "–",
    [cash(main.naive, main.currency), " if every span with tokens were billed; ", fmt.count(t.duplicates) + " duplicates were not billed again"]);
  return el("dl", { class: "tiles" }, tiles);
}

const statusCount = (d, status) => d.rows.reduce((n, r) => n + (r.statuses[status] || 0), 0);

function alerts(d) {
  const out = [];
  if (d.lost) out.push(el("p", { class: "notice warn" }, "The stored books could not be read at " + fmt.day(d.lost) + "; figures from before then are missing."));
  const told = 6; // the table has the rest
  const burning = d.slos.filter((s) => s.alerts.some((a) => a.active)).sort((a, b) => urgency(a) - urgency(b));
  for (const s of burning.slice(0, told)) {
    const worst = s.alerts.find((a) => a.active), why = mostly(s.bad_by_reason);
    out.push(el("p", { class: "notice " + (worst.tier === "page" ? "bad" : "warn") }, el("strong", {}, s.name),
      worst.burn > worst.factor
        ? [" is burning its error budget " + worst.burn.toFixed(1) + " times too fast", why ? ", mostly " + fmt.words(why) : "", s.exhaustion_seconds > 0 ? ". Gone in " + fmt.seconds(s.exhaustion_seconds) + " at this rate." : s.remaining < 0 ? ". It is overspent." : "."]
        : [" alerted (" + worst.tier + ") and has slowed to " + worst.burn.toFixed(1) + " ×; the alert ends once it stays below " + fmt.factor(worst.factor) + " ×."]));
  }
  if (burning.length > told) out.push(el("p", { class: "notice warn" }, burning.length - told + " more SLOs alert: see service levels."));
  for (const b of d.budgets) {
    if (b.state === "exceeded" || b.exceeded) out.push(el("p", { class: "notice bad" }, "Budget ", el("strong", {}, b.name), " is overspent: ", cash(b.spent, b.currency), " of ", cash(b.limit, b.currency), "."));
  }
  return out;
}

// Pages first, then what burns hottest.
const urgency = (s) => {
  const worst = s.alerts.find((a) => a.active);
  return (worst.tier === "page" ? 0 : 1e6) - worst.burn;
};

// The commonest key of a map of counts, "" of an empty one.
const mostly = (map) => Object.entries(map).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([k]) => k)[0] || "";
const listed = (map) => Object.entries(map).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([k, n]) => fmt.words(k) + " " + fmt.exact(n)).join(", ");

function burnChips(s) {
  if (s.no_data) return [chip("", "no data")];
  const chips = s.alerts.filter((a) => a.active).map((a) => chip(a.tier === "page" ? "bad" : "warn", a.tier));
  if (s.blind) chips.push(chip("warn", "blind", "more than a fifth of the events were excluded, so the figure says little"));
  if (!chips.length) chips.push(s.remaining < 0 ? chip("bad", "overspent") : chip("good", "ok"));
  return chips;
}

// The windows that tell a spike from a slow leak; the others are in the JSON.
const shownWindows = ["5m", "1h", "6h", "3d"];

function sloSection(d) {
  if (!d.slos.length) return null;
  // What burns comes first, then what was asked for; a route's default that is
  // well within its budget is only a chip in the table of routes.
  const burning = (s) => s.alerts.some((a) => a.active);
  const rank = (s) => (burning(s) ? 0 : s.declared ? 1 : 2);
  const shown = d.slos.filter((s) => s.declared || burning(s) || (!s.no_data && s.remaining < 0.5));
  const list = shown.sort((a, b) => rank(a) - rank(b) || a.remaining - b.remaining || (a.name < b.name ? -1 : 1)).slice(0, 40);
  const rest = d.slos.length - list.length;
  const burns = (s) => s.burn.filter((b) => !b.no_data && (shownWindows.includes(b.window) || s.burn.length <= 4));
  const note = "Error budget left in each SLO's window, and how fast it goes: 1 × spends it exactly by the end of the period." +
    (rest ? " " + rest + (list.length ? " more" : " default") + (rest === 1 ? " SLO of a route is within its budget." : " SLOs of routes are within their budgets.") : "");
  if (!list.length) return el("section", { "aria-labelledby": "slos" }, el("header", { class: "alone" }, el("h2", { id: "slos" }, "Service levels"), el("p", {}, note)));
  return tableSection("slos", "Service levels", note,
    [["SLO", "name"], ["State", "states"], ["Objective", "n lo"], ["Achieved", "n lo"], ["Budget left", "n"], ["Burn", "chips"], ["Mostly", "lo"]],
    list.map((s) => [
      [s.name, el("span", { class: "sub" }, (s.declared ? "" : "default, ") + (s.route || "all routes") + ", " + fmt.words(s.sli) + " per " + s.scope)],
      burnChips(s), fmt.percent(s.objective, 2).replace(/\.?0+ %/, " %"), s.sli_value === null ? "–" : [fmt.percent(s.sli_value, 2), el("span", { class: "sub fold", title: s.excluded ? "excluded: " + listed(s.excluded_by_reason) : null }, fmt.count(s.bad) + " bad of " + fmt.count(s.good + s.bad) + (s.excluded ? ", " + fmt.count(s.excluded) + " excluded" : ""))],
      s.no_data ? "–" : [fmt.percent(s.remaining, 0), bar(s.remaining, s.remaining < 0.1 ? "bad" : s.remaining < 0.4 ? "warn" : "good"), s.exhaustion_seconds > 0 && s.remaining > 0 ? el("span", { class: "sub fold" }, "gone in " + fmt.seconds(s.exhaustion_seconds)) : null],
      burns(s).map((b) => chip(b.rate >= 10 ? "bad" : b.rate > 1 ? "warn" : "", b.window + " " + b.rate.toFixed(1) + "×")),
      s.bad ? [el("span", { title: "bad: " + listed(s.bad_by_reason) }, fmt.words(s.top_class || mostly(s.bad_by_reason) || "too slow")), s.top_model ? el("span", { class: "sub" }, s.top_model) : null] : "–",
    ]));
}

// One chip where all is well, else one for each SLO that is not.
function routeChips(slos) {
  const unwell = slos.filter((s) => !s.no_data && (s.remaining < 0 || s.blind || s.alerts.some((a) => a.active)));
  if (unwell.length) return unwell.map((s) => el("span", { title: s.name }, burnChips(s)));
  if (slos.every((s) => s.no_data)) return slos.length ? chip("", "no data") : "–";
  return chip("good", "ok", slos.map((s) => s.name + " " + fmt.percent(s.remaining, 0) + " of its budget left").join(", "));
}

function routeSection(d) {
  if (!d.routes.length) return null;
  const spend = (r) => sum(r.cost), top = Math.max(...d.routes.map(spend), 0) || 1;
  const slos = Object.fromEntries(d.slos.map((s) => [s.name, s]));
  const currency = d.totals.cost.length ? d.totals.cost[0].currency : "";
  // Nothing spent is zero, nothing known is unknown, and nothing billable is neither.
  const cells = (map, r) => (Object.keys(map).length ? Object.entries(map).map(([c, a]) => el("div", {}, cash(a, c))) : r.coverage === null ? "–" : r.coverage === 0 ? "unknown" : cash("0", currency));
  const beside = (r) => (r.coverage !== null && r.coverage > 0 && r.coverage < 1 ? el("span", { class: "sub nar" }, fmt.percent(r.coverage) + " priced") : null);
  return tableSection("routes", "Routes", "A call with three attempts is one call. Spend of calls whose price is unknown is in no figure; coverage says how many are known.",
    [["Route"], ["Calls", "n"], ["Success", "n"], ["Attempts per call", "n lo"], ["p95", "n lo"], ["Spend", "n"], ["Wasted", "n"], ["Per call", "n lo"], ["Coverage", "n lo"], ["SLOs", "lo"]],
    [...d.routes].sort((a, b) => spend(b) - spend(a)).slice(0, 100).map((r) => [
      r.route === "_overflow" ? "(all further routes)" : r.route, fmt.count(r.calls_total), r.calls_total ? fmt.percent(delivered(r.calls) / r.calls_total) : "–",
      r.amplification ? r.amplification.toFixed(2) : "–", r.duration ? fmt.seconds(r.duration.p95) : "–",
      [cells(r.cost, r), bar(spend(r) / top), beside(r)], cells(r.wasted, r), Object.keys(r.cost_per_call).length ? cells(r.cost_per_call, r) : "–", fmt.percent(r.coverage),
      routeChips(r.slos.map((name) => slos[name]).filter(Boolean)),
    ]));
}

function modelSection(d) {
  const models = new Map();
  const of = (model, vendor, platform) => {
    const key = JSON.stringify([model, vendor, platform]);
    if (!models.has(key)) models.set(key, { model, vendor, platform, cost: {}, attempts: 0, failed: 0, tokens: 0, known: 0, unknown: 0 });
    return models.get(key);
  };
  d.components.forEach((c) => { const m = of(c.model, c.vendor, c.platform); m.cost[c.currency] = (m.cost[c.currency] || 0) + Number(c.cost); });
  if (["id", "vendor", "platform"].every((k) => d.dimensions.includes("spanledger.model." + k))) {
    d.rows.forEach((r) => {
      if (r.overflow) return;
      const m = of(r.dimensions["spanledger.model.id"] || "", r.dimensions["spanledger.model.vendor"] || "", r.dimensions["spanledger.model.platform"] || "");
      m.attempts += sum(r.attempts); m.failed += sum(r.attempts_failed); m.tokens += sum(r.tokens);
      ["priced", "reported"].forEach((s) => (m.known += r.statuses[s] || 0));
      ["partial", "unpriced_model", "no_usage"].forEach((s) => (m.unknown += r.statuses[s] || 0));
    });
  }
  const list = [...models.values()].filter((m) => m.model), top = Math.max(...list.map((m) => sum(m.cost)), 0) || 1;
  if (!list.length) return null;
  list.sort((a, b) => sum(b.cost) - sum(a.cost) || b.attempts - a.attempts || (a.model < b.model ? -1 : 1));
  return tableSection("models", "Models", "Attempts, not calls: retries and fallbacks count for the model that was tried.", [["Model"], ["Attempts", "n"], ["Failed", "n"], ["Tokens", "n lo"], ["Spend", "n"], ["Coverage", "n lo"]],
    list.slice(0, 50).map((m) => [
      [m.model, el("span", { class: "sub" }, [m.vendor, m.platform].filter((v, i, all) => v && all.indexOf(v) === i).join(" on "))],
      fmt.count(m.attempts), m.attempts ? fmt.percent(m.failed / m.attempts) : "–", fmt.count(m.tokens),
      Object.keys(m.cost).length ? [Object.entries(m.cost).map(([c, a]) => el("div", {}, fmt.money(a, c))), bar(sum(m.cost) / top), m.known && m.unknown ? el("span", { class: "sub nar" }, fmt.percent(m.known / (m.known + m.unknown)) + " priced") : null] : m.unknown ? "unknown" : "–",
      m.known + m.unknown ? fmt.percent(m.known / (m.known + m.unknown)) : "–",
    ]));
}

function failureSection(d) {
  const classes = {};
  d.routes.forEach((r) => Object.entries(r.attempts_failed).forEach(([c, n]) => ((classes[c] ||= { n: 0, routes: [] }).n += n, classes[c].routes.push([n, r.route]))));
  const list = Object.entries(classes).sort((a, b) => b[1].n - a[1].n || (a[0] < b[0] ? -1 : 1)), all = list.reduce((n, [, c]) => n + c.n, 0);
  if (!all) return null;
  return tableSection("failures", "What is failing", "Failed attempts by cause. A retry may still have saved the call.", [["Cause"], ["Attempts", "n"], ["What it means", "wrap"], ["Where", "lo wrap"]],
    list.map(([name, c]) => [fmt.words(name), [fmt.count(c.n), bar(c.n / all, "bad")], causes[name] || "", c.routes.sort((a, b) => b[0] - a[0]).slice(0, 3).map(([n, r]) => r + " (" + fmt.count(n) + ")").join(", ")]));
}

function unpricedSection(d) {
  if (!d.unpriced.length) return null;
  return tableSection("unpriced", "Calls without a price", "Unknown is never counted as zero. Put the missing price into the enricher's configuration and later calls are priced; nothing already booked changes.",
    [["Model"], ["Calls", "n"], ["Tokens", "n lo"], ["Why and what to do", "wrap"]],
    [...d.unpriced].sort((a, b) => b.calls - a.calls).slice(0, 50).map((u) => [
      [u.model || "(no model name)", el("span", { class: "sub" }, [u.platform, fmt.words(u.reason)].filter(Boolean).join(", "))], fmt.count(u.calls), fmt.count(u.tokens),
      [reasons[u.reason] || fmt.words(u.reason), u.override ? el("div", { class: "paste" }, el("pre", {}, u.override), el("button", { type: "button", "aria-label": "Copy the override for " + u.model, onclick: (e) => copy(u.override, e.currentTarget) }, "Copy")) : null],
    ]));
}

function budgetSection(d) {
  if (!d.budgets.length) return null;
  const tone = { ok: "good", soft: "warn", exceeded: "bad" };
  return tableSection("budgets", "Budgets", "Advisory: nothing is blocked. A forecast carries the mean pace on, and needs a part of the period to have passed; calls of unknown cost are in none of it.",
    [["Budget"], ["State"], ["Spent", "n"], ["Limit", "n"], ["Left", "n lo"], ["Forecast", "n lo"], ["Coverage", "n lo"], ["Resets", "lo"]],
    d.budgets.map((b) => [b.name, chip(tone[b.state] || "", b.state), [cash(b.spent, b.currency), bar(Number(b.limit) > 0 ? b.spent / b.limit : 0, tone[b.state]), b.state !== "exceeded" && b.exhaustion ? el("span", { class: "sub" }, "reached " + fmt.day(b.exhaustion)) : null],
      cash(b.limit, b.currency), cash(b.remaining, b.currency), b.forecast === null ? "–" : cash(b.forecast, b.currency), fmt.percent(b.priced_share), b.reset ? fmt.day(b.reset) : "–"]));
}

function receiptSection(receipts) {
  if (!receipts.length) return null;
  return tableSection("recent", "Recent calls", "Identities and figures only; prompts and answers are never kept.", [["At"], ["Route"], ["Model", "lo"], ["Took", "n lo"], ["Cost", "n"], ["State"], ["Receipt", "n"]],
    receipts.map((r) => [fmt.time(r.at), r.route, r.model.id || "–", fmt.seconds(r.took_seconds), r.total === null ? "–" : cash(r.total, r.currency),
      [chip(r.error_class ? "bad" : r.total === null ? "warn" : "good", fmt.words(r.error_class || r.status)), r.attempt && r.attempt.kind !== "first" ? chip("", r.attempt.kind) : null],
      el("button", { type: "button", "aria-label": "Receipt of the call at " + fmt.time(r.at) + " on " + r.route, onclick: () => openReceipt(r) }, "Why")]));
}

function openReceipt(r) {
  const dialog = document.getElementById("receipt"), rows = [];
  const put = (name, value) => value && rows.push(el("dt", {}, name), el("dd", {}, value));
  put("Model", r.model.id + (r.model.platform ? " on " + r.model.platform : ""));
  put("Asked for", r.model.requested && r.model.requested !== r.model.id ? r.model.requested : "");
  put("Answered", r.model.responded && r.model.responded !== r.model.requested ? r.model.responded : "");
  put("State", fmt.words(r.status) + (r.use && r.use !== "delivered" ? ", " + r.use : ""));
  put("Failure", r.error_class ? fmt.words(r.error_class) + ". " + (causes[r.error_class] || "") : "");
  put("Attempt", r.attempt ? r.attempt.number + (r.attempt.count ? " of " + r.attempt.count : "") + ", " + r.attempt.kind + ", " + r.attempt.evidence + " evidence" : "");
  put("Price row", r.price_id ? el("code", {}, r.price_id) : "");
  put("Terms", r.modifiers.join(", "));
  put("At list", r.list ? fmt.money(r.list, r.currency) : "");
  put("Reported", r.reported ? fmt.money(r.reported, r.currency) : "");
  put("At least", r.at_least ? fmt.money(r.at_least, r.currency) : "");
  put("Duplicate of", r.duplicate_of ? el("code", {}, r.duplicate_of) : "");
  put("Tokens", Object.entries(r.tokens).map(([k, n]) => fmt.words(k) + " " + fmt.exact(n)).join(", "));
  put("Token basis", r.token_basis !== "inclusive" ? r.token_basis : "");
  put("Owners", Object.entries(r.owners).map(([k, v]) => k + " " + v).join(", "));
  put("Trace", el("code", {}, r.trace));
  put("Span", el("code", {}, r.span));
  dialog.replaceChildren(
    el("header", {}, el("div", {}, el("h2", { id: "receipt-title" }, r.total === null ? "No total for this call" : fmt.money(r.total, r.currency) + " for one call"),
      el("span", { class: "sub" }, r.route + ", " + fmt.day(r.at) + ", took " + fmt.seconds(r.took_seconds))), el("button", { type: "button", onclick: () => dialog.close() }, "Close")),
    r.components.length ? el("table", {}, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Component"), el("th", { scope: "col", class: "n" }, "Exact cost"))),
      el("tbody", {}, r.components.map((c) => el("tr", {}, el("th", { scope: "row" }, fmt.words(c.component)), el("td", { class: "n" }, c.cost)))),
      r.total === null ? null : el("tfoot", {}, el("tr", {}, el("th", { scope: "row" }, "Total, " + r.currency), el("td", { class: "n" }, r.total)))) : "",
    el("dl", {}, rows));
  dialog.showModal();
}

function emptyState() {
  return el("section", { class: "empty" }, el("h2", {}, "No LLM call has arrived yet"),
    el("ol", {},
      el("li", {}, "Send OTLP traces of your LLM clients to this collector, by default to ", el("code", {}, "http://localhost:4318"), ": set ", el("code", {}, "OTEL_EXPORTER_OTLP_ENDPOINT"), " in the application."),
      el("li", {}, "Put ", el("code", {}, "gen_ai_enricher"), " before this component in the traces pipeline; spans without its stamps are counted as unstamped and carry no cost."),
      el("li", {}, "Figures appear here within seconds of the first call. The page refreshes itself.")),
    el("pre", {}, "service:\n  pipelines:\n    traces:\n      receivers: [otlp]\n      processors: [gen_ai_enricher]\n      exporters: [gen_ai_rollup]"));
}
