import { h } from "./dom.js";

/**
 * Ask before something is done. Resolves to {reason} or null. The reason is required when `reasons` are offered:
 * they are suggestions, anything may be written. `work(reason)` runs while the dialog is open; when it throws, its
 * message is shown and the person may try again.
 */
export function confirmAction({ title, text, verb, danger = false, reasons = null, label = "Reason", work = async () => {} }) {
  return new Promise((resolve) => {
    const error = h("p", { class: "error", role: "alert", hidden: true });
    const field = reasons && h("textarea", { id: "dialog-reason", rows: 2, maxlength: 200, required: true, placeholder: "Goes into the ledger" });
    const chips = (reasons ?? []).map((reason) =>
      h("button", { type: "button", class: "chip", onclick: () => { field.value = reason; field.focus(); } }, reason));
    const go = h("button", { type: "submit", class: danger ? "button danger" : "button primary" }, verb);
    let done = null;
    const form = h("form", { method: "dialog" },
      h("h2", { id: "dialog-title" }, title),
      text && h("p", { class: "muted" }, text),
      field && h("label", { for: "dialog-reason" }, label),
      field,
      chips.length > 0 && h("div", { class: "chips", "aria-label": "Common reasons" }, chips),
      error,
      h("div", { class: "row end" },
        h("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Keep as it is"), go));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const reason = field ? field.value.trim() : "";
      if (field && !reason) return field.focus();
      go.disabled = true;
      error.hidden = true;
      try {
        done = { reason, result: await work(reason) };
        dialog.close();
      } catch (problem) {
        error.textContent = problem.message;
        error.hidden = false;
        go.disabled = false;
      }
    });
    const dialog = h("dialog", { class: "dialog", "aria-labelledby": "dialog-title" }, form);
    dialog.addEventListener("close", () => { dialog.remove(); resolve(done); });
    document.body.append(dialog);
    dialog.showModal();
    (field ?? go).focus();
  });
}
