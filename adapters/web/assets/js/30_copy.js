// [data-copy] is a button that copies the text beside it, and says whether it
// did. Where it can not, the text is selected for the keys that can.
(() => {
  async function copy(button) {
    const box = button.closest(".copying"), from = box.querySelector("[data-copied]");
    const done = await write(from.textContent.trim(), button);
    if (!done) getSelection().selectAllChildren(from);
    const said = box.querySelector("[role=status]");
    said.textContent = done ? button.dataset.done : button.dataset.failed;
    clearTimeout(Number(box.dataset.until));
    box.dataset.until = setTimeout(() => { said.textContent = ""; }, 4000);
  }

  // Browsers have no clipboard over plain http but on the same machine: there an
  // older command copies what is selected.
  async function write(text, back) {
    if (navigator.clipboard && window.isSecureContext) {
      try { await navigator.clipboard.writeText(text); return true; } catch { /* it was not allowed */ }
    }
    const area = document.createElement("textarea");
    area.className = "visually-hidden";
    area.value = text;
    document.body.append(area);
    area.select();
    let done = false;
    try { done = document.execCommand("copy"); } catch { /* nor is there that command */ }
    area.remove();
    back.focus();
    return done;
  }

  document.addEventListener("click", (e) => {
    const button = e.target.closest("[data-copy]");
    if (button) copy(button);
  });
})();
