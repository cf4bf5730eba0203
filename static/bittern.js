// What a page of Bittern does once it is painted: takes on the host's theme, drops the token from the address, says times in
// the reader's words, and refreshes itself with the short-lived token that the page was given. Everything works without it
// but the refresh.

const POLL_MILLISECONDS = 4_000;
const RELATIVE_MILLISECONDS = 30_000;
const status = () => document.getElementById("refresh-status");
const button = () => document.getElementById("refresh");
let token = document.querySelector('meta[name="bittern-page-token"]')?.content;
let entityTag = null;
let askedByReader = false;

// The signed address has done its work; it shall not stay in the history.
const address = new URL(location.href);
if (address.searchParams.has("jwt")) {
  address.searchParams.delete("jwt");
  history.replaceState(null, "", address.pathname + address.search + address.hash);
}

window.AP?.theming?.initializeTheming?.();

// As the server words it, so that nothing jumps when this takes over.
const { lang, dataset: { ago = "@", now = "", units = "d h min" } } = document.documentElement;
const sizes = units.split(" ").map((unit, place) => [unit, [86_400, 3_600, 60][place]]);
const full = new Intl.DateTimeFormat(lang || "en", { dateStyle: "full", timeStyle: "short" });

function sayTimes() {
  for (const element of document.querySelectorAll("time[data-relative]")) {
    const moment = new Date(element.dateTime);
    const seconds = (Date.now() - moment) / 1000;
    const [unit, size] = sizes.find(([, length]) => seconds >= length) ?? [];
    element.textContent = unit ? ago.replace("@", `${Math.floor(seconds / size)}\u00a0${unit}`) : now;
    element.title = full.format(moment);
  }
}

function say(text) {
  if (status() && askedByReader) status().textContent = text ?? "";
}

function onRequest({ detail }) {
  detail.headers.Authorization = `Bearer ${token}`;
  if (detail.elt !== button()) return; // another tab, or a live one with an age and a refresh of its own
  detail.path = tabs()?.dataset.refresh ?? detail.path;
  askedByReader = detail.triggeringEvent?.type === "click";
  say("");
  if (!askedByReader) detail.headers["X-Refresh"] = "poll";
  if (entityTag) detail.headers["If-None-Match"] = entityTag;
}

function onAnswer({ detail: { xhr, elt } }) {
  if (xhr.status === 401) {
    token = null;
    askedByReader = true;
    return say(status()?.dataset.expired);
  }
  const isOurs = elt === button();
  askedByReader ||= !isOurs && xhr.status >= 400;
  if (xhr.status !== 200 && xhr.status !== 304) return say(status()?.dataset.failed);
  token = xhr.getResponseHeader("X-Page-Token") ?? token;
  renewLinks(xhr.getResponseHeader("X-Page-Link"));
  if (!isOurs && elt.closest(".live")) return undefined;
  entityTag = xhr.getResponseHeader("ETag") ?? entityTag;
  const asOf = document.getElementById("as-of");
  if (asOf) asOf.dateTime = xhr.getResponseHeader("X-As-Of") ?? asOf.dateTime;
  sayTimes();
  return say(status()?.dataset.done);
}

function poll() {
  if (tabs()?.hasAttribute("data-live")) return;
  if (token && document.visibilityState === "visible" && window.htmx) window.htmx.trigger(button(), "bittern:poll");
}

// Which tab is open, with what filters. The fragment says it; the frame's address keeps it, and Bitbucket's own where the
// bridge can, so that a reload and a shared address show the same.
const tabs = () => document.querySelector(".tabs[data-address]");
const state = () => new URL(tabs().dataset.address, location.href).searchParams.toString();

function keepAddress() {
  if (!tabs()) return;
  const known = state();
  if (known === lastState) return;
  lastState = known;
  const next = new URL(tabs().querySelector("[aria-current]").href);
  history.replaceState(null, "", next.pathname + next.search);
  if (known !== wantedByHost) window.AP?.history?.pushState?.(known);
  wantedByHost = null;
}

function show(wanted) {
  if (!tabs() || wanted === lastState) return;
  wantedByHost = wanted;
  const { refresh } = tabs().dataset;
  window.htmx?.ajax("GET", `${refresh.split("?")[0]}?${wanted}`, { target: "#figures", swap: "innerHTML" });
}

function renewLinks(link) {
  for (const element of link ? document.querySelectorAll('a[href*="link="]') : []) {
    const url = new URL(element.href);
    url.searchParams.set("link", link);
    element.href = url;
  }
  for (const element of link ? document.querySelectorAll('input[name="link"]') : []) element.value = link;
}

// One point of a chart is a stop of the Tab key; the arrow keys go on from there.
const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };

function rove(event) {
  const point = event.target.closest?.(".drawing a");
  if (!point || !(event.key in steps)) return;
  event.preventDefault();
  const points = [...point.closest("svg").querySelectorAll("a")];
  const place = Math.min(Math.max(points.indexOf(point) + steps[event.key], 0), points.length - 1);
  point.setAttribute("tabindex", "-1");
  points[place].setAttribute("tabindex", "0");
  points[place].focus();
}

// Paper has no summaries to click.
function unfold(isOpen) {
  for (const table of document.querySelectorAll(".as-table")) table.open = isOpen;
}

const firstState = tabs() ? state() : "";
let lastState = firstState;
let wantedByHost = null;
sayTimes();
setInterval(sayTimes, RELATIVE_MILLISECONDS);
document.addEventListener("keydown", rove);
addEventListener("beforeprint", () => unfold(true));
addEventListener("afterprint", () => unfold(false));
if (token && button()) {
  document.body.addEventListener("htmx:configRequest", onRequest);
  document.body.addEventListener("htmx:afterRequest", onAnswer);
  document.body.addEventListener("htmx:afterSwap", sayTimes);
  document.body.addEventListener("htmx:afterSwap", keepAddress);
  document.addEventListener("visibilitychange", poll);
  setInterval(poll, POLL_MILLISECONDS);
  const followHost = () => window.AP.history.getState((wanted) => show(wanted || firstState));
  if (tabs() && window.AP?.history?.getState) {
    followHost();
    window.AP.history.popState?.(followHost);
  }
}
