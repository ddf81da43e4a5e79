import { $, setText } from "../shared/dom.js";

const TEXT = { open: "Live", connecting: "Connecting", closed: "Reconnecting" };

/** The light that says whether what one sees is now. After some seconds without a line a notice covers the map's edge. */
export function startLine(store) {
  const light = $("#line");
  const notice = $("#notice");
  let lost = null;
  store.on("status", () => {
    const { status } = store.state;
    light.dataset.status = status;
    setText(light.lastElementChild, TEXT[status]);
    if (status === "open") lost = null;
    else lost ??= Date.now();
  });
  setInterval(() => {
    if (!notice) return;
    const s = lost ? Math.round((Date.now() - lost) / 1000) : 0;
    notice.hidden = s < 4;
    if (s >= 4) setText(notice, `No connection for ${s} s. The map shows what was known then; cars and rides go on. Trying again…`);
  }, 1000);
}
