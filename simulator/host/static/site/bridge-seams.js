// What Atlassian's connect-host.js expects of the page before it runs: a `$` as AUI has it, a loader, and an answer
// about feature flags. It asks for them at load; the frames themselves are ours (bridge.js), so that little of `$` is ever used.
(() => {
  class Elements {
    constructor(nodes) {
      this.nodes = nodes.filter(Boolean);
      this.length = this.nodes.length;
      this.nodes.forEach((node, index) => { this[index] = node; });
    }

    on(type, selector, handler) {
      const listen = typeof selector === "function" ? selector : (event) => {
        const target = event.target instanceof Element && event.target.closest(selector);
        if (target) handler.call(target, event);
      };
      this.nodes.forEach((node) => node.addEventListener(type, listen));
      return this;
    }

    off() { return this; }
    each(visit) { this.nodes.forEach((node, index) => visit.call(node, index, node)); return this; }
    find(selector) { return new Elements(this.nodes.flatMap((node) => [...node.querySelectorAll(selector)])); }
    filter(keep) { return new Elements(this.nodes.filter((node, index) => keep.call(node, index, node))); }
    addClass(name) { this.nodes.forEach((node) => node.classList.add(...name.split(" "))); return this; }
    hasClass(name) { return this.nodes.some((node) => node.classList.contains(name)); }
    append(child) { this.nodes.forEach((node) => node.append(child)); return this; }
    css(rules) { this.nodes.forEach((node) => Object.assign(node.style, rules)); return this; }
    trigger(type, detail) { this.nodes.forEach((node) => node.dispatchEvent(new CustomEvent(type, { detail }))); return this; }
    toArray() { return [...this.nodes]; }
  }

  const $ = (what) => {
    if (typeof what === "function") {
      if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", what);
      else what();
      return new Elements([]);
    }
    if (typeof what === "string") {
      // ":visible" is jQuery's own; there is nothing hidden among what the bridge asks for.
      return new Elements([...document.querySelectorAll(what.replaceAll(":visible", ""))]);
    }
    return new Elements([what]);
  };

  window.AJS = {
    $,
    escapeHtml: (text) => new Option(text).innerHTML,
    LayerManager: { global: { getTopLayer: () => null } },
  };
  // The bridge hands what it measures to a module of this loader. Here nothing is measured.
  window.require = () => ({ emitGasV3() {} });
  // Statsig decides about Atlassian's experiments; without a network each is off, and asking is no error.
  window.__FEATUREGATES_JS__ = {
    initializeCompleted: () => true,
    checkGate: () => false,
    getPackageVersion: () => "4.23.4",
  };
})();
