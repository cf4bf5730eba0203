// AP.history of an app's whole page: its state stands after "#!" in the page's address, as in links to Bitbucket Pipelines
// ("/addon/pipelines/home#!/results/7"). Bitbucket's own module is not published; this one has the methods that the
// module of this name has in Atlassian's other products.
(() => {
  const host = window.connectHost;
  const state = () => (location.hash.startsWith("#!") ? decodeURIComponent(location.hash.slice(2)) : "");
  const address = (wanted) => `${location.pathname}${location.search}#!${encodeURI(String(wanted))}`;
  const listeners = new Map();
  let before = state();

  const write = (method) => (wanted) => {
    before = String(wanted);
    window.history[method](null, "", address(wanted));
  };

  const answer = (callback, value) => { if (typeof callback === "function") callback(value); };

  window.addEventListener("popstate", () => {
    const now = state();
    for (const callback of listeners.values()) callback({ key: now, newURL: now, oldURL: before });
    before = now;
  });

  host.defineModule("history", {
    getState(callback) { answer(callback, state()); },
    pushState: write("pushState"),
    replaceState: write("replaceState"),
    go(steps) { window.history.go(Number(steps) || 0); },
    back() { window.history.back(); },
    forward() { window.history.forward(); },
    popState(callback) {
      if (typeof callback === "function" && callback._context) listeners.set(callback._context.extension_id, callback);
    },
  });
})();
