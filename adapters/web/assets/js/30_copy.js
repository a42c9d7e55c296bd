// [data-copy] copies its text, or that of the element it names, when pressed.
(() => {
  async function copy(from) {
    const target = from.dataset.copy ? document.querySelector(from.dataset.copy) : from;
    await navigator.clipboard.writeText(target.value ?? target.textContent.trim());
    from.classList.add("copied");
    setTimeout(() => from.classList.remove("copied"), 1200);
  }
  document.addEventListener("click", (e) => {
    const from = e.target.closest("[data-copy]");
    if (from) copy(from);
  });
})();
