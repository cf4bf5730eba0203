// Dialogs, flags and messages of embedded apps, as providers of Atlassian's bridge: what AP.dialog and AP.flag reach.
(() => {
  const host = window.connectHost;
  const SIZES = { small: [400, 260], medium: [600, 400], large: [800, 600], xlarge: [968, 700], maximum: [2400, 1600] };
  const open = [];

  const make = (tag, className, text = "") => {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    return element;
  };

  // The module's address is asked of this Bitbucket, since only it can sign one.
  const address = async (extension) => {
    if (extension.url) return extension.url;
    const known = document.querySelector("[data-connect]");
    const opener = known ? JSON.parse(known.dataset.connect) : null;
    const response = await fetch(`${opener.refresh}&module_key=${encodeURIComponent(extension.key)}`);
    if (!response.ok) throw new Error(`there is no module ${extension.key}`);
    return (await response.json()).url;
  };

  const button = (action) => {
    const element = make("button", "button", action.text);
    element.type = "button";
    element.dataset.identifier = action.identifier;
    element.disabled = Boolean(action.disabled);
    element.hidden = Boolean(action.hidden);
    element.addEventListener("click", () => action.onClick && action.onClick());
    return element;
  };

  const dialogs = {
    create(options, extension) {
      const [width, height] = SIZES[options.size] || [parseInt(options.width, 10) || 600, parseInt(options.height, 10) || 400];
      const dialog = make("dialog", "app-dialog");
      const head = make("div", "card-head");
      if (options.header) head.append(make("h2", "grow", options.header));
      const body = make("div", "frame is-ready");
      const foot = make("div", "actions");
      dialog.style.setProperty("--width", `${width}px`);
      dialog.style.setProperty("--height", `${height}px`);
      if (options.chrome) foot.append(...(options.actions || []).map(button));
      dialog.append(head, body, foot);
      document.body.append(dialog);
      open.push({ dialog, foot, extension });
      dialog.addEventListener("close", () => { if (dialog.isConnected) dialogs.close(); });
      dialog.showModal();
      address(extension)
        .then((url) => window.mountConnectFrame(body, { ...extension, url, options: { ...extension.options, isDialog: true } }))
        .catch((problem) => { body.textContent = problem.message; });
    },
    close() {
      const top = open.pop();
      if (top) top.dialog.remove();
    },
    getActiveDialog: () => (open.length ? { id: open.at(-1).extension.id } : null),
    find(identifier) {
      return open.length ? open.at(-1).foot.querySelector(`[data-identifier="${CSS.escape(identifier)}"]`) : null;
    },
    isActiveDialog: (addonKey) => open.length > 0 && open.at(-1).extension.addon_key === addonKey,
    isButtonDisabled: (identifier) => Boolean(dialogs.find(identifier)?.disabled),
    isButtonHidden: (identifier) => Boolean(dialogs.find(identifier)?.hidden),
    setButtonDisabled(identifier, disabled) { const found = dialogs.find(identifier); if (found) found.disabled = disabled; },
    setButtonHidden(identifier, hidden) { const found = dialogs.find(identifier); if (found) found.hidden = hidden; },
    toggleButton(identifier) { const found = dialogs.find(identifier); if (found) found.disabled = !found.disabled; },
    createButton(action) { if (open.length) open.at(-1).foot.append(button(action)); },
  };

  // Links of apps that open a dialog (webItems with such a target); without this script they lead to a page.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-connect-dialog]");
    if (!link) return;
    event.preventDefault();
    const { extension, options } = JSON.parse(link.dataset.connectDialog);
    dialogs.create({ ...options, actions: [{ text: "Close", identifier: "cancel", onClick: dialogs.close }] }, extension);
  });

  const shelf = make("div", "flags");
  shelf.setAttribute("role", "status");
  document.body.append(shelf);

  const show = ({ id, title, body, type, actions = [], onClose, close }) => {
    const flag = make("div", `flag ${type || "info"}`);
    const end = () => { flag.remove(); if (onClose) onClose(id); };
    flag.append(make("strong", "", title || ""), make("p", "", body || ""));
    for (const { actionText, executeAction } of actions) {
      const element = make("button", "quiet", actionText);
      element.addEventListener("click", executeAction);
      flag.append(element);
    }
    flag.addEventListener("click", (event) => { if (event.target === flag && close !== "never") end(); });
    if (close === "auto") setTimeout(end, 5000);
    shelf.append(flag);
    return { close: end };
  };

  const shown = new Map();
  const message = (type) => (title, body, options) => {
    shown.set(options.id, show({ id: options.id, title, body, type, onClose: options.onClose }));
  };
  const messages = {
    generic: message("info"), info: message("info"), hint: message("info"),
    success: message("success"), warning: message("warning"), error: message("error"),
    clear(id) { shown.get(id)?.close(); shown.delete(id); },
    onClose() {},
  };

  const module = (name, provider) => ({
    getModuleRegistrationName: () => name,
    isEnabled: () => true,
    getProvider: () => provider,
  });
  const adaptor = host.getFrameworkAdaptor();
  adaptor.registerModule(module("dialog", dialogs));
  adaptor.registerModule(module("flag", { create: show }));
  adaptor.registerModule(module("messages", messages));
  adaptor.registerModule(module("inlineDialog", { hide() {} }));
})();
