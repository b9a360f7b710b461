// Forms: choices found as one types (also by pinyin), files by drag, paste or camera, and
// nothing sent twice. Without any of it a form still works.
// All that match count the same, so that they stay as given: the latest first.
function inGivenOrder(words) {
  const score = this.getScoreFunction(words);
  return (item) => (score(item) > 0 ? 1 : 0);
}

for (const select of document.querySelectorAll("select[data-choose]")) {
  const options = { maxOptions: 50, refreshThrottle: 0, score: inGivenOrder, searchField: ["text", "spelling"], allowEmptyOption: true, hideSelected: false, render: { no_results: () => null } };
  for (const option of select.options) option.dataset.data = JSON.stringify({ value: option.value, text: option.text, spelling: option.dataset.spelling || "" });
  if (select.dataset.more) {
    options.load = (words, done) => {
      const school = select.form.querySelector("[name=school]").value;
      fetch(`/records/${select.dataset.choose}/choices/?school=${encodeURIComponent(school)}&q=${encodeURIComponent(words)}`)
        .then((answer) => answer.json()).then((found) => done(found.choices.map((one) => ({ ...one, spelling: words })))).catch(() => done());
    };
  }
  const label = select.labels.length ? select.labels[0].textContent : "";
  const chooser = new TomSelect(select, options);
  chooser.control_input.setAttribute("aria-label", label);
  select.setAttribute("aria-label", label);
  // Enter takes the choice that is marked, and never sends the form.
  chooser.wrapper.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
}

// A picture in the clipboard becomes a file of the form.
document.addEventListener("paste", (event) => {
  const input = document.querySelector("[data-drop] input[type=file][multiple]");
  if (!input || !event.clipboardData.files.length) return;
  const all = new DataTransfer();
  for (const file of [...input.files, ...event.clipboardData.files]) all.items.add(file);
  input.files = all.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});

// What is being typed is sent away to be kept; the page's own sending must not wait for it.
for (const form of document.querySelectorAll("[data-entry]")) {
  let leaving = false;
  form.addEventListener("submit", (event) => {
    if (leaving) event.preventDefault();
    leaving = true;
    setTimeout(() => { leaving = false; }, 4000);
  });
  form.addEventListener("htmx:confirm", (event) => {
    if (leaving || event.detail.triggeringEvent?.type === "submit") event.preventDefault();
  });
}

// Rows chosen for one step together.
document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-bulk]");
  if (!form) return;
  const boxes = [...form.querySelectorAll("input[name=pk]")];
  if (event.target.matches("[data-all]")) for (const box of boxes) box.checked = event.target.checked;
  const number = boxes.filter((box) => box.checked).length;
  form.querySelector("[data-count]").textContent = number ? `${number}` : "";
  form.classList.toggle("has-chosen", number > 0);
});

// A page brought back has its ticks still, and its buttons again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-bulk]")) {
    const ticked = form.querySelector("input[name=pk]:checked");
    if (ticked) ticked.dispatchEvent(new Event("change", { bubbles: true }));
  }
});

// The columns that are ticked, as one word of the address.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-columns]");
  if (!form) return;
  const names = [...form.querySelectorAll("input[type=checkbox]:checked")].map((box) => box.value);
  form.querySelector("[name=cols]").value = names.join(",");
});

// A menu closes when something else is pressed.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key === "/") { event.preventDefault(); document.querySelector(".sidebar-search input")?.focus(); }
  if (event.key === "n") document.querySelector("a.nav-link[href='/enter/']")?.click();
  if (event.key === "?") document.querySelector(".help-button")?.click();
});
