"use strict";
// A small tree of nodes and a patch that changes only what differs, so that a
// refresh neither flickers nor takes the focus or the scroll position away.
const SVG = "http://www.w3.org/2000/svg";

function el(tag, attrs, ...children) {
  const svg = tag === "svg" || tag === "rect" || tag === "polyline" || tag === "title";
  const node = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attrs || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node[key] = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

function patch(now, want) {
  if (now.nodeType !== want.nodeType || now.nodeName !== want.nodeName) { now.replaceWith(want); return; }
  if (now.nodeType === Node.TEXT_NODE) { if (now.data !== want.data) now.data = want.data; return; }
  for (const { name } of [...now.attributes]) if (!want.hasAttribute(name)) now.removeAttribute(name);
  for (const { name, value } of want.attributes) if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  now.onclick = want.onclick;
  children(now, [...want.childNodes]);
}

function children(parent, want) {
  const have = [...parent.childNodes];
  want.forEach((node, i) => (i < have.length ? patch(have[i], node) : parent.append(node)));
  have.slice(want.length).forEach((node) => node.remove());
}

const show = (id, ...nodes) => children(document.getElementById(id), nodes.flat(Infinity).filter(Boolean).map((n) => (typeof n === "string" ? document.createTextNode(n) : n)));

const chip = (tone, text, title) => el("span", { class: "chip " + tone, title }, text);
const cash = (text, currency) => el("span", { title: text + " " + currency }, fmt.money(text, currency));

function bar(share, tone, left) {
  const width = Math.max(0, Math.min(1, share || 0)) * 100;
  return el("svg", { class: left ? "bar left" : "bar", viewBox: "0 0 100 5", preserveAspectRatio: "none", "aria-hidden": "true" },
    el("rect", { class: "track", width: 100, height: 5 }), el("rect", { class: "value " + (tone || ""), width: width.toFixed(2), height: 5 }));
}

function sparkline(values) {
  if (values.length < 3 || Math.max(...values) <= 0) return null;
  const top = Math.max(...values);
  const points = values.map((v, i) => ((i / (values.length - 1)) * 100).toFixed(1) + "," + (24 - (v / top) * 22).toFixed(1)).join(" ");
  return el("svg", { viewBox: "0 0 100 26", preserveAspectRatio: "none", "aria-hidden": "true" }, el("polyline", { class: "spark", points }));
}

// A section with a table. A column is [heading, class]; a row a list of cells,
// the first being its heading.
function tableSection(id, title, note, columns, rows) {
  const cell = (c, i) => el(i === 0 ? "th" : "td", { scope: i === 0 ? "row" : null, class: columns[i][1] || null }, c);
  return el("section", { "aria-labelledby": id },
    el("header", {}, el("h2", { id }, title), note ? el("p", {}, note) : null),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": id },
      el("table", {},
        el("thead", {}, el("tr", {}, columns.map(([name, cls]) => el("th", { scope: "col", class: cls || null }, name)))),
        el("tbody", {}, rows.map((cells) => el("tr", {}, cells.map(cell)))))));
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    const range = document.createRange();
    range.selectNodeContents(button.parentElement.querySelector("pre"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    button.textContent = "Selected";
  }
  setTimeout(() => (button.textContent = "Copy"), 2000);
}
