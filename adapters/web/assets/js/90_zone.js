// [data-browser-zone] begins with the browser's own time zone.
cabinet.ready(() => {
  document.querySelectorAll("[data-browser-zone]").forEach((e) => {
    e.value = Intl.DateTimeFormat().resolvedOptions().timeZone || e.value;
    e.removeAttribute("data-browser-zone");
  });
});
