"use strict";
// Polls the API and draws the page. The history behind the sparkline lives in
// this tab only.
const EVERY = 5000, KEEP = 60;
const state = { about: null, last: null, history: [], wait: EVERY };

async function get(path) {
  const answer = await fetch(path, { cache: "no-store" });
  if (!answer.ok) throw new Error(path + " answered " + answer.status);
  return answer.json();
}

function remember(d) {
  const total = d.totals.cost.reduce((n, c) => n + Number(c.total), 0), at = Date.parse(d.at);
  const last = state.last;
  if (last && last.instance === d.instance && total >= last.total && at > last.at) state.history.push((total - last.total) / (at - last.at));
  else if (last) state.history = [];
  state.history = state.history.slice(-KEEP);
  state.last = { total, at, instance: d.instance };
}

function basis(d) {
  const how = state.about && state.about.sampling !== "none"
    ? "Spans are sampled before they come here (" + state.about.sampling + "), and money is what arrived: real spend is higher."
    : "All spans are assumed to arrive here unsampled; if something upstream samples them, real spend is higher.";
  const share = state.about && state.about.scope === "share" ? " This is one of several ledgers: figures are its share." : "";
  const reported = d.totals.cost.some((c) => Number(c.reported) > 0) ? " Where the provider itself reported a cost, that figure is used." : "";
  return "Spend is an estimate by list price, not an invoice: discounts, credits and taxes that were not configured are not in it." + reported + " " + how + share +
    (d.totals.unstamped ? " " + fmt.count(d.totals.unstamped) + " LLM spans came without stamps and carry no cost: put gen_ai_enricher before this component." : "");
}

function draw(d, receipts, inventory, changes) {
  const empty = d.totals.spans === 0 && !d.rows.length;
  document.title = (d.slos.some((s) => s.alerts.some((a) => a.active)) ? "(!) " : "") + "spanledger";
  show("status", el("span", { class: "dot live" }), "As of " + fmt.time(d.at) + ", since " + fmt.day(d.start));
  show("alerts", alerts(d));
  show("headline", empty ? [] : [headline(d, state.history)]);
  show("basis", empty ? [] : [basis(d)]);
  show("sections", empty ? [emptyState(), sloSection(d), budgetSection(d)] : [sloSection(d), routeSection(d), modelSection(d), changeSection(changes), ageingSection(inventory), failureSection(d), unpricedSection(d), budgetSection(d), fleetSection(inventory), receiptSection(receipts)]);
  show("instance", ["Ledger ", d.instance, state.about && state.about.version ? ", " + state.about.version : ""]);
}

async function refresh() {
  try {
    if (!state.about) state.about = await get("api/v1/about");
    const [d, r, inventory, changes] = await Promise.all([get("api/v1/rollups"), get("api/v1/receipts?limit=20"), get("api/v1/inventory"), get("api/v1/changes")]);
    remember(d);
    draw(d, r.receipts, inventory, changes);
    state.wait = EVERY;
  } catch (e) {
    console.error(e);
    show("status", el("span", { class: "dot stale" }), state.last ? "No answer since " + fmt.time(state.last.at) + "; trying again" : "No answer from the collector; trying again");
    show("alerts", el("p", { class: "notice warn" }, state.last
      ? "The collector does not answer. What is below is from " + fmt.time(state.last.at) + " and does not change until it does."
      : "This page has come, but its figures have not (" + e.message + "). Is the collector still running, and is this its address? The page goes on asking."));
    state.wait = Math.min(state.wait * 2, 60000);
  }
  setTimeout(refresh, document.hidden ? Math.max(state.wait, 30000) : state.wait);
}
refresh();
