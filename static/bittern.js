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
  if (detail.elt !== button()) return; // a live tab, with an age and a refresh of its own
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
  if (!isOurs) return undefined;
  entityTag = xhr.getResponseHeader("ETag") ?? entityTag;
  const asOf = document.getElementById("as-of");
  if (asOf) asOf.dateTime = xhr.getResponseHeader("X-As-Of") ?? asOf.dateTime;
  sayTimes();
  return say(status()?.dataset.done);
}

function poll() {
  if (token && document.visibilityState === "visible" && window.htmx) window.htmx.trigger(button(), "bittern:poll");
}

// The address's fragment chooses the tab; this only tells it to those who do not see the line under it.
function markTab() {
  const links = [...document.querySelectorAll(".tabs a")];
  const current = links.find((link) => link.hash === location.hash) ?? links[0];
  for (const link of links) {
    if (link === current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// What a refresh has put in the place of the tab that is shown is not the address's target yet: it becomes it by going there.
function keepTab() {
  if (location.hash && !document.querySelector(":target")) location.replace(location.hash);
  markTab();
}

sayTimes();
markTab();
setInterval(sayTimes, RELATIVE_MILLISECONDS);
addEventListener("hashchange", markTab);
if (token && button()) {
  document.body.addEventListener("htmx:configRequest", onRequest);
  document.body.addEventListener("htmx:afterRequest", onAnswer);
  document.body.addEventListener("htmx:afterSwap", sayTimes);
  document.body.addEventListener("htmx:afterSwap", keepTab);
  document.addEventListener("visibilitychange", poll);
  setInterval(poll, POLL_MILLISECONDS);
}
