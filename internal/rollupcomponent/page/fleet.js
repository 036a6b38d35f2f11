"use strict";
// The sections on the model fleet: what changed, what ages, what is in use.

// What changed, newest first: the newest few are all that needs a look.
function changeSection(changes) {
  if (!changes.changes.length) return null;
  const item = (c, i) => (["version", "region", "prompt_version", "price"].includes(c.kind) ? i.version || "unknown" : i.name);
  const money = (n) => (n === null ? "–" : cash(n.toFixed(12), changes.currency));
  const pair = (c, key, write) => [write(c.before[key]), " → ", write(c.after[key])];
  return tableSection("changes", "What changed", "A route began to use another model, version, platform, prompt or price. Figures before it, and of the first calls since.",
    [["At"], ["Route"], ["Change", "wrap"], ["Per call", "n"], ["Tokens", "n lo"], ["Errors", "n lo"], ["Latency", "n lo"]],
    changes.changes.slice(0, 20).map((c) => [
      fmt.day(c.at), c.route,
      [chip("warn", fmt.words(c.kind)), " ", c.kind === "model" || c.kind === "platform" ? null : c.to.name + ": ", el("span", { class: "from" }, item(c, c.from)), " → ", el("strong", {}, item(c, c.to))],
      [pair(c, "cost_per_call", money), drift(c)], pair(c, "tokens_per_call", (n) => (n === null ? "–" : fmt.count(n))),
      pair(c, "error_rate", (n) => fmt.percent(n)), pair(c, "latency_seconds", fmt.seconds),
    ]));
}

function drift(c) {
  const a = c.before.cost_per_call, b = c.after.cost_per_call;
  if (!a || b === null) return null;
  const share = b / a - 1;
  return el("span", { class: "sub" }, (share > 0 ? "+" : "") + fmt.percent(share));
}

// Models that will be, or are, switched off while routes still use them.
function ageingSection(inventory) {
  const list = inventory.models.filter((m) => m.ageing);
  if (!list.length) return null;
  const left = (m) => (m.days_to_retirement === null ? Infinity : m.days_to_retirement);
  list.sort((a, b) => left(a) - left(b) || Number(b.figures.cost) - Number(a.figures.cost) || (a.name < b.name ? -1 : 1));
  const tone = (m) => (m.lifecycle === "retired" || left(m) <= 30 ? "bad" : "warn");
  return tableSection("ageing", "Ageing models", "Still in use, and deprecated, retired, or with a date for it.",
    [["Model"], ["Route"], ["State"], ["Days left", "n"], ["Calls", "n lo"], ["Spend", "n"], ["Replacement", "lo"]],
    list.slice(0, 50).map((m) => [
      [m.name, m.version ? el("span", { class: "sub" }, m.version) : null], m.route, chip(tone(m), m.lifecycle),
      m.days_to_retirement === null ? "–" : [fmt.count(m.days_to_retirement).replace("-", "−"), el("span", { class: "sub" }, m.retirement_date)],
      fmt.count(m.figures.calls), cash(m.figures.cost, inventory.currency), m.replacement || "–",
    ]));
}

function fleetSection(inventory) {
  if (!inventory.models.length) return null;
  const others = inventory.substitutions.map((s) => s.served + " answered for " + s.requested + " on " + s.route + " (" + fmt.count(s.calls) + " calls, by the " + s.by +
    (s.cost_per_call_difference === null ? "" : ", " + (s.cost_per_call_difference >= 0 ? "+" : "") + fmt.money(s.cost_per_call_difference.toFixed(12), inventory.currency) + " a call") + ")");
  const note = "Which models answer on which route, and since when." + (others.length ? " Not what was asked for: " + others.slice(0, 5).join("; ") + "." : "") +
    (inventory.overflow ? " " + fmt.count(inventory.overflow) + " calls of rare names are not listed." : "");
  const list = [...inventory.models].sort((a, b) => (a.route < b.route ? -1 : a.route > b.route ? 1 : b.figures.calls - a.figures.calls)).slice(0, 100);
  return tableSection("fleet", "Fleet", note,
    [["Model"], ["Route"], ["First seen", "lo"], ["Last seen", "lo"], ["Calls", "n"], ["Per call", "n"], ["Latency", "n lo"], ["From cache", "n lo"]],
    list.map((m) => [
      [m.name, el("span", { class: "sub" }, [m.version && m.version !== m.name ? m.version : "", m.fallback_only ? "fallback" : ""].filter(Boolean).join(", "))], m.route, fmt.day(m.first_seen), fmt.day(m.last_seen),
      fmt.count(m.figures.calls), m.figures.cost_per_call === null ? "–" : cash(m.figures.cost_per_call.toFixed(12), inventory.currency), fmt.seconds(m.figures.latency_seconds), fmt.percent(m.cached_share),
    ]));
}
