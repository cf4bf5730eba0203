// Keeps an open form sendable: asks for a fresh token before the old one ends, so that nothing that was typed is lost.
// Without it the page works for a quarter of an hour.

const RENEW_MILLISECONDS = 5 * 60_000;
const address = document.querySelector("[data-renew]")?.dataset.renew;
const fields = () => document.querySelectorAll('input[name="page_token"]');

async function renew() {
  const token = fields()[0]?.value;
  if (!token || !address) return;
  try {
    const answer = await fetch(address, { method: "POST", headers: { Authorization: `Bearer ${token}` } });
    const fresh = answer.ok ? answer.headers.get("X-Page-Token") : null;
    if (fresh) for (const field of fields()) field.value = fresh;
  } catch {
    // Offline for a moment: the next round asks again.
  }
}

// The address's fragment chooses the part; this only tells it to those who do not see the line under it.
function markPart() {
  const links = [...document.querySelectorAll(".parts a")];
  const target = location.hash && document.querySelector(location.hash)?.closest(".part")?.id;
  const current = links.find((link) => link.hash === `#${target}`) ?? links[0];
  for (const link of links) {
    if (link === current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// What was just done or found wrong is brought before the reader's eyes: the frame is new, the place in Bitbucket's page is not.
function showSaid() {
  const said = [...document.querySelectorAll("[data-said]")].find((element) => element.offsetParent !== null);
  if (!said) return;
  said.tabIndex = -1;
  said.focus({ preventScroll: true });
  said.scrollIntoView({ block: "center" });
}

markPart();
showSaid();
addEventListener("hashchange", markPart);
setInterval(renew, RENEW_MILLISECONDS);
