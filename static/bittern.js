// What a page of Bittern does once it is painted: takes on the host's theme, drops the token from the address, says times in
// the reader's words, and refreshes itself with the short-lived token that the page was given. Everything works without it
// but the refresh.

const POLL_MILLISECONDS = 10_000;
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

const units = [["day", 86_400], ["hour", 3_600], ["minute", 60]];
const language = document.documentElement.lang || "en";
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
const full = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" });

function sayTimes() {
  for (const element of document.querySelectorAll("time[data-relative]")) {
    const moment = new Date(element.dateTime);
    const seconds = Math.max((Date.now() - moment) / 1000, 0);
    const [unit, size] = units.find(([, length]) => seconds >= length) ?? ["second", Infinity];
    element.textContent = relative.format(size === Infinity ? 0 : -Math.floor(seconds / size), unit);
    element.title = full.format(moment);
  }
}

function say(text) {
  if (status() && askedByReader) status().textContent = text ?? "";
}

function onRequest({ detail }) {
  askedByReader = detail.triggeringEvent?.type === "click";
  say("");
  detail.headers.Authorization = `Bearer ${token}`;
  if (!askedByReader) detail.headers["X-Refresh"] = "poll";
  if (entityTag) detail.headers["If-None-Match"] = entityTag;
}

function onAnswer({ detail: { xhr } }) {
  if (xhr.status === 401) {
    token = null;
    askedByReader = true;
    return say(status()?.dataset.expired);
  }
  if (xhr.status !== 200 && xhr.status !== 304) return say(status()?.dataset.failed);
  token = xhr.getResponseHeader("X-Page-Token") ?? token;
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

sayTimes();
markTab();
setInterval(sayTimes, RELATIVE_MILLISECONDS);
addEventListener("hashchange", markTab);
if (token && button()) {
  document.body.addEventListener("htmx:configRequest", onRequest);
  document.body.addEventListener("htmx:afterRequest", onAnswer);
  document.body.addEventListener("htmx:afterSwap", sayTimes);
  document.body.addEventListener("htmx:afterSwap", markTab);
  document.addEventListener("visibilitychange", poll);
  setInterval(poll, POLL_MILLISECONDS);
}
