// Mounts every [data-connect] of the page as an iframe behind Atlassian's bridge, and lets it grow with its content.
(() => {
  const host = window.connectHost;
  const SECONDS_LEFT = 60;

  const expires = (url) => {
    const token = new URL(url).searchParams.get("jwt");
    if (!token) return Infinity;
    const claims = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(atob(claims)).exp;
  };

  // A token that is about to end is replaced before the frame is made, as in Bitbucket.
  const fresh = async (extension) => {
    if (expires(extension.url) - Date.now() / 1000 > SECONDS_LEFT) return extension.url;
    const response = await fetch(`${extension.refresh}&module_key=${encodeURIComponent(extension.key)}`);
    return response.ok ? (await response.json()).url : extension.url;
  };

  host.registerProvider("addon", {
    resize(width, height, context) {
      const frame = document.getElementById(context.extension_id);
      if (!frame) return;
      frame.style.width = typeof width === "number" ? `${width}px` : String(width);
      frame.style.height = typeof height === "number" ? `${height}px` : String(height);
    },
    sizeToParent(_hideFooter, context) {
      const frame = document.getElementById(context.extension_id);
      if (frame) frame.style.height = `${window.innerHeight - frame.getBoundingClientRect().top}px`;
    },
  });

  window.mountConnectFrame = (container, extension) => {
    const { addon_key, key, url, options } = extension;
    const created = host.createExtension({ addon_key, key, url, options });
    const frame = document.createElement("iframe");
    for (const [name, value] of Object.entries(created.iframeAttributes)) frame.setAttribute(name, value);
    frame.className = "ap-iframe";
    frame.title = container.dataset.title || key;
    frame.referrerPolicy = "no-referrer";
    // An app that has no bridge is shown all the same, once it has loaded.
    frame.addEventListener("load", () => container.classList.add("is-ready"));
    container.append(frame);
    return frame;
  };

  for (const container of document.querySelectorAll("[data-connect]")) {
    const extension = JSON.parse(container.dataset.connect);
    fresh(extension).then((url) => window.mountConnectFrame(container, { ...extension, url }));
  }
})();
