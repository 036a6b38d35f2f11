"use strict";
// How figures are written. Money arrives as exact decimal strings; it is
// rounded for the eye only, the exact amount stays in the tooltip.
const fmt = (() => {
  const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
  const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
  const signs = { USD: "$", EUR: "€", GBP: "£", JPY: "¥" };

  function money(text, currency) {
    const n = Number(text || 0), abs = Math.abs(n);
    let digits = 2;
    if (abs > 0 && abs < 0.000001) return "< " + money("0.000001", currency); // the tooltip has it in full
    if (abs > 0 && abs < 1) digits = Math.min(6, Math.max(2, 2 - Math.floor(Math.log10(abs))));
    const body = abs.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: digits });
    const sign = signs[currency];
    return (n < 0 ? "−" : "") + (sign ? sign + body : body + " " + (currency || ""));
  }
  function percent(share, digits) {
    if (share === null || share === undefined || Number.isNaN(share)) return "–";
    const p = share * 100;
    if (digits === undefined) digits = p !== 0 && p !== 100 && (Math.abs(p) < 10 || p > 90) ? 1 : 0;
    // A share short of everything is never written as everything, nor a small
    // one as nothing.
    const step = Math.pow(10, -Math.max(1, digits));
    if (share < 1 && Number(p.toFixed(digits)) === 100) return "> " + (100 - step).toFixed(Math.max(1, digits)) + " %";
    if (share > 0 && Number(p.toFixed(digits)) === 0) return "< " + step.toFixed(Math.max(1, digits)) + " %";
    return p.toFixed(digits).replace("-", "−") + " %";
  }
  function seconds(s) {
    if (s === null || s === undefined) return "–";
    if (s < 1) return Math.round(s * 1000) + " ms";
    if (s < 60) return s.toFixed(s < 10 ? 1 : 0) + " s";
    if (s < 3600) return Math.round(s / 60) + " min";
    if (s < 172800) return Math.round(s / 3600) + " h";
    return Math.round(s / 86400) + " days";
  }
  return {
    money, percent, seconds,
    factor: (n) => n.toFixed(n < 10 && n % 1 ? 1 : 0),
    count: (n) => (Math.abs(n) < 100000 ? whole.format(n) : short.format(n)),
    exact: (n) => whole.format(n),
    time: (iso) => new Date(iso).toLocaleTimeString([], { hour12: false }),
    day: (iso) => new Date(iso).toLocaleString([], { dateStyle: "medium", timeStyle: "short", hour12: false }),
    words: (token) => String(token).replaceAll("_", " "),
  };
})();

const sum = (map) => Object.values(map || {}).reduce((a, b) => a + Number(b), 0);
const delivered = (calls) => ["success", "recovered_retry", "recovered_fallback", "recovered_probable"].reduce((n, k) => n + (calls[k] || 0), 0);
